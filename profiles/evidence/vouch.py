"""A co-author's word, by somebody whose identity staff have checked: that an account is that author's, or who its owner is."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from graph.models import Collaboration
from profiles.models import Claim, Evidence, Profile, User
from profiles.trust.levels import VOUCHES
from works.models import Author

MONTH = timedelta(days=30)
VOUCHES_A_MONTH = 5
LEVEL = 4
CHECKS = 2


def pair_of(one: int, other: int) -> Q:
    return Q(author_a=min(one, other), author_b=max(one, other))


def why_not(voucher: User, author: Author) -> str:
    """Why this person cannot vouch for an account's being that author, as a sentence; "" if they can. At most six queries.

    No chains: whoever is at level 4 only because others vouched has not been looked at by staff, and lifts nobody.
    """
    profile = Profile.objects.select_related("author__trust").filter(user=voucher).first()
    if profile is None:
        return "Only somebody who has claimed their own record can vouch."
    if Claim.objects.holding().filter(user=voucher, frozen_at__isnull=False).exists():
        return "Somebody objected to your claim. You can vouch again once staff have decided."
    if not Collaboration.objects.filter(pair_of(profile.author_id, author.pk)).exists():
        return "Only a co-author can vouch: you have no joint works with this author in the record."
    trust = getattr(profile.author, "trust", None)
    checks = Evidence.objects.proved().filter(user=voucher, author=profile.author, kind=Evidence.Kind.IDENTITY_CHECK)
    if trust is None or trust.level < LEVEL or checks.values("given_by").distinct().count() < CHECKS:
        return "Only somebody whose own identity was checked by two members of staff (level 4) can vouch."
    if given_this_month(voucher) >= VOUCHES_A_MONTH:
        return f"You have vouched {VOUCHES_A_MONTH} times in 30 days. The next is possible later."
    return ""


def given_this_month(voucher: User) -> int:
    """How often somebody has given their word in 30 days, what was taken back included."""
    given = Evidence.objects.filter(given_by=voucher, kind__in=sorted(VOUCHES), proved_at__gt=timezone.now() - MONTH)
    return given.count()


def who_could(author: Author, *, limit: int = 20) -> list[Profile]:
    """Claimed co-authors at level 4 or more without others' word, the closest first, whom a claimant can ask. Three queries on indexes."""
    ends = Collaboration.objects.filter(Q(author_a=author) | Q(author_b=author)).order_by("-strength_units")
    others = [b if a == author.pk else a for a, b in ends.values_list("author_a", "author_b")[:500]]
    found = Profile.objects.select_related("author").filter(author__in=others, author__trust__own_level__gte=LEVEL)
    places = {other: place for place, other in enumerate(others)}
    return sorted(found, key=lambda profile: places[profile.author_id])[:limit]
