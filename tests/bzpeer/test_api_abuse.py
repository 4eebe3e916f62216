"""What the API says to those who ask for what is not there, too much, or in a way that nobody means: a problem, never a crash."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from bzpeer.api.description import description, operations_of
from bzpeer.api.urls import urlpatterns
from tests.bzpeer.api_lists import reader, some_authors, some_works
from tests.factories.people import signed_in
from tests.factories.works import make_author, make_work
from works.api.reading import KnownParameters, parameters_of
from works.models import ImportRun

pytestmark = pytest.mark.django_db
JSON = "application/json"
PRIVATE = ["password", "user", "user__email", "email", "name_search", "other_keys", "is_suppressed", "merged_into", "title_hash", "pk"]


@pytest.fixture(autouse=True)
def unlimited(redis, settings) -> None:
    settings.API_VISITORS_A_MINUTE = settings.API_ACCOUNTS_A_MINUTE = 10_000


def problem_of(response: Any, status: int) -> dict[str, Any]:
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json"), response.content[:300]
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    return body


def views() -> dict[str, Any]:
    return {str(pattern.name): view for pattern in urlpatterns if (view := getattr(pattern.callback, "view_class", None))}


def test_every_view_knows_its_parameters_and_the_description_tells_the_same():
    assert [name for name, view in views().items() if not issubclass(view, KnownParameters)] == []
    described = {
        operation["operationId"]: sorted(one["name"] for one in operation.get("parameters", ()) if one["in"] == "query")
        for _, method, operation in operations_of(description())
        if method == "get"
    }
    assert described == {name: sorted(parameters_of(view())) for name, view in views().items()}


def test_what_no_view_reads_is_refused_by_name_and_shortly():
    some_works(1)
    body = problem_of(Client().get("/api/v1/works/?ordering=-merged_into&yaer=2022"), 400)
    assert body["detail"] == "2 fields are not right: ordering, yaer."
    assert body["errors"][0]["message"] == (
        "There is no such parameter here; there are author, topic, source, institution, year, identifier, search, fields, limit and cursor."
    )
    body = problem_of(Client().get("/api/v1/works/?year=2022&year=2023"), 400)
    assert body["errors"] == [{"field": "year", "message": "It can be given once."}]
    body = problem_of(Client().get("/api/v1/topics/?" + "&".join(f"{'n' * 200}{number}=1" for number in range(500))), 400)
    assert len(json.dumps(body)) < 2_000
    assert problem_of(Client().get("/api/v1/works/?format=xml"), 400)["errors"][0]["field"] == "format"
    assert problem_of(Client().get("/api/v1/works/?" + "&".join("year=1" for _ in range(2_000))), 400)


@pytest.mark.parametrize("private", PRIVATE)
def test_private_columns_neither_narrow_nor_order_nor_show(private):
    some_authors(1)
    for address in ("authors", "works", "authorships", "topics", "institutions", "sources"):
        for name in (private, f"{private}__startswith", f"author__{private}"):
            problem_of(Client().get(f"/api/v1/{address}/", {name: "a"}), 400)
        for name in ("ordering", "order_by", "sort", "include", "expand", "q"):
            problem_of(Client().get(f"/api/v1/{address}/", {name: private}), 400)
        problem_of(Client().get(f"/api/v1/{address}/", {"fields": f"id,{private}"}), 400)


def test_a_huge_choice_of_fields_costs_little():
    some_works(3)
    body = problem_of(Client().get("/api/v1/works/", {"fields": ",".join(f"f{number}" for number in range(5_000))}), 400)
    assert len(json.dumps(body)) < 1_000
    answer = Client().get("/api/v1/works/", {"fields": ",".join(["id"] * 5_000)})
    assert [list(row) for row in answer.json()["results"]] == [["id"]] * 3


def test_nul_and_other_odd_signs_are_no_crash():
    author, work = make_author("Ada Lovelace"), make_work("On engines")
    odd = ["%00", "a%00b", "%ED%A0%80", "%F4%8F%BF%BF", "%27%22%3B--", "%0A%0D"]
    for sign in odd:
        for query in (
            *(f"{kind}/?search={sign}" for kind in ("authors", "works", "topics", "institutions", "sources")),
            *(
                f"works/?{name}={sign}"
                for name in ("author", "topic", "source", "institution", "year", "identifier", "cursor", "limit", "fields")
            ),
            f"topics/?scheme={sign}",
            f"topics/?identifier=keyword:{sign}",
            f"works/?identifier=doi:10.1000/{sign}",
            f"sources/?kind={sign}",
            f"institutions/?country={sign}",
            f"works/?{sign}=1",
            f"authors/{sign}/",
            f"works/{work.public_id}{sign}/",
            f"authors/{author.public_id}/{sign}/",
            sign,
        ):
            answer = Client().get(f"/api/v1/{query}")
            assert answer.status_code in {200, 400, 404}, query
            if answer.status_code != 200:
                problem_of(answer, answer.status_code)


def test_places_that_were_tampered_with_or_lead_elsewhere_are_none():
    some_works(3)
    some_authors(3)
    searched = Client().get("/api/v1/works/?search=work&limit=1").json()["next"]
    listed = Client().get("/api/v1/works/?limit=1").json()["next"]
    place = listed.partition("cursor=")[2].partition("&")[0]
    body, _, signature = place.rpartition("%3A")
    assert len(signature) > 30
    for wrong in (
        place[:-1] + ("a" if place[-1] != "a" else "b"),
        f"{body[:-2]}%3A{signature}",
        f"{body}%3A",
        signature,
        place * 20,
        searched.partition("cursor=")[2].partition("&")[0],
    ):
        problem_of(Client().get(f"/api/v1/works/?cursor={wrong}"), 404)
    problem_of(Client().get(f"/api/v1/works/?search=work&cursor={place}"), 404)
    problem_of(Client().get(f"/api/v1/authors/?cursor={place}"), 404)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("[" * 100_000, 400),
        ('{"a":' * 100_000, 400),
        ('{"source": "arxiv", "ids": ' + "[" * 500 + "]" * 500 + "}", 400),
        ('{"source": "arxiv", "ids": ["\\u0000"]}', 400),
        ('{"source": "arxiv", "query": "\\ud800"}', 400),
        ('{"source": "arxiv", "query": NaN}', 400),
        ('{"source": 1e400}', 400),
        (f'{{"source": {"9" * 5_000}}}', 400),
        ("", 400),
        ("null", 400),
        ("[]", 400),
        ('"arxiv"', 400),
        ('{"source": "arxiv", "query": "' + "q" * 3_000_000 + '"}', 413),
    ],
)
def test_bodies_that_are_deep_long_or_odd_are_refused(body, status):
    problem_of(signed_in(reader()).post("/api/v1/import-runs/", body, content_type=JSON), status)
    assert not ImportRun.objects.exists()


def test_a_body_with_a_field_that_nothing_reads_is_refused_by_name():
    body = '{"source": "arxiv", "idz": ["2202.07940"], "' + "n" * 200 + '": 1}'
    answer = problem_of(signed_in(reader()).post("/api/v1/import-runs/", body, content_type=JSON), 400)
    said = "There is no such field here; there are source, query and ids."
    assert answer["errors"] == [{"field": "idz", "message": said}, {"field": f"{'n' * 40}…", "message": said}]
    assert not ImportRun.objects.exists()


def test_every_error_below_the_address_is_a_problem(settings):
    client = Client(raise_request_exception=False)
    for address in ("/api/", "/api/v2/", "/api/v1/nothing/", "/api/v1/authors", "/api/v1/authors/x/", "/api/v1/../v1/", "/api/v1//works/"):
        assert problem_of(client.get(address), 404)["detail"].startswith("The API has nothing at this address")
    for address in ("/api/v1/", "/api/v1/schema/"):
        answer = client.post(address)
        assert problem_of(answer, 405)["detail"] == "This address answers to GET, HEAD only."
        assert answer["Allow"] == "GET, HEAD"
    for method in ("post", "put", "patch", "delete", "trace"):
        answer = getattr(signed_in(reader()), method)("/api/v1/works/")
        problem_of(answer, 405)
        assert answer["Allow"] == "GET, HEAD, OPTIONS"
    problem_of(client.get("/api/v1/works/", headers={"Accept": "text/csv"}), 406)
    problem_of(client.get("/api/v1/works/", headers={"Host": "elsewhere.example"}), 400)
    problem_of(signed_in(reader()).post("/api/v1/import-runs/", "<a/>", content_type="application/xml"), 415)
    problem_of(client.post("/api/v1/import-runs/", "{}", content_type=JSON), 401)
    assert client.get("/api/v1").headers["Location"] == "/api/v1/"


def test_options_and_head_say_no_more_than_get():
    some_works(1)
    head = Client().head("/api/v1/works/")
    assert (head.status_code, head.content) == (200, b"")
    options = Client().options("/api/v1/works/")
    assert options.status_code == 200
    assert "@" not in options.content.decode()
