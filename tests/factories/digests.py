"""Readers to whom a digest is owed, and what is new for them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from profiles import periods
from profiles.actions.follows import follow
from profiles.models import Digest, DigestPlan, User
from tests.factories.people import make_user
from tests.factories.works import make_author, make_work
from works.models import Author, Work


def turn_of(user: User) -> periods.Turn:
    """The last turn of an account's digest until now."""
    plan = DigestPlan.objects.get(user=user)
    return periods.turn(plan.rhythm, periods.zone(plan.time_zone), timezone.now())


def owe(user: User) -> periods.Turn:
    """As if the account had waited since before its last turn."""
    turn = turn_of(user)
    DigestPlan.objects.filter(user=user).update(
        covered_until=turn.ends_at - timedelta(days=7), due_at=timezone.now() - timedelta(minutes=1)
    )
    return turn


def make_news(author: Author, title: str, *, at: datetime) -> Work:
    work = make_work(title, 2024, authors=[author])
    Work.objects.filter(pk=work.pk).update(created_at=at)
    return work


def make_reader(name: str, *authors: Author) -> User:
    """Somebody who follows these authors, and whose digest is due."""
    user = make_user(f"{name}@example.org")
    for author in authors:
        follow(author, by=user)
    owe(user)
    return user


def make_subject(name: str = "Wei Wang", *, works: int = 1) -> Author:
    """An author of whom there are works that are new in the weekly digest, by UTC, that is due now."""
    author = make_author(name)
    ends_at = periods.turn(periods.WEEKLY, periods.zone("UTC"), timezone.now()).ends_at
    for number in range(works):
        make_news(author, f"{name} on matter {number + 1}", at=ends_at - timedelta(days=3) + timedelta(minutes=number))
    return author


def later() -> None:
    """Every lease is over, and every pause."""
    Digest.objects.filter(leased_until__isnull=False).update(leased_until=timezone.now() - timedelta(seconds=1))
    Digest.objects.filter(state="owed").update(next_at=timezone.now())
