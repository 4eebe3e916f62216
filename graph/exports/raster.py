"""A payload as a PNG at double resolution, drawn by Pillow from the same scene as the SVG."""

from __future__ import annotations

import io
from functools import cache
from itertools import pairwise
from math import hypot
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from graph.drawing import WORDS
from graph.exports.characters import NOT_XML
from graph.exports.colours import EDGES, LIGHT, mixed, rgb
from graph.exports.scene import FOOT, Scene, scene
from graph.layout import Label, Mark

RESOLUTION = 2  # pixels a unit of the drawing
SMOOTHED = 2_000_000  # square units; a larger picture would take hundreds of megabytes to smooth
FINER = 2  # lines and shapes are drawn this much larger and scaled down, which smooths them
DASHES = {"about": (5, 4), "affiliated": (2, 4), "cites": (8, 4)}
# Fonts as systems name their files; what Pillow itself brings knows European letters.
FONTS = ("NotoSans-Regular.ttf", "DejaVuSans.ttf", "Arial.ttf")
WIDE_FONTS = ("NotoSansCJK-Regular.ttc", "NotoSerifCJK-Regular.ttc", "wqy-microhei.ttc")
Ink = tuple[int, int, int]


def png(payload: dict[str, Any], site: str) -> bytes:
    """The picture, about 2,700 pixels wide for a full slice, with 144 dots an inch noted in it. Half a second of one processor."""
    drawn = scene(payload)
    left, top, width, height = drawn.box
    finer = FINER if width * height <= SMOOTHED else 1
    large = Image.new("RGB", (width * RESOLUTION * finer, height * RESOLUTION * finer), LIGHT["surface"])
    pen = Pen(ImageDraw.Draw(large), left, top, RESOLUTION * finer)
    numbers = {node["id"]: number for number, node in enumerate(drawn.nodes)}
    for edge in payload["edges"]:
        draw_edge(pen, edge, drawn, numbers)
    for node, mark in zip(drawn.nodes, drawn.marks, strict=True):
        label = drawn.labels.get(mark.id)
        if label and label.leader:
            pen.line([(mark.x, mark.y), label.leader], 1, rgb(LIGHT["line-strong"]))
        pen.shape(node["kind"], mark, rgb(LIGHT["ink" if node["id"] in drawn.centres else node["kind"]]))
    keys = legend(drawn)
    for kind, mark, _ in keys:
        pen.shape(kind, mark, rgb(LIGHT[kind]))
    small = large.resize((width * RESOLUTION, height * RESOLUTION), Image.Resampling.BOX)
    pen = Pen(ImageDraw.Draw(small), left, top, RESOLUTION)
    for node, mark in zip(drawn.nodes, drawn.marks, strict=True):
        if label := drawn.labels.get(mark.id):
            soft = node["kind"] in {"work", "institution"} and node["id"] not in drawn.centres
            pen.text(mark.text, label, mark.size, rgb(LIGHT["ink-soft" if soft else "ink"]))
    for _, mark, words in keys:
        pen.text(words, Label(mark.x + 14, mark.y + 5, "start"), 15, rgb(LIGHT["ink"]))
    pen.text(drawn.foot, Label(left + 16, top + height - FOOT + 51, "start"), 13, rgb(LIGHT["ink-soft"]))
    out = io.BytesIO()
    small.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(out, "PNG", optimize=True, dpi=(144, 144))
    return out.getvalue()


