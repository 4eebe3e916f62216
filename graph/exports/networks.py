"""A payload as a file that network programs read: GraphML and GEXF, both written by networkx."""

from __future__ import annotations

import io
from typing import Any

import networkx as nx

from graph.exports.characters import NOT_XML
from graph.exports.colours import LIGHT, rgb

NODE_KEYS = ("kind", "label", "x", "y", "size", "community", "year")
EDGE_KEYS = ("kind", "weight", "evidence")


def network(payload: dict[str, Any], site: str) -> nx.DiGraph[str]:
    """The payload as a directed graph with plain attributes; what is unknown (None) is left out, `years` become two numbers.

    Directed, since who cites or wrote what has a direction; of a tie between two people either end may be the source.
    """
    graph: nx.DiGraph[str] = nx.DiGraph(centre=payload["centre"] or "", built_at=payload["built_at"], version=payload["version"])
    for node in payload["nodes"]:
        graph.add_node(node["id"], **plain({key: node.get(key) for key in NODE_KEYS} | {"url": absolute(node, site)}))
    for edge in payload["edges"]:
        first, last = edge.get("years") or (None, None)
        extra = {"first_year": first, "last_year": last, "url": absolute(edge, site)}
        graph.add_edge(edge["source"], edge["target"], **plain({key: edge.get(key) for key in EDGE_KEYS} | extra))
    return graph


def absolute(thing: dict[str, Any], site: str) -> str | None:
    return site + thing["url"] if thing.get("url") else None


def plain(data: dict[str, Any]) -> dict[str, Any]:
    """What is known, without the characters that no XML file may hold; positions and weights always as fractions."""
    return {
        key: NOT_XML.sub("", value) if isinstance(value, str) else float(value) if key in {"x", "y", "weight"} else value
        for key, value in data.items()
        if value is not None
    }


def graphml(payload: dict[str, Any], site: str) -> bytes:
    out = io.BytesIO()
    nx.write_graphml_xml(network(payload, site), out, encoding="utf-8", prettyprint=True)
    return out.getvalue()


def gexf(payload: dict[str, Any], site: str) -> bytes:
    """GEXF 1.2 with position (y up, as Gephi has it), size and colour as Gephi's own properties beside the attributes."""
    graph = network(payload, site)
    for _, data in graph.nodes(data=True):
        red, green, blue = rgb(LIGHT[data["kind"]])
        data["viz"] = {
            "position": {"x": 1000 * data["x"], "y": -1000 * data["y"], "z": 0.0},
            "size": float(data["size"]),
            "color": {"r": red, "g": green, "b": blue, "a": 1.0},
        }
    out = io.BytesIO()
    nx.write_gexf(graph, out, encoding="utf-8", prettyprint=True, version="1.2draft")
    return out.getvalue()
