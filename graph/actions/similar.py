"""Finding similar people: what a build of the kind "similar" makes. For workers only, since it brings networkx along."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from graph.loading.similar import load_candidates
from graph.similar import bridges, similar


def find_similar(author_id: int, built_at: datetime) -> dict[str, Any]:
    """The payload of graph.models.SimilarPeople for an author. Seven queries, see graph.loading.similar."""
    graph, centre = load_candidates(author_id)
    alike = similar(graph, centre)
    beyond = bridges(graph, centre)
    named = {topic for entry in (*alike, *beyond) for topic in (*entry["topics"], *entry.get("beyond", ()))}
    return {
        "built_at": built_at.isoformat(timespec="seconds"),
        "similar": alike,
        "bridges": beyond,
        "topics": {topic: {key: graph.nodes[topic][key] for key in ("label", "slug")} for topic in sorted(named)},
    }
