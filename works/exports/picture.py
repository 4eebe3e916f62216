"""The picture that a shared link shows: 1200 by 630 pixels, as those who show it ask for. Pure, but for the fonts of the system.

Web processes import it when a picture is asked for: Pillow is no part of an ordinary page.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from works.exports.names import one_line

WIDTH, HEIGHT = 1200, 630
MARGIN = 72
DRAWING = (480, HEIGHT)  # room at the right for a drawing
# The colours of static/css/tokens.css in the light; a test compares the two.
PAPER, SURFACE, INK, SOFT, ACCENT, LINE = "#f5f6f3", "#fdfdfc", "#16202a", "#505d68", "#0c4a70", "#d3d9d7"
HEADING_SIZES = (76, 64, 54, 46, 38)
MOST_HEADING_LINES = 4
LINE_SIZE = 30
# Fonts as systems name their files, the first that is there; what Pillow itself brings knows European letters.
SERIF = ("NotoSerif-Regular.ttf", "DejaVuSerif.ttf", "Georgia.ttf", "NotoSans-Regular.ttf", "DejaVuSans.ttf")
SANS = ("NotoSans-Regular.ttf", "DejaVuSans.ttf", "Arial.ttf")
WIDE = ("NotoSerifCJK-Regular.ttc", "NotoSansCJK-Regular.ttc", "wqy-microhei.ttc")
LONGEST = 400  # characters of a line that are looked at


def picture(kind: str, heading: str, lines: Sequence[str], drawing: Image.Image | None = None) -> bytes:
    """A PNG: what it is of, its name, lines of facts, and at the right a drawing of DRAWING's size where there is one. It costs a tenth
    of a second of one processor at most, whatever it says.

    A name that does not fit is set smaller, then cut; each line of facts is cut where the room ends.
    """
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    room = WIDTH - 2 * MARGIN
    if drawing is not None:
        image.paste(drawing, (WIDTH - DRAWING[0], 0))
        draw.line((WIDTH - DRAWING[0], 0, WIDTH - DRAWING[0], HEIGHT), LINE, 2)
        room -= DRAWING[0]
    draw.rectangle((0, 0, WIDTH, 8), INK)
    draw_mark(draw, MARGIN, 74)
    draw.text((MARGIN + 76, 74), "BZPEER", INK, font(SERIF, 34), anchor="lm")
    below = HEIGHT - MARGIN
    for line in reversed([text for text in map(one_line, lines) if text]):
        text = fitted(line, LINE_SIZE, SANS, room)
        draw.text((MARGIN, below), text, SOFT, font_for(text, SANS, LINE_SIZE), anchor="ls")
        below -= round(LINE_SIZE * 1.45)
    top = 150
    draw.text((MARGIN, top), one_line(kind), SOFT, font(SANS, 28), anchor="ls")
    size, wrapped = set_heading(one_line(heading), room, below - top - 12)
    at = top + 22.0
    for text in wrapped:
        draw.text((MARGIN, at), text, INK, font_for(text, SERIF, size), anchor="la")
        at += size * 1.2
    out = io.BytesIO()
    image.quantize(128, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def draw_mark(draw: ImageDraw.ImageDraw, x: int, y: int) -> None:
    """The wordmark's two circles and the line between them."""
    draw.line((x + 14, y, x + 50, y), ACCENT, 4)
    draw.ellipse((x, y - 14, x + 28, y + 14), ACCENT)
    draw.ellipse((x + 38, y - 12, x + 62, y + 12), PAPER, ACCENT, 4)


def set_heading(text: str, room: float, high: float) -> tuple[int, list[str]]:
    """The largest size in which the heading fits, and its lines; in the smallest it is cut."""
    for size in HEADING_SIZES:
        found = wrapped_at(text, size, room)
        if len(found) <= MOST_HEADING_LINES and len(found) * size * 1.2 <= high:
            return size, found
    most = max(1, min(MOST_HEADING_LINES, int(high / (size * 1.2))))
    return size, [*found[: most - 1], fitted(" ".join(found[most - 1 :]), size, SERIF, room)]


def wrapped_at(text: str, size: int, room: float) -> list[str]:
    """The lines of `text` in this size. A word that is wider than the room, and text without spaces, breaks anywhere."""
    lines, line = [], ""
    for word in text[: 4 * LONGEST].split(" "):
        longer = f"{line} {word}" if line else word
        if width_of(longer, SERIF, size) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        while width_of(word, SERIF, size) > room:
            cut = fitting(word, SERIF, size, room)
            lines.append(word[:cut])
            word = word[cut:]
        line = word
    return [*lines, line] if line else lines


def fitted(text: str, size: int, names: tuple[str, ...], room: float) -> str:
    """`text`, or as much of it as fits with "…" at its end."""
    text = text[:LONGEST]
    if width_of(text, names, size) <= room:
        return text
    return text[: fitting(text, names, size, room - width_of("…", names, size))].rstrip(" ,;·") + "…"


def fitting(text: str, names: tuple[str, ...], size: int, room: float) -> int:
    """How many letters of `text` fit; at least one, so that whoever cuts comes to an end."""
    least, most = 1, max(1, len(text))
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if width_of(text[:middle], names, size) <= room else (least, middle - 1)
    return least


def width_of(text: str, names: tuple[str, ...], size: int) -> float:
    return float(font_for(text, names, size).getlength(text))


def font_for(text: str, names: tuple[str, ...], size: int) -> Any:
    """For Chinese, Japanese and Korean letters a font that has them."""
    return font((*WIDE, *names) if any(letter >= "\u2e80" for letter in text) else names, size)


@cache
def font(names: tuple[str, ...], size: int) -> Any:
    for name in names:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)
