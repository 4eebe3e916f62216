"""The payload: exact for a small cast, within its bounds for any graph."""

import networkx as nx
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.communities import communities
from graph.loading.person import load_ego_network
from graph.slices import Limits, describe
from tests.factories.works import make_author, make_work
from tests.graph.conftest import Cast


def payload_of(author, **options):
    graph, centre = load_ego_network(author.pk)
    return describe(graph, centre=centre, version=1, built_at="2026-01-02T03:04:05+00:00", **options)


def test_the_payload_of_a_small_cast_is_exact(cast: Cast):
    cast.count()
    payload = payload_of(cast.boxiao)
    names = {node["id"]: node["label"] for node in payload["nodes"]}
    assert [(node["kind"], node["label"], node["year"]) for node in payload["nodes"]] == [
        ("person", "Boxiao Liu", None),
        ("person", "Yu Liu", 2022),
        ("person", "Jihao Liu", 2022),
        ("person", "Hongsheng Li", 2022),
        ("person", "Bingqi Ma", 2023),
        ("person", "Guanglu Song", 2023),
        ("work", "Rethinking Robust Representation Learning Under Fine-grained Noisy Faces", 2023),
        ("work", "Meta Knowledge Distillation", 2022),
        ("topic", "Machine Learning", None),
        ("topic", "Computer Vision", None),
        ("institution", "SenseTime Research", None),
    ]
    faces, distillation = (node["label"] for node in payload["nodes"] if node["kind"] == "work")
    edges = {(names[edge["source"]], names[edge["target"]], edge["kind"], edge["weight"], edge["evidence"]) for edge in payload["edges"]}
    assert {edge for edge in edges if edge[2] == "co-wrote" and edge[0] == "Boxiao Liu"} == {
        ("Boxiao Liu", "Yu Liu", "co-wrote", 0.6667, 2),
        ("Boxiao Liu", "Jihao Liu", "co-wrote", 0.3333, 1),
        ("Boxiao Liu", "Hongsheng Li", "co-wrote", 0.3333, 1),
        ("Boxiao Liu", "Bingqi Ma", "co-wrote", 0.3333, 1),
        ("Boxiao Liu", "Guanglu Song", "co-wrote", 0.3333, 1),
    }
    assert {frozenset(edge[:2]) for edge in edges if edge[2] == "co-wrote" and edge[0] != "Boxiao Liu"} == {
        frozenset(pair)
        for pair in [
            ("Yu Liu", "Jihao Liu"), ("Yu Liu", "Hongsheng Li"), ("Yu Liu", "Bingqi Ma"),
            ("Yu Liu", "Guanglu Song"), ("Jihao Liu", "Hongsheng Li"), ("Bingqi Ma", "Guanglu Song"),
        ]
    }  # fmt: skip
    assert {edge for edge in edges if edge[2] != "co-wrote"} == {
        *((name, distillation, "wrote", 1.0, 1) for name in ("Boxiao Liu", "Jihao Liu", "Hongsheng Li", "Yu Liu")),
        *((name, faces, "wrote", 1.0, 1) for name in ("Boxiao Liu", "Bingqi Ma", "Guanglu Song", "Yu Liu")),
        (distillation, "Machine Learning", "about", 1.0, 1),
        (faces, "Machine Learning", "about", 1.0, 1),
        (faces, "Computer Vision", "about", 1.0, 1),
        ("Yu Liu", "SenseTime Research", "affiliated", 1.0, 1),
        (faces, distillation, "cites", 1.0, 1),
    }
    assert [edge["years"] for edge in payload["edges"] if edge["evidence"] == 2] == [[2022, 2023]]
    assert payload["totals"] == {
        "person": {"shown": 5, "known": 5},
        "work": {"shown": 2, "known": 2},
        "topic": {"shown": 2, "known": 2},
        "institution": {"shown": 1, "known": 1},
        "tie": {"shown": 6, "known": 6},
    }
    assert payload["coverage"] == {"references": {"works": 1, "of": 2}}
    assert {key: payload[key] for key in ("version", "built_at", "centre")} == {
        "version": 1,
        "built_at": "2026-01-02T03:04:05+00:00",
        "centre": f"person:{cast.boxiao.public_id}",
    }
    assert payload["nodes"][1]["url"] == cast.yu.get_absolute_url()
    assert payload["nodes"][7]["url"] == cast.distillation.get_absolute_url()
    assert payload["nodes"][8]["url"].startswith("/topics/machine-learning-")
    assert set(payload["nodes"][1]) == {"id", "kind", "label", "x", "y", "size", "community", "year", "url"}


def test_addresses_are_those_of_the_pages_for_names_of_every_script(cast: Cast):
    others = [make_author(name) for name in ("江常皓", "Jürgen Weiß", "Seán O'Brien", "%2F..")]
    make_work("A work", 2024, [cast.boxiao, *others])
    cast.count()
    urls = {node["label"]: node["url"] for node in payload_of(cast.boxiao)["nodes"]}
    assert {name: urls[name] for name in (author.name for author in others)} == {a.name: a.get_absolute_url() for a in others}


