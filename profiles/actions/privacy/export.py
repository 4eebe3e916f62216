"""Everything that is kept about an account, found by walking the tables: a new one with a key to accounts is in it without anybody's doing.

Rows of which the account is the subject come whole, with what hangs on them; rows in which it only had a hand (a decision about somebody
else's claim) come as that it had one, and when. Secrets (hashes of passwords, tokens, codes) are named and not given.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone

from profiles.models import Introduction, User
from works.actions.audit import event_models

# What a key to an account is called where the row is somebody else's matter, and the account had a hand in it.
HANDS = {"decided_by", "seconded_by", "leased_by", "taken_by", "given_by", "began_by", "ended_by", "looked_by", "viewer"}
SECRETS = ("password", "token", "token_hash", "digest", "session_key", "data", "key", "secret", "reporter_hash")
NOT_WHOSE = {"django_admin_log"}  # what staff did in the admin: a hand
# What others did in confidence: that somebody blocks or has reported the account. And what staff reckon of a claim, which is derived.
IN_CONFIDENCE = {("profiles_block", "blocked"), ("profiles_abusereport", "about")}
HIDDEN = {"profiles_weighing"}


def keys_to(target: type[models.Model]) -> Iterator[tuple[type[models.Model], models.ForeignKey[Any, Any]]]:
    """Every foreign key of every table that points at `target`, in the order of the tables' names."""
    for model in sorted(apps.get_models(include_auto_created=True), key=lambda one: one._meta.db_table):  # noqa: SLF001 -- Django's public way
        for field in model._meta.concrete_fields:  # noqa: SLF001
            if isinstance(field, models.ForeignKey) and field.related_model is target:
                yield model, field


def plain(row: models.Model) -> dict[str, Any]:
    """The columns of a row, without its secrets."""
    found: dict[str, Any] = {}
    for field in row._meta.concrete_fields:  # noqa: SLF001
        value = field.value_from_object(row)
        if isinstance(field, models.BinaryField) or (field.name in SECRETS and value not in ("", None) and isinstance(value, str)):
            value = "(kept as a secret or a seal, and not given out)"
        found[field.attname] = value
    return found | masked(row)


def masked(row: models.Model) -> dict[str, Any]:
    """Who refused an introduction is not told: it stands here as on the pages, asked."""
    if isinstance(row, Introduction) and row.status == Introduction.Status.DECLINED:
        return {"status": Introduction.Status.ASKED, "status_at": row.asked_at}
    return {}


def a_hand(row: models.Model) -> dict[str, Any]:
    """That there was something, when, and what became of it; nothing of what it was about."""
    names = [row._meta.pk.attname]  # noqa: SLF001
    names += [field.attname for field in row._meta.concrete_fields if isinstance(field, models.DateTimeField | models.DateField)]  # noqa: SLF001
    return {name: getattr(row, name) for name in names}


def rows_of(model: type[models.Model], **which: Any) -> list[models.Model]:
    return list(model._default_manager.filter(**which).order_by("pk"))  # noqa: SLF001


def export_account(user: User) -> dict[str, Any]:
    """{"account": its columns, "made_at", "tables": {table: {"rows", "hands"}}, "events": {table: rows}}. One query a table, and one for
    each kind of row that hangs on one's own; however many rows.
    """
    tables: dict[str, dict[str, list[dict[str, Any]]]] = {}
    owned: dict[type[models.Model], list[models.Model]] = {}
    for model, field in keys_to(User):
        table = model._meta.db_table  # noqa: SLF001
        if (table, field.name) in IN_CONFIDENCE:
            continue
        rows = rows_of(model, **{field.name: user})
        is_hand = field.name in HANDS or table in NOT_WHOSE
        kept = tables.setdefault(table, {"rows": [], "hands": []})
        kept["hands" if is_hand else "rows"] += [a_hand(row) | {"as": field.name} if is_hand else plain(row) for row in rows]
        if rows and not is_hand:
            owned.setdefault(model, []).extend(rows)
    for model, rows in list(owned.items()):
        for child, field in keys_to(model):
            table = child._meta.db_table  # noqa: SLF001
            if table in HIDDEN or child is model or any(key.related_model is User and key.name not in HANDS for key in foreign_keys(child)):
                continue
            found = rows_of(child, **{f"{field.name}__in": [row.pk for row in rows]})
            shown = [{name: value for name, value in plain(row).items() if name not in {f"{hand}_id" for hand in HANDS}} for row in found]
            known = {row.get("id") for row in tables.get(table, {"rows": []})["rows"]}
            tables.setdefault(table, {"rows": [], "hands": []})["rows"] += [row for row in shown if row.get("id") not in known]
    return {
        "made_at": timezone.now(),
        "account": plain(user),
        "tables": {table: kept for table, kept in sorted(tables.items()) if kept["rows"] or kept["hands"]},
        "events": {
            model._meta.db_table: [plain(event) for event in rows_of(model, actor_id=user.pk)]  # noqa: SLF001
            for model in event_models()
        },
        "sessions": Session.objects.filter(session_key__in=session_keys(user)).count(),
    }


def foreign_keys(model: type[models.Model]) -> list[models.ForeignKey[Any, Any]]:
    return [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]  # noqa: SLF001


def session_keys(user: User) -> list[str]:
    from allauth.usersessions.models import UserSession  # loaded later than this app

    return list(UserSession.objects.filter(user=user).values_list("session_key", flat=True))
