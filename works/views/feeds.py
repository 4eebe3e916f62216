"""Atom feeds, and works as their entries."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from works.mathematics import to_plain
from works.models import Work

ENTRIES = 50
TAGGED_SINCE = 2026

# What Atom1Feed.add_item takes: title, link, unique_id, description, pubdate, updateddate, categories.
Entry = dict[str, Any]


def tag(path: str) -> str:
    """The lasting id of what stands at a path of this site. The year is one in which the name of the host was the site's."""
    return f"tag:{settings.SITE_HOST},{TAGGED_SINCE}:{path}"


def works_feed(request: HttpRequest, works: Iterable[Work], *, title: str, page: str, key: str) -> HttpResponse:
    """A feed of `works` as they are given, for the page at the path `page`. An entry is dated when the record first had the work."""
    return atom_feed(request, [work_entry(request, work) for work in works], title=title, page=page, key=key)


def work_entry(request: HttpRequest, work: Work) -> Entry:
    """Known by an id that no new title changes (a `tag:` URI, RFC 4151)."""
    names = ", ".join(author["name"] for author in work.card.get("authors", ()))
    return {
        "title": to_plain(work.title),
        "link": request.build_absolute_uri(work.get_absolute_url()),
        "unique_id": tag(work.get_absolute_url()),
        "description": "; ".join(filter(None, (names, work.card.get("source"), str(work.year or "")))),
        "pubdate": work.created_at,
        "updateddate": work.created_at,
        "categories": [topic["label"] for topic in work.card.get("topics", ())],
    }


# What XML 1.0 cannot hold: an address that is asked with such a sign is a search like any other.
NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def atom_feed(request: HttpRequest, entries: Iterable[Entry], *, title: str, page: str, key: str) -> HttpResponse:
    """A feed of `entries` as they are given, for the page at the path `page`; `key` is what stays of that path.

    The feed's own date is that of its newest entry, so that asking again gives the same bytes until something is new.
    """
    feed = Atom1Feed(
        title=NOT_IN_XML.sub("", title),
        link=request.build_absolute_uri(page),
        description="",
        language="en",
        feed_url=request.build_absolute_uri(),
        feed_guid=tag(key),
        author_name="BZPEER",  # RFC 4287 asks for one
    )
    newest = datetime(1970, 1, 1, tzinfo=UTC)
    for entry in entries:
        feed.add_item(**entry | {"description": escape(entry["description"])})  # Atom1Feed says that it is HTML
        newest = max(newest, entry["updateddate"])
    feed.latest_post_date = lambda: newest  # type: ignore[method-assign]  # else an empty feed would be dated now
    response = HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
    response["Last-Modified"] = newest.strftime("%a, %d %b %Y %H:%M:%S GMT")
    return response
