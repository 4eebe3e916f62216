"""Who may do what on staff: three roles, as groups of Django's own permissions. The one place that asks.

| role | may |
|---|---|
| reviewer | decide about claims, check identities, edit the list of mail domains, read the audit |
| curator | merge, split and correct the record, answer corrections |
| administrator | all of that, accounts, the mail log, addresses to which no mail goes |

A role is nothing without `is_staff`: whoever leaves staff loses every right with one tick. A superuser may do everything.
`sync_roles` runs after every `migrate`, so that a new permission reaches its role without anybody's doing.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.contrib.contenttypes.models import ContentType

from profiles.models import User

REVIEWER, CURATOR, ADMINISTRATOR = "reviewer", "curator", "administrator"

# What no model's own add, change, delete and view says.
OWN = {
    ("profiles", "claim", "review_claim"): "Can decide about claims and check identities",
    ("profiles", "claimevent", "read_audit"): "Can read the audit",
    ("works", "author", "curate_record"): "Can merge, split and correct the record",
}
REVIEWING = ["profiles.review_claim", "profiles.read_audit", "profiles.view_emaildomain", "profiles.add_emaildomain"]
REVIEWING += ["profiles.change_emaildomain", "profiles.view_claim", "profiles.view_evidence", "profiles.view_finding"]
CURATING = ["works.curate_record", "works.view_author", "works.view_work", "works.view_institution", "works.view_importrun"]
ADMINISTERING = ["profiles.view_user", "profiles.change_user", "profiles.delete_emaildomain", "profiles.view_follow", "works.view_source"]
ADMINISTERING += [
    "profiles.view_digest",
    "profiles.view_sentmail",
    "profiles.view_pausedaddress",
    "profiles.add_pausedaddress",
    "profiles.delete_pausedaddress",
    "profiles.view_apitoken",
    "profiles.change_apitoken",
]
ROLES = {REVIEWER: REVIEWING, CURATOR: CURATING, ADMINISTRATOR: REVIEWING + CURATING + ADMINISTERING}


def may_review(user: User | AnonymousUser) -> bool:
    """Decide about claims and check identities."""
    return user.is_active and user.is_staff and user.has_perm("profiles.review_claim")


def may_curate(user: User | AnonymousUser) -> bool:
    """Merge, split and correct the record."""
    return user.is_active and user.is_staff and user.has_perm("works.curate_record")


def may_read_audit(user: User | AnonymousUser) -> bool:
    return user.is_active and user.is_staff and user.has_perm("profiles.read_audit")


def may_see_mails(user: User | AnonymousUser) -> bool:
    """Read what kind of mail went to whom, pause an address, resume it."""
    return user.is_active and user.is_staff and user.has_perm("profiles.view_sentmail")


def sync_roles(**_: Any) -> None:
    """Make the three groups and give each exactly its permissions. What an administrator granted to single people stays."""
    for (app, model, codename), name in OWN.items():
        if kind := ContentType.objects.filter(app_label=app, model=model).first():  # none while only some migrations have run
            Permission.objects.update_or_create(content_type=kind, codename=codename, defaults={"name": name})
    known = {f"{one.content_type.app_label}.{one.codename}": one for one in Permission.objects.select_related("content_type")}
    for role, wanted in ROLES.items():
        group, _is_new = Group.objects.get_or_create(name=role)
        group.permissions.set([known[name] for name in wanted if name in known])
