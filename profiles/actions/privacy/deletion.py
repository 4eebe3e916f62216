"""Deleting an account: asked for, taken back by logging in, carried out by a worker.

    request_deletion(*, by) -> AccountDeletion      14 days from now; everybody is logged out
    cancel_deletion(*, by) -> bool                  whoever logs in keeps the account
    delete_due() -> int
    delete_account(user) -> None                    what a worker does

Afterwards no table names the person: rows of theirs are gone, rows in which they had a hand name nobody, their words are blanked. The
record that they held is what registries say of it, unclaimed. Events keep the number of an account that is gone; no address, name or word.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from profiles.actions.claims import leave_claims
from profiles.actions.privacy.export import session_keys
from profiles.models import AbuseReport, AccountDeletion, Conversation, Evidence, Finding, User
from works.actions.audit import event_models
from works.actions.authorships import withdraw_decisions
from works.actions.journal import Actor
from works.models import AuthorshipDecision, Correction, ImportRun, Merge, MergeProposal
from works.models.decision import Role

GRACE = timedelta(days=14)


@transaction.atomic
def request_deletion(*, by: User) -> AccountDeletion:
    """Asked twice, the first day stands."""
    now = timezone.now()
    deletion, _ = AccountDeletion.objects.get_or_create(user=by, defaults={"requested_at": now, "due_at": now + GRACE})
    Session.objects.filter(session_key__in=session_keys(by)).delete()
    return deletion


def cancel_deletion(*, by: User) -> bool:
    """The account stays. One statement."""
    return bool(AccountDeletion.objects.filter(user=by).delete()[0])


def are_deletions_due() -> bool:
    return AccountDeletion.objects.filter(due_at__lte=timezone.now()).exists()


def delete_due(*, limit: int = 20) -> int:
    """Delete the accounts whose days are over, each in a transaction of its own; how many."""
    due = AccountDeletion.objects.filter(due_at__lte=timezone.now()).order_by("due_at").values_list("user", flat=True)[:limit]
    return sum(delete_if_due(user_id) for user_id in due)


@transaction.atomic
def delete_if_due(user_id: int) -> bool:
    """Whoever has logged in meanwhile keeps the account: the row that says it should go is locked before anything is done."""
    owed = AccountDeletion.objects.select_for_update().filter(pk=user_id, due_at__lte=timezone.now()).first()
    if owed is None:
        return False
    delete_account(User.objects.get(pk=user_id))
    return True


@transaction.atomic
def delete_account(user: User) -> None:
    """Leave nothing of the person. What hangs on the account by a key goes with it; the rest is looked for here."""
    own = AuthorshipDecision.objects.filter(decided_by=user.pk, role=Role.OWNER)
    withdraw_decisions(list(own.values_list("pk", flat=True)), by=Actor(account=user.pk, role=Role.OWNER))
    leave_claims(user, by=user)
    for model in event_models():
        model._default_manager.filter(actor_id=user.pk).exclude(text="").update(text="")  # noqa: SLF001 -- Django's public way
    Evidence.objects.filter(source=f"user:{user.pk}").update(source=f"user:gone-{secrets.token_hex(4)}")
    Finding.objects.filter(reporter=user).update(statement="")
    AbuseReport.objects.filter(Q(reporter=user)).update(statement="")
    AbuseReport.objects.filter(about=user).update(text="")
    Conversation.objects.of(user).filter(closed_at=None).update(closed_at=timezone.now())
    Correction.objects.filter(reporter_id=user.pk).update(reporter_id=None, note="")
    for table in (AuthorshipDecision, Correction, MergeProposal):
        table._default_manager.filter(decided_by=user.pk).update(decided_by=None)  # noqa: SLF001
    Merge.objects.filter(actor_id=user.pk).update(actor_id=None)
    Merge.objects.filter(undone_by=user.pk).update(undone_by=None)
    ImportRun.objects.filter(requested_by__iexact=user.email).update(requested_by="")
    kind = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(Q(content_type=kind, object_id=str(user.pk)) | Q(object_repr__icontains=user.email)).delete()
    Session.objects.filter(session_key__in=session_keys(user)).delete()
    user.delete()
