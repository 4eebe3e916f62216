"""{% graph_slot author %}: the research graph on the page of a person, a work, a topic or an institution, in whichever state it is."""

from __future__ import annotations

from typing import Any

from django import template
from django.db.models import Subquery
from django.utils.safestring import mark_safe

from graph.models import Built, Neighbourhood, SliceState, Subject
from graph.models.slice import graph_url, kept_for, name_of
from works.models import Author, Institution, Shelf, ShelvedPerson, Topic, Work

register = template.Library()

TRIES = 10
# Seconds to wait before asking for a slice again. A build takes milliseconds, so the first wait is for a free worker only.
DELAYS = (0.2, 0.6, 2, 4, 8)


@register.inclusion_tag("graph/slot.html")
def graph_slot(subject: Subject, attempt: int | None = None) -> dict[str, Any]:
    """The slot of a subject. Of what was fetched with select_related("slice") it asks nothing more, else one query; one more for the
    people of a topic or an institution of whose graph nothing is built, on its own page.

    On another page (`attempt` is None) a slice that is built stands in the page itself; a missing one is loaded by HTMX at once, or
    followed as a link where there is no JavaScript. On the graph's own page `attempt` counts how often the slot has asked.
    """
    kept = kept_for(subject)
    url = graph_url(subject)
    state = kept.state if kept else SliceState.BUILDING
    return {
        "name": name_of(subject),
        "state": state,
        "url": url,
        "is_inline": attempt is None,
        "fragment": mark_safe(kept.fragment) if kept else "",  # rendered by graph.drawing from an escaping template
        "built_at": kept.built_at if kept else None,
        "error": kept.error if kept else "",
        "near": near(subject),
        "closest": closest(subject, is_alone=attempt is not None) if state in {SliceState.BUILDING, SliceState.ERROR} else [],
        **polling(url, attempt, f"?attempt={(attempt or 0) + 1}"),
        "notice": notice(kept, url, attempt=None if attempt is None else 1),
    }


@register.inclusion_tag("graph/notice.html")
def graph_notice(subject: Subject, attempt: int, seen: int) -> dict[str, Any]:
    """The line above a stale slice, asked for again and again: what has come of the newer one since the slice built at `seen`."""
    return {"notice": notice(kept_for(subject), graph_url(subject), attempt=attempt, seen=seen)}


def near(subject: Subject) -> str:
    """What the list beside a skeleton is called."""
    return "Closest collaborators" if isinstance(subject, Author) else "Authors" if isinstance(subject, Work) else "People with most works"


def closest(subject: Subject, *, is_alone: bool) -> list[dict[str, Any]]:
    """Who is shown while nothing is built: the closest collaborators of a person, the first authors of a work, the people with most works
    of a topic or an institution, whose own page names them anyway."""
    if isinstance(subject, Work):
        return [author for author in subject.card.get("authors", ()) if author["slug"]][:10]
    if isinstance(subject, Topic | Institution):
        return most_works(subject) if is_alone else []
    neighbourhood: Neighbourhood | None = getattr(subject, "neighbourhood", None)
    return neighbourhood.closest if neighbourhood else []


def most_works(subject: Topic | Institution) -> list[dict[str, Any]]:
    """The first ten people of the subject's shelf. One query.

    The shelf is asked for by its key: joined by kind and subject, all its people would be read and sorted, however many there are.
    """
    kind = "topic" if isinstance(subject, Topic) else "institution"
    shelf = Shelf.objects.filter(kind=kind, subject=subject.pk).values("pk")
    people = ShelvedPerson.objects.filter(shelf_id=Subquery(shelf)).select_related("author")
    shown = people.only("works_count", "author__name", "author__public_id").order_by("-works_count", "author_id")[:10]
    return [{"name": one.author.name, "slug": one.author.slug, "alone": one.works_count} for one in shown]


def notice(kept: Built | None, url: str, *, attempt: int | None, seen: int | None = None) -> dict[str, Any]:
    """What the line above a slice says. `seen` is the build shown below it, in microseconds since 1970."""
    built = round(kept.built_at.timestamp() * 1_000_000) if kept and kept.built_at else 0
    return {
        "url": url,
        "is_newer": seen is not None and built > seen,
        "error": kept.error if kept else "",
        "since": kept.stale_at if kept else None,
        **polling(url, attempt, f"?attempt={(attempt or 0) + 1}&seen={built if seen is None else seen}"),
    }


def polling(url: str, attempt: int | None, query: str) -> dict[str, str]:
    """Where and when to ask next: at once, then after the DELAYS, the last of them again and again; ten times, then the reader decides."""
    if attempt is None:
        return {"poll_url": url + query.replace("attempt=1", "attempt=0"), "trigger": "load"}
    if attempt >= TRIES:
        return {"poll_url": "", "trigger": ""}
    return {"poll_url": url + query, "trigger": f"load delay:{DELAYS[min(attempt, len(DELAYS) - 1)]}s"}
