"""Addresses of researchers: the words are for people, the last eight characters say who it is."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from works.models import Author
from works.names import PUBLIC_ID_LENGTH


def author_at(slug: str, authors: QuerySet[Author]) -> Author:
    """The one of `authors` that an address names, whatever the words before its id; Http404 if there is none. One query.

    The address of who was merged into another names that other, for one query more.
    """
    public_id = slug.rpartition("-")[2]
    author = (
        authors.filter(public_id=public_id, is_suppressed=False).first()
        if len(public_id) == PUBLIC_ID_LENGTH and "\0" not in public_id
        else None
    )
    if author is None:
        raise Http404("Nobody in the record has this address.")
    return author if author.merged_into_id is None else authors.get(pk=author.merged_into_id)
