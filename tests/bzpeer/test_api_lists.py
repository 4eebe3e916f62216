"""What holds for every list of the API, walked from its addresses: cost, pages, order, filters, chosen fields."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bzpeer.api_lists import ADDRESS, LISTS, list_views, reader, some_works
from tests.factories.people import signed_in
from tests.factories.works import make_author, make_institution, make_topic, make_work
from works.actions.search import rebuild_search
from works.actions.shelves import rebuild_shelves
from works.models import Author, Authorship, Source, Topic, Work, WorkIdentifier

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def unlimited(redis, settings) -> None:
    settings.API_VISITORS_A_MINUTE = settings.API_ACCOUNTS_A_MINUTE = 10_000


@pytest.fixture
def walker() -> Client:
    client = signed_in(reader())
    client.get("/api/v1/me/")
    return client


def test_no_list_escapes():
    assert set(list_views()) == set(LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_a_page_of_a_hundred_costs_the_queries_of_a_page_of_one(name, walker):
    address = ADDRESS + LISTS[name](100)
    join = "&" if "?" in address else "?"
    counts = {}
    for size in (1, 3, 100):
        with CaptureQueriesContext(connection) as queries:
            answer = walker.get(f"{address}{join}limit={size}")
        assert (answer.status_code, len(answer.json()["results"])) == (200, size)
        counts[size] = len(queries)
    assert counts[1] == counts[3] == counts[100] <= 2 + 5  # who asks, and at most five more


@pytest.mark.parametrize("name", LISTS)
def test_pages_hold_every_row_once_forwards_and_backwards(name, walker):
    address = ADDRESS + LISTS[name](11)
    join = "&" if "?" in address else "?"
    whole = walker.get(f"{address}{join}limit=100").json()["results"]
    forwards, page = [], walker.get(f"{address}{join}limit=4").json()
    assert page["previous"] is None
    forwards.append(page["results"])
    while page["next"]:
        page = walker.get(page["next"]).json()
        forwards.append(page["results"])
    assert [row for rows in forwards for row in rows] == whole
    backwards = []
    while page["previous"]:
        page = walker.get(page["previous"]).json()
        backwards.insert(0, page["results"])
    assert backwards == forwards[:-1]
    if page["next"]:
        assert walker.get(page["next"]).json()["results"] == forwards[1]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_refuses_sizes_places_and_fields_that_cannot_be(name, walker):
    address = ADDRESS + LISTS[name](1)
    join = "&" if "?" in address else "?"
    for wrong in ("limit=0", "limit=101", "limit=x", "limit=", "limit=1_0", "limit=٣"):
        assert walker.get(f"{address}{join}{wrong}").status_code == 400, wrong
    for wrong in ("cursor=x", "cursor=%00", "cursor=WyJhZnRlciIsWzFdXQ", f"cursor={'y' * 2000}"):
        assert walker.get(f"{address}{join}{wrong}").status_code == 404, wrong


def test_a_place_in_one_list_is_none_in_another(walker):
    some_works(3)
    page = walker.get("/api/v1/works/?limit=1").json()
    cursor = page["next"].partition("cursor=")[2].partition("&")[0]
    assert walker.get(f"/api/v1/topics/?cursor={cursor}").status_code == 404


@pytest.mark.parametrize("name", ["authors", "works", "authorships", "topics", "institutions", "sources", "author_collaborations"])
def test_fields_are_chosen(name, walker):
    address = ADDRESS + LISTS[name](2)
    join = "&" if "?" in address else "?"
    names = list(walker.get(address).json()["results"][0])
    chosen = [names[0], names[2]]
    for given in (f"fields={','.join(chosen)}", "&".join(f"fields={one}" for one in chosen)):
        assert [list(row) for row in walker.get(f"{address}{join}{given}").json()["results"]] == [chosen, chosen]
    wrong = walker.get(f"{address}{join}fields={names[0]},password")
    assert (wrong.status_code, wrong.json()["errors"][0]["message"]) == (400, "There is no field 'password'.")
    assert walker.get(f"{address}{join}fields=").status_code == 400


def test_filters_are_read_from_an_index_in_the_order_of_the_list(walker):
    """With sorting and reading whole tables made dear, each filter's plan has neither: an index gives its rows in order."""
    source = Source.objects.create(public_id="0" * 8, name="Journal", name_key="journal", kind="journal")
    author = make_author("Ada Lovelace", works_count=1, is_claimed=True)
    work = make_work("On engines", authors=[author], topics=["engines"], source=source, institutions={author: "Mill"})
    make_work("On mills", authors=[author], topics=["engines"], source=source, institutions={author: "Mill"})
    institution = make_institution("Mill")
    rebuild_shelves()
    WorkIdentifier.objects.create(work=work, scheme="doi", value="10.1000/x")
    topic = make_topic("engines")
    asked = {
        "works": [
            f"author={author.public_id}",
            f"topic={topic.public_id}",
            f"source={source.public_id}",
            f"institution={institution.public_id}",
            "year=2022",
            "identifier=doi:10.1000/x",
        ],
        "authors": [
            "claimed=true",
            "identifier=orcid:0000-0002-1825-0097",
            f"topic={topic.public_id}",
            f"institution={institution.public_id}",
            f"source={source.public_id}",
        ],
        "topics": ["scheme=keyword", "identifier=keyword:engines"],
        "authorships": [f"author={author.public_id}", f"work={work.public_id}"],
        "institutions": ["country=CN", "identifier=ror:02mhbdp94"],
        "sources": ["identifier=issn:0000-0000", "kind=journal"],
    }
    for name, view in list_views().items():
        filters = set(getattr(view, "filterset_class", None).base_filters if getattr(view, "filterset_class", None) else ())
        assert {query.partition("=")[0] for query in asked.get(name, ())} == filters, name
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_incremental_sort = off")
    for name, queries in asked.items():
        for query in queries:
            for further in ("", "&cursor=" + place_after(walker, f"/api/v1/{name}/?{query}")):
                if further == "&cursor=":
                    continue
                with CaptureQueriesContext(connection) as captured:
                    assert walker.get(f"/api/v1/{name}/?{query}{further}").status_code == 200
                pages = [told["sql"] for told in captured if "LIMIT 26" in told["sql"]]
                assert len(pages) == 1, (name, query)
                with connection.cursor() as cursor:
                    cursor.execute("EXPLAIN " + pages[0])
                    plan = "\n".join(line for (line,) in cursor.fetchall())
                assert not re.search(r"\bSort\b|Seq Scan", plan), (name, query, plan)


