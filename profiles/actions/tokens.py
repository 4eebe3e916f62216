"""Tokens for programs: made, used, revoked."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from profiles.models import User
from profiles.models.token import ApiToken, Plan, Scope, digest_of

logger = logging.getLogger(__name__)

BEGINNING = "bzp_"
MOST_LIVE = 20
TOKENS_LOCK = 5_317_011  # (TOKENS_LOCK, account id): held while an account's tokens are counted and one is made


class TokenImpossible(ValueError):
    """The token cannot be made. The message says why, for its owner."""


def create_token(*, name: str, scopes: Sequence[str] = (), expires_at: datetime | None = None, by: User) -> tuple[ApiToken, str]:
    """A new token of the account, and the token itself, which is kept nowhere."""
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown:
        raise TokenImpossible(f"There is no scope {', '.join(unknown)}.")
    secret = f"{BEGINNING}{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s::int, %s::int)", [TOKENS_LOCK, by.pk])
        if ApiToken.objects.live().filter(user=by).count() >= MOST_LIVE:
            raise TokenImpossible(f"An account has at most {MOST_LIVE} tokens: revoke one that is not needed any more.")
        token = ApiToken.objects.create(
            user=by,
            name=name,
            prefix=secret[:12],
            digest=digest_of(secret),
            scopes=[scope for scope in Scope.values if scope in scopes],
            expires_at=expires_at,
        )
    return token, secret


def revoke_token(token: ApiToken, *, by: User) -> None:
    """The token works no longer, from now on. Nothing happens to somebody else's."""
    ApiToken.objects.filter(pk=token.pk, user=by, revoked_at=None).update(revoked_at=timezone.now())


def set_plan(token: ApiToken, *, plan: str, by: User) -> None:
    """How often the token may ask from now on. Only whoever on staff may change tokens sets it, and not of their own."""
    if plan not in Plan.values:
        raise TokenImpossible(f"There is no plan {plan}.")
    if not (by.is_active and by.is_staff and by.has_perm("profiles.change_apitoken")) or token.user_id == by.pk:
        raise TokenImpossible("Plans are set by administrators, and not of their own tokens.")
    if ApiToken.objects.filter(pk=token.pk).exclude(plan=plan).update(plan=plan):
        logger.info("Account %d sets the plan of token %d of account %d to %s", by.pk, token.pk, token.user_id, plan)


def note_use(token: ApiToken) -> None:
    """Remember the day of the token's last use; one statement on the first use of a day, none after."""
    today = timezone.now().date()
    if token.last_used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
