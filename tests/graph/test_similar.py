"""Similar people and bridges: the comparison itself, what a worker finds in the record, and the page in each state."""

from __future__ import annotations

import re
from typing import Any

import networkx as nx
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from graph.actions.builds import build
from graph.actions.marks import mark_everything_stale
from graph.actions.slices import renew_requests, request_slice
from graph.loading.similar import CANDIDATES, COLLABORATORS, load_candidates
from graph.models import SIMILAR_LASTS, SLICE_LEASE, SimilarPeople
from graph.similar import bridges, similar
from profiles.models import Trust
from tests.factories.works import make_author, make_work
from tests.graph.conftest import Cast
from tests.graph.test_slice_page import HTMX, Outline, statements
from works.actions.journal import Actor
from works.actions.merges import merge_authors
from works.actions.shelves import rebuild_shelves
from works.actions.summaries import refresh_summaries
from works.actions.suppressions import suppress_author
from works.models import Author
from works.models.decision import Role

STAFF = Actor(account=1, role=Role.STAFF)


# --- The comparison ----------------------------------------------------------------------------------------------------


@st.composite
def networks(draw) -> nx.Graph:
    """Up to ten people with up to five topics and any ties; the first is the centre."""
    people = [f"p{number}" for number in range(draw(st.integers(1, 10)))]
    topics = [f"t{number}" for number in range(draw(st.integers(0, 5)))]
    graph = nx.Graph()
    for person in people:
        graph.add_node(person, kind="person", works=draw(st.integers(1, 9)), collaborators=draw(st.integers(1, 30)))
    for topic in topics:
        graph.add_node(topic, kind="topic", people=draw(st.integers(1, 1_000)))
    for person in people:
        for topic in draw(st.lists(st.sampled_from(topics), unique=True)) if topics else []:
            graph.add_edge(person, topic, kind="about", works=draw(st.integers(1, graph.nodes[person]["works"])))
    pairs = [(a, b) for a in people for b in people if a < b]
    graph.add_edges_from(draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else [], kind="co-wrote")
    return graph


@given(networks())
def test_every_line_has_its_reasons_and_nobody_who_wrote_with_the_centre(graph):
    found = similar(graph, "p0")
    assert [entry["score"] for entry in found] == sorted((entry["score"] for entry in found), reverse=True)
    for entry in found:
        assert entry["id"] != "p0"
        assert not graph.has_edge("p0", entry["id"])
        assert entry["topics"] or entry["common"]
        assert entry["common"] == sum(1 for one in nx.common_neighbors(graph, "p0", entry["id"]) if graph.nodes[one]["kind"] == "person")
        assert all(
            graph.has_edge("p0", reason) and graph.has_edge(entry["id"], reason) for reason in entry["topics"] + entry["collaborators"]
        )
        assert 0 <= entry["score"] <= 2
    for entry in bridges(graph, "p0"):
        assert entry["id"] not in {one["id"] for one in found}
        assert entry["topics"]
        assert entry["beyond"]
        assert not any(graph.has_edge("p0", topic) for topic in entry["beyond"])
        assert not [one for one in nx.common_neighbors(graph, "p0", entry["id"]) if graph.nodes[one]["kind"] == "person"]


