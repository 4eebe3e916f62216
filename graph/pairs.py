"""Which nodes an edge may tie, and in which order its address names them. Pure, and without networkx: pages need it."""

from __future__ import annotations

KINDS = ("person", "work", "topic", "institution")
# The kinds that an edge page tells of.
PAIRS = {
    ("person", "person"), ("person", "work"), ("person", "topic"), ("person", "institution"), ("work", "topic"), ("work", "work"),
    ("work", "institution"),
}  # fmt: skip


def in_address(one: str, other: str) -> tuple[str, str]:
    """Two nodes in the order of their edge's address: people before works before topics before institutions, else by id.

    >>> in_address("work:b", "person:a"), in_address("person:b", "person:a")
    (('person:a', 'work:b'), ('person:a', 'person:b'))
    """
    first, second = sorted((one, other), key=place)
    return first, second


def place(node: str) -> tuple[int, str]:
    kind = node.partition(":")[0]
    return KINDS.index(kind) if kind in KINDS else len(KINDS), node
