"""A slice as a file: every format is read back by a reader that is not ours."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import networkx as nx
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from networkx.utils import graphs_equal
from PIL import Image

from graph.exports import FORMATS
from graph.exports.colours import DARK, LIGHT
from graph.exports.networks import network
from graph.exports.tables import inert
from graph.models import Slice
from tests.graph.conftest import Cast

SITE = "https://bzpeer.example"
HOSTILE = "=cmd|'/C calc'!A0 <script>alert(1)</script> & \x0b\x00 ]]> 劉博"


def payload_of(label: str = HOSTILE, years: list[int | None] | None = None) -> dict[str, Any]:
    """A small payload with all kinds of nodes and edges, and whatever a registry may have sent as a name."""
    node = {"size": 12, "community": None, "year": None, "url": "/somewhere/?a=1&b=2"}
    ids = {"person:a": "person", "person:b": "person", "work:c": "work", "topic:d": "topic", "institution:e": "institution"}
    places = [(0.0, 0.0), (0.7, -0.3), (-0.2, 0.4), (-0.5, 0.8), (0.5, 0.8)]
    return {
        "version": 1,
        "built_at": "2026-01-02T03:04:05+00:00",
        "centre": "person:a",
        "parameters": {},
        "nodes": [
            node | {"id": id_, "kind": kind, "label": label, "x": x, "y": y}
            for (id_, kind), (x, y) in zip(ids.items(), places, strict=True)
        ],
        "edges": [
            {"source": "person:a", "target": "person:b", "kind": "co-wrote", "weight": 0.5, "evidence": 3, "years": years or [2019, 2024]},
            {"source": "person:a", "target": "work:c", "kind": "wrote", "weight": 1.0, "evidence": 1},
            {"source": "work:c", "target": "topic:d", "kind": "about", "weight": 1.0, "evidence": 1},
            {"source": "person:b", "target": "institution:e", "kind": "affiliated", "weight": 2.0, "evidence": 2},
        ],
        "totals": {kind: {"shown": 1, "known": 2310} for kind in ("person", "work", "topic", "institution")},
        "coverage": {},
    }


def written(name: str, payload: dict[str, Any]) -> bytes:
    return FORMATS[name].write(payload, SITE)


@pytest.fixture
def built(cast: Cast) -> Cast:
    cast.count()
    cast.build()
    return cast


def ask(client, cast: Cast, name: str, **headers):
    return client.get(f"/researchers/{cast.boxiao.slug}/graph/?format={name}", headers=headers)


def bare(graph: Any) -> Any:
    """A graph that was read, without what the format itself adds to nodes and edges."""
    for data in (*(data for _, data in graph.nodes(data=True)), *(data for *_, data in graph.edges(data=True))):
        data.pop("viz", None)
        data.pop("id", None)
    return graph


def same_but_for_graph_data(one: Any, other: Any) -> bool:
    one.graph, other.graph = {}, {}
    return graphs_equal(one, other)


@pytest.mark.parametrize(("name", "read"), [("graphml", nx.read_graphml), ("gexf", nx.read_gexf)])
def test_network_files_are_read_back_as_they_were(built: Cast, client, name, read):
    """Equal nodes, edges, directions and attributes."""
    payload: Any = Slice.objects.get(author=built.boxiao).payload
    response = ask(client, built, name)
    assert response["Content-Disposition"] == f'attachment; filename="{built.boxiao.slug}-graph.{name}"'
    graph = read(io.BytesIO(response.content))
    assert graph.number_of_nodes() == len(payload["nodes"]) == 11
    assert graph.number_of_edges() == len(payload["edges"]) == 24
    assert same_but_for_graph_data(bare(graph), network(payload, settings.SITE_URL))
    assert graph.nodes[payload["centre"]]["url"] == f"{settings.SITE_URL}{built.boxiao.get_absolute_url()}"


@pytest.mark.parametrize(("name", "read"), [("graphml", nx.read_graphml), ("gexf", nx.read_gexf)])
def test_network_files_hold_whatever_a_registry_sends(name, read):
    payload = payload_of()
    graph = read(io.BytesIO(written(name, payload)))
    assert same_but_for_graph_data(bare(graph), network(payload, SITE))
    assert graph.nodes["person:a"]["label"] == "=cmd|'/C calc'!A0 <script>alert(1)</script> &  ]]> 劉博"


def test_unknown_years_are_left_out():
    graph = nx.read_graphml(io.BytesIO(written("graphml", payload_of(years=[None, None]))))
    assert "first_year" not in graph.edges["person:a", "person:b"]


def test_gexf_has_positions_and_colours_for_gephi():
    graph = nx.read_gexf(io.BytesIO(written("gexf", payload_of())))
    viz = graph.nodes["person:b"]["viz"]
    assert viz["position"] == {"x": 700.0, "y": 300.0, "z": 0.0}
    assert (viz["color"]["r"], viz["color"]["g"], viz["color"]["b"]) == (12, 74, 112)


@pytest.mark.parametrize("label", ["Boxiao Liu", HOSTILE])
def test_the_drawing_is_valid_and_stands_alone(label):
    """Well-formed, of SVG elements only, no script, and nothing that is loaded from anywhere."""
    text = written("svg", payload_of(label))
    tree: Any = etree.fromstring(text)
    names = {etree.QName(element).localname for element in tree.iter()}
    assert names <= {"svg", "title", "desc", "style", "rect", "g", "path", "circle", "text"}
    assert {etree.QName(element).namespace for element in tree.iter()} == {"http://www.w3.org/2000/svg"}
    attributes = {name for element in tree.iter() for name in element.attrib}
    assert not {name for name in map(str, attributes) if "href" in name or name.startswith("on") or name == "src"}
    assert not re.search(rb"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", text)
    style = tree.findtext("{http://www.w3.org/2000/svg}style")
    assert "@media (prefers-color-scheme:dark)" in style
    assert "var(" not in style
    classes = {element.get("class") for element in tree.iter("{http://www.w3.org/2000/svg}g")}
    assert {"person c", "person", "work", "topic", "institution"} <= classes
    assert "1 of 2,310 people, closest first" in tree.findtext("{http://www.w3.org/2000/svg}desc")


def test_the_drawing_shows_every_node_and_edge_of_a_slice(built: Cast, client):
    payload: Any = Slice.objects.get(author=built.boxiao).payload
    tree: Any = etree.fromstring(ask(client, built, "svg").content)
    titles = [element.text for element in tree.iter("{http://www.w3.org/2000/svg}title")][1:]
    assert [title.partition(":")[0] for title in titles] == [node["label"] for node in payload["nodes"]]
    edges = tree.find("{http://www.w3.org/2000/svg}g[@class='e']")
    assert sum(len(group) for group in edges) == len(payload["edges"])


def test_the_picture_is_at_double_resolution(built: Cast, client):
    response = ask(client, built, "png")
    picture = Image.open(io.BytesIO(response.content))
    drawing: Any = etree.fromstring(ask(client, built, "svg").content)
    assert picture.size == (2 * int(drawing.get("width")), 2 * int(drawing.get("height")))
    assert round(picture.info["dpi"][0]) == 144
    colours = {colour for _, colour in picture.convert("RGB").getcolors(maxcolors=1 << 20)}
    assert len(colours) > 20
    assert written("png", payload_of())[:8] == b"\x89PNG\r\n\x1a\n"


def test_the_table_holds_no_formula():
    rows = list(csv.DictReader(io.StringIO(written("csv", payload_of()).decode())))
    assert [(row["source"], row["kind"], row["target"]) for row in rows][:2] == [
        ("person:a", "co-wrote", "person:b"),
        ("person:a", "wrote", "work:c"),
    ]
    assert rows[0]["source_label"] == "'" + HOSTILE
    assert [rows[0][key] for key in ("weight", "evidence", "first_year", "last_year")] == ["0.5", "3", "2019", "2024"]


@given(st.text())
def test_no_cell_begins_as_a_formula(text):
    cell = inert(text)
    assert cell.removeprefix("'") == text or cell == text
    assert not cell.lstrip(" \u00a0\ufeff").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_json_is_the_stored_payload(built: Cast, client):
    response = ask(client, built, "json")
    assert json.loads(response.content) == Slice.objects.get(author=built.boxiao).payload
    assert "Content-Disposition" not in response


@pytest.mark.parametrize("name", list(FORMATS))
def test_a_file_that_is_known_is_not_sent_again(built: Cast, client, name, django_assert_num_queries):
    with django_assert_num_queries(1):
        first = ask(client, built, name)
    assert first["Content-Type"].partition(";")[0] == FORMATS[name].media_type.partition(";")[0]
    again = ask(client, built, name, if_none_match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert ask(client, built, "svg" if name != "svg" else "png", if_none_match=first["ETag"]).status_code == 200


@pytest.mark.parametrize("name", list(FORMATS))
def test_before_the_first_build_every_format_says_so(cast: Cast, client, name):
    response = ask(client, cast, name)
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_the_page_offers_each_format(built: Cast, client):
    page = client.get(f"/researchers/{built.boxiao.slug}/graph/").content.decode()
    assert re.findall(r'href="\?format=(\w+)"', page) == list(FORMATS)


def test_exported_colours_are_those_of_the_site():
    css = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    for colours, part in ((LIGHT, light), (DARK, dark)):
        declared = dict(re.findall(r"--([\w-]+): (#\w{6});", part))
        assert {name: declared[name] for name in colours} == colours
