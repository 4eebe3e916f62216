"""How often an account wants a digest, and by which clock; and the link that ends it."""

from __future__ import annotations

from django.core import signing
from django.db import transaction
from django.utils import timezone

from profiles import periods
from profiles.models import DigestPlan, User

SIGNER = signing.Signer(salt="profiles.digests.stop")


class UnknownChoice(ValueError):
    """There is no such rhythm or time zone."""


@transaction.atomic
def choose_digest(*, rhythm: str, time_zone: str, by: User) -> DigestPlan:
    """From now on as chosen. What was turned off begins anew with what happens from now on. Two statements."""
    if rhythm not in DigestPlan.Rhythm.values or not periods.is_zone(time_zone):
        raise UnknownChoice("There is no such rhythm or time zone.")
    plan = DigestPlan.objects.select_for_update().get(user=by)
    now = timezone.now()
    if plan.rhythm == periods.OFF:
        plan.covered_until = now
    plan.rhythm, plan.time_zone = rhythm, time_zone
    plan.due_at = None if rhythm == periods.OFF else now  # planning looks at it within minutes, and says when the next one is due
    plan.save()
    return plan


def stop_digest(*, by: User) -> None:
    """No digest from now on; what is owed is not sent. One statement."""
    DigestPlan.objects.filter(user=by).update(rhythm=periods.OFF, due_at=None)


def stop_word(user: User) -> str:
    """The signed part of the address that ends the digest of an account. It holds for good: old mails must be able to end new ones."""
    return SIGNER.sign(str(user.pk))


def user_of_word(word: str) -> User | None:
    """Whose digest a link ends; None for one that was not made here, or whose account is gone. One query."""
    try:
        number = int(SIGNER.unsign(word))
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=number).first()
