"""What holds of every request: posts carry a token, reads change nothing, redirects stay here, private pages are nobody else's, and errors
tell nothing of the inside."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.db import connection, transaction
from django.test import Client

from tests.attacks.web.requests import BODIES, answered
from tests.attacks.web.rules import rules
from tests.attacks.web.scene import ROLES, Scene, make_scene, patterns
from tests.factories.people import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords", "unlimited")]
VIEWS = dict(patterns())
OWN = [route for route in VIEWS if not route.startswith("admin/")]

# Posts that are answered without the token, and what stands in its place.
WITHOUT_TOKEN = {
    "mail/reports/": "a token of the settings, in a header",
    "digest/stop/<str:word>/": "a signed word in the address, as mail programs post it",
}
# Reads that write, the tables, and why that is no attack: nothing that anybody sees or owns is changed by them.
READS_THAT_WRITE = {
    "review/<slug:public_id>/": (
        {"profiles_claim", "profiles_evidenceview", "profiles_weighing"},
        "the case lies on the reviewer's table for some minutes, and who saw its evidence is noted",
    ),
    "works/<str:public_id>/": ({"works_work"}, "an abstract that is not there is asked for, once a work"),
    "researchers/<str:slug>/graph/": ({"graph_slice"}, "a slice that is not built is asked for"),
    "researchers/<str:slug>/similar/": ({"graph_similarpeople"}, "a list that is not made is asked for"),
    "api/v1/authors/<public_id:public_id>/similar/": ({"graph_similarpeople"}, "the same"),
    "graph/": ({"graph_slice", "graph_arrangement"}, "a slice or an arrangement that is not built is asked for"),
}
SESSION = {"django_session", "usersessions_usersession"}
ELSEWHERE = [
    "//evil.example/",
    "https://evil.example/",
    r"/\evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
    "\t//evil.example/",
]
INSIDE = re.compile(r"Traceback|site-packages|psycopg|SELECT .* FROM|DATABASE_URL|postgres://|redis://|/(home|root|usr|tmp)/|\.py\b")


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def test_every_post_needs_the_token_of_the_page_it_came_from(scene):
    """Without the token each is refused, whoever's browser sends it."""
    opened = set()
    for role in ("stranger", "owner", "administrator"):
        client = scene.client(role, enforce_csrf_checks=True)
        opened |= {route for route in OWN if answered(client, "post", scene.at(route), BODIES.get(route)) == "+"}
    assert opened == set(WITHOUT_TOKEN) - {"mail/reports/"}
    exempt = {route for route, view in VIEWS.items() if getattr(view, "csrf_exempt", False)}
    assert {route for route in exempt if not route.startswith("api/v1/")} == set(WITHOUT_TOKEN)


def test_a_visit_changes_nothing(scene):
    wrote: dict[str, set[str]] = {}
    for role in ("stranger", "owner", "administrator"):
        client = scene.client(role)
        for route in VIEWS:
            if "+" not in rules().get(route, ("+", ""))[0] or "<path:" in route or "<id>" in route:
                continue
            written: set[str] = set()

            def watch(execute: Any, sql: Any, params: Any, many: bool, context: Any, written: set[str] = written) -> Any:
                found = re.match(r'\s*(?:WITH .*?)?(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)', str(sql), re.DOTALL)
                written |= {found[1]} - SESSION if found else set()
                return execute(sql, params, many, context)

            with connection.execute_wrapper(watch):
                answered(client, "get", scene.at(route))
            if written:
                wrote.setdefault(route, set()).update(written)
    assert {route: tables - READS_THAT_WRITE.get(route, (set(), ""))[0] for route, tables in wrote.items()} == {
        route: set() for route in wrote
    }