def test_the_same_rows_give_the_same_payload(cast: Cast):
    cast.count()
    assert payload_of(cast.boxiao) == payload_of(cast.boxiao)


def test_the_number_of_queries_does_not_grow_with_the_network(cast: Cast):
    lone = make_author("Lone Pair")
    make_work("One", 2020, [lone, cast.jihao], ["Machine Learning"])
    cast.count()

    def queries(author) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            load_ego_network(author.pk)
        return len(captured)

    assert queries(cast.boxiao) == 7
    assert queries(lone) <= 7
    for number in range(30):
        make_work(
            f"Another {number}", 2000 + number, [cast.boxiao, *(make_author(f"Person {number} {place}") for place in range(3))], ["x"]
        )
    cast.count()
    assert queries(cast.boxiao) == 7


def test_a_large_network_is_cut_by_rank_and_says_so(cast: Cast):
    for number in range(60):
        make_work(
            f"Work {number}", 1960 + number, [cast.boxiao, make_author(f"A {number}"), make_author(f"B {number}")], [f"Topic {number}"]
        )
    cast.boxiao.works_count = 62
    cast.boxiao.save()
    cast.count()
    payload = payload_of(cast.boxiao)  # the 40 newest works have 40 topics
    assert payload["totals"]["person"] == {"shown": 80, "known": 125}
    assert payload["totals"]["work"] == {"shown": 40, "known": 62}
    assert payload["totals"]["topic"] == {"shown": 16, "known": 40}
    assert len(payload["nodes"]) <= 150
    works = [node for node in payload["nodes"] if node["kind"] == "work"]
    assert works[0]["year"] == 2023
    assert [node["year"] for node in works] == sorted((node["year"] for node in works), reverse=True)
    assert payload["nodes"][1]["label"] == "Yu Liu"


def test_of_endless_bylines_only_the_centre_is_read(cast: Cast):
    make_work("Collaboration paper", 2024, cast.people, authors_count=3000)
    cast.count()
    payload = payload_of(cast.boxiao)
    work = next(node["id"] for node in payload["nodes"] if node["label"] == "Collaboration paper")
    assert [edge["source"] for edge in payload["edges"] if edge["target"] == work] == [f"person:{cast.boxiao.public_id}"]


# --- Laws of the cut, for any graph ------------------------------------------------------------------------------------

KINDS = ["person", "work", "topic", "institution"]


@st.composite
def ego_networks(draw):
    size = draw(st.integers(1, 60))
    kinds = ["person", *draw(st.lists(st.sampled_from(KINDS), min_size=size - 1, max_size=size - 1))]
    graph = nx.Graph()
    for number, kind in enumerate(kinds):
        graph.add_node(str(number), kind=kind, label=f"n{number}", url="", rank=(number,), year=draw(st.none() | st.integers(1990, 2025)))
    for one, other in draw(st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=150)):
        if one != other:
            kind = "co-wrote" if {kinds[one], kinds[other]} == {"person"} else "wrote"
            graph.add_edge(str(one), str(other), kind=kind, source=str(one), weight=draw(st.integers(1, 9)) / 4, evidence=1)
    return graph


@settings(deadline=None)
@given(ego_networks(), st.builds(Limits, *[st.integers(0, 8)] * 6))
def test_a_slice_keeps_its_limits_and_hangs_together(graph, limits):
    before = nx.Graph(graph)
    payload = describe(graph, centre="0", version=1, built_at="", limits=limits)
    assert nx.utils.graphs_equal(before, graph)
    shown = [node["id"] for node in payload["nodes"]]
    assert shown[0] == "0"
    for kind in KINDS:
        count = sum(node["kind"] == kind for node in payload["nodes"][1:])
        assert count <= limits.of(kind)
        assert payload["totals"][kind]["shown"] == count
    ties = [edge for edge in payload["edges"] if edge["kind"] == "co-wrote" and "0" not in (edge["source"], edge["target"])]
    assert len(ties) <= limits.ties
    drawn = nx.Graph()
    drawn.add_nodes_from(shown)
    drawn.add_edges_from((edge["source"], edge["target"]) for edge in payload["edges"])
    assert set(drawn) == set(shown)
    assert all({edge["source"], edge["target"]} <= set(shown) for edge in payload["edges"])


@given(ego_networks())
def test_communities_part_the_people(graph):
    people = [node for node, kind in graph.nodes(data="kind") if kind == "person" and node != "0"]
    groups = communities(graph, people, centre="0")
    assert set(groups) == set(people)
    assert set(groups.values()) == set(range(len(set(groups.values()))))
    within = nx.Graph((one, other) for one, other, kind in graph.edges(data="kind") if kind == "co-wrote" and "0" not in (one, other))
    for group in set(groups.values()):
        members = [person for person in people if groups[person] == group]
        assert len(members) == 1 or nx.is_connected(within.subgraph(members))
