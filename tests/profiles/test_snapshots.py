"""Snapshots of the explorer: taken, looked at, limited, forgotten."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from profiles.actions.privacy.deletion import delete_account
from profiles.actions.privacy.keeping import forget_overnight
from profiles.actions.snapshots import take_snapshot
from profiles.models import Snapshot, User
from profiles.models.snapshot import SNAPSHOT_KEPT
from tests.factories.people import make_user, signed_in
from tests.graph.conftest import Cast, cast  # noqa: F401 -- the cast of the graph's tests
from works.actions.journal import Actor
from works.actions.suppressions import suppress_author
from works.models import Author
from works.models.decision import Role


@pytest.fixture
def state(cast: Cast) -> str:  # noqa: F811
    cast.count()
    for author in (cast.boxiao, cast.yu):
        cast.build(author)
    return f"seed=person%3A{cast.boxiao.public_id}&open=person%3A{cast.yu.public_id}&hide=institution"


@pytest.fixture
def user(db: None) -> User:
    return make_user("reader@example.org")


def taken(client: Any, state: str) -> Snapshot:
    answer = client.post("/graph/snapshots/", {"state": state})
    assert answer.status_code == 303
    snapshot = Snapshot.objects.latest("taken_at")
    assert answer["Location"] == f"/graph/snapshots/{snapshot.pk}/"
    return snapshot


def test_what_is_shown_is_kept_as_it_was(cast: Cast, state: str, user: User, client, django_assert_num_queries):  # noqa: F811
    page = signed_in(user).get(f"/graph/?{state}").content.decode()
    assert f'<input type="hidden" name="state" value="{state.replace("&", "&amp;")}">' in page
    assert "Log in to keep a snapshot" in client.get(f"/graph/?{state}").content.decode()
    shown = client.get(f"/graph/?{state}&format=json").json()
    snapshot = taken(signed_in(user), state)
    assert len(snapshot.pk) == 22
    address = f"{snapshot.get_absolute_url()}?format=json"
    with django_assert_num_queries(2):
        assert client.get(address).json() == shown
    cast.build(cast.boxiao)
    Author.objects.filter(pk=cast.bingqi.pk).update(name="Ma Bingqi")
    kept = client.get(address).json()
    assert [node["id"] for node in kept["nodes"]] == [node["id"] for node in shown["nodes"]]
    assert kept["edges"] == shown["edges"]
    assert "Ma Bingqi" in {node["label"] for node in kept["nodes"]}
    text = client.get(snapshot.get_absolute_url()).content.decode()
    assert text.count('<a class="node') == len(shown["nodes"])
    assert f'href="/graph/?{state.replace("&", "&amp;")}"' in text
    assert "Delete" not in text
    for name in ("svg", "png", "graphml", "gexf", "csv"):
        first = client.get(f"{snapshot.get_absolute_url()}?format={name}")
        assert first.status_code == 200
        assert client.get(f"{snapshot.get_absolute_url()}?format={name}", headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_only_accounts_take_them_and_only_owners_delete_them(state: str, user: User, client):
    assert client.post("/graph/snapshots/", {"state": state})["Location"].startswith("/accounts/login/")
    snapshot = taken(signed_in(user), state)
    other = signed_in(make_user("other@example.org"))
    assert other.post(f"{snapshot.get_absolute_url()}delete/").status_code == 404
    assert client.post(f"{snapshot.get_absolute_url()}delete/").status_code == 302
    mine = signed_in(user)
    assert snapshot.get_absolute_url() in mine.get("/graph/snapshots/").content.decode()
    assert snapshot.get_absolute_url() not in other.get("/graph/snapshots/").content.decode()
    assert mine.post(f"{snapshot.get_absolute_url()}delete/").status_code == 303
    assert client.get(snapshot.get_absolute_url()).status_code == 404


def test_a_graph_that_is_empty_or_unfinished_is_not_kept(cast: Cast, state: str, user: User):  # noqa: F811
    mine = signed_in(user)
    for bad, why in (("", "the graph is empty"), (f"seed=person%3A{cast.jihao.public_id}", "still being built")):
        answer = mine.post("/graph/snapshots/", {"state": bad}, follow=True)
        assert why in answer.content.decode()
    assert not Snapshot.objects.exists()


def test_there_is_a_quota(state: str, user: User):
    Snapshot.objects.bulk_create(Snapshot(user=user, query="", payload={}) for _ in range(50))
    answer = signed_in(user).post("/graph/snapshots/", {"state": state}, follow=True)
    assert "50 snapshots are kept for one account" in answer.content.decode()
    assert Snapshot.objects.count() == 50


def test_they_go_with_their_year_and_with_their_account(state: str, user: User):
    mine = signed_in(user)
    old, young = taken(mine, state), taken(mine, state)
    Snapshot.objects.filter(pk=old.pk).update(taken_at=timezone.now() - SNAPSHOT_KEPT - timedelta(hours=1))
    forget_overnight()
    assert list(Snapshot.objects.values_list("pk", flat=True)) == [young.pk]
    delete_account(user)
    assert not Snapshot.objects.exists()


def test_whoever_objects_is_taken_out(cast: Cast, state: str, user: User, client):  # noqa: F811
    snapshot = taken(signed_in(user), state)
    alone = taken(signed_in(user), f"seed=person%3A{cast.yu.public_id}&hide=work&hide=topic&hide=institution&without=co-wrote")
    assert [node["label"] for node in alone.payload["nodes"]] == ["Yu Liu"]
    public_id = cast.yu.public_id
    suppress_author(author_id=cast.yu.pk, by=Actor(account=1, role=Role.STAFF))
    snapshot.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM profiles_snapshot WHERE payload::text LIKE %s OR query LIKE %s", [f"%{public_id}%"] * 2)
        assert cursor.fetchone()[0] == 0
    assert not Snapshot.objects.filter(pk=alone.pk).exists()
    page = client.get(snapshot.get_absolute_url()).content.decode()
    assert "Boxiao Liu" in page
    assert "Yu Liu" not in page
    assert all(public_id not in json.dumps(edge) for edge in snapshot.payload["edges"])
    assert snapshot.payload["totals"]["person"]["shown"] == sum(node["kind"] == "person" for node in snapshot.payload["nodes"])


@pytest.mark.parametrize("people", [1, 3])
def test_the_list_costs_the_same_whatever_is_kept(state: str, user: User, people: int, django_assert_max_num_queries):
    from graph.explorer.state import parse

    for _ in range(people):
        take_snapshot(state=parse([("seed", state.partition("%3A")[2][:8]), ("seed", f"person:{state.partition('%3A')[2][:8]}")]), by=user)
    mine = signed_in(user)
    mine.get("/graph/snapshots/")
    with django_assert_max_num_queries(5):
        mine.get("/graph/snapshots/")


def test_files_of_the_explorer_are_limited_by_address(state: str, user: User, client, settings, redis, same_minute):
    settings.API_VISITORS_A_MINUTE = 2
    assert [client.get(f"/graph/?{state}&format=json").status_code for _ in range(3)] == [200, 200, 429]
    assert client.get(f"/graph/?{state}").status_code == 200
    assert signed_in(user).get(f"/graph/?{state}&format=json").status_code == 200
