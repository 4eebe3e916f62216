"""The one writer of Introduction.

    ask_for_introduction(author, *, middle, purpose, message, by) -> Introduction
    pass_on(introduction, *, by) -> Invitation           the middle person consents: an invitation, delivered or held as any other
    refuse(introduction, *, by) -> Introduction          told to nobody: until it runs out it looks as if nobody had answered
    withdraw_introduction(introduction, *, by) -> Introduction
    end_introductions() -> int                           what has run out

    hindrances(author, middles=…, by=…) -> Hindrances    read only: who of these could be asked, and why the others could not

Asking counts as an invitation does. Both accounts are locked, in the order of their numbers, before the introduction's row.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from profiles.actions.contact.invitations import check_crowd, check_quota, check_reachable, check_wanted, place
from profiles.actions.contact.pairs import NOT_POSSIBLE, ContactRefused, check_may_write, check_pair, cleaned, lock_accounts, owner_of
from profiles.actions.waiting import tell
from profiles.inviting import PURPOSES, WAIT
from profiles.models import Block, Introduction, Invitation, Profile, User
from works.models import Author

Status = Introduction.Status


def possible_middle(author: Author) -> Profile:
    """The profile of somebody who can be asked: they claimed their page and are open to collaborate. One query."""
    middle = owner_of(author.pk)
    if middle is None or middle.is_open_to_collaborate is not True:
        raise ContactRefused(f"{author.name} cannot be asked here: nobody has claimed that page, or they do not want to be written to.")
    return middle


class Hindrances(NamedTuple):
    """Why nobody can be asked at all, or "" and of each middle person's author why they cannot ("" for who can)."""

    general: str
    of: dict[int, str]


def hindrances(author: Author, *, middles: Collection[Author], by: User) -> Hindrances:
    """What would be said if `by` asked each of these for an introduction to `author` now. Nothing is written.

    At most fourteen queries, however many they are. Blocks win over everything that is said of a person, in the words for everybody who
    cannot be written to.
    """
    target = owner_of(author.pk)
    try:
        check_may_write(by=by)
        check_quota(by=by)
        check_wanted(author, target, by=by)
        check_crowd(author)
    except ContactRefused as refused:
        return Hindrances(str(refused), {})
    owners = {profile.author_id: profile for profile in Profile.objects.filter(author__in=[one.pk for one in middles])}
    ends = [by.pk, *([target.user_id] if target else [])]
    users = [profile.user_id for profile in owners.values()]
    between = Q(user__in=ends, blocked__in=users) | Q(user__in=users, blocked__in=ends)
    blocked = {one for pair in Block.objects.filter(between).values_list("user", "blocked") for one in pair} - set(ends)
    asked = set(Introduction.objects.open().filter(requester=by, author=author, middle__in=users).values_list("middle", flat=True))
    return Hindrances("", {one.pk: hindrance(one, owners.get(one.pk), blocked, asked, by=by) for one in middles})


def hindrance(middle: Author, owner: Profile | None, blocked: set[int], asked: set[int], *, by: User) -> str:
    if owner is None:
        return "Nobody has claimed this page, so nobody can be asked."
    if owner.user_id == by.pk:
        return "This page is yours."
    if owner.user_id in blocked:
        return NOT_POSSIBLE
    if owner.is_open_to_collaborate is not True:
        has_said_no = owner.is_open_to_collaborate is False
        return f"{middle.name} {'says that they are not open to collaborate now' if has_said_no else 'has not said that they are open'}."
    return "You have asked for this introduction already: see your messages." if owner.user_id in asked else ""


