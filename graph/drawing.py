"""A slice's payload as what a page shows: an SVG with links, a legend, and the same in words. Workers render it; pages only send it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from graph.layout import Mark, place_labels

WIDTH, HEIGHT = 1200, 820
FRAME = (-WIDTH / 2 + 6, -HEIGHT / 2 + 6, WIDTH / 2 - 6, HEIGHT / 2 - 6)
ACROSS, DOWN, RADIUS = 425, 365, 0.42  # the plane's unit in the drawing's, and a thousandth of it for radii
LABEL_LENGTH = 30
LABELLED = {"person": 12, "topic": 16, "institution": 6, "work": 8}
FEW = 10  # so many of a kind are listed at once; the rest is folded
INWARD = {"co-wrote": 0.45, "cites": 0.6}  # how far these edges bend towards the centre: 1 is straight
WORDS = {
    "person": ("person", "people"),
    "work": ("work", "works"),
    "topic": ("topic", "topics"),
    "institution": ("institution", "institutions"),
}
RANKED = {"person": "closest first", "work": "newest first", "topic": "most frequent first", "institution": "most frequent first"}


@dataclass(frozen=True, slots=True)
class DrawnNode:
    """A node as the template draws it. `shape` is SVG made of numbers alone; label and words are text, to be escaped."""

    number: int
    kind: str
    label: str
    words: str
    url: str
    shape: SafeString
    text: str = ""
    place: SafeString = mark_safe("")  # noqa: RUF009  (an empty string)


def render_fragment(payload: dict[str, Any]) -> str:
    """The HTML of the slice: map, legend and list. No queries; what comes from the record is escaped by the template."""
    numbers = {node["id"]: number for number, node in enumerate(payload["nodes"])}
    words = words_of(payload)
    marks = [mark_of(node, size=21.0 if number == 0 else 15.0) for number, node in enumerate(payload["nodes"])]
    labels = place_labels(list(wanted(payload["nodes"], marks)), marks, FRAME)
    drawn = []
    for number, (node, mark) in enumerate(zip(payload["nodes"], marks, strict=True)):
        label = labels.get(mark.id)
        drawn.append(
            DrawnNode(
                number=number,
                kind=node["kind"],
                label=node["label"],
                words=words[node["id"]],
                url=node["url"],
                shape=shape_of(node["kind"], mark),
                text=mark.text if label else "",
                place=mark_safe(f'x="{label.x:.0f}" y="{label.y:.0f}" class="{label.anchor}"') if label else mark_safe(""),
            )
        )
    centre, *others = drawn
    return render_to_string(
        "graph/fragment.html",
        {
            "centre": centre,
            "nodes": others,
            "edges": mark_safe("".join(edge_svg(edge, marks, numbers) for edge in payload["edges"])),
            "groups": [group for kind in WORDS if (group := group_of(kind, others))],
            "cuts": [cut_sentence(kind, total) for kind, total in payload["totals"].items() if kind in WORDS and total["shown"]],
            "references": payload["coverage"].get("references"),
            "totals": payload["totals"],
            "view_box": f"{-WIDTH // 2} {-HEIGHT // 2} {WIDTH} {HEIGHT}",
        },
    )


def group_of(kind: str, nodes: Iterable[DrawnNode]) -> dict[str, Any] | None:
    members = [node for node in nodes if node.kind == kind]
    return {"kind": kind, "name": WORDS[kind][1], "count": len(members), "first": members[:FEW], "rest": members[FEW:]} if members else None


def mark_of(node: dict[str, Any], *, size: float) -> Mark:
    return Mark(node["id"], node["x"] * ACROSS, node["y"] * DOWN, node["size"] * RADIUS, short(node["label"]), size)


def short(text: str) -> str:
    """`text` cut at a word to what fits beside a node.

    >>> short("Rethinking Robust Representation Learning Under Fine-grained Noisy Faces")
    'Rethinking Robust…'
    """
    if len(text) <= LABEL_LENGTH:
        return text
    head = text[: LABEL_LENGTH - 1]
    return (head.rpartition(" ")[0] or head).rstrip(" ,:;-–") + "…"


def wanted(nodes: list[dict[str, Any]], marks: list[Mark]) -> Iterable[Mark]:
    """The centre, then the first of each kind, people and topics before the rest: who gets a label if there is room."""
    yield marks[0]
    for kind, most in LABELLED.items():
        yield from [mark for node, mark in zip(nodes[1:], marks[1:], strict=True) if node["kind"] == kind][:most]


def shape_of(kind: str, mark: Mark) -> SafeString:
    """Circle, square, diamond, hexagon: the kinds differ by shape, not by colour alone. Made of numbers only."""
    x, y, r = mark.x, mark.y, mark.radius
    if kind == "person":
        return mark_safe(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r:.1f}"/>')
    if kind == "work":
        return mark_safe(f'<rect x="{x - r:.0f}" y="{y - r:.0f}" width="{2 * r:.0f}" height="{2 * r:.0f}" rx="2"/>')
    if kind == "topic":
        d = 1.2 * r
        return mark_safe(f'<path d="M{x:.0f} {y - d:.0f}l{d:.0f} {d:.0f}l{-d:.0f} {d:.0f}l{-d:.0f} {-d:.0f}z"/>')
    half, high = r / 2, 0.87 * r
    return mark_safe(
        f'<path d="M{x - r:.1f} {y:.1f}l{half:.1f} {-high:.1f}h{r:.1f}l{half:.1f} {high:.1f}l{-half:.1f} {high:.1f}h{-r:.1f}z"/>'
    )


def edge_svg(edge: dict[str, Any], marks: list[Mark], numbers: dict[str, int]) -> str:
    """A line of numbers and of the edge's kind, which is one of our own words; the width follows the evidence."""
    source, target = numbers[edge["source"]], numbers[edge["target"]]
    a, b = marks[source], marks[target]
    width = min(4, edge["evidence"])
    bend = INWARD.get(edge["kind"], 1.0) if source and target else 1.0
    way = f"L{b.x:.0f} {b.y:.0f}" if bend == 1.0 else f"Q{(a.x + b.x) / 2 * bend:.0f} {(a.y + b.y) / 2 * bend:.0f} {b.x:.0f} {b.y:.0f}"
    among = " among" if bend != 1.0 and edge["kind"] == "co-wrote" else ""
    return f'<path class="{edge["kind"]}{among} w{width}" data-e="{source} {target}" d="M{a.x:.0f} {a.y:.0f}{way}"/>'


