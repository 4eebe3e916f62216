"""A payload as shapes, lines and labels in the units of a drawing: what SVG and PNG have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import hypot
from typing import Any

from graph.drawing import ACROSS, DOWN, MARGIN, RADIUS, WORDS, bend_of, cut_sentence, legible, short
from graph.layout import OUTSIDE, Label, Mark, Point, label_box, place_labels

ROOMY = {30: (1.5, 1.5), 70: (1.2, 1.3)}  # as graph.drawing has it: how much larger marks and text are, of few nodes
FULL = (1.0, 1.2)
TEXT, NAME_TEXT = 15.0, 21.0
HALF_AT_MOST = 1_200  # units from the middle to the edge: a picture of many slices stays of a size that can be made and looked at
LABELS = 60
FOOT = 62  # room for the legend below the drawing


@dataclass(frozen=True, slots=True)
class Scene:
    """`box` is left, top, width, height; `foot` says what is drawn, from when; `counts` is how many nodes there are of each kind."""

    nodes: list[dict[str, Any]]
    marks: list[Mark]
    labels: dict[str, Label]
    box: tuple[int, int, int, int]
    centres: set[str]
    counts: dict[str, int]
    foot: str

    def bend(self, edge: dict[str, Any], a: Mark, b: Mark) -> Point | None:
        """Around one centre lines bend as in graph.drawing; among several they are straight."""
        return bend_of(edge, a, b, self.centres) if len(self.centres) == 1 else None


def scene(payload: dict[str, Any]) -> Scene:
    """Where everything of the payload is drawn. O(n x labels)."""
    nodes = payload["nodes"]
    seeds = payload["parameters"].get("seeds")
    centres = set(seeds or [payload["centre"]])
    scale, text = next((setting for most, setting in ROOMY.items() if len(nodes) <= most), FULL)
    enlarged = size_of(payload)
    is_one = not seeds or len(seeds) == 1
    marks = [
        mark_of(node, scale, text * (NAME_TEXT if node["id"] in centres else TEXT), outside=is_one, enlarged=enlarged) for node in nodes
    ]
    frame = frame_of(marks)
    marks = [legible(mark, node["label"], marks, frame) if mark.id in centres else mark for mark, node in zip(marks, nodes, strict=True)]
    labels = place_labels(list(wanted(nodes, marks, centres)), marks, frame)
    counts = {kind: sum(1 for node in nodes if node["kind"] == kind) for kind in WORDS}
    return Scene(nodes, marks, labels, box_of(marks, labels), centres, counts, foot_of(payload))


def size_of(payload: dict[str, Any]) -> float:
    """By how much the plane is enlarged: several slices were shrunk into it, and are drawn as large as each is alone, up to a limit."""
    reach = max((abs(node[axis]) for node in payload["nodes"] for axis in "xy"), default=1.0) or 1.0
    shrunk: float = payload["parameters"].get("scale", 1.0)
    return max(1.0, min(shrunk, HALF_AT_MOST / (ACROSS * reach)))


def mark_of(node: dict[str, Any], scale: float, size: float, *, outside: bool, enlarged: float = 1.0) -> Mark:
    x, y = node["x"] * ACROSS * enlarged, node["y"] * DOWN * enlarged
    away = hypot(node["x"], node["y"])
    reach = hypot(x, y) * OUTSIDE / away if outside and node["kind"] == "person" and away else 0.0
    return Mark(node["id"], x, y, node["size"] * RADIUS * scale * enlarged, short(node["label"]), size, reach)


def frame_of(marks: list[Mark]) -> tuple[float, float, float, float]:
    xs, ys = [mark.x for mark in marks] or [0.0], [mark.y for mark in marks] or [0.0]
    return min(xs) - 270, min(ys) - 80, max(xs) + 270, max(ys) + 80


def wanted(nodes: list[dict[str, Any]], marks: list[Mark], centres: set[str]) -> Iterable[Mark]:
    """Who gets a label if there is room: the centres, then by size, people and topics before works of the same size."""
    kinds = list(WORDS)
    order = sorted(
        range(len(nodes)),
        key=lambda at: (nodes[at]["id"] not in centres, -nodes[at]["size"], kinds.index(nodes[at]["kind"]), nodes[at]["id"]),
    )
    return [marks[at] for at in order[:LABELS]]


def box_of(marks: list[Mark], labels: dict[str, Label]) -> tuple[int, int, int, int]:
    boxes = [(mark.x - mark.radius, mark.y - mark.radius, mark.x + mark.radius, mark.y + mark.radius) for mark in marks]
    boxes += [label_box(mark, labels[mark.id]) for mark in marks if mark.id in labels]
    boxes = boxes or [(-200.0, -100.0, 200.0, 100.0)]
    left, top = (round(min(box[side] for box in boxes)) - MARGIN for side in (0, 1))
    right, bottom = (round(max(box[side] for box in boxes)) + MARGIN for side in (2, 3))
    width = max(right - left, 560)  # the legend's
    return left - (width - (right - left)) // 2, top, width, bottom - top + FOOT


def foot_of(payload: dict[str, Any]) -> str:
    cuts = [cut_sentence(kind, total) for kind, total in payload["totals"].items() if kind in WORDS and total["shown"]]
    return " · ".join(["BZPEER", f"built {payload['built_at'][:10]}", *cuts])
