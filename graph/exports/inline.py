"""A payload as a drawing inside a page: links instead of styles of its own, since static/css/graph.css has these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from graph.drawing import shape_of, words_of
from graph.exports.pictures import edge_path
from graph.exports.scene import FOOT, Scene, scene
from graph.layout import Mark

DENSITIES = {30: "roomy", 70: "close"}
WIDE = 1_500  # units: of several slices, which a frame shows a part of


def inline_svg(payload: dict[str, Any], href: Callable[[dict[str, Any]], str]) -> SafeString:
    """The map with a link on every node, to where `href` says, and on every edge, to its page. Text is escaped, the rest is numbers.

    Made for 300 nodes and fewer: of more the labels are fewer and the page is heavy.
    """
    drawn = scene(payload)
    left, top, width, height = drawn.box
    words = words_of(payload)
    numbers = {node["id"]: number for number, node in enumerate(drawn.nodes)}
    density = "wide" if width > WIDE else next((name for most, name in DENSITIES.items() if len(drawn.nodes) <= most), "dense")
    edges = "".join(
        f'<a href="{escape(edge["url"])}" tabindex="-1">{edge_path(edge, drawn, numbers)}</a>'
        for edge in payload["edges"]
        if edge.get("url")
    )
    nodes = "".join(
        node_link(node, mark, drawn, words.get(node["id"], ""), href(node)) for node, mark in zip(drawn.nodes, drawn.marks, strict=True)
    )
    return mark_safe(
        f'<svg class="slice-svg is-{density}" viewBox="{left} {top} {width} {height - FOOT}" role="group" '
        f'aria-label="Map; the list has the same in words">'
        f'<g class="edges" aria-hidden="true">{edges}</g><g class="nodes">{nodes}</g></svg>'
    )


def node_link(node: dict[str, Any], mark: Mark, drawn: Scene, words: str, href: str) -> str:
    label = drawn.labels.get(mark.id)
    name = f"{node['label']}: {words}" if words else node["label"]
    kind = "is-centre" if node["id"] in drawn.centres else f"kind-{node['kind']}"
    leader = (
        f'<path class="leader" d="M{mark.x:.0f} {mark.y:.0f}L{label.leader[0]:.0f} {label.leader[1]:.0f}"/>'
        if label and label.leader
        else ""
    )
    text = f'<text x="{label.x:.0f}" y="{label.y:.0f}" class="{label.anchor}">{escape(mark.text)}</text>' if label else ""
    return (
        f'<a class="node {kind}" href="{escape(href)}" data-go><title>{escape(name)}</title>'
        f"{shape_of(node['kind'], mark)}{leader}{text}</a>"
    )
