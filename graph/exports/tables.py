"""The edges of a payload as a table."""

from __future__ import annotations

import csv
import io
from typing import Any

COLUMNS = ("source", "source_label", "kind", "target", "target_label", "weight", "evidence", "first_year", "last_year", "url")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def edges_table(payload: dict[str, Any], site: str) -> str:
    """One line an edge, in the order of the payload, with the labels of both ends.

    A spreadsheet takes a text that begins as a formula for one: such a text gets an apostrophe before it, which spreadsheets show
    as nothing. Numbers are numbers and stay as they are.
    """
    labels = {node["id"]: node["label"] for node in payload["nodes"]}
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for edge in payload["edges"]:
        first, last = edge.get("years") or (None, None)
        row = (
            edge["source"],
            labels[edge["source"]],
            edge["kind"],
            edge["target"],
            labels[edge["target"]],
            edge["weight"],
            edge["evidence"],
            first,
            last,
            site + edge["url"] if edge.get("url") else "",
        )
        writer.writerow([inert(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue()


def inert(text: str) -> str:
    """`text` such that no spreadsheet computes it.

    >>> inert("=HYPERLINK(1)"), inert("Li, H."), inert(" @x")
    ("'=HYPERLINK(1)", 'Li, H.', "' @x")
    """
    return f"'{text}" if text.lstrip(" \u00a0\ufeff").startswith(FORMULA) or text.startswith(FORMULA) else text
