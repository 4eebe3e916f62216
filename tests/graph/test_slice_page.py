"""The slice's page in each of its states, alone, inside another page, and as JSON."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.db import connection
from django.template import Context, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from graph.models import Slice
from tests.factories.works import make_author, make_work
from tests.graph.conftest import Cast
from works.breaker import broker_breaker
from works.models import Author

HTMX = {"HX-Request": "true"}


def address(author) -> str:
    return f"/researchers/{author.slug}/graph/"


def see(client: Client, author, query: str = "", **headers) -> str:
    response = client.get(address(author) + query, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def statements(queries: CaptureQueriesContext) -> list[str]:
    return [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]


def inline(author) -> str:
    fetched = Author.objects.select_related("slice", "neighbourhood").get(pk=author.pk)
    with CaptureQueriesContext(connection) as queries:
        text = Template("{% load graph_slot %}{% graph_slot author %}").render(Context({"author": fetched, "csrf_token": "token"}))
    assert statements(queries) == []
    return text


class Outline(HTMLParser):
    """The elements of a page, and whether every one of them is closed in order."""

    void = {"meta", "link", "input", "br", "hr", "img"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_ready_alone_and_as_a_fragment(cast: Cast, client):
    cast.count()
    cast.build()
    page = see(client, cast.boxiao)
    fragment = see(client, cast.boxiao, **HTMX)
    assert "<!doctype html>" in page
    assert "<!doctype html>" not in fragment
    for text in (page, fragment):
        assert '<svg class="slice-svg is-roomy"' in text
        assert "2 joint works, 2022–2023" in text
        assert "5 people · 2 works · 2 topics · 1 institution · references known for 1 of 2 works" in text
        assert re.search(r"Built (now|a second ago|\d+\s+seconds ago)", text)
        assert "hx-get" not in text.partition("slice-slot")[2]
    Outline(page)


def test_the_map_and_the_list_say_the_same(cast: Cast, client):
    cast.count()
    cast.build()
    outline = Outline(see(client, cast.boxiao, **HTMX))
    payload = Slice.objects.get(author=cast.boxiao).payload
    links = [attrs for tag, attrs in outline.seen if tag == "a"]
    in_map = [attrs["href"] for attrs in links if "node" in (attrs.get("class") or "").split()]
    in_list = [attrs["href"] for attrs in links if "class" not in attrs and "tabindex" not in attrs]
    assert in_map == [node["url"] for node in payload["nodes"]]
    assert set(in_map[1:]) <= set(in_list)
    edges = [attrs["href"] or "" for attrs in links if attrs.get("tabindex") == "-1"]
    assert sorted(edges) == sorted(edge["url"] for edge in payload["edges"])
    assert len(edges) == len(payload["edges"]) == 24
    assert not [attrs for _, attrs in outline.seen if "style" in attrs or any(name.startswith("on") for name in attrs)]


def test_building_shows_who_is_near_and_polls_with_back_off(cast: Cast, client):
    cast.count()
    first = see(client, cast.boxiao, **HTMX)
    assert "Building this graph slice" in first
    assert "BZPEER is loading the nearby papers, people, topics and institutions for this page." in first
    assert "Yu Liu</a> <span>2 joint works, 2022–2023" in first
    assert Slice.objects.get(author=cast.boxiao).is_owed

    def poll(query: str) -> tuple[str | None, str | None]:
        slot = next(
            attrs for tag, attrs in Outline(see(client, cast.boxiao, query, **HTMX)).seen if "slice-slot" in (attrs.get("class") or "")
        )
        return slot.get("hx-get"), slot.get("hx-trigger")

    url = address(cast.boxiao)
    assert poll("") == (f"{url}?attempt=1", "load delay:0.2s")
    assert poll("?attempt=1") == (f"{url}?attempt=2", "load delay:0.6s")
    assert poll("?attempt=2") == (f"{url}?attempt=3", "load delay:2s")
    assert poll("?attempt=9") == (f"{url}?attempt=10", "load delay:8s")
    assert poll("?attempt=10") == (None, None)
    assert "This takes longer than it should" in see(client, cast.boxiao, "?attempt=10", **HTMX)
    assert poll("?attempt=-1") == poll("?attempt=one") == poll("?attempt=²") == poll("")


def test_building_without_javascript_is_a_page_with_a_link_to_itself(cast: Cast, client):
    page = see(client, cast.boxiao)
    assert f'<a href="{address(cast.boxiao)}">Reload this page</a>' in page
    assert 'http-equiv="refresh"' not in page


def test_stale_is_shown_with_its_age_and_a_refresh_is_asked_for(cast: Cast, client):
    cast.count()
    cast.build()
    Slice.objects.update(stale_at=timezone.now() - timedelta(hours=3), built_at=timezone.now() - timedelta(days=2))
    text = see(client, cast.boxiao)
    assert '<svg class="slice-svg' in text
    assert "The record has changed 3\xa0hours ago, after this slice was built." in text
    assert "Built 2\xa0days ago" in text
    assert Slice.objects.get(author=cast.boxiao).is_owed
    built = round(Slice.objects.get(author=cast.boxiao).built_at.timestamp() * 1_000_000)
    notice = f"?attempt=2&seen={built}"
    assert f'hx-get="{address(cast.boxiao)}{html.escape(notice)}"' in text
    waiting = see(client, cast.boxiao, notice, **HTMX)
    assert "A newer one is on its way" in waiting
    assert "<svg" not in waiting
    assert cast.finish(cast.boxiao)
    assert "A newer slice is ready." in see(client, cast.boxiao, notice, **HTMX)


def test_a_slice_of_an_older_form_is_stale(cast: Cast, client):
    cast.count()
    cast.build()
    Slice.objects.update(version=0)
    assert "This slice was built in an older form." in see(client, cast.boxiao)
    assert Slice.objects.get(author=cast.boxiao).is_owed


def test_a_stale_slice_whose_refresh_failed_says_so_and_stays(cast: Cast, client):
    cast.count()
    cast.build()
    Slice.objects.update(stale_at=timezone.now(), error="It broke.")
    text = see(client, cast.boxiao)
    assert "could not be built: It broke." in text
    assert '<svg class="slice-svg' in text
    assert "Build it again</button>" in text
    assert not Slice.objects.get(author=cast.boxiao).is_owed


def test_an_error_keeps_the_list_and_only_a_post_asks_again(cast: Cast):
    client = Client(enforce_csrf_checks=True)
    cast.count()
    Slice.objects.create(author=cast.boxiao, error="It broke.")
    text = see(client, cast.boxiao)
    assert "This graph slice could not be built" in text
    assert "It broke." in text
    assert ">Yu Liu</a>" in text
    assert not Slice.objects.get(author=cast.boxiao).is_owed
    assert client.post(address(cast.boxiao)).status_code == 403
    token = text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    answer = client.post(address(cast.boxiao), {"csrfmiddlewaretoken": token})
    assert (answer.status_code, answer["Location"]) == (303, address(cast.boxiao))
    assert Slice.objects.get(author=cast.boxiao).is_owed
    assert "Building this graph slice" in see(client, cast.boxiao)


def test_empty_says_why_and_what_to_do(db, client):
    nobody = make_author("Nobody Yet")
    see(client, nobody)
    assert Cast.finish(nobody)
    text = see(client, nobody)
    assert "Nothing around Nobody Yet yet" in text
    assert "no work that is tied to this author" in text
    assert "/search/?q=Nobody%20Yet" in text
    assert "<svg class" not in text


def test_works_without_collaborators_are_drawn_and_the_reason_given(db, client):
    alone = make_author("Lone Writer")
    make_work("A monograph", 2001, [alone], ["Logic"])
    see(client, alone)
    assert Cast.finish(alone)
    text = see(client, alone)
    assert '<svg class="slice-svg' in text
    assert "The record names nobody who wrote with Lone Writer" in text


def test_too_large_states_the_ranked_cut(cast: Cast, client):
    for number in range(45):
        make_work(f"Work {number}", 1960 + number, [cast.boxiao, make_author(f"A {number}"), make_author(f"B {number}")])
    cast.boxiao.works_count = 2310
    cast.boxiao.save()
    cast.count()
    cast.build()
    text = see(client, cast.boxiao)
    assert "80 of 95 people, closest first · 40 of 2,310 works, newest first" in text
    assert "68 more</summary>" in text


def test_what_the_record_says_is_text_and_never_markup(db, client):
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    author, other = make_author(f"A {hostile}"), make_author(f"{{{{ B }}}} {hostile}")
    make_work(f"Title {hostile}", 2022, [author, other], [f"Topic {hostile}"], institutions={author: f"Institute {hostile}"})
    Cast.count_these(author, other)
    building = see(client, author)
    assert Cast.finish(author)
    for text in (building, see(client, author), inline(author)):
        outline = Outline(text)
        assert [attrs.get("src") for tag, attrs in outline.seen if tag == "script" and "/static/" not in (attrs.get("src") or "")] == []
        assert "img" not in {tag for tag, _ in outline.seen}
        assert not [attrs for _, attrs in outline.seen if "onerror" in attrs]
        assert "&lt;script&gt;alert(1)" in text


def test_inside_another_page_it_needs_no_query_and_no_request_when_built(cast: Cast):
    cast.count()
    waiting = inline(cast.boxiao)
    assert f'hx-get="{address(cast.boxiao)}?attempt=0" hx-trigger="load"' in waiting
    assert f'<a href="{address(cast.boxiao)}">Open the graph of Boxiao Liu</a>' in waiting
    assert "Yu Liu</a>" in waiting
    cast.build()
    ready = inline(cast.boxiao)
    assert '<svg class="slice-svg' in ready
    assert "hx-get" not in ready
    Slice.objects.update(stale_at=timezone.now())
    assert f"{address(cast.boxiao)}?attempt=0&amp;seen=" in inline(cast.boxiao)


@pytest.mark.parametrize("query", ["", "?format=json"])
def test_a_built_slice_costs_one_query_whatever_its_size(cast: Cast, client, query):
    cast.count()
    cast.build()
    cast.build(cast.jihao)
    for author in (cast.boxiao, cast.jihao):
        with CaptureQueriesContext(connection) as queries:
            client.get(address(author) + query, headers=HTMX)
        assert len(statements(queries)) == 1


def test_a_missing_slice_costs_two_queries_and_a_poll_one(cast: Cast, client):
    for query, most in (("", 2), ("?attempt=1", 1)):
        with CaptureQueriesContext(connection) as queries:
            client.get(address(cast.boxiao) + query, headers=HTMX)
        assert len(statements(queries)) == most


def test_a_whole_page_costs_one_query(cast: Cast, client):
    cast.count()
    cast.build()
    with CaptureQueriesContext(connection) as queries:
        see(client, cast.boxiao)
    assert len(statements(queries)) == 1


def test_another_name_in_the_address_leads_to_the_right_one(cast: Cast, client):
    answer = client.get(f"/researchers/somebody-else-{cast.boxiao.public_id}/graph/?format=json")
    assert (answer.status_code, answer["Location"]) == (301, f"{address(cast.boxiao)}?format=json")
    assert client.get("/researchers/nobody-00000000/graph/").status_code == 404
    assert client.get("/researchers/%00/graph/").status_code == 404
    assert client.put(address(cast.boxiao)).status_code == 405


def test_the_page_and_its_fragment_are_kept_apart_by_caches(cast: Cast, client):
    answer = client.get(address(cast.boxiao))
    assert "HX-Request" in answer["Vary"]
    assert answer["Cache-Control"] == "no-cache"
    restored = client.get(address(cast.boxiao), headers={**HTMX, "HX-History-Restore-Request": "true"})
    assert b"<!doctype html>" in restored.content


def test_json_is_the_stored_payload_with_a_tag(cast: Cast, client):
    url = f"{address(cast.boxiao)}?format=json"
    missing = client.get(url)
    assert (missing.status_code, missing["Content-Type"]) == (404, "application/problem+json")
    assert missing.json()["title"] == "This slice is not built yet"
    cast.count()
    assert Cast.finish(cast.boxiao)
    answer = client.get(url)
    assert answer["Content-Type"] == "application/json"
    assert json.loads(answer.content) == Slice.objects.get(author=cast.boxiao).payload
    assert answer["Cache-Control"] == "public, max-age=60"
    again = client.get(url, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_web_processes_do_not_load_networkx():
    code = (
        "import sys, django; django.setup(); from django.urls import get_resolver; get_resolver().url_patterns;"
        "import graph.views, graph.tasks; sys.exit('networkx' in sys.modules or 'scipy' in sys.modules)"
    )
    settings_for_it = {**os.environ, "DJANGO_SETTINGS_MODULE": "bzpeer.settings"}
    assert subprocess.run([sys.executable, "-c", code], env=settings_for_it, check=False, cwd=settings.BASE_DIR).returncode == 0


@pytest.mark.django_db(transaction=True)
def test_a_missing_slice_is_promised_where_redis_has_failed(cast: Cast, client):
    broker_breaker.failed()
    Slice.objects.all().delete()
    response = client.get(f"/researchers/{cast.boxiao.slug}/graph/")
    assert response.status_code == 200
    assert b"Building this graph slice" in response.content
    assert Slice.objects.get(author=cast.boxiao).is_owed
