"""The names of an author: the one that the pages use, and those by which the same person is found as well."""

from __future__ import annotations

import re

from django.db import transaction

from works.actions.bylines import refresh_card_bylines
from works.models import Author, AuthorName, Authorship
from works.names import fold
from works.signals import authorships_changed

CARDS_AT_ONCE = 500
# Names go into mails to strangers and into every page: no addresses, and nothing that turns the direction of what follows.
NO_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069@]|://|www\.", re.IGNORECASE)


class NameRefused(Exception):
    """What was typed cannot be a name. The message is for the person who typed it."""


@transaction.atomic
def rename_author(*, author_id: int, name: str) -> None:
    """The pages call the author `name` from now on. What the record said before stays findable, and hidden unless its owner shows it."""
    author = Author.objects.select_for_update(of=("self",)).get(pk=author_id)
    name = " ".join(name.split())
    check(name)
    if name == author.name:
        return
    names = AuthorName.objects.filter(author=author)
    if not names.filter(is_of_record=True).exists() and author.name_key:
        AuthorName.objects.update_or_create(author=author, name_key=author.name_key, defaults={"name": author.name, "is_of_record": True})
    if (before := names.filter(is_of_record=True).first()) and before.name == name:
        before.delete()
    author.name, author.name_key = name, fold(name)
    names.filter(name_key=author.name_key, is_of_record=False).delete()
    author.save(update_fields=["name", "name_key"])
    spread(author)


@transaction.atomic
def add_name(*, author_id: int, name: str, is_public: bool) -> None:
    """Another name by which the author is found. One that is known already only changes in being shown or not."""
    author = Author.objects.select_for_update(of=("self",)).get(pk=author_id)
    name = " ".join(name.split())
    check(name)
    if fold(name) == author.name_key:
        raise NameRefused("The page goes by this name already.")
    AuthorName.objects.update_or_create(
        author=author, name_key=fold(name), defaults={"is_public": is_public}, create_defaults={"name": name, "is_public": is_public}
    )
    spread(author)


@transaction.atomic
def show_name(*, author_id: int, name_id: int, is_public: bool) -> None:
    """Show or hide one of the author's other names; nothing happens to a name of somebody else."""
    author = Author.objects.select_for_update(of=("self",)).get(pk=author_id)
    AuthorName.objects.filter(author=author, pk=name_id).update(is_public=is_public)
    spread(author)


@transaction.atomic
def remove_name(*, author_id: int, name_id: int) -> None:
    """Forget a name that the person gave. The one that the registries gave can be hidden, not forgotten: it is how they know the author."""
    author = Author.objects.select_for_update(of=("self",)).get(pk=author_id)
    if AuthorName.objects.filter(author=author, pk=name_id, is_of_record=True).exists():
        raise NameRefused("Registries know you under this name. It can be hidden, not removed.")
    AuthorName.objects.filter(author=author, pk=name_id).delete()
    spread(author)


@transaction.atomic
def restore_names(*, author_id: int) -> None:
    """Back to the name of the record, without any that a person gave: the claim has ended."""
    author = Author.objects.select_for_update(of=("self",)).get(pk=author_id)
    given = AuthorName.objects.filter(author=author)
    if not given.exists():
        return
    if of_record := given.filter(is_of_record=True).first():
        author.name, author.name_key = of_record.name, of_record.name_key
        author.save(update_fields=["name", "name_key"])
    given.delete()
    spread(author)


def check(name: str) -> None:
    if not fold(name):
        raise NameRefused("A name needs at least one letter.")
    if NO_NAME.search(name):
        raise NameRefused("A name holds no web address, no e-mail address and no control characters.")


def spread(author: Author) -> None:
    """Bring everything that repeats the author's names into line: the search, the cards of the works, whoever draws the neighbourhood."""
    author.other_keys = "\n".join(AuthorName.objects.filter(author=author).order_by("name_key").values_list("name_key", flat=True))
    author.save(update_fields=["other_keys"])
    works = list(Authorship.objects.filter(author=author).order_by("work").values_list("work", flat=True))
    for start in range(0, len(works), CARDS_AT_ONCE):
        refresh_card_bylines(work_ids=works[start : start + CARDS_AT_ONCE])
    authorships_changed.send(sender=Author, author_ids=[author.pk])