def place_after(client: Client, address: str) -> str:
    """The cursor of the second page of one, where there is one."""
    following: Any = client.get(f"{address}&limit=1").json()["next"]
    return re.search(r"cursor=([^&]+)", following)[1] if following else ""


def test_several_filters_where_one_of_them_or_a_search_bounds_what_is_looked_at():
    author = make_author("Ada Lovelace")
    old, new = (make_work(f"Notes on engines {year}", year=year, authors=[author], topics=["engines"]) for year in (1842, 1843))
    clocks = make_work("Of clocks", year=1842, authors=[author])
    make_work("Of others", year=1842)
    both = f"author={author.public_id}&year=1842"
    page = Client().get(f"/api/v1/works/?{both}&limit=1").json()
    assert [work["id"] for work in page["results"]] == [clocks.public_id]
    assert [work["id"] for work in Client().get(page["next"]).json()["results"]] == [old.public_id]
    topic = Topic.objects.get()
    assert [row["id"] for row in Client().get(f"/api/v1/works/?{both}&topic={topic.public_id}").json()["results"]] == [old.public_id]
    found = Client().get(f"/api/v1/works/?search=engines&{both}").json()["results"]
    assert [work["id"] for work in found] == [old.public_id]
    ids = [work["id"] for work in Client().get("/api/v1/works/?search=notes engines").json()["results"]]
    assert ids == [new.public_id, old.public_id]
    assert [row["id"] for row in Client().get(f"/api/v1/works/?year=1843&author={author.public_id}").json()["results"]] == [new.public_id]


