"""Slices of topics and institutions: what enters, in which states pages show them, and when they are behind."""

from __future__ import annotations

import io
from functools import partial

import networkx as nx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from graph.actions.builds import build
from graph.actions.collaborations import rebuild_graph
from graph.actions.slices import request_slice
from graph.loading.loaders import LOADERS
from graph.models import BUILT, KIND_OF, Built, Subject
from graph.models.slice import graph_url
from tests.benchmarks.plans import explain, statements_of
from tests.factories.works import make_author, make_topic, make_work
from tests.graph.conftest import Cast
from tests.graph.test_slice_page import HTMX, Outline, statements
from works.actions.imports.listed import take_in_listed
from works.actions.journal import Actor
from works.actions.shelves import owe_shelving, rebuild_shelves, shelve
from works.actions.suppressions import suppress_author
from works.importers.record import ImportedMergedId
from works.models import Institution, InstitutionIdentifier, Topic
from works.models.decision import Role


def build_around(subject: Subject) -> Built:
    kind = KIND_OF[type(subject)]
    assert request_slice(subject)
    assert build(kind=kind, subject_id=subject.pk)
    kept: Built = BUILT[kind].rows().get(pk=subject.pk)
    return kept


@pytest.fixture
def learning(cast: Cast) -> Topic:
    cast.count()
    rebuild_shelves()
    return Topic.objects.get(label="Machine Learning")


@pytest.fixture
def sensetime(learning: Topic) -> Institution:
    return Institution.objects.get()


def test_a_topic_stands_among_its_people_and_newest_works(cast: Cast, learning: Topic):
    payload = build_around(learning).payload
    assert payload["centre"] == f"topic:{learning.public_id}"
    names = {node["id"]: node["label"] for node in payload["nodes"]}
    by_kind = {kind: [node["label"] for node in payload["nodes"][1:] if node["kind"] == kind] for kind in BUILT}
    assert by_kind["person"][:2] == ["Boxiao Liu", "Yu Liu"]  # two works each, the others one; of these the latest first
    assert by_kind["person"][2:4] == ["Bingqi Ma", "Guanglu Song"]
    assert by_kind["work"] == [cast.faces.title, cast.distillation.title]
    assert by_kind["topic"] == ["Computer Vision"]
    assert by_kind["institution"] == ["SenseTime Research"]
    ties = {names[edge["source"]]: edge for edge in payload["edges"] if edge["target"] == payload["centre"] and edge["kind"] == "wrote"}
    assert len(ties) == 6
    assert (ties["Yu Liu"]["evidence"], ties["Yu Liu"]["years"]) == (2, [2022, 2023])
    assert {(names[edge["source"]], names[edge["target"]]) for edge in payload["edges"] if edge["kind"] == "about"} == {
        (cast.faces.title, "Machine Learning"), (cast.faces.title, "Computer Vision"), (cast.distillation.title, "Machine Learning"),
    }  # fmt: skip
    assert payload["totals"]["person"] == {"shown": 6, "known": 6}
    assert payload["coverage"]["references"] == {"works": 1, "of": 2}


def test_an_institution_stands_among_those_who_write_there(cast: Cast, sensetime: Institution):
    payload = build_around(sensetime).payload
    names = {node["id"]: node["label"] for node in payload["nodes"]}
    assert list(names.values()) == ["SenseTime Research", "Yu Liu", cast.faces.title, "Computer Vision", "Machine Learning"]
    edges = {(edge["kind"], names[edge["source"]], names[edge["target"]]) for edge in payload["edges"]}
    assert ("affiliated", "Yu Liu", "SenseTime Research") in edges
    assert ("affiliated", cast.faces.title, "SenseTime Research") in edges


def test_every_edge_of_a_subject_leads_to_a_page(cast: Cast, learning: Topic, sensetime: Institution, client):
    for subject in (learning, sensetime):
        for edge in build_around(subject).payload["edges"]:
            Outline(client.get(edge["url"]).content.decode())
    page = client.get(f"/graph/edges/work:{cast.faces.public_id}/institution:{sensetime.public_id}/").content.decode()
    assert "Place 4 of 4: “<bdi>SenseTime Research</bdi>”." in page


