"""Places of a large graph: two levels, stable, computed once by a worker for everybody who looks."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from math import hypot
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from graph.actions.arrangements import build_arrangement, forget_arrangements, key_of, request_arrangement
from graph.actions.slices import forget_author
from graph.explorer.levels import APART, arrange, spread
from graph.explorer.places import BESIDE, carried_over
from graph.models import SLICE_VERSION, Arrangement, Slice
from tests.factories.works import make_author
from tests.waiting import PATIENCE
from works.models import Author

Link = tuple[str, str, float]
STEP = 0.03  # no node of a large graph moves further when one work comes: its own words for "by little"


def groups(number: int, size: int) -> tuple[list[str], list[Link]]:
    """Groups of people, tied among themselves and loosely in a ring."""
    rng = Random(7)
    nodes = [f"person:{group}-{member}" for group in range(number) for member in range(size)]
    links = [
        (f"person:{group}-{member}", f"person:{group}-{rng.randrange(size)}", 1.0)
        for group in range(number) for member in range(size) for _ in range(4)
    ]  # fmt: skip
    links += [(f"person:{group}-0", f"person:{(group + 1) % number}-0", 0.2) for group in range(number)]
    return nodes, [link for link in links if link[0] != link[1]]


def middle(places: dict[str, tuple[float, float]], group: int) -> tuple[float, float]:
    own = [place for node, place in places.items() if node.startswith(f"person:{group}-")]
    return sum(x for x, _ in own) / len(own), sum(y for _, y in own) / len(own)


def test_groups_stand_apart_and_the_order_does_not_matter():
    nodes, links = groups(6, 60)
    places = arrange(nodes, links)
    assert places == arrange(nodes[::-1], [(other, one, weight) for one, other, weight in links[::-1]])
    assert set(places) == set(nodes)
    assert all(-1 <= at <= 1 for place in places.values() for at in place)
    for group in range(6):
        x, y = middle(places, group)
        own = sum(hypot(places[f"person:{group}-{member}"][0] - x, places[f"person:{group}-{member}"][1] - y) for member in range(60)) / 60
        others = min(hypot(x - a, y - b) for other in range(6) if other != group for a, b in [middle(places, other)])
        assert own < 0.6 * others


def test_discs_are_pushed_apart():
    radii = [3.0, 2.0, 1.0, 1.0]
    points = spread([(0.0, 0.0), (0.1, 0.0), (0.0, 0.1), (0.0, 0.0)], radii)
    for a in range(4):
        for b in range(a):
            assert hypot(points[a][0] - points[b][0], points[a][1] - points[b][1]) >= 0.98 * APART * (radii[a] + radii[b])


def test_one_new_work_moves_nobody():
    nodes, links = groups(6, 60)
    before = arrange(nodes, links)
    work, newcomer = "work:new", "person:new"
    more = [*links, ("person:0-1", work, 1.0), ("person:0-2", work, 1.0), (newcomer, work, 1.0)]
    after = carried_over([*nodes, work, newcomer], more, before)
    assert max(hypot(after[node][0] - before[node][0], after[node][1] - before[node][1]) for node in nodes) <= STEP
    assert {node: after[node] for node in nodes} == before
    x, y = ((before["person:0-1"][axis] + before["person:0-2"][axis]) / 2 for axis in (0, 1))
    assert hypot(after[work][0] - x, after[work][1] - y) <= 1.01 * BESIDE
    assert hypot(after[newcomer][0] - after[work][0], after[newcomer][1] - after[work][1]) <= 1.01 * BESIDE


def payload_of(author: Author, start: int, size: int, also: Sequence[Author] = ()) -> dict[str, Any]:
    """A slice as the builder stores one, around this author, of so many other people, and of these authors too."""
    centre = f"person:{author.public_id}"
    people: list[dict[str, Any]] = [{"id": f"person:{number:08}", "label": f"Person {number}"} for number in range(start, start + size)]
    people += [{"id": f"person:{one.public_id}", "label": one.name} for one in also if one != author]
    nodes: list[dict[str, Any]] = [{"id": centre, "label": author.name}, *people]
    same = {"kind": "person", "size": 20, "community": 0, "year": 2020, "url": "/"}
    for place, node in enumerate(nodes):
        node |= same | {"x": (place % 20 - 10) / 10, "y": (place // 20 - 10) / 10}
    tie = {"kind": "co-wrote", "weight": 1.0, "evidence": 1, "years": [2020, 2020], "url": "/graph/edges/"}
    edges = [tie | {"source": centre, "target": one["id"]} for one in people]
    return {"version": SLICE_VERSION, "built_at": "2026-01-01T00:00:00+00:00", "centre": centre, "parameters": {}, "nodes": nodes,
            "edges": edges, "communities": [], "totals": {}, "coverage": {}}  # fmt: skip


@pytest.fixture
def large(db: None) -> list[Author]:
    """Three people whose slices come to more than three hundred nodes."""
    authors = [make_author(f"Centre {number}") for number in range(3)]
    for number, author in enumerate(authors):
        payload = payload_of(author, 100 * number, 130)
        Slice.objects.create(author=author, version=SLICE_VERSION, payload=payload, built_at=timezone.now())
    return authors


def state_of(authors: list[Author]) -> str:
    return "&".join(f"seed=person:{author.public_id}" for author in authors)


def test_a_large_graph_is_placed_by_a_worker_and_then_for_everybody(large: list[Author], client, django_assert_num_queries):
    state = state_of(large)
    with django_assert_num_queries(1):
        client.get(f"/graph/?{state}")
    assert not Arrangement.objects.exists()
    page = client.get(f"/graph/?{state}&whole=1").content.decode()
    assert "A worker is placing this graph by its groups" in page
    assert "data-building" in page
    asked = Arrangement.objects.get()
    assert asked.is_owed
    before = client.get(f"/graph/?{state}&whole=1&format=json")
    assert Arrangement.objects.get().requested_at == asked.requested_at
    assert build_arrangement(key=asked.key)
    assert not build_arrangement(key=asked.key)
    with django_assert_num_queries(2):
        page = client.get(f"/graph/?{state}&whole=1").content.decode()
    assert "A worker is placing" not in page
    after = client.get(f"/graph/?{state}&whole=1&format=json")
    assert after["ETag"] != before["ETag"]
    kept = Arrangement.objects.get()
    assert {node["id"]: [node["x"], node["y"]] for node in after.json()["nodes"]} == kept.places
    assert client.get(f"/graph/?{state_of(large[::-1])}&whole=1&format=json").json()["nodes"][0]["x"] == after.json()["nodes"][0]["x"]
    assert Arrangement.objects.count() == 1


def test_a_rebuilt_slice_moves_nobody(large: list[Author], client):
    key = key_of(f"person:{author.public_id}" for author in large)
    request_arrangement(shown=[f"person:{author.public_id}" for author in large])
    build_arrangement(key=key)
    before = Arrangement.objects.get().places
    kept = Slice.objects.get(author=large[0])
    payload: Any = payload_of(large[0], 0, 130) | {"built_at": "2026-02-01T00:00:00+00:00"}
    payload["nodes"].append(payload["nodes"][1] | {"id": "person:newcomer"})
    payload["edges"].append(payload["edges"][0] | {"target": "person:newcomer"})
    Slice.objects.filter(pk=kept.pk).update(payload=payload)
    shown = client.get(f"/graph/?{state_of(large)}&whole=1&format=json").json()["nodes"]
    assert {node["id"]: [node["x"], node["y"]] for node in shown if node["id"] in before} == before
    assert "A worker is placing" not in client.get(f"/graph/?{state_of(large)}&whole=1").content.decode()
    assert build_arrangement(key=key)
    assert {node: place for node, place in Arrangement.objects.get().places.items() if node in before} == before
    assert "person:newcomer" in Arrangement.objects.get().places


def test_old_arrangements_and_those_who_objected_are_forgotten(large: list[Author]):
    request_arrangement(shown=[f"person:{author.public_id}" for author in large])
    build_arrangement(key=Arrangement.objects.get().key)
    forget_author(author_ids=[large[1].pk], public_id=large[1].public_id)
    assert not Arrangement.objects.exists()
    Arrangement.objects.create(key="old", shown=[], built_at=timezone.now() - timedelta(days=31))
    Arrangement.objects.create(key="new", shown=[], built_at=timezone.now())
    assert forget_arrangements() == 1
    assert Arrangement.objects.get().key == "new"


@pytest.mark.django_db(transaction=True)
def test_a_hundred_who_look_at_once_cause_one(redis):
    start = threading.Barrier(20)

    def look(_: int) -> bool:
        try:
            connection.ensure_connection()
            start.wait(PATIENCE)
            return sum(request_arrangement(shown=["person:00000000", "person:00000001"]) for _ in range(5)) == 1
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as visitors:
        assert sum(visitors.map(look, range(20))) == 1
    assert Arrangement.objects.count() == 1
