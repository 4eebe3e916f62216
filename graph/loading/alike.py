"""What is kept of who resembles an author, as pages and the API tell it. For pages too: it needs no networkx."""

from __future__ import annotations

from typing import Any

from graph.models import SimilarPeople
from works.models import Author

Told = dict[str, Any]


def lists_of(kept: SimilarPeople | None) -> tuple[list[Told], list[Told]]:
    """Similar people and bridges, each with the author and the reasons: {"author", "topics", "beyond", "common", "collaborators"}.

    One query, for the people named; none where nothing is built. Who was merged away, removed or has no works left since the list was
    made is not in it.
    """
    said: Told = (kept.payload if kept and kept.built_at else None) or {"similar": [], "bridges": [], "topics": {}}
    people = people_of(said)
    similar, bridges = (
        [told(entry, people, said["topics"]) for entry in said[name] if entry["id"] in people] for name in ("similar", "bridges")
    )
    return similar, bridges


def people_of(said: Told) -> dict[str, Author]:
    """Those named in the lists who have a page, by node. One query, if there are any."""
    named = {one for entry in (*said["similar"], *said["bridges"]) for one in (entry["id"], *entry.get("collaborators", ()))}
    if not named:
        return {}
    rows = Author.objects.standing().with_works().filter(public_id__in=[one.partition(":")[2] for one in named], is_suppressed=False)
    return {f"person:{author.public_id}": author for author in rows.only("public_id", "name", "works_count", "summary")}


def told(entry: Told, people: dict[str, Author], topics: dict[str, dict[str, str]]) -> Told:
    """One line of the list: who, and why."""
    return {
        "author": people[entry["id"]],
        "topics": [topics[topic] for topic in entry["topics"]],
        "beyond": [topics[topic] for topic in entry.get("beyond", ())],
        "common": entry.get("common", 0),
        "collaborators": [people[one] for one in entry.get("collaborators", ()) if one in people],
    }
