"""What leaves the graph for other programs: a payload of the one JSON contract as picture, network file or table.

Pure: a payload in, bytes out. Nothing here asks a database, and the libraries that a format needs are imported when it is asked for:
networkx and Pillow are no part of an ordinary web process.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file. `write(payload, site)` gives its bytes; `site` is put before addresses, so that they work elsewhere."""

    name: str
    media_type: str
    words: str
    write: Callable[[Payload, str], bytes]


def write_json(payload: Payload, site: str) -> bytes:
    return json.dumps(payload, ensure_ascii=False).encode()


def write_csv(payload: Payload, site: str) -> bytes:
    from graph.exports.tables import edges_table

    return edges_table(payload, site).encode()


def write_graphml(payload: Payload, site: str) -> bytes:
    from graph.exports.networks import graphml

    return graphml(payload, site)


def write_gexf(payload: Payload, site: str) -> bytes:
    from graph.exports.networks import gexf

    return gexf(payload, site)


def write_svg(payload: Payload, site: str) -> bytes:
    from graph.exports.pictures import svg

    return svg(payload, site).encode()


def write_png(payload: Payload, site: str) -> bytes:
    from graph.exports.raster import png

    return png(payload, site)


FORMATS = {
    one.name: one
    for one in (
        Format("svg", "image/svg+xml", "a drawing, for slides and print", write_svg),
        Format("png", "image/png", "a picture, at double resolution", write_png),
        Format("graphml", "application/graphml+xml", "for yEd, Cytoscape, igraph, networkx", write_graphml),
        Format("gexf", "application/gexf+xml", "for Gephi, with positions and colours", write_gexf),
        Format("csv", "text/csv; charset=utf-8", "the connections as a table", write_csv),
        Format("json", "application/json", "the whole payload", write_json),
    )
}