def test_what_is_for_one_person_lies_in_no_cache(scene):
    """Whatever looks otherwise to who is signed in than to a stranger says so to caches."""
    stranger = Client()
    kept: list[tuple[str, str]] = []
    for role in ("owner", "administrator"):
        client = scene.client(role)
        for route in OWN:
            if rules()[route][0][ROLES.index(role)] != "+":
                continue
            with transaction.atomic():
                own, others = client.get(scene.at(route)), stranger.get(scene.at(route))
                transaction.set_rollback(True)
            asked = own.get("Cache-Control", "")
            if own.getvalue() != others.getvalue() and not ("no-store" in asked and "private" in asked):
                kept.append((route, asked))
    assert kept == []


def test_secrets_in_addresses_are_kept_by_nobody(scene):
    for route in ("feeds/<str:token>/", "digest/stop/<str:word>/", "not-me/<str:word>/"):
        answer = Client().get(scene.at(route))
        assert "private" in answer["Cache-Control"], route
        assert answer["Referrer-Policy"] == "no-referrer", route


def test_nothing_redirects_to_elsewhere(scene):
    wishes = dict.fromkeys(("next", "back", "back_to", "return", "url", "to"), "https://evil.example/")
    for role, method in (("stranger", "get"), ("owner", "post")):
        client = scene.client(role)
        for route in OWN:
            before = client.cookies.copy()
            with transaction.atomic():
                answer = getattr(client, method)(scene.at(route), wishes | (BODIES.get(route) or {}))
                transaction.set_rollback(True)
            client.cookies = before
            for header in ("Location", "HX-Redirect", "HX-Location", "Refresh"):
                assert "evil.example" not in answer.get(header, "").partition("?")[0], route
    for where in ELSEWHERE:
        answer = Client().post("/accounts/login/", {"login": "reader@mail.example", "password": PASSWORD, "next": where})
        assert answer["Location"] == site_settings.LOGIN_REDIRECT_URL
        assert not scene.client("owner").post("/accounts/logout/", {"next": where})["Location"].count("evil")


def test_errors_tell_nothing_of_the_inside(scene):
    """400, 403, 404, 405, 422 and what no page foresaw: a sentence and the request's id."""
    client = scene.client("owner")
    answers = [
        client.get(address)
        for address in ("/nothing/", "/works/%00/", "/researchers/x-%F0%28%8C%28/", "/api/v1/works/?year=%00", "/review/")
    ]
    answers += [Client(headers={"host": "evil.example"}).get("/"), client.post("/search/"), client.post("/me/works/add/", {"file": "x"})]
    answers += [
        Client(enforce_csrf_checks=True).post("/accounts/login/", {}),
        client.get("/search/", {"q": "'; DROP TABLE works_work; --"}),
    ]
    for answer in answers:
        assert INSIDE.search(answer.content.decode()) is None, answer.content[:400]
        assert answer["X-Request-Id"]
        assert "Server" not in answer
        assert "X-Powered-By" not in answer


def test_what_nobody_foresaw_is_told_without_its_cause(scene):
    """A page whose table is not there: as after a release whose migration was forgotten."""
    client = scene.client("owner")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE works_shelf RENAME TO works_shelf_away")
        answers = [client.get(scene.at(route)) for route in ("topics/<str:slug>/", "api/v1/topics/")]
        transaction.set_rollback(True)
    for answer in answers:
        assert answer.status_code == 500
        assert INSIDE.search(answer.content.decode()) is None
        assert answer["X-Request-Id"] in answer.content.decode()


def test_mails_carry_no_header_or_address_that_somebody_typed(scene, mailoutbox):
    """Whatever host is asked and whatever a form is told."""
    for host in ("localhost", "127.0.0.1"):
        client = Client(headers={"host": host, "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"})
        client.post("/accounts/password/reset/", {"email": "reader@mail.example"})
        client.post("/accounts/signup/", {"email": f"new.{host}@mail.example", "password1": PASSWORD, "next": "//evil.example/"})
    assert len(mailoutbox) == 4
    for mail in mailoutbox:
        assert "evil.example" not in mail.message().as_string()
        assert site_settings.SITE_URL in mail.body
