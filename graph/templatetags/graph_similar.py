"""{% similar_people author %}: who resembles an author, in whichever state the list is."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from graph.loading.alike import lists_of
from graph.models import SimilarPeople, SliceState
from graph.templatetags.graph_slot import polling
from works.models import Author

register = template.Library()


@register.inclusion_tag("graph/similar_slot.html")
def similar_people(author: Author, attempt: int = 0) -> dict[str, Any]:
    """Of an author fetched with select_related("similar") it asks one query, for the people named; none where nothing is built.

    Who was merged away, removed or has no works left since the list was made is not shown.
    """
    kept: SimilarPeople | None = getattr(author, "similar", None)
    url = reverse("graph:similar", args=[author.slug])
    similar, bridges = lists_of(kept)
    return {
        "author": author,
        "url": url,
        "state": kept.state if kept else SliceState.BUILDING,
        "built_at": kept.built_at if kept else None,
        "is_failed": bool(kept and kept.error),
        "similar": similar,
        "bridges": bridges,
        **polling(url, attempt, f"?attempt={attempt + 1}"),
    }