class Pen:
    """Draws in the units of the scene."""

    def __init__(self, draw: ImageDraw.ImageDraw, left: float, top: float, scale: float) -> None:
        self.draw, self.left, self.top, self.scale = draw, left, top, scale

    def at(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.left) * self.scale, (y - self.top) * self.scale

    def line(self, points: list[tuple[float, float]], width: float, ink: Ink) -> None:
        self.draw.line([self.at(*point) for point in points], fill=ink, width=max(1, round(width * self.scale)), joint="curve")

    def shape(self, kind: str, mark: Mark, ink: Ink) -> None:
        """The same four shapes as graph.drawing.shape_of, each with a rim in the ground's colour."""
        for radius, colour in ((mark.radius + 1, rgb(LIGHT["surface"])), (mark.radius - 1, ink)):
            x, y, r = *self.at(mark.x, mark.y), radius * self.scale
            if kind == "person":
                self.draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)
            elif kind == "work":
                self.draw.rounded_rectangle((x - r, y - r, x + r, y + r), radius=2 * self.scale, fill=colour)
            elif kind == "topic":
                d = 1.2 * r
                self.draw.polygon([(x, y - d), (x + d, y), (x, y + d), (x - d, y)], fill=colour)
            else:
                half, high = r / 2, 0.87 * r
                corners = [(x - r, y), (x - half, y - high), (x + half, y - high), (x + r, y), (x + half, y + high), (x - half, y + high)]
                self.draw.polygon(corners, fill=colour)

    def text(self, text: str, label: Label, size: float, ink: Ink) -> None:
        clean = NOT_XML.sub("", text).replace("\n", " ").replace("\r", " ")
        anchor = {"start": "ls", "middle": "ms", "end": "rs"}[label.anchor]
        self.draw.text(
            self.at(label.x, label.y),
            clean,
            font=font(round(size * self.scale), is_wide(clean)),
            fill=ink,
            anchor=anchor,
            stroke_width=round(self.scale),
            stroke_fill=LIGHT["surface"],
        )


def draw_edge(pen: Pen, edge: dict[str, Any], drawn: Scene, numbers: dict[str, int]) -> None:
    a, b = drawn.marks[numbers[edge["source"]]], drawn.marks[numbers[edge["target"]]]
    bend = drawn.bend(edge, a, b)
    width = 1 + 0.5 * min(4, edge["evidence"]) - 0.3
    ink = mixed(LIGHT[EDGES[edge["kind"]]], LIGHT["surface"], 0.4)
    points = curve((a.x, a.y), bend, (b.x, b.y)) if bend else [(a.x, a.y), (b.x, b.y)]
    for piece in dashed(points, *DASHES[edge["kind"]]) if edge["kind"] in DASHES else [points]:
        pen.line(piece, width, ink)


def curve(a: tuple[float, float], by: tuple[float, float], b: tuple[float, float], pieces: int = 16) -> list[tuple[float, float]]:
    """Points of the quadratic curve from a to b that bends towards `by`."""
    points = []
    for step in range(pieces + 1):
        t = step / pieces
        points.append(
            (
                (1 - t) ** 2 * a[0] + 2 * t * (1 - t) * by[0] + t * t * b[0],
                (1 - t) ** 2 * a[1] + 2 * t * (1 - t) * by[1] + t * t * b[1],
            )
        )
    return points


def dashed(points: list[tuple[float, float]], on: float, off: float) -> list[list[tuple[float, float]]]:
    """A line in dashes.

    >>> dashed([(0.0, 0.0), (10.0, 0.0)], 4, 4)
    [[(0.0, 0.0), (4.0, 0.0)], [(8.0, 0.0), (10.0, 0.0)]]
    """
    pieces = []
    for (x, y), (to_x, to_y) in pairwise(points):
        length = hypot(to_x - x, to_y - y)
        at = 0.0
        while at < length:
            shares = (at / length, min(at + on, length) / length)
            pieces.append([(x + (to_x - x) * share, y + (to_y - y) * share) for share in shares])
            at += on + off
    return pieces


def legend(drawn: Scene) -> list[tuple[str, Mark, str]]:
    left, top, _, height = drawn.box
    x, y = left + 24, top + height - FOOT + 22
    keys = []
    for kind, count in drawn.counts.items():
        if count:
            words = f"{WORDS[kind][count != 1].capitalize()} {count:,}"
            keys.append((kind, Mark(kind, x, y, 7, ""), words))
            x += 44 + round(8.5 * len(words))
    return keys


def is_wide(text: str) -> bool:
    return any(letter >= "\u2e80" for letter in text)


@cache
def font(size: int, wide: bool) -> Any:
    """The first font of the system that can be had in this size: for Chinese, Japanese and Korean letters one that has them."""
    for name in (*WIDE_FONTS, *FONTS) if wide else FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)
