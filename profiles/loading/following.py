"""What the button "Follow" shows: of a researcher, a topic, an institution, a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from profiles.models import Follow, User
from profiles.models.follow import COLUMNS, Subject, followers_count, is_followed_by
from works.models import Author
from works.models.finding import WorkSearch

LABELS = {"author": "researcher", "topic": "topic", "institution": "institution"}


@dataclass(frozen=True, slots=True)
class FollowButton:
    """`noun` is what is followed, `name` which. `place` is the page on which the button stands, with its anchor there. The `number` of
    followers is None where nobody sees it. `search` is written into the form. `is_own` says that the page is the reader's own.
    """

    noun: str
    name: str
    place: str
    follow: str
    unfollow: str
    number: int | None
    is_followed: bool
    is_own: bool = False
    search: str = ""


def button_of(subject: Subject, user: User | AnonymousUser) -> FollowButton:
    """The button of an author, a topic or an institution. One query; none for one that comes with `followers_count` and `is_followed`
    (profiles.models.follow), of an author with the profile too.
    """
    column = COLUMNS[type(subject)]
    counted: Any = subject
    if not hasattr(subject, "followers_count"):
        rows: Any = Author.objects.select_related("profile") if isinstance(subject, Author) else type(subject)._default_manager  # noqa: SLF001 -- Django's public way
        number, followed = followers_count(column=column), is_followed_by(user, column=column)
        counted = rows.annotate(followers_count=number, is_followed=followed).get(pk=subject.pk)
    noun = LABELS[column]
    suffix = "" if column == "author" else f"_{noun}"
    return FollowButton(
        noun=noun,
        name=str(subject),
        place=f"{subject.get_absolute_url()}#follow",
        follow=reverse(f"profiles:follow{suffix}", args=[subject.slug]),
        unfollow=reverse(f"profiles:unfollow{suffix}", args=[subject.slug]),
        number=counted.followers_count,
        is_followed=counted.is_followed,
        is_own=isinstance(subject, Author) and is_own(counted, user),
    )


def is_own(author: Author, user: User | AnonymousUser) -> bool:
    profile = getattr(author, "profile", None)
    return profile is not None and profile.user_id == user.pk


def button_of_search(search: WorkSearch, user: User | AnonymousUser) -> FollowButton:
    """The button of a search. One query; none for a visitor without an account."""
    written = search.write()
    return FollowButton(
        noun="this search",
        name=search.label,
        place=f"{reverse('search')}?{written}#follow",
        follow=reverse("profiles:follow_search"),
        unfollow=reverse("profiles:unfollow_search"),
        number=None,
        is_followed=isinstance(user, User) and Follow.objects.filter(user=user, search=written).exists(),
        search=written,
    )
