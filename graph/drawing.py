"""A slice's payload as what a page shows: an SVG with links, a legend, and the same in words. Workers render it; pages only send it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import hypot
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from graph.layout import OUTSIDE, Box, Label, Mark, Point, label_box, place_labels
from graph.pairs import in_address

ACROSS, DOWN, RADIUS = 425, 365, 0.42  # the plane's unit in the drawing's, and a thousandth of it for radii
FRAME = (-680.0, -450.0, 680.0, 450.0)  # labels stay inside; the drawing is cut to what it holds
MOST_LINKED = 150  # lines that are links without a script's help
GRID = 5  # units: numbers that come again and again weigh little when compressed
MARGIN = 18
TEXT, NAME_TEXT = 15.0, 21.0  # font sizes; static/css/graph.css has the same
# Up to so many nodes: the drawing's class, and how much larger marks and text are than in a full one.
ROOMY = {30: ("roomy", 1.5, 1.5), 70: ("close", 1.2, 1.3), 1000: ("dense", 1.0, 1.2)}
LABEL_LENGTH = 34
CENTRE_LENGTHS = (34, 26, 18, 12)  # tried in turn
LABELLED = {"person": 12, "topic": 16, "institution": 6, "work": 8}
FEW = 12  # so many of a kind are listed at once; the rest is folded
KINDS_OF_EDGES = ("co-wrote", "wrote", "about", "affiliated", "cites")  # those drawn last lie on top
INWARD = {"co-wrote": 0.45, "cites": 0.6}  # how far these edges bend towards the centre: 1 is straight
WORDS = {
    "person": ("person", "people"),
    "work": ("work", "works"),
    "topic": ("topic", "topics"),
    "institution": ("institution", "institutions"),
}
RANKED = {"person": "closest first", "work": "newest first", "topic": "most frequent first", "institution": "most frequent first"}
# What is ranked otherwise around a centre of another kind.
RANKED_AROUND: dict[str, dict[str, str]] = {
    "work": {"person": "first in the byline first", "work": "citations, then works of the same people"},
    "topic": {"person": "most works on it first", "work": "newest first, those of people shown before others"},
    "institution": {"person": "most works there first", "work": "newest first, those of people shown before others"},
}
# How to read the map, by the kind of its centre.
KEYS = {
    "person": "People stand clockwise by the year of the first joint work, works by their year. The nearer, the stronger the tie.",
    "work": "People stand clockwise in the order of the byline, but for groups, which stand together; works by their year.",
    "topic": "People stand clockwise by the year of their first work on it, works by their year. The nearer, the more works.",
    "institution": "People stand clockwise by the year of their first work there, works by their year. The nearer, the more works.",
}


@dataclass(frozen=True, slots=True)
class DrawnNode:
    """A node twice: as SVG with a link, and as an item of the list. Both are HTML whose text was escaped here."""

    kind: str
    label: str
    url: str
    svg: SafeString
    item: SafeString


def render_fragment(payload: dict[str, Any]) -> str:
    """The HTML of the slice: map, legend and list. No queries.

    The frame is a template; the hundreds of nodes, items and edges inside it are put together here, since a template takes five times as
    long for them.
    """
    nodes = payload["nodes"]
    numbers = {node["id"]: number for number, node in enumerate(nodes)}
    words = words_of(payload)
    centre_kind = nodes[0]["kind"]
    evidence = addresses_of_edges(payload)
    density, scale, text = next(setting for most, setting in ROOMY.items() if len(nodes) <= most)
    marks = marks_of(nodes, scale=scale, text=text)
    labels = place_labels(list(wanted(nodes, marks)), marks, FRAME)
    drawn = [
        draw(node, mark, number=number, words=words[node["id"]], label=labels.get(mark.id), why=evidence.get(node["id"], ""))
        for number, (node, mark) in enumerate(zip(nodes, marks, strict=True))
    ]
    centre, *others = drawn
    bend = partial(bend_of, centres={payload["centre"]})
    lines = lines_of(payload["edges"], marks, bend)
    is_bundled = len(payload["edges"]) > MOST_LINKED
    return render_to_string(
        "graph/fragment.html",
        {
            "centre": centre,
            "nodes": mark_safe("".join(node.svg for node in drawn)) if others else "",
            "edges": mark_safe(bundled(lines) if is_bundled else linked(lines)),
            "is_bundled": is_bundled,
            "groups": [group for kind in WORDS if (group := group_of(kind, others))],
            "key": KEYS[centre_kind],
            "communities": [group | {"lead": nodes[numbers[group["lead"]]]} for group in payload["communities"]],
            "cuts": [
                cut_sentence(kind, total, around=centre_kind)
                for kind, total in payload["totals"].items()
                if kind in WORDS and total["shown"]
            ],
            "references": payload["coverage"].get("references"),
            "totals": payload["totals"],
            "density": density,
            "view_box": view_box(marks, labels),
        },
    )


def draw(node: dict[str, Any], mark: Mark, *, number: int, words: str, label: Label | None, why: str) -> DrawnNode:
    """The node as SVG and as a list item; `why` is the page of its edge to the centre.

    What comes from the record (label, address, words) is escaped; the rest is numbers.
    """
    svg = node_svg(node, mark, label, href=node["url"], is_centre=number == 0)
    name, href, said = escape(node["label"]), escape(node["url"]), escape(words)
    if why and said:
        said = mark_safe(f'<a href="{escape(why)}">{said}</a>')  # both were escaped
    item = f'<li><a href="{href}">{name}</a>{f" <span>{said}</span>" if said else ""}</li>'
    return DrawnNode(node["kind"], node["label"], node["url"], mark_safe(svg), mark_safe(item))


def node_svg(
    node: dict[str, Any], mark: Mark, label: Label | None, *, href: str, is_centre: bool, attribute: str = "", words: str = ""
) -> str:
    """A node as a link with this attribute of ours. It has a title unless its label is all that the title would say. Text is escaped."""
    kind = "is-centre" if is_centre else f"kind-{node['kind']}"
    name = f"{node['label']}: {words}" if words else node["label"]
    title = "" if label and mark.text == name else f"<title>{escape(name)}</title>"
    return (
        f'<a class="node {kind}" href="{escape(href)}"{attribute}><path d="{shape_of(node["kind"], mark)}"/>'
        f"{title}{label_svg(mark, label)}</a>"
    )


def group_of(kind: str, nodes: Iterable[DrawnNode]) -> dict[str, Any] | None:
    members = [node for node in nodes if node.kind == kind]
    if not members:
        return None
    first, rest = members[:FEW], members[FEW:]
    return {
        "kind": kind,
        "name": WORDS[kind][1],
        "count": len(members),
        "first": mark_safe("\n".join(node.item for node in first)),
        "rest": mark_safe("\n".join(node.item for node in rest)),
        "rest_count": len(rest),
    }


def marks_of(nodes: list[dict[str, Any]], *, scale: float, text: float) -> list[Mark]:
    """Where the nodes are drawn: each at a crossing of the GRID of its own, so that the end of a line says which node it is."""
    taken: set[tuple[int, int]] = set()
    marks = []
    for number, node in enumerate(nodes):
        x, y = (GRID * round(node[axis] * unit / GRID) for axis, unit in (("x", ACROSS), ("y", DOWN)))
        while (x, y) in taken:
            x += GRID
        taken.add((x, y))
        away = hypot(node["x"], node["y"])
        reach = hypot(x, y) * OUTSIDE / away if node["kind"] == "person" and away else 0.0
        size = text * (TEXT if number else NAME_TEXT)
        marks.append(Mark(node["id"], x, y, node["size"] * RADIUS * scale, short(node["label"]), size, reach))
    if marks:
        marks[0] = legible(marks[0], nodes[0]["label"], marks, FRAME)
    return marks


def legible(centre: Mark, label: str, marks: Sequence[Mark], frame: Box) -> Mark:
    """The centre with its name cut so far that it finds a place among the marks."""
    cuts = (replace(centre, text=short(label, length)) for length in CENTRE_LENGTHS)
    return next((mark for mark in cuts if place_labels([mark], marks, frame)), centre)


def view_box(marks: list[Mark], labels: dict[str, Label]) -> str:
    """The part of the drawing that holds something, with a margin."""
    boxes = [(mark.x - mark.radius, mark.y - mark.radius, mark.x + mark.radius, mark.y + mark.radius) for mark in marks]
    boxes += [label_box(mark, labels[mark.id]) for mark in marks if mark.id in labels]
    left, top = (round(min(box[side] for box in boxes)) - MARGIN for side in (0, 1))
    right, bottom = (round(max(box[side] for box in boxes)) + MARGIN for side in (2, 3))
    return f"{left} {top} {right - left} {bottom - top}"


def short(text: str, length: int = LABEL_LENGTH) -> str:
    """`text` cut at a word to what fits beside a node.

    >>> short("Rethinking Robust Representation Learning Under Fine-grained Noisy Faces")
    'Rethinking Robust Representation…'
    """
    if len(text) <= length:
        return text
    head = text[: length - 1]
    return (head.rpartition(" ")[0] or head).rstrip(" ,:;-–") + "…"


def wanted(nodes: list[dict[str, Any]], marks: list[Mark]) -> Iterable[Mark]:
    """The centre, then the first of each kind, people and topics before the rest: who gets a label if there is room."""
    yield marks[0]
    for kind, most in LABELLED.items():
        yield from [mark for node, mark in zip(nodes[1:], marks[1:], strict=True) if node["kind"] == kind][:most]


def shape_of(kind: str, mark: Mark) -> str:
    """Circle, square, diamond, hexagon, as the way of a path: the kinds differ by shape, not by colour alone. Made of numbers only.

    >>> shape_of("work", Mark("", 3.2, -4, 7, "")), shape_of("topic", Mark("", 0, 0, 10, ""))
    ('M3 -4m-7-7h14v14h-14z', 'M0 0m0-12l12 12-12 12-12-12z')
    """
    r, half, high, d = (round(share * mark.radius) for share in (1, 0.5, 0.87, 1.2))
    outline = {
        "person": f"m{-r} 0a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0{-2 * r} 0",
        "work": f"m{-r}{-r}h{2 * r}v{2 * r}h{-2 * r}z",
        "topic": f"m0{-d}l{d} {d}{-d} {d}{-d}{-d}z",
        "institution": f"m{-r} 0l{half}{-high}h{r}l{half} {high}{-half} {high}h{-r}z",
    }
    return f"M{mark.x:.0f} {mark.y:.0f}{outline[kind]}"


def label_svg(mark: Mark, label: Label | None) -> str:
    """The label of a node, and the line that leads to one that stands apart. The text is escaped."""
    if label is None:
        return ""
    leader = f'<path class="leader" d="M{mark.x:.0f} {mark.y:.0f}L{label.leader[0]:.0f} {label.leader[1]:.0f}"/>' if label.leader else ""
    anchor = "" if label.anchor == "start" else f' class="{label.anchor}"'
    return f'{leader}<text x="{label.x:.0f}" y="{label.y:.0f}"{anchor}>{escape(mark.text)}</text>'


def bend_of(edge: dict[str, Any], a: Mark, b: Mark, centres: Container[str]) -> Point | None:
    """The point towards which an edge bends; None for a straight one, as all are that begin or end at a centre."""
    bend = INWARD.get(edge["kind"], 1.0)
    if bend == 1.0 or a.id in centres or b.id in centres:
        return None
    return (a.x + b.x) / 2 * bend, (a.y + b.y) / 2 * bend


Bend = Callable[[dict[str, Any], Mark, Mark], Point | None]


Lines = dict[str, list[tuple[str, dict[str, Any]]]]


def lines_of(edges: Iterable[dict[str, Any]], among: Sequence[Mark], bend: Bend) -> Lines:
    """The ways of lines, each with its edge, in groups by what is drawn alike: the kind, and between people the evidence, which makes a
    line wider. A line leads from the node that the address of its edge names last to the one that it names first."""
    groups: Lines = defaultdict(list)
    places = {mark.id: place for place, mark in enumerate(among)}
    rows = []
    for edge in edges:
        one, other = (places[node] for node in in_address(edge["source"], edge["target"]))
        rows.append((KINDS_OF_EDGES.index(edge["kind"]), one, other, edge))
    for _, one, other, edge in sorted(rows, key=lambda row: row[:3]):
        first, last = among[other], among[one]
        point = bend(edge, first, last)
        way = f"Q{point[0]:.0f} {point[1]:.0f} " if point else "L"
        group = group_of_edge(edge, is_bent=point is not None)
        groups[group].append((f"M{first.x:.0f} {first.y:.0f}{way}{last.x:.0f} {last.y:.0f}", edge))
    return groups


def linked(lines: Lines) -> str:
    """Each line as a link to the page of its edge."""
    parts = []
    for group, members in lines.items():
        links = (f'<a href="{escape(edge["url"])}" tabindex="-1"><path d="{way}"/></a>' for way, edge in members)
        parts.append(f'<g class="{group}">{"".join(links)}</g>')
    return "".join(parts)


def bundled(lines: Lines) -> str:
    """Each group as one path, of which static/js/slice.js makes links: four hundred addresses would be a sixth of what a slice weighs."""
    return "".join(f'<path class="{group}" d="{"".join(way for way, _ in members)}"/>' for group, members in lines.items())


def group_of_edge(edge: dict[str, Any], *, is_bent: bool) -> str:
    if edge["kind"] != "co-wrote":
        return str(edge["kind"])
    width = f" w{min(4, edge['evidence'])}" if edge["evidence"] > 1 else ""
    return f"co-wrote{' among' if is_bent else ''}{width}"


def addresses_of_edges(payload: dict[str, Any]) -> dict[str, str]:
    """For each node that something ties to the centre, the page of that edge: also for the topics of a person's works, to which the map
    draws no line of the person's own."""
    centre = payload["centre"]
    urls = {}
    for edge in payload["edges"]:
        ends = {edge["source"], edge["target"]}
        if centre in ends:
            urls[next(iter(ends - {centre}))] = edge["url"]
        elif edge["kind"] == "about" and centre.startswith("person:"):
            base = edge["url"].removesuffix(f"{edge['source']}/{edge['target']}/")
            urls[edge["target"]] = f"{base}{'/'.join(in_address(centre, edge['target']))}/"
    return urls


