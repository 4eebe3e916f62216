"""What people say on their own pages. Each action is about the page of `by`, and of nobody else: there is no way to name another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils import timezone

from profiles.biography import to_html
from profiles.evidence.homepage import RECHECK, look_for
from profiles.models import Claim, PinnedWork, Profile, ProfileAffiliation, ProfileLink, User
from profiles.models.profile import MOST_AFFILIATIONS, MOST_LINKS, MOST_PINS, MOST_TOPICS
from profiles.signals import profile_changed, profile_link_added
from works.actions import names
from works.models import Author, AuthorName, Authorship, Institution
from works.names import fold

MOST_NAMES = 10
ADDRESS = URLValidator(schemes=["http", "https"])


class ProfileRefused(Exception):
    """What was asked cannot be done. The message is for the person who asked."""


@contextmanager
def refusals() -> Iterator[None]:
    """What the floor below refuses, the person reads as well."""
    try:
        yield
    except names.NameRefused as refused:
        raise ProfileRefused(str(refused)) from refused


def own_profile(*, by: User) -> Profile:
    """The profile of `by`, locked, so that two windows of one person do not overtake each other; the author first, as claims lock."""
    list(Author.objects.select_for_update(no_key=True).filter(profile__user=by).values_list("pk"))
    profile = Profile.objects.select_for_update(of=("self",)).select_related("author").filter(user=by).first()
    if profile is None:
        raise ProfileRefused("You have no page of your own yet. It begins when a claim of yours is approved.")
    if Claim.objects.holding().filter(user=by, author=profile.author_id, frozen_at__isnull=False).exists():
        raise ProfileRefused("Somebody objected to your claim. Your page can be changed again once staff have decided.")
    return profile


@transaction.atomic
def describe_oneself(
    *, headline: str, biography: str, topics: Iterable[str], is_open_to_collaborate: bool | None, hidden: Collection[str], by: User
) -> Profile:
    """Headline, biography, topics, whether one is open to collaborate, and which sections are not shown."""
    profile = own_profile(by=by)
    profile.headline, profile.biography = " ".join(headline.split()), biography.strip()
    unique = {fold(topic): " ".join(topic.split()) for topic in reversed(list(topics)) if fold(topic)}
    profile.topics = list(reversed(unique.values()))
    if len(profile.topics) > MOST_TOPICS:
        raise ProfileRefused(f"At most {MOST_TOPICS} topics fit on a page.")
    profile.is_open_to_collaborate = is_open_to_collaborate
    profile.hidden = sorted(set(hidden) & set(Profile.Section.values))
    return publish(profile)


@transaction.atomic
def choose_name(*, name: str, by: User) -> Profile:
    """The name that every page uses for this author from now on."""
    profile = own_profile(by=by)
    with refusals():
        names.rename_author(author_id=profile.author_id, name=name)
    return publish(profile)


@transaction.atomic
def add_other_name(*, name: str, is_public: bool, by: User) -> Profile:
    """A further name by which the person is found; hidden from the public unless they show it."""
    profile = own_profile(by=by)
    known = AuthorName.objects.filter(author=profile.author_id)
    if known.count() >= MOST_NAMES and not known.filter(name_key=fold(name)).exists():
        raise ProfileRefused(f"At most {MOST_NAMES} further names can be kept.")
    with refusals():
        names.add_name(author_id=profile.author_id, name=name, is_public=is_public)
    return publish(profile)


@transaction.atomic
def show_other_name(*, name_id: int, is_public: bool, by: User) -> Profile:
    """Let the public read one of the further names, or not any more."""
    profile = own_profile(by=by)
    names.show_name(author_id=profile.author_id, name_id=name_id, is_public=is_public)
    return publish(profile)


@transaction.atomic
def remove_other_name(*, name_id: int, by: User) -> Profile:
    profile = own_profile(by=by)
    with refusals():
        names.remove_name(author_id=profile.author_id, name_id=name_id)
    return publish(profile)


@transaction.atomic
def add_affiliation(
    *, name: str, role: str, from_year: int | None, to_year: int | None, institution: Institution | None = None, by: User
) -> Profile:
    """An institution of the record, or a name as typed; with years where the person gives them."""
    profile = own_profile(by=by)
    if profile.affiliations.count() >= MOST_AFFILIATIONS:
        raise ProfileRefused(f"At most {MOST_AFFILIATIONS} affiliations fit on a page. Remove one first.")
    if from_year and to_year and to_year < from_year:
        raise ProfileRefused("An affiliation cannot end before it began.")
    ProfileAffiliation.objects.create(
        profile=profile,
        institution=institution,
        name=institution.name[:300] if institution else " ".join(name.split()),
        role=" ".join(role.split()),
        from_year=from_year,
        to_year=to_year,
    )
    return publish(profile)


@transaction.atomic
def remove_affiliation(*, affiliation_id: int, by: User) -> Profile:
    profile = own_profile(by=by)
    profile.affiliations.filter(pk=affiliation_id).delete()
    return publish(profile)


@transaction.atomic
def add_link(*, url: str, label: str, by: User) -> Profile:
    """A page elsewhere. Whether it links back is found out by a worker; until then the page says nothing about it."""
    profile = own_profile(by=by)
    try:
        ADDRESS(url)
    except ValidationError:
        raise ProfileRefused("That is no address of a web page. It begins with https:// or http://.") from None
    if profile.links.count() >= MOST_LINKS:
        raise ProfileRefused(f"At most {MOST_LINKS} links fit on a page. Remove one first.")
    link, is_new = ProfileLink.objects.get_or_create(
        profile=profile, url=url, defaults={"label": " ".join(label.split()), "check_owed_at": timezone.now()}
    )
    if not is_new:
        raise ProfileRefused("That link is on your page already.")
    profile_link_added.send(sender=ProfileLink, link_id=link.pk)
    return publish(profile)


@transaction.atomic
def check_link_again(*, link_id: int, by: User) -> None:
    """Have a link looked at once more: the person has put the link back on their page, say."""
    profile = own_profile(by=by)
    if profile.links.filter(pk=link_id).update(check_owed_at=timezone.now()):
        profile_link_added.send(sender=ProfileLink, link_id=link_id)


@transaction.atomic
def remove_link(*, link_id: int, by: User) -> Profile:
    profile = own_profile(by=by)
    profile.links.filter(pk=link_id).delete()
    return publish(profile)


@transaction.atomic
def pin_work(*, public_id: str, by: User) -> Profile:
    """Put one of one's own works among those that come first."""
    profile = own_profile(by=by)
    own = Authorship.objects.filter(author=profile.author_id, work__public_id=public_id).values_list("work_id", flat=True).first()
    if own is None:
        raise ProfileRefused("Only works on your own page can be put first.")
    places = list(profile.pins.values_list("place", flat=True))
    if len(places) >= MOST_PINS and not profile.pins.filter(work=own).exists():
        raise ProfileRefused(f"At most {MOST_PINS} works can be put first. Take one away before.")
    PinnedWork.objects.get_or_create(profile=profile, work_id=own, defaults={"place": max(places, default=0) + 1})
    return publish(profile)