def words_of(payload: dict[str, Any]) -> dict[str, str]:
    """What each node is to the centre, in words: "3 joint works, 2019–2024", "2 works", "4 people here"."""
    centre = payload["centre"]
    words = {node["id"]: str(node["year"]) if node["kind"] == "work" and node["year"] else "" for node in payload["nodes"]}
    counts: dict[str, int] = {}
    for edge in payload["edges"]:
        if edge["kind"] == "co-wrote" and edge["source"] == centre:
            words[edge["target"]] = joined(edge["evidence"], edge["years"])
        elif edge["kind"] in {"about", "affiliated"}:
            counts[edge["target"]] = counts.get(edge["target"], 0) + 1
    for node, count in counts.items():
        noun = WORDS["work" if node.startswith("topic:") else "person"]
        words[node] = f"{count} {noun[count != 1]} here"
    return words


def joined(works: int, years: list[int | None]) -> str:
    """Strength in words.

    >>> joined(3, [2019, 2024]), joined(1, [2022, 2022]), joined(2, [None, None])
    ('3 joint works, 2019–2024', '1 joint work, 2022', '2 joint works')
    """
    first, last = years
    span = "" if first is None else f", {first}" if first == last else f", {first}–{last}"
    return f"{works:,} joint work{'s' if works != 1 else ''}{span}"


def cut_sentence(kind: str, total: dict[str, int]) -> str:
    """How much of a kind is shown, and by which rank it was cut.

    >>> cut_sentence("person", {"shown": 80, "known": 2310}), cut_sentence("work", {"shown": 1, "known": 1})
    ('80 of 2,310 people, closest first', '1 work')
    """
    shown, known = total["shown"], total["known"]
    if shown < known:
        return f"{shown:,} of {known:,} {WORDS[kind][1]}, {RANKED[kind]}"
    return f"{shown:,} {WORDS[kind][shown != 1]}"