def test_what_enters_is_ranked_and_bounded_and_the_cut_is_stated(db):
    people = [make_author(f"Author {number:03}") for number in range(100)]
    for number, author in enumerate(people):
        for year in range(1 + (number < 10)):
            make_work(f"Work {number}-{year}", 1990 + number // 5 + year, [author], ["Fish"])
    make_work("Newest, by somebody else", 2025, [None], ["Fish"])
    rebuild_shelves()
    kept = build_around(make_topic("fish"))
    assert kept.payload["totals"]["person"] == {"shown": 80, "known": 100}
    assert kept.payload["totals"]["work"] == {"shown": 40, "known": 111}
    shown = [node["label"] for node in kept.payload["nodes"] if node["kind"] == "person"]
    assert set(shown[:10]) == {f"Author {number:03}" for number in range(10)}
    assert shown[10:12] == ["Author 095", "Author 096"]
    works = [node["label"] for node in kept.payload["nodes"] if node["kind"] == "work"]
    assert "Newest, by somebody else" not in works
    assert "80 of 100 people, most works on it first" in kept.fragment
    assert "40 of 111 works, newest first, those of people shown before others" in kept.fragment


@pytest.mark.parametrize("kind", ["topic", "institution"])
def test_the_pages_in_their_states(learning: Topic, sensetime: Institution, client, kind):
    subject: Subject = learning if kind == "topic" else sensetime
    address = graph_url(subject)
    assert address == f"{subject.get_absolute_url()}graph/"
    page = client.get(subject.get_absolute_url()).content.decode()
    assert f'hx-get="{address}?attempt=0"' in page
    building = client.get(address).content.decode()
    Outline(building)
    assert "Building this graph slice" in building
    assert "People with most works" in building
    assert client.get(f"{address}?format=json").status_code == 404
    assert client.get(f"/api/v1/{kind}s/{subject.public_id}/slice/").headers["Retry-After"] == "2"
    assert build(kind=kind, subject_id=subject.pk)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(address, headers=HTMX).content.decode()
    assert len(statements(queries)) == 1
    assert '<svg class="slice-svg' in page
    whole = client.get(address).content.decode()
    Outline(whole)
    assert f"?seed={kind}:{subject.public_id}" in whole
    inside = client.get(subject.get_absolute_url()).content.decode()
    Outline(inside)
    assert '<svg class="slice-svg' in inside
    payload = client.get(f"{address}?format=json").json()
    assert payload == BUILT[kind].rows().get(pk=subject.pk).payload
    assert client.get(f"/api/v1/{kind}s/{subject.public_id}/slice/").json() == payload
    for name in ("svg", "png", "graphml", "gexf", "csv"):
        assert client.get(f"{address}?format={name}").status_code == 200
    assert client.get(f"/{kind}s/any-words-{subject.public_id}/graph/?x=1")["Location"] == f"{address}?x=1"
    BUILT[kind].rows().update(built_at=None, error="It broke.")
    broken = client.get(address).content.decode()
    assert "It broke." in broken
    assert client.post(address).status_code == 303
    assert BUILT[kind].rows().get(pk=subject.pk).is_owed


def test_a_work_has_its_slice_in_the_api(cast: Cast, client):
    cast.count()
    build_around(cast.faces)
    assert client.get(f"/api/v1/works/{cast.faces.public_id}/slice/").json()["centre"] == f"work:{cast.faces.public_id}"


def test_a_topic_without_works_has_a_page_that_says_so(db, client):
    topic = make_topic("Nothing")
    build_around(topic)
    assert "No work in the record stands under Nothing" in client.get(graph_url(topic)).content.decode()
    assert client.get("/topics/nothing-00000000/graph/").status_code == 404


def stale() -> set[str]:
    return {kind for kind in ("topic", "institution") if BUILT[kind].rows().filter(stale_at__isnull=False).exists()}


def test_what_changes_on_a_shelf_or_among_its_people_marks_the_slice(cast: Cast, learning: Topic, sensetime: Institution):
    build_around(learning)
    build_around(sensetime)
    cast.count_these(make_author("Stranger"))
    assert stale() == set()
    newest = make_work("Newest", 2024, [make_author("Newcomer")], ["Machine Learning"])
    owe_shelving(work_ids=[newest.pk])
    assert shelve() == 1
    assert stale() == {"topic"}
    cast.count_these(cast.jihao)  # on the topic, not at the institution
    assert stale() == {"topic"}
    cast.count_these(cast.guanglu)  # not at the institution, but of a work that stands there
    assert stale() == {"topic", "institution"}
    build_around(learning)
    assert stale() == {"institution"}
    rebuild_shelves()
    assert stale() == {"topic", "institution"}


def test_whoever_objects_is_drawn_around_no_topic(cast: Cast, learning: Topic, sensetime: Institution):
    public_id = cast.yu.public_id
    assert public_id in build_around(learning).fragment
    build_around(sensetime)
    suppress_author(author_id=cast.yu.pk, by=Actor(account=1, role=Role.STAFF))
    assert not any(BUILT[kind].rows().filter(fragment__contains=public_id).exists() for kind in BUILT)
    assert public_id not in build_around(learning).fragment  # the shelf still owes him a look


def test_an_institution_that_a_registry_unites_with_another_takes_its_slice_along(cast: Cast, sensetime: Institution, client):
    other = Institution.objects.create(public_id="0ther000", name="SenseTime", name_key="sensetime")
    InstitutionIdentifier.objects.create(institution=sensetime, scheme="openalex", value="I1")
    InstitutionIdentifier.objects.create(institution=other, scheme="openalex", value="I2")
    build_around(sensetime)
    address = graph_url(sensetime)
    take_in_listed([("1", ImportedMergedId(kind="institution", scheme="openalex", old="I1", new="I2"))])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert not BUILT["institution"].rows().exists()
    assert client.get(address)["Location"] == graph_url(other)
    assert client.get(f"/api/v1/institutions/{sensetime.public_id}/slice/")["Location"] == f"/api/v1/institutions/{other.public_id}/slice/"


def test_a_large_topic_costs_what_its_bounds_allow(db):
    """By Postgres' own count: ten times the works and people read no more rows than the parameters name."""
    costs = []
    for number, size in enumerate((250, 750)):
        people = [make_author(f"Author {number}-{place}") for place in range(size)]
        for place in range(size):
            make_work(f"Work {number}-{place}", 2000, [people[place], people[place - 1]], [f"Topic {number}"])
        rebuild_graph()
        rebuild_shelves()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        topic = make_topic(f"Topic {number}")
        asked = statements_of(partial(LOADERS["topic"], topic.pk))
        assert len(asked) == 7
        costs.append(sum(explain(one).buffers for one in asked))
    assert costs[1] <= 1.3 * costs[0]


@pytest.mark.parametrize("kind", ["topic", "institution"])
def test_network_files_of_a_subject_hold_every_node_and_edge(learning: Topic, sensetime: Institution, client, kind):
    subject: Subject = learning if kind == "topic" else sensetime
    payload = build_around(subject).payload
    files = {name: client.get(f"{graph_url(subject)}?format={name}").content for name in ("graphml", "gexf")}
    for graph in (nx.parse_graphml(files["graphml"].decode()), nx.read_gexf(io.BytesIO(files["gexf"]))):
        assert {node: data["kind"] for node, data in graph.nodes(data=True)} == {node["id"]: node["kind"] for node in payload["nodes"]}
        assert {(one, other): (data["kind"], data["evidence"]) for one, other, data in graph.edges(data=True)} == {
            (edge["source"], edge["target"]): (edge["kind"], edge["evidence"]) for edge in payload["edges"]
        }