@transaction.atomic
def unpin_work(*, public_id: str, by: User) -> Profile:
    profile = own_profile(by=by)
    profile.pins.filter(work__public_id=public_id).delete()
    return publish(profile)


@transaction.atomic
def move_pin(*, public_id: str, is_up: bool, by: User) -> Profile:
    """One place up or down among the works that come first; at an end nothing happens."""
    profile = own_profile(by=by)
    pins = list(profile.pins.select_related("work"))
    at = next((index for index, pin in enumerate(pins) if pin.work.public_id == public_id), None)
    other = -1 if at is None else at - 1 if is_up else at + 1
    if at is not None and 0 <= other < len(pins):
        pins[at], pins[other] = pins[other], pins[at]
        for place, pin in enumerate(pins, start=1):
            pin.place = place
        PinnedWork.objects.bulk_update(pins, ["place"])
    return publish(profile)


@transaction.atomic
def record_link_check(*, link_id: int, is_mutual: bool, failure: str = "") -> None:
    """What a worker saw at the other end of a link."""
    link = ProfileLink.objects.select_related("profile__author").filter(pk=link_id).first()
    if link is None:
        return
    profile = Profile.objects.select_for_update(of=("self",)).select_related("author").get(pk=link.profile_id)
    ProfileLink.objects.filter(pk=link_id).update(is_mutual=is_mutual, failure=failure[:200], checked_at=timezone.now(), check_owed_at=None)
    publish(profile)


