"""{% similar_people author %}: who resembles an author, in whichever state the list is."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

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
    said: dict[str, Any] = (kept.payload if kept and kept.built_at else None) or {"similar": [], "bridges": [], "topics": {}}
    people = people_of(said)
    return {
        "author": author,
        "url": url,
        "state": kept.state if kept else SliceState.BUILDING,
        "built_at": kept.built_at if kept else None,
        "is_failed": bool(kept and kept.error),
        "similar": [told(entry, people, said["topics"]) for entry in said["similar"] if entry["id"] in people],
        "bridges": [told(entry, people, said["topics"]) for entry in said["bridges"] if entry["id"] in people],
        **polling(url, attempt, f"?attempt={attempt + 1}"),
    }


def people_of(said: dict[str, Any]) -> dict[str, Author]:
    """Those named in the lists who have a page, by node. One query, if there are any."""
    named = {one for entry in (*said["similar"], *said["bridges"]) for one in (entry["id"], *entry.get("collaborators", ()))}
    if not named:
        return {}
    rows = Author.objects.standing().with_works().filter(public_id__in=[one.partition(":")[2] for one in named], is_suppressed=False)
    return {f"person:{author.public_id}": author for author in rows.only("public_id", "name", "works_count", "summary")}


def told(entry: dict[str, Any], people: dict[str, Author], topics: dict[str, dict[str, str]]) -> dict[str, Any]:
    """One line of the list: who, and why."""
    return {
        "author": people[entry["id"]],
        "topics": [topics[topic] for topic in entry["topics"]],
        "beyond": [topics[topic] for topic in entry.get("beyond", ())],
        "common": entry.get("common", 0),
        "collaborators": [people[one] for one in entry.get("collaborators", ()) if one in people],
    }
