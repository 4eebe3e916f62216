"""{% graph_slot author %}: the research graph on a page, in whichever state it is. No queries of its own."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.safestring import mark_safe

from graph.models import Neighbourhood, Slice, SliceState
from works.models import Author

register = template.Library()

TRIES = 10
# Seconds to wait before asking for a slice again. A build takes milliseconds, so the first wait is for a free worker only.
DELAYS = (0.2, 0.6, 2, 4, 8)


@register.inclusion_tag("graph/slot.html")
def graph_slot(author: Author, attempt: int | None = None) -> dict[str, Any]:
    """The slot of an author that was fetched with select_related("slice", "neighbourhood").

    On another page (`attempt` is None) a slice that is built stands in the page itself; a missing one is loaded by HTMX at once, or
    followed as a link where there is no JavaScript. On the graph's own page `attempt` counts how often the slot has asked.
    """
    kept: Slice | None = getattr(author, "slice", None)
    neighbourhood: Neighbourhood | None = getattr(author, "neighbourhood", None)
    state = kept.state if kept else SliceState.BUILDING
    url = reverse("graph:slice", args=[author.slug])
    return {
        "author": author,
        "state": state,
        "url": url,
        "is_inline": attempt is None,
        "fragment": mark_safe(kept.fragment) if kept else "",  # rendered by graph.drawing from an escaping template
        "built_at": kept.built_at if kept else None,
        "error": kept.error if kept else "",
        "closest": neighbourhood.closest if neighbourhood else [],
        **polling(url, attempt, f"?attempt={(attempt or 0) + 1}"),
        "notice": notice(author, attempt=None if attempt is None else 1),
    }


@register.inclusion_tag("graph/notice.html")
def graph_notice(author: Author, attempt: int, seen: int) -> dict[str, Any]:
    """The line above a stale slice, asked for again and again: what has come of the newer one since the slice built at `seen`."""
    return {"notice": notice(author, attempt=attempt, seen=seen)}


def notice(author: Author, *, attempt: int | None, seen: int | None = None) -> dict[str, Any]:
    """What the line above a slice says. `seen` is the build shown below it, in microseconds since 1970."""
    kept: Slice | None = getattr(author, "slice", None)
    url = reverse("graph:slice", args=[author.slug])
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