def test_several_filters_of_which_each_leaves_too_many_are_refused():
    author = make_author("Ada Lovelace")
    works = Work.objects.bulk_create(
        Work(public_id=f"w{number:07}", title="On", title_key="on", title_hash=1, type="preprint", year=1842) for number in range(2_001)
    )
    Authorship.objects.bulk_create(
        Authorship(work=work, position=1, author=author, raw_name="A", name="A", matched_by="first", year=1842) for work in works
    )
    both = f"author={author.public_id}&year=1842"
    answer = Client().get(f"/api/v1/works/?{both}")
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"field": "year", "message": "Each of author and year leaves more than 2,000: without a search one of them must leave fewer."}
    ]
    assert Client().get(f"/api/v1/works/?{both}&identifier=doi:10.1/1").json()["results"] == []


def test_authors_by_several_filters_stand_by_their_works_there():
    few, many, other = (make_author(name) for name in ("Few Works", "Many Works", "Other Field"))
    for number, (people, topics) in enumerate((([few, many], ["engines"]), ([many], ["engines"]), ([other], ["clocks"]))):
        make_work(f"Work {number}", authors=people, topics=topics)
    Author.objects.update(works_count=1, is_claimed=True)
    rebuild_shelves()
    topic = Topic.objects.get(label="engines")
    found = Client().get(f"/api/v1/authors/?topic={topic.public_id}&claimed=true").json()["results"]
    assert [row["id"] for row in found] == [many.public_id, few.public_id]


@pytest.mark.parametrize("address", ["works/?search=engines", "authors/?search=ada", "topics/?search=engines", "sources/?search=letters"])
def test_a_search_of_a_hundred_costs_the_queries_of_one(address, walker):
    for number in range(100):
        make_work(f"Engines {number}", authors=[make_author(f"Ada Number{number}", works_count=1)], topics=[f"engines {number}"])
        Source.objects.create(public_id=f"s{number:07}", name=f"Letters {number}", name_key=f"letters {number}", kind="journal")
    rebuild_search()
    counts = {}
    for size in (1, 3, 100):
        with CaptureQueriesContext(connection) as queries:
            answer = walker.get(f"/api/v1/{address}&limit={size}")
        assert (answer.status_code, len(answer.json()["results"])) == (200, size)
        counts[size] = len(queries)
    assert counts[1] == counts[3] == counts[100] <= 2 + 7


@pytest.mark.parametrize(
    "wrong",
    [
        "works/?author=x",
        "works/?author=",
        "topics/?scheme=",
        "works/?year=2022.5",
        "works/?year=2022%0a",
        "works/?year=22",
        "works/?year=x",
        "works/?identifier=doi",
        "institutions/?country=china",
        "authors/?claimed=1",
    ],
)
def test_a_filter_that_cannot_be_is_refused(wrong):
    assert Client().get(f"/api/v1/{wrong}").status_code == 400


def test_a_filter_by_who_was_merged_finds_the_other():
    winner, loser = make_author("Ada Lovelace"), make_author("A. Lovelace")
    work = make_work("On engines", authors=[winner])
    Author.objects.filter(pk=loser.pk).update(merged_into=winner)
    found = Client().get(f"/api/v1/works/?author={loser.public_id}").json()["results"]
    assert [row["id"] for row in found] == [work.public_id]
    assert Client().get("/api/v1/works/?author=00000000").json()["results"] == []


def test_a_search_ranks_as_the_pages_do_and_pages_through_it():
    works = [make_work(f"Engines and number {number}", year=2000 + number) for number in range(5)]
    first = Client().get("/api/v1/works/?search=engines&limit=2").json()
    second = Client().get(first["next"]).json()
    third = Client().get(second["next"]).json()
    ids = [row["id"] for page in (first, second, third) for row in page["results"]]
    assert ids == [work.public_id for work in reversed(works)]
    assert (first["previous"], third["next"]) == (None, None)
    assert Client().get(third["previous"]).json()["results"] == second["results"]
    assert Client().get("/api/v1/works/?search=").status_code == 400
    assert Client().get("/api/v1/works/?search=%00").status_code == 400
    assert Client().get(f"/api/v1/works/?search={'x' * 301}").status_code == 400
    assert Client().get("/api/v1/works/?search=zebra").json()["results"] == []


def test_a_work_that_is_merged_is_in_no_list():
    kept, gone = make_work("On engines"), make_work("On engines, again")
    Work.objects.filter(pk=gone.pk).update(merged_into=kept)
    assert [row["id"] for row in Client().get("/api/v1/works/").json()["results"]] == [kept.public_id]
