"""The page of a researcher's topics."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.bzpeer.markup import parse, text_of
from tests.factories.imported import import_records, the_author
from tests.factories.records import make_record
from works.actions.shelves import rebuild_shelves
from works.models import Author

pytestmark = pytest.mark.django_db


def make_reader_of(*topics: str) -> Author:
    import_records(*(make_record(f"On {topic}", ["Ada Lovelace"], year=2000 + at, topics=[topic, "x"]) for at, topic in enumerate(topics)))
    return the_author("Ada Lovelace")


def see(client, author: Author, query: str = "", **headers: str) -> bytes:
    answer = client.get(f"{author.get_absolute_url()}topics/{query}", headers=headers)
    assert answer.status_code == 200
    return bytes(answer.content)


def entries(content: bytes) -> list[str]:
    return [" ".join(entry.text_content().split()) for entry in parse(content).cssselect(".tie")]


def test_all_topics_with_works_and_years(client):
    author = make_reader_of("a", "b")
    rebuild_shelves()
    content = see(client, author)
    assert entries(content) == [
        "x 2 works of Ada Lovelace on x 2000–2001",
        "a 1 work of Ada Lovelace on a 2000",
        "b 1 work of Ada Lovelace on b 2001",
    ]
    assert "3 topics, as registries classify the works" in text_of(content)
    topic = author.topics[0]["slug"]
    first = [link.get("href") for link in parse(content).cssselect(".tie")[0].cssselect("a")]
    assert first == [f"/topics/{topic}/", f"{author.get_absolute_url()}?topic={topic}#works"]


def test_until_they_are_counted_the_first_ten_stand_there(client):
    author = make_reader_of(*"abcdefghijkl")
    content = see(client, author)
    assert len(entries(content)) == 10
    assert "The 10 with most works. A worker has still to count the others." in text_of(content)


def test_a_hundred_on_a_page(client):
    import_records(*(make_record(f"On {at}", ["Ada Lovelace"], topics=["x", *(f"t{at:02}{n:02}" for n in range(30))]) for at in range(4)))
    author = the_author("Ada Lovelace")
    rebuild_shelves()
    first = see(client, author)
    more = parse(first).cssselect("li.more a")[0].get("href")
    second = client.get(more)
    seen = [*entries(first), *entries(second.content)]
    assert (len(entries(first)), len(seen), len(set(seen)), seen[0][0]) == (100, 121, 121, "x")
    part = client.get(more, headers={"HX-Request": "true"})
    assert part.content.strip().startswith(b"<li")
    assert "HX-Request" in part["Vary"]
    assert "That was the last one." in text_of(see(client, author, f"?after=1-{10**9}"))


def test_nothing_and_nobody(client):
    import_records(make_record("Plain", ["Ada Lovelace"], topics=[]))
    author = the_author("Ada Lovelace")
    assert "No registry gives a topic for these works." in text_of(see(client, author))
    assert client.get("/researchers/x-00000000/topics/").status_code == 404
    assert client.get(f"/researchers/old-{author.public_id}/topics/?a=1")["Location"] == f"{author.get_absolute_url()}topics/?a=1"


@pytest.mark.parametrize("topics", ["a", "abc"])
def test_a_page_costs_three_queries(client, topics):
    author = make_reader_of(*topics)
    rebuild_shelves()
    client.get("/healthz")
    with CaptureQueriesContext(connection) as queries:
        see(client, author)
    assert len(queries) == 3
