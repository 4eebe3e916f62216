"""A payload as a drawing inside a page: links instead of styles of its own, since static/css/graph.css has these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from graph.drawing import lines_of, linked, node_svg, words_of
from graph.exports.scene import FOOT, scene

DENSITIES = {30: "roomy", 70: "close"}
WIDE = 1_500  # units: of several slices, which a frame shows a part of


def inline_svg(payload: dict[str, Any], href: Callable[[dict[str, Any]], str]) -> SafeString:
    """The map with a link on every node, to where `href` says, and on every edge, to its page. Text is escaped, the rest is numbers.

    Made for 300 nodes and fewer: of more the labels are fewer and the page is heavy.
    """
    drawn = scene(payload)
    left, top, width, height = drawn.box
    words = words_of(payload)
    density = "wide" if width > WIDE else next((name for most, name in DENSITIES.items() if len(drawn.nodes) <= most), "dense")
    lines = lines_of([edge for edge in payload["edges"] if edge.get("url")], drawn.marks, drawn.bend)
    nodes = "".join(
        node_svg(
            node,
            mark,
            drawn.labels.get(mark.id),
            href=href(node),
            attribute=" data-go",
            is_centre=node["id"] in drawn.centres,
            words=words.get(node["id"], ""),
        )
        for node, mark in zip(drawn.nodes, drawn.marks, strict=True)
    )
    return mark_safe(
        f'<svg class="slice-svg is-{density}" viewBox="{left} {top} {width} {height - FOOT}" role="group" '
        f'aria-label="Map; the list has the same in words">'
        f'<g class="edges" aria-hidden="true">{linked(lines)}</g><g class="nodes">{nodes}</g></svg>'
    )
