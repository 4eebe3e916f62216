"""Slices of works: what enters, in which states the page shows them, and when they are behind."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from graph.actions.builds import build
from graph.actions.slices import request_slice
from graph.models import WorkSlice
from tests.factories.works import make_author, make_work
from tests.graph.conftest import Cast
from tests.graph.test_slice_page import HTMX, Outline, statements
from works.actions.journal import Actor
from works.actions.suppressions import suppress_author
from works.models import Work
from works.models.decision import Role


def build_work(work: Work) -> WorkSlice:
    assert request_slice(work)
    assert build(kind="work", subject_id=work.pk)
    return WorkSlice.objects.get(work=work)


def test_a_work_stands_among_its_people_topics_and_citations(cast: Cast):
    cast.count()
    other = make_work("Another of theirs", 2024, [cast.yu, cast.bingqi])
    cast.count()
    payload = build_work(cast.faces).payload
    labels = {node["id"]: node["label"] for node in payload["nodes"]}
    works = [node["label"] for node in payload["nodes"][1:] if node["kind"] == "work"]
    assert payload["nodes"][0]["label"].startswith("Rethinking Robust")
    assert [node["label"] for node in payload["nodes"] if node["kind"] == "person"] == ["Bingqi Ma", "Guanglu Song", "Boxiao Liu", "Yu Liu"]
    assert works == [
        "Meta Knowledge Distillation",
        "Another of theirs",
    ]
    cites = [(labels[edge["source"]], labels[edge["target"]]) for edge in payload["edges"] if edge["kind"] == "cites"]
    assert cites == [(cast.faces.title, "Meta Knowledge Distillation")]
    wrote = {(labels[edge["source"]], labels[edge["target"]]) for edge in payload["edges"] if edge["kind"] == "wrote"}
    assert ("Yu Liu", other.title) in wrote
    assert ("Guanglu Song", cast.faces.title) in wrote
    assert payload["totals"]["person"] == {"shown": 4, "known": 4}
    assert payload["coverage"]["references"] == {"works": 1, "of": 3}


def test_what_cites_comes_before_what_the_same_people_wrote_and_the_cut_is_stated(db):
    people = [make_author(f"Author {number}") for number in range(3)]
    centre = make_work("Centre", 2000, people)
    for number in range(30):
        make_work(f"Later {number}", 2001 + number % 20, [], cites=[centre])
        make_work(f"Beside {number}", 2001, people[: 1 + number % 3])
    kept = build_work(centre)
    works = [node["label"] for node in kept.payload["nodes"][1:] if node["kind"] == "work"]
    assert len(works) == 40
    assert all(label.startswith("Later") for label in works[:26])
    assert kept.payload["totals"]["work"] == {"shown": 40, "known": 30 + 18}  # of each person the newest ten, of which ten are joint
    assert "40 of 48 works, citations, then works of the same people" in kept.fragment


def test_a_byline_of_thousands_shows_its_beginning(db):
    people = [make_author(f"Author {number}") for number in range(120)]
    kept = build_work(make_work("Crowd", 2020, people))
    assert kept.payload["totals"]["person"] == {"shown": 80, "known": 120}
    assert "80 of 120 people, first in the byline first" in kept.fragment


def test_the_page_of_a_works_graph_in_its_states(cast: Cast, client):
    cast.count()
    address = f"/works/{cast.faces.public_id}/graph/"
    building = client.get(address).content.decode()
    assert "Building this graph slice" in building
    Outline(building)
    assert build(kind="work", subject_id=cast.faces.pk)
    page = client.get(address).content.decode()
    Outline(page)
    assert '<svg class="slice-svg' in page
    assert "2022, cited here" in page
    with CaptureQueriesContext(connection) as queries:
        client.get(address, headers=HTMX)
    assert len(statements(queries)) == 1
    answer = client.get(address + "?format=json")
    assert answer.json()["centre"] == f"work:{cast.faces.public_id}"
    cast.count()
    assert "A newer one is on its way" in client.get(address).content.decode()
    lonely = make_work("Nobody's", 2020)
    build_work(lonely)
    assert "there is nobody and nothing to draw" in client.get(f"/works/{lonely.public_id}/graph/").content.decode()
    assert client.get("/works/00000000/graph/").status_code == 404
    Work.objects.filter(pk=lonely.pk).update(merged_into=cast.faces)
    assert client.get(f"/works/{lonely.public_id}/graph/")["Location"] == address


def test_the_work_page_holds_a_slice_that_is_built_and_asks_for_one_that_is_not(cast: Cast, client):
    cast.count()
    page = client.get(f"/works/{cast.faces.public_id}/").content.decode()
    assert f'hx-get="/works/{cast.faces.public_id}/graph/?attempt=0"' in page
    build_work(cast.faces)
    page = client.get(f"/works/{cast.faces.public_id}/").content.decode()
    assert '<svg class="slice-svg' in page


@pytest.mark.parametrize("which", ["own", "cited", "citing"])
def test_a_change_within_two_hops_marks_the_slice(cast: Cast, which):
    cast.count()
    build_work(cast.faces)
    build_work(cast.distillation)
    stranger = make_author("Stranger")
    if which == "own":
        changed, marked, unmarked = cast.guanglu, {cast.faces.pk, cast.distillation.pk}, set()
    elif which == "cited":
        changed, marked, unmarked = cast.jihao, {cast.faces.pk, cast.distillation.pk}, set()
    else:
        make_work("A third", 2024, [stranger], cites=[cast.distillation])
        changed, marked, unmarked = stranger, {cast.distillation.pk}, {cast.faces.pk}
    cast.count_these(changed)
    assert set(WorkSlice.objects.filter(stale_at__isnull=False).values_list("pk", flat=True)) == marked
    assert set(WorkSlice.objects.filter(stale_at__isnull=True).values_list("pk", flat=True)) == unmarked


def test_whoever_objects_is_drawn_around_no_work_and_has_no_edges(cast: Cast, client):
    cast.count()
    kept, public_id = build_work(cast.faces), cast.yu.public_id
    build_work(cast.distillation)
    edge = f"/graph/edges/person:{public_id}/work:{cast.faces.public_id}/"
    assert public_id in kept.fragment
    assert client.get(edge).status_code == 200
    suppress_author(author_id=cast.yu.pk, by=Actor(account=1, role=Role.STAFF))
    assert not WorkSlice.objects.filter(fragment__contains=public_id).exists()
    assert client.get(edge).status_code == 404
    assert public_id not in build_work(cast.faces).fragment