def words_of(payload: dict[str, Any]) -> dict[str, str]:
    """What each node is to the centre, in words: "3 joint works, 2019–2024", "2 works", "4 people", "2021, cited here"."""
    centre = payload["centre"]
    words = {node["id"]: str(node["year"]) if node["kind"] == "work" and node["year"] else "" for node in payload["nodes"]}
    counts: dict[str, int] = {}
    said: dict[str, str] = {}
    for edge in payload["edges"]:
        ends = {edge["source"], edge["target"]}
        other = next(iter(ends - {centre}))
        if centre in ends and "years" in edge:
            said[other] = joined(edge["evidence"], edge["years"], "joint work" if edge["kind"] == "co-wrote" else "work")
        elif centre in ends and edge["kind"] == "cites":
            words[other] = ", ".join(filter(None, [words[other], "cited here" if edge["source"] == centre else "cites this work"]))
        elif edge["kind"] in {"about", "affiliated"}:
            counts[edge["target"]] = counts.get(edge["target"], 0) + 1
    for node, count in counts.items():
        if node != centre:
            noun = WORDS["work" if node.startswith("topic:") else "person"]
            words[node] = f"{count} {noun[count != 1]}"
    return words | said


def joined(works: int, years: list[int | None], noun: str = "joint work") -> str:
    """Strength in words.

    >>> joined(3, [2019, 2024]), joined(1, [2022, 2022]), joined(2, [None, None])
    ('3 joint works, 2019–2024', '1 joint work, 2022', '2 joint works')
    """
    first, last = years
    span = "" if first is None else f", {first}" if first == last else f", {first}–{last}"
    return f"{works:,} {noun}{'s' if works != 1 else ''}{span}"


def cut_sentence(kind: str, total: dict[str, int], *, around: str = "person") -> str:
    """How much of a kind is shown, and by which rank it was cut.

    >>> cut_sentence("person", {"shown": 80, "known": 2310}), cut_sentence("work", {"shown": 1, "known": 1})
    ('80 of 2,310 people, closest first', '1 work')
    """
    shown, known = total["shown"], total["known"]
    if shown < known:
        return f"{shown:,} of {known:,} {WORDS[kind][1]}, {RANKED_AROUND.get(around, RANKED).get(kind, RANKED[kind])}"
    return f"{shown:,} {WORDS[kind][shown != 1]}"
