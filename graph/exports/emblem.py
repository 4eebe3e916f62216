"""A slice as a small drawing without words, for the picture of a page: who is near, at a glance."""

from __future__ import annotations

from typing import Any

from PIL import Image, ImageDraw

from graph.exports.colours import EDGES, LIGHT, mixed, rgb
from graph.exports.raster import Pen
from graph.exports.scene import mark_of

FINER = 2  # drawn this much larger and scaled down, which smooths it
ROOM = 40  # pixels around the drawing
GROWN = 1.9  # marks are read at a tenth of a page's size
CENTRE = 1.5


def emblem(payload: dict[str, Any], width: int, height: int) -> Image.Image:
    """The drawing in this size, on the ground of a card. At most 150 nodes (graph.slices), some 20 ms of one processor."""
    nodes = payload["nodes"]
    marks = {node["id"]: mark_of(node, GROWN, 0.0, outside=True) for node in nodes}
    xs, ys = [mark.x for mark in marks.values()] or [0.0], [mark.y for mark in marks.values()] or [0.0]
    across, down = max(1.0, max(xs) - min(xs)), max(1.0, max(ys) - min(ys))
    scale = min((width - 2 * ROOM) / across, (height - 2 * ROOM) / down, 1.0) * FINER
    left = (min(xs) + max(xs)) / 2 - width * FINER / scale / 2
    top = (min(ys) + max(ys)) / 2 - height * FINER / scale / 2
    image = Image.new("RGB", (width * FINER, height * FINER), LIGHT["surface"])
    pen = Pen(ImageDraw.Draw(image), left, top, scale)
    for edge in payload["edges"]:
        one, other = marks[edge["source"]], marks[edge["target"]]
        pen.line([(one.x, one.y), (other.x, other.y)], 2, mixed(LIGHT[EDGES[edge["kind"]]], LIGHT["surface"], 0.28))
    for node in nodes:
        is_centre = node["id"] == payload["centre"]
        mark = marks[node["id"]]
        if is_centre:
            mark = mark_of(node, GROWN * CENTRE, 0.0, outside=True)
        pen.shape(node["kind"], mark, rgb(LIGHT["ink" if is_centre else node["kind"]]))
    return image.resize((width, height), Image.Resampling.BOX)