@transaction.atomic
def ask_for_introduction(author: Author, *, middle: Author, purpose: str, message: str, by: User) -> Introduction:
    """Ask the person behind `middle` to introduce one to the person behind `author`."""
    if author.pk == middle.pk:
        raise ContactRefused("An introduction leads to a third person.")
    via, target = possible_middle(middle), owner_of(author.pk)
    lock_accounts(by.pk, via.user_id, target.user_id if target else None)
    if via.user_id == by.pk:
        raise ContactRefused("You need no introduction by yourself: invite this person.")
    if purpose not in PURPOSES:
        raise ContactRefused("Choose what it is about.")
    check_may_write(by=by)
    check_quota(by=by)
    check_pair(by.pk, via.user_id)
    check_reachable(author, target, by=by)
    if target is not None:
        check_pair(via.user_id, target.user_id)
    text = cleaned(message)
    lapsed = Introduction.objects.filter(requester=by, middle=via.user_id, author=author, status__in=Introduction.OPEN)
    lapsed.filter(expires_at__lte=timezone.now()).update(status=Status.ENDED, status_at=timezone.now())
    try:
        with transaction.atomic():
            introduction = Introduction.objects.create(
                requester=by,
                middle_id=via.user_id,
                middle_author=middle,
                author=author,
                purpose=purpose,
                message=text,
                expires_at=timezone.now() + WAIT,
            )
    except IntegrityError as error:
        raise ContactRefused("You have asked for this introduction already.") from error
    tell(via.user_id, kind="introduction")
    return introduction


def locked(introduction: Introduction, *, part: str, by: User) -> Introduction:
    """The introduction as it is now, everybody in it locked, and still asked; for whoever has this part in it."""
    known = Introduction.objects.filter(pk=introduction.pk).values_list("requester", "middle", "author").first()
    if known is None:
        raise ContactRefused("There is no such introduction.")
    target = owner_of(known[2])
    lock_accounts(known[0], known[1], target.user_id if target else None)
    found = Introduction.objects.select_for_update(of=("self",)).select_related("author", "requester").get(pk=introduction.pk)
    if getattr(found, f"{part}_id") != by.pk:
        raise ContactRefused("There is no such introduction.")
    return found


def to_answer(introduction: Introduction, *, by: User) -> Introduction:
    found = locked(introduction, part="middle", by=by)
    if not found.is_asked:
        raise ContactRefused("This does not wait for an answer any more.")
    return found


@transaction.atomic
def pass_on(introduction: Introduction, *, by: User) -> Invitation:
    """The middle person consents. What has come between the two meanwhile is said in the same words as ever, and nothing is passed on."""
    found = to_answer(introduction, by=by)
    target = owner_of(found.author_id)
    try:
        check_pair(by.pk, found.requester_id)
        if target is not None:
            check_pair(by.pk, target.user_id)
        invitation = place(
            found.author, target, purpose=found.purpose, message=found.message, introduced_by=by, by=found.requester
        )  # fmt: skip
    except ContactRefused as refused:
        raise ContactRefused(f"It cannot be passed on. {NOT_POSSIBLE}") from refused
    move(found, Status.PASSED_ON, invitation=invitation)
    return invitation


@transaction.atomic
def refuse(introduction: Introduction, *, by: User) -> Introduction:
    found = to_answer(introduction, by=by)
    move(found, Status.DECLINED)
    return found


@transaction.atomic
def withdraw_introduction(introduction: Introduction, *, by: User) -> Introduction:
    """The requester takes it back: possible in just the cases in which they read that it was asked."""
    found = locked(introduction, part="requester", by=by)
    if found.status not in Introduction.OPEN or found.expires_at <= timezone.now():
        raise ContactRefused("This does not wait for an answer any more.")
    move(found, Status.WITHDRAWN)
    return found


def end_introductions() -> int:
    """Close what has run out, refused ones with the unanswered. One statement."""
    due = Introduction.objects.filter(status__in=Introduction.OPEN, expires_at__lte=timezone.now())
    return due.update(status=Status.ENDED, status_at=timezone.now())


def move(introduction: Introduction, status: Introduction.Status, **fields: object) -> None:
    for name, value in {**fields, "status": status, "status_at": timezone.now()}.items():
        setattr(introduction, name, value)
    introduction.save(update_fields=[*fields, "status", "status_at"])
