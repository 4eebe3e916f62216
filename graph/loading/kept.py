"""What a state of the explorer names, with the slices that are kept of it. For pages too: it needs no networkx."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from graph.explorer.state import KINDS, State
from graph.models import Built, Subject
from works.models import Author, Institution, Topic, Work

SLICE = tuple(f"slice__{name}" for name in ("payload", "built_at", "requested_at", "error", "version"))
ROWS: dict[str, QuerySet[Any]] = {
    "person": Author.objects.filter(is_suppressed=False, merged_into=None).only("public_id", "name", *SLICE),
    "work": Work.objects.filter(merged_into=None).only("public_id", "title", *SLICE),
    "topic": Topic.objects.only("public_id", "label", *SLICE),
    "institution": Institution.objects.only("public_id", "name", *SLICE),
}


def subjects_of(state: State) -> dict[str, Subject]:
    """What the state names and the record knows, by node, in the state's order, with its slice. One query for each kind among them."""
    found: dict[str, Subject] = {}
    for kind in KINDS:
        if ids := [node.partition(":")[2] for node in state.shown if node.startswith(f"{kind}:")]:
            rows = ROWS[kind].filter(public_id__in=ids).select_related("slice")
            found |= {f"{kind}:{subject.public_id}": subject for subject in rows}
    return {node: found[node] for node in state.shown if node in found}


def slice_of(subject: Subject) -> Built | None:
    """The slice that was fetched with the subject. No query."""
    kept: Built | None = getattr(subject, "slice", None)
    return kept


def is_built(subject: Subject) -> bool:
    kept = slice_of(subject)
    return kept is not None and kept.built_at is not None


def payloads_of(subjects: Iterable[Subject]) -> list[Any]:
    """The contracts of those of these subjects that are built."""
    return [kept.payload for subject in subjects if (kept := slice_of(subject)) is not None and kept.built_at is not None]
