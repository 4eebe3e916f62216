"""Two accounts, locked; what either may do to the other; and what is refused."""

from __future__ import annotations

from profiles.inviting import MESSAGE_LENGTH, Quota, clean, quota_of
from profiles.models import Claim, Profile, Trust, User
from profiles.models.abuse import is_barred
from profiles.models.invitation import is_blocked

NOT_POSSIBLE = "This person cannot be written to here at the moment."


class ContactRefused(Exception):
    """What was asked cannot be done; the message is for the person who asked."""


def lock_accounts(*ids: int | None) -> dict[int, User]:
    """The rows of these accounts, locked in the order of their numbers. One statement."""
    wanted = sorted({one for one in ids if one is not None})
    return {user.pk: user for user in User.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")}


def check_pair(one: int, other: int) -> None:
    """Neither blocks the other."""
    if is_blocked(one, other):
        raise ContactRefused(NOT_POSSIBLE)


def check_may_write(*, by: User) -> None:
    """Staff have not barred this account, and nobody disputes who it is."""
    if not by.is_active or is_barred(by.pk):
        raise ContactRefused("Staff have upheld a report about what this account wrote. It cannot write to others for now.")
    if Claim.objects.holding().filter(user=by, frozen_at__isnull=False).exists():
        raise ContactRefused("Somebody objected to your claim. You can write to others once staff have decided.")


def level_of(*, by: User) -> int:
    """The verification level of the record that somebody holds; 0 for who holds none. One query."""
    found = Trust.objects.filter(author__profile__user=by).values_list("level", flat=True).first()
    return found or 0


def quota(*, by: User) -> Quota:
    return quota_of(level_of(by=by))


def cleaned(message: str) -> str:
    """The message as it is kept; refused where it is too short or too long for one."""
    text = clean(message)
    least, most = MESSAGE_LENGTH
    if not least <= len(text) <= most:
        raise ContactRefused(f"Write {least} to {most} characters: who you are and what it is about.")
    return text


def owner_of(author_id: int) -> Profile | None:
    """The profile of who holds the record now, fresh from the table. One query."""
    return Profile.objects.filter(author=author_id).only("user", "author", "is_open_to_collaborate").first()
