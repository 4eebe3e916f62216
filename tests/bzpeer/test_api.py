"""The API's frame: who asks and what they may, pages, problems, limits, ETags, its description and its page."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.views import APIView

from bzpeer.counting import network_of
from profiles.actions.tokens import MOST_LIVE, TokenImpossible, create_token, revoke_token, set_plan
from profiles.models import ApiToken, User
from profiles.models.token import Plan, Scope
from profiles.roles import ADMINISTRATOR
from tests.bzpeer.markup import parse
from tests.factories.people import make_user, signed_in
from works.breaker import cache_breaker
from works.models import ImportRun, RejectedRecord

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_limits(redis) -> None:
    """Nobody has asked yet, and the cache answers."""


def bearing(token: str, method: str = "get", path: str = "/api/v1/me/", **extra: Any) -> Any:
    return getattr(Client(), method)(path, headers={"Authorization": f"Bearer {token}"}, **extra)


def a_token(*scopes: str, email: str = "reader@example.org", **fields: Any) -> str:
    return create_token(name="script", scopes=scopes, by=make_user(email, **fields))[1]


def is_problem(response: Any, status: int) -> dict[str, Any]:
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["request_id"] == response["X-Request-Id"]
    return body


def test_a_token_is_kept_as_a_digest_and_works():
    token = a_token(Scope.ACCOUNT_READ)
    row = ApiToken.objects.get()
    assert token.startswith("bzp_")
    assert row.prefix == token[:12]
    assert not any(token in str(value) for value in vars(row).values())
    body = bearing(token).json()
    assert body["token"]["name"] == "script"
    assert body["is_staff"] is False
    assert "@" not in json.dumps(body)
    row.refresh_from_db()
    assert row.last_used_on == timezone.now().date()


def test_a_token_costs_one_query_after_the_first_of_the_day(django_assert_num_queries):
    token = a_token(Scope.ACCOUNT_READ)
    bearing(token)
    with django_assert_num_queries(1):
        assert bearing(token).status_code == 200


def test_every_token_that_does_not_work_gets_the_same_answer():
    user = make_user()
    expired = create_token(name="old", expires_at=timezone.now() - timedelta(seconds=1), by=user)[1]
    row, revoked = create_token(name="lost", by=user)
    revoke_token(row, by=user)
    gone = a_token(email="gone@example.org", is_active=False)
    answers = set()
    for token in (expired, revoked, gone, "bzp_never", "x" * 5_000, "käse", "", "\x00"):
        response = bearing(token.encode("latin-1").decode("latin-1"))
        body = is_problem(response, 401)
        assert response["WWW-Authenticate"] == 'Bearer realm="api"'
        answers.add((body["type"], body["title"], body["detail"]))
    assert len(answers) == 1


def test_nobody_revokes_somebody_elses_token():
    row, token = create_token(name="script", scopes=[Scope.ACCOUNT_READ], by=make_user())
    revoke_token(row, by=make_user("rival@example.org"))
    assert bearing(token).status_code == 200


def test_an_account_has_only_so_many_tokens_and_known_scopes():
    user = make_user()
    for _ in range(MOST_LIVE):
        create_token(name="script", by=user)
    with pytest.raises(TokenImpossible, match="at most 20"):
        create_token(name="one more", by=user)
    with pytest.raises(TokenImpossible, match="no scope all:write"):
        create_token(name="all", scopes=["all:write"], by=make_user("second@example.org"))


def test_a_token_does_what_its_scopes_say_and_no_more():
    reader = a_token(Scope.IMPORTS_READ, is_staff=True)
    assert bearing(reader, path="/api/v1/import-runs/").status_code == 200
    asked = {"data": json.dumps({"source": "arxiv", "ids": ["2202.07940"]}), "content_type": "application/json"}
    body = is_problem(bearing(reader, "post", "/api/v1/import-runs/", **asked), 403)
    assert body["detail"] == "The token lacks the scope imports:write."
    assert not ImportRun.objects.exists()
    writer = a_token(Scope.IMPORTS_WRITE, email="second@example.org", is_staff=True)
    made = bearing(writer, "post", "/api/v1/import-runs/", **asked)
    run = ImportRun.objects.get()
    assert (made.status_code, made["Location"], made.json()["id"]) == (202, f"/api/v1/import-runs/{run.pk}/", run.pk)
    assert made.json()["ids"] == ["2202.07940"]
    assert "@" not in made.content.decode()
    again = bearing(writer, "post", "/api/v1/import-runs/", **asked)
    assert again.json()["id"] == run.pk


def test_scopes_give_nobody_more_than_the_account_has():
    stranger = a_token(*Scope.values)
    is_problem(bearing(stranger, path="/api/v1/import-runs/"), 403)
    is_problem(Client().get("/api/v1/import-runs/"), 401)
    is_problem(Client().get("/api/v1/me/"), 401)


def test_a_browser_that_is_logged_in_reads_and_its_posts_need_the_csrf_token():
    staff = make_user(is_staff=True)
    assert signed_in(staff).get("/api/v1/me/").json()["token"] is None
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(staff, backend="allauth.account.auth_backends.AuthenticationBackend")
    body = {"source": "arxiv", "ids": ["2202.07940"]}
    is_problem(strict.post("/api/v1/import-runs/", body, content_type="application/json"), 403)
    assert not ImportRun.objects.exists()


def test_what_is_wrong_with_a_request_is_said_by_field():
    client = signed_in(make_user(is_staff=True))

    def post(body: str) -> Any:
        return client.post("/api/v1/import-runs/", body, content_type="application/json")

    wrong = is_problem(post('{"source": "scopus", "ids": "x"}'), 400)
    assert [error["field"] for error in wrong["errors"]] == ["source", "ids"]
    assert wrong["detail"] == "2 fields are not right: source, ids."
    both = is_problem(post('{"source": "arxiv", "query": "a", "ids": ["b"]}'), 400)
    assert both["detail"] == "Say what to import in exactly one way: query, or ids."
    is_problem(post("{"), 400)
    is_problem(client.post("/api/v1/import-runs/", {"source": "arxiv"}), 415)
    is_problem(client.delete("/api/v1/import-runs/"), 405)
    is_problem(client.get("/api/v1/import-runs/", headers={"Accept": "text/csv"}), 406)


def test_runs_and_rejections_come_in_pages_of_constant_cost(django_assert_num_queries):
    runs = [ImportRun.objects.create(source="arxiv", request={"files": [], "ids": [], "query": "q"}, fingerprint=str(n)) for n in range(5)]
    RejectedRecord.objects.bulk_create(RejectedRecord(run=runs[0], place=f"line {n}", reason="no title") for n in range(3))
    client = signed_in(make_user(is_staff=True))
    seen, address = [], "/api/v1/import-runs/?limit=2"
    while address:
        with django_assert_num_queries(3):  # the session, the account, the page
            page = client.get(address).json()
        seen += [run["id"] for run in page["results"]]
        address = page["next"]
    assert seen == [run.pk for run in reversed(runs)]
    rejections = client.get(f"/api/v1/import-runs/{runs[0].pk}/rejections/").json()["results"]
    assert [record["place"] for record in rejections] == ["line 0", "line 1", "line 2"]
    assert client.get(f"/api/v1/import-runs/{runs[0].pk}/").json()["query"] == "q"
    is_problem(client.get("/api/v1/import-runs/0/rejections/"), 404)
    is_problem(client.get("/api/v1/import-runs/?cursor=%00%ff"), 404)


@pytest.mark.parametrize("address", ["/api/v1/nothing", "/api/v1/nothing/", "/api/v1/import-runs/99999999999999999999999/"])
def test_unknown_addresses_are_problems_too(address):
    is_problem(signed_in(make_user(is_staff=True)).get(address), 404)
    assert Client(enforce_csrf_checks=True).post("/api/v1/nothing/").status_code == 404


class OpenView(APIView):
    """Something that everybody may read."""

    def get(self, request: Any) -> Response:
        return Response({})


def test_too_many_requests_are_refused_by_address_and_by_account(settings, rf, same_minute):
    settings.API_VISITORS_A_MINUTE, settings.API_ACCOUNTS_A_MINUTE = 2, 3
    addresses = ["192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.1"]
    visits = [
        OpenView.as_view()(rf.get("/api/v1/open/", REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR=str(n))) for n, address in enumerate(addresses)
    ]
    assert [visit.status_code for visit in visits] == [200, 200, 200, 429]  # a header that anybody can send changes nothing
    token = a_token(Scope.ACCOUNT_READ)
    own = [bearing(token) for _ in range(4)]
    assert [answer.status_code for answer in own] == [200, 200, 200, 429]
    assert [answer["RateLimit-Remaining"] for answer in own] == ["2", "1", "0", "0"]
    assert 0 < int(own[-1]["Retry-After"]) <= 60
    is_problem(own[-1], 429)


def test_whoever_is_refused_for_what_they_sent_counts_as_a_visitor(settings, same_minute):
    settings.API_VISITORS_A_MINUTE = settings.API_ACCOUNTS_A_MINUTE = 3
    network = [f"2001:db8:1:2::{number:x}" for number in range(1, 6)]  # one household
    guesses = [Client().get("/api/v1/me/", headers={"Authorization": f"Bearer bzp_{where}"}, REMOTE_ADDR=where) for where in network]
    assert [answer.status_code for answer in guesses] == [401, 401, 401, 429, 429]
    is_problem(guesses[-1], 429)
    assert Client().get("/api/v1/works/", REMOTE_ADDR=network[0]).status_code == 429
    good = a_token(Scope.ACCOUNT_READ)
    answer = Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {good}"}, REMOTE_ADDR=network[0])
    assert answer.status_code == 200  # a neighbour's guesses cost the owner of a token nothing
    denied = [bearing(good, path="/api/v1/import-runs/").status_code for _ in range(3)]
    assert denied == [403, 403, 429]
    strangers = [Client().post("/api/v1/import-runs/", "{}", content_type="application/json").status_code for _ in range(4)]
    assert strangers == [401, 401, 401, 429]


def test_a_token_of_the_plan_of_partners_has_a_limit_of_its_own(settings, same_minute):
    settings.API_ACCOUNTS_A_MINUTE, settings.API_PARTNERS_A_MINUTE = 2, 4
    user = make_user()
    standard = create_token(name="script", scopes=[Scope.ACCOUNT_READ], by=user)[1]
    row, partner = create_token(name="harvester", scopes=[Scope.ACCOUNT_READ], by=user)
    administrator = make_user("administrator@example.org", is_staff=True)
    administrator.groups.add(Group.objects.get(name=ADMINISTRATOR))
    assert bearing(partner)["RateLimit-Limit"] == "2"
    set_plan(row, plan=Plan.PARTNER, by=administrator)
    answers = [bearing(partner) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    assert (answers[0]["RateLimit-Limit"], answers[0].json()["token"]["plan"]) == ("4", "partner")
    assert [bearing(standard).status_code for _ in range(2)] == [200, 429]  # with what the other asked before it was raised


def test_only_administrators_raise_tokens_and_not_their_own():
    row, _ = create_token(name="script", by=make_user())
    administrator = make_user("administrator@example.org", is_staff=True)
    with pytest.raises(TokenImpossible, match="set by administrators"):
        set_plan(row, plan=Plan.PARTNER, by=administrator)
    administrator.groups.add(Group.objects.get(name=ADMINISTRATOR))
    own, _ = create_token(name="script", by=administrator)
    administrator = User.objects.get(pk=administrator.pk)
    with pytest.raises(TokenImpossible, match="not of their own"):
        set_plan(own, plan=Plan.PARTNER, by=administrator)
    with pytest.raises(TokenImpossible, match="no plan free"):
        set_plan(row, plan="free", by=administrator)
    client = signed_in(administrator)
    page = client.get(f"/admin/profiles/apitoken/{row.pk}/change/")
    assert page.status_code == 200
    assert row.digest not in page.content.decode()
    client.post(f"/admin/profiles/apitoken/{row.pk}/change/", {"plan": "partner", "name": "other", "scopes": "imports:write"})
    row.refresh_from_db()
    assert (row.plan, row.name, row.scopes) == ("partner", "script", [])
    client.post(f"/admin/profiles/apitoken/{own.pk}/change/", {"plan": "partner"})
    own.refresh_from_db()
    assert own.plan == "standard"
    assert signed_in(make_user("staff@example.org", is_staff=True)).get("/admin/profiles/apitoken/").status_code == 403


def test_visitors_with_ipv6_are_counted_by_their_network():
    cases = {"192.0.2.7": "192.0.2.7", "2001:db8:1:2:3::4": "2001:db8:1:2::/64", "::ffff:192.0.2.7": "192.0.2.7", "unix:": "unix:"}
    assert {address: network_of(address) for address in cases} == cases


def test_without_the_cache_nobody_is_refused(settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    settings.API_ACCOUNTS_A_MINUTE = 1
    token = a_token(Scope.ACCOUNT_READ)
    assert [bearing(token).status_code for _ in range(3)] == [200, 200, 200]
    assert cache_breaker.has_failed


def test_an_unchanged_answer_is_not_sent_again():
    token = a_token(Scope.IMPORTS_READ, is_staff=True)
    first = bearing(token, path="/api/v1/import-runs/")
    assert "private" in first["Cache-Control"]
    headers = {"Authorization": f"Bearer {token}", "If-None-Match": first["ETag"]}
    again = Client().get("/api/v1/import-runs/", headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    ImportRun.objects.create(source="arxiv", request={"files": [], "ids": [], "query": "q"}, fingerprint="x")
    assert Client().get("/api/v1/import-runs/", headers=headers).status_code == 200


def test_a_database_that_does_not_answer_is_a_problem_with_a_time():
    from django.db import OperationalError, connection

    def fails(*arguments: Any) -> Any:
        raise OperationalError("the server closed the connection: secret detail")

    token = a_token(Scope.ACCOUNT_READ)
    with connection.execute_wrapper(fails):
        response = bearing(token)
    body = is_problem(response, 503)
    assert (response["Retry-After"], "secret" in json.dumps(body)) == ("5", False)


def test_the_description_is_openapi_3_1_without_a_warning(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", "--file", str(tmp_path / "schema.json"))
    response = Client().get("/api/v1/schema/")
    described = response.json()
    assert response["Content-Type"] == "application/vnd.oai.openapi+json"
    assert described["openapi"] == "3.1.0"
    operations = [operation for item in described["paths"].values() for operation in item.values()]
    assert all("application/problem+json" in operation["responses"]["default"]["content"] for operation in operations)
    assert all(operation.get("tags") and operation.get("summary") for operation in operations)


def test_the_page_tells_of_every_operation_scope_and_problem():
    response = Client().get("/api/v1/")
    html = parse(response.content)
    described = Client().get("/api/v1/schema/").json()
    ids = {operation["operationId"] for item in described["paths"].values() for operation in item.values()}
    assert {article.get("id") for article in html.cssselect("article.operation")} == ids
    assert all(html.cssselect(f"#problem-{kind}") for kind in ("invalid", "unauthenticated", "unavailable"))
    text = html.text_content()
    assert all(scope in text for scope in Scope.values)
    assert 'rel="service-desc"' in response["Link"]