@given(networks(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_is_irrelevant(graph, random):
    nodes, edges = list(graph.nodes(data=True)), list(graph.edges(data=True))
    random.shuffle(nodes)
    random.shuffle(edges)
    other = nx.Graph()
    other.add_nodes_from(nodes)
    other.add_edges_from(edges)
    assert similar(other, "p0") == similar(graph, "p0")
    assert bridges(other, "p0") == bridges(graph, "p0")


def test_a_rare_topic_says_more_than_one_that_everybody_has():
    graph = nx.Graph()
    graph.add_nodes_from("abc", kind="person", works=4)
    graph.add_node("rare", kind="topic", people=3)
    graph.add_node("common", kind="topic", people=3_000)
    graph.add_edges_from([("a", "rare"), ("a", "common"), ("b", "rare"), ("c", "common")], kind="about", works=4)
    assert [entry["id"] for entry in similar(graph, "a", most=1)] == ["b"]


# --- What a worker finds -----------------------------------------------------------------------------------------------


@pytest.fixture
def people(db) -> dict[str, Author]:
    """Ann wrote on logic and sets, like Ben; Cat wrote with Dan, as Ann did; Leo wrote on logic, and on law beyond it."""
    people = {name: make_author(f"{name.capitalize()} Person") for name in ("ann", "ben", "cat", "dan", "leo", "zoe")}
    ann, ben, cat, dan, leo, zoe = people.values()
    for number in range(2):
        make_work(f"Ann and Dan {number}", 2020 + number, [ann, dan], ["Logic", "Sets"])
        make_work(f"Ben {number}", 2021, [ben], ["Logic", "Sets"])
        make_work(f"Leo on logic {number}", 2022, [leo], ["Logic"])
        make_work(f"Leo on law {number}", 2022, [leo], ["Law"])
    make_work("Cat and Dan", 2019, [cat, dan])
    make_work("Zoe", 2020, [zoe], ["Cooking"])
    settled(*people.values())
    return people


def settled(*authors: Author) -> None:
    with transaction.atomic():
        refresh_summaries(author_ids=[author.pk for author in authors])
    rebuild_shelves()
    Cast.count_these(*authors)
    for author in authors:
        author.refresh_from_db()


def made(author: Author) -> Any:
    assert request_slice(author, kind="similar")
    assert build(kind="similar", subject_id=author.pk)
    return SimilarPeople.objects.get(pk=author.pk).payload


def node(author: Author) -> str:
    return f"person:{author.public_id}"


def address(author: Author) -> str:
    return f"/researchers/{author.slug}/similar/"


def see(client, author: Author, query: str = "", headers: dict[str, str] | None = None) -> str:
    answer = client.get(address(author) + query, headers=headers)
    assert answer.status_code == 200
    text = answer.content.decode()
    Outline(text)
    return re.sub(r"\s+", " ", text)


def test_who_is_found_and_why(people):
    payload = made(people["ann"])
    assert [entry["id"] for entry in payload["similar"][:2]] == [node(people["ben"]), node(people["cat"])]
    ben, cat = payload["similar"][:2]
    assert ([payload["topics"][topic]["label"] for topic in ben["topics"]], ben["common"]) == (["Sets", "Logic"], 0)
    assert (cat["topics"], cat["common"], cat["collaborators"]) == ([], 1, [node(people["dan"])])
    everybody = {entry["id"] for entry in (*payload["similar"], *payload["bridges"])}
    assert node(people["dan"]) not in everybody
    assert node(people["zoe"]) not in everybody


def test_a_bridge_shares_some_and_writes_on_something_else(people):
    payload = made(people["ann"])
    (bridge,) = payload["bridges"]
    assert bridge["id"] == node(people["leo"])
    assert [payload["topics"][topic]["label"] for topic in bridge["topics"] + bridge["beyond"]] == ["Logic", "Law"]
    assert node(people["leo"]) not in {entry["id"] for entry in payload["similar"]}


def test_trust_plays_no_part(people):
    before = made(people["ann"])
    for author in people.values():
        values = {"micropoints": 90_000_000, "score": 90, "band": "verified", "level": 4, "lines": [], "not_counted": [], "formula": "1"}
        Trust.objects.update_or_create(author=author, defaults={**values, "computed_at": timezone.now()})
    after = made(people["ann"])
    assert {**before, "built_at": ""} == {**after, "built_at": ""}


def test_the_candidates_are_bounded_and_the_queries_six(people):
    ann = people["ann"]
    crowd = Author.objects.bulk_create(
        Author(name=f"Crowd {number}", name_key=f"crowd {number}", public_id=f"crowd{number:03}", works_count=1) for number in range(300)
    )
    for number in range(60):
        make_work(f"Many {number}", 2023, [ann, *crowd[number * 5 : number * 5 + 5]], ["Logic"])
    refresh_summaries(author_ids=[author.pk for author in (ann, *crowd)])
    rebuild_shelves()
    Cast.count_these(ann, *crowd)
    with CaptureQueriesContext(connection) as queries:
        graph, _ = load_candidates(ann.pk)
    assert len(statements(queries)) == 7
    assert sum(1 for _, data in graph.nodes(data=True) if data["kind"] == "person") <= 1 + COLLABORATORS + CANDIDATES


# --- The page ----------------------------------------------------------------------------------------------------------


def test_the_list_alone_and_as_a_slot(people, client):
    made(people["ann"])
    page, part = see(client, people["ann"]), see(client, people["ann"], headers=HTMX)
    assert ("<!doctype html>" in page, "<!doctype html>" in part) == (True, False)
    for text in (page, part):
        assert "Ben Person" in text
        assert "Both wrote on" in text
        assert '1 common collaborator: <a href="' in text
        assert "hx-get" not in text.partition("slice-slot")[2]
    slot = client.get(people["ann"].get_absolute_url()).content.decode()
    assert f'hx-get="{address(people["ann"])}" hx-trigger="revealed"' in slot


def test_a_bridge_is_told_with_what_it_leads_to(people, client):
    made(people["ann"])
    text = see(client, people["ann"]).partition("Bridges</h3>")[2]
    assert re.search(r"Leo Person.*Both wrote on <a [^>]+>Logic</a>; they also write on <a [^>]+>Law</a>\.", text)


def test_building_error_empty_and_stale(people, client):
    ann, zoe = people["ann"], people["zoe"]
    building = see(client, ann, headers=HTMX)
    assert "Looking for similar people" in building
    assert f'hx-get="{address(ann)}?attempt=1" hx-trigger="load delay:0.2s"' in building
    assert SimilarPeople.objects.get(pk=ann.pk).is_owed
    assert "This takes longer than it should" in see(client, ann, "?attempt=10", headers=HTMX)
    assert build(kind="similar", subject_id=ann.pk)
    SimilarPeople.objects.update(stale_at=timezone.now())
    assert "a newer list is on its way" in see(client, ann)
    assert SimilarPeople.objects.get(pk=ann.pk).is_owed
    SimilarPeople.objects.update(built_at=None, requested_at=None, error="It broke.")
    assert "The list could not be made" in see(client, ann)
    assert client.post(address(ann)).status_code == 303
    assert SimilarPeople.objects.get(pk=ann.pk).is_owed
    made(zoe)
    assert "Nobody comes near" in see(client, zoe)


def test_an_old_list_is_made_anew_and_a_lost_build_is_asked_for_again(people, client):
    ann = people["ann"]
    made(ann)
    SimilarPeople.objects.update(built_at=timezone.now() - SIMILAR_LASTS)
    see(client, ann)
    assert SimilarPeople.objects.get(pk=ann.pk).is_owed
    SimilarPeople.objects.update(requested_at=timezone.now() - 2 * SLICE_LEASE)
    assert renew_requests() == 1


def test_a_change_nearby_marks_the_list(people):
    ann, dan, zoe = people["ann"], people["dan"], people["zoe"]
    for author in (ann, zoe):
        made(author)
    make_work("Dan and somebody new", 2024, [dan, make_author("New Person")])
    Cast.count_these(dan)
    assert set(SimilarPeople.objects.filter(stale_at__isnull=False).values_list("pk", flat=True)) == {ann.pk}
    mark_everything_stale()
    assert SimilarPeople.objects.filter(stale_at__isnull=False).count() == 2


def test_who_was_merged_or_removed_is_never_listed(people, client):
    ann, ben, cat, dan = (people[name] for name in ("ann", "ben", "cat", "dan"))
    made(ann)
    merge_authors(winner_id=people["leo"].pk, loser_ids=[ben.pk], reason="one person", by=STAFF)
    text = see(client, ann)
    assert "Ben Person" not in text
    kept = SimilarPeople.objects.get(pk=ann.pk)
    suppress_author(author_id=dan.pk, by=STAFF)
    assert not SimilarPeople.objects.filter(pk=ann.pk).exists()  # it named a common collaborator who objected
    kept.save(force_insert=True)  # as a build that was under way would have
    text = see(client, ann)
    assert "Cat Person" in text
    assert "Dan Person" not in text
    assert client.get(f"/researchers/{dan.slug}/similar/").status_code == 404
    assert client.get(address(ben))["Location"] == address(people["leo"])
    assert not {node(ben), node(dan)} & {entry["id"] for entry in made(cat)["similar"]}


def test_a_list_costs_two_queries_however_long(people, client):
    counts = []
    for name in ("ann", "cat"):
        made(people[name])
        with CaptureQueriesContext(connection) as queries:
            see(client, people[name], headers=HTMX)
        counts.append(len(statements(queries)))
    assert counts == [2, 2]


def test_all_are_made_anew_by_a_command(people, capsys):
    made(people["ann"])
    first = SimilarPeople.objects.get().built_at
    call_command("rebuild_similar")
    assert SimilarPeople.objects.filter(built_at__gt=first).count() == 1
    call_command("rebuild_similar", "--everybody")
    assert SimilarPeople.objects.count() == 6
    assert "Built the lists of 6 authors" in capsys.readouterr().out


# --- The API -----------------------------------------------------------------------------------------------------------


def test_the_api_gives_the_same_people_for_the_same_reasons(people, client):
    ann, ben, cat, dan, leo, _ = people.values()
    address = f"/api/v1/authors/{ann.public_id}/similar/"
    missing = client.get(address)
    assert (missing.status_code, missing["Retry-After"], missing["Content-Type"]) == (404, "2", "application/problem+json")
    assert SimilarPeople.objects.get(pk=ann.pk).is_owed
    assert build(kind="similar", subject_id=ann.pk)
    made(cat)
    counts = []
    for author in (cat, ann):
        with CaptureQueriesContext(connection) as queries:
            told = client.get(f"/api/v1/authors/{author.public_id}/similar/").json()
        counts.append(len(statements(queries)))
    assert counts == [2, 2]
    assert told["is_stale"] is False
    first, second = told["similar"][:2]
    assert (first["author"]["id"], [topic["label"] for topic in first["topics"]], first["common"]) == (ben.public_id, ["Sets", "Logic"], 0)
    assert (second["author"]["id"], second["common"], [one["name"] for one in second["collaborators"]]) == (
        cat.public_id,
        1,
        ["Dan Person"],
    )
    (bridge,) = told["bridges"]
    assert bridge["author"] == {"id": leo.public_id, "name": "Leo Person", "url": leo.get_absolute_url()}
    assert ([topic["label"] for topic in bridge["topics"]], [topic["label"] for topic in bridge["beyond"]]) == (["Logic"], ["Law"])
    assert all(client.get(topic["url"]).status_code == 200 for topic in bridge["topics"])
    SimilarPeople.objects.update(stale_at=timezone.now())
    assert client.get(address).json()["is_stale"] is True
    SimilarPeople.objects.update(built_at=None, requested_at=None, error="It broke.")
    assert client.get(address).json()["detail"] == "It broke."
    merge_authors(winner_id=ben.pk, loser_ids=[dan.pk], reason="one person", by=STAFF)
    assert client.get(f"/api/v1/authors/{dan.public_id}/similar/")["Location"] == f"/api/v1/authors/{ben.public_id}/similar/"
    assert client.get("/api/v1/authors/00000000/similar/").status_code == 404
