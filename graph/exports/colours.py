"""The colours of static/css/tokens.css, for files that leave the site and must hold their own. A test compares the two."""

from __future__ import annotations

LIGHT = {
    "surface": "#fdfdfc",
    "ink": "#16202a",
    "ink-soft": "#505d68",
    "line-strong": "#7d8a91",
    "person": "#0c4a70",
    "work": "#8a4f0b",
    "topic": "#2c6a3c",
    "institution": "#713c83",
}
DARK = {
    "surface": "#171f26",
    "ink": "#e6e9e5",
    "ink-soft": "#a5b0b7",
    "line-strong": "#6d7b85",
    "person": "#8fc4ea",
    "work": "#e6b072",
    "topic": "#8ccf9b",
    "institution": "#d3a5e3",
}
EDGES = {"co-wrote": "person", "wrote": "work", "about": "topic", "affiliated": "institution", "cites": "work"}


def rgb(colour: str) -> tuple[int, int, int]:
    """
    >>> rgb("#0c4a70")
    (12, 74, 112)
    """
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mixed(colour: str, ground: str, share: float) -> tuple[int, int, int]:
    """`share` of `colour` over `ground`, for drawings that know no transparency.

    >>> mixed("#000000", "#ffffff", 0.25)
    (191, 191, 191)
    """
    one, other = rgb(colour), rgb(ground)
    red, green, blue = (round(share * a + (1 - share) * b) for a, b in zip(one, other, strict=True))
    return red, green, blue