def look_at_old_links() -> int:
    """Have links that were looked at 30 days ago looked at again: a page may have stopped linking back. How many; one statement."""
    old = ProfileLink.objects.filter(check_owed_at=None, checked_at__lt=timezone.now() - RECHECK)
    return old.update(check_owed_at=timezone.now())


def are_links_unread() -> bool:
    return ProfileLink.objects.filter(check_owed_at__isnull=False).exists()


def read_links() -> int:
    """Look at the other ends of links that are owed a look: do they link back with rel=me? How many there were; three seconds each at most.

    The page is fetched outside any transaction.
    """
    owed = list(ProfileLink.objects.filter(check_owed_at__isnull=False).select_related("profile__author").order_by("check_owed_at")[:20])
    for link in owed:
        here = f"{settings.SITE_URL}{link.profile.author.get_absolute_url()}"
        look = look_for(here, link.url)
        # A page that cannot be read today says nothing new about the link.
        is_mutual = (look.is_found and look.is_rel_me) if look.is_certain else bool(link.is_mutual)
        record_link_check(link_id=link.pk, is_mutual=is_mutual, failure="" if look.is_certain else look.said)
    return len(owed)


@transaction.atomic
def refresh_profiles(*, author_ids: Collection[int]) -> None:
    """Write the cards of these authors' profiles again: a work that one of them put first may have another title. One query for nobody."""
    for profile in Profile.objects.select_for_update(of=("self",)).select_related("author").filter(author__in=author_ids):
        before = profile.card
        profile.card = card_of(profile)
        if profile.card != before:
            profile.save(update_fields=["card"])


def publish(profile: Profile) -> Profile:
    """Write the profile with its card, and announce it."""
    profile.card = card_of(profile)
    profile.save()
    profile_changed.send(sender=Profile, author_id=profile.author_id)
    return profile


def card_of(profile: Profile) -> dict[str, Any]:
    """What the researcher page shows of a profile; the form is described at profiles.models.Profile. At most five queries."""
    sections: dict[str, Any] = {
        Profile.Section.BIOGRAPHY: lambda: to_html(profile.biography) if profile.biography else "",
        Profile.Section.TOPICS: lambda: topics_of(profile),
        Profile.Section.AFFILIATIONS: lambda: [
            {
                "name": item.institution.name if item.institution else item.name,
                "slug": item.institution.slug if item.institution else None,
                "role": item.role,
                "years": item.years,
            }
            for item in profile.affiliations.select_related("institution")
        ],
        Profile.Section.LINKS: lambda: [
            {"label": link.label or link.host, "url": link.url, "is_mutual": bool(link.is_mutual)} for link in profile.links.all()
        ],
        Profile.Section.PINS: lambda: [
            pin.as_card() for pin in profile.pins.select_related("work").filter(work__authorships__author=profile.author_id)
        ],
    }
    card: dict[str, Any] = {"headline": profile.headline, "open": profile.is_open_to_collaborate}
    card |= {str(name): make() for name, make in sections.items() if name not in profile.hidden}
    card["names"] = list(AuthorName.objects.filter(author=profile.author_id, is_public=True).values_list("name", flat=True))
    return card


def topics_of(profile: Profile) -> list[dict[str, Any]]:
    """The person’s topics; one that the works are of as well leads to them."""
    own = {fold(topic["label"]): topic["slug"] for topic in profile.author.topics}
    return [{"label": label, "slug": own.get(fold(label))} for label in profile.topics]
