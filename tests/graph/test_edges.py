"""The page of an edge: what makes it, who says so, and where it is disputed."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from graph.models import Slice
from tests.factories.works import make_author, make_institution, make_topic, make_work
from tests.graph.conftest import Cast
from tests.graph.test_slice_page import HTMX, Outline, statements
from works.models import Author, AuthorName, Authorship, RegistryRecord, Work


def node(subject) -> str:
    return f"{'person' if isinstance(subject, Author) else type(subject).__name__.lower()}:{subject.public_id}"


def address(one, other) -> str:
    return f"/graph/edges/{node(one)}/{node(other)}/"


def people(one: Author, other: Author) -> str:
    return address(*sorted((one, other), key=node))


def see(client, url: str, **headers) -> str:
    answer = client.get(url, headers=headers)
    assert answer.status_code == 200, url
    text = answer.content.decode()
    Outline(text)
    return re.sub(r"\s+", " ", text)


def record(work: Work, **payload) -> None:
    RegistryRecord.objects.create(
        registry="arxiv", key=f"2201.{work.pk}", work=work, content_hash=b"", payload=payload, retrieved_at=timezone.now()
    )


def test_joint_works_with_what_each_adds(cast: Cast, client):
    cast.count()
    record(cast.faces, asserted_by="repository")
    text = see(client, people(cast.boxiao, cast.yu))
    assert "2 joint works make this tie; its strength is <b>0.67</b>, which is close (0.2 and more)." in text
    assert text.count("4 authors: adds 1/3.") == 2
    assert text.index("Rethinking Robust") < text.index("Meta Knowledge Distillation")
    assert f"Says arXiv (repository), 2201.{cast.faces.pk}, read" in text
    assert text.count("No registry record is left that says so.") == 1
    place = Authorship.objects.get(work=cast.faces, author=cast.yu)
    assert f"/authorships/{place.pk}/correct/?kind=not-this-person" in text


@pytest.mark.parametrize(("size", "said"), [(2, "adds 1."), (26, "more than 25, so it adds no strength."), (51, "so it makes no tie.")])
def test_long_bylines_are_explained(db, client, size, said):
    one, other = make_author("One"), make_author("Other")
    make_work("Joint", 2020, [one, other], authors_count=size)
    Cast.count_these(one, other)
    text = see(client, people(one, other))
    assert f"{size} authors: " in text
    assert said in text
    assert ("Counted as no tie" in text) == (size > 50)


def test_each_kind_of_edge_has_its_page(cast: Cast, client):
    learning, sensetime = make_topic("Machine Learning"), make_institution("SenseTime Research")
    record(cast.faces, topics=[{"scheme": "keyword", "code": "machine learning", "label": "Machine Learning"}], asserted_by="publisher")
    assert "at place 4 of 4" in see(client, address(cast.yu, cast.faces))
    about = see(client, address(cast.yu, learning))
    assert about.count("edge-work") == 2
    assert about.count("Says arXiv (publisher)") == 1
    assert "The registry itself names the institution" in see(client, address(cast.yu, sensetime))
    assert "Topic 2 of the work." in see(client, address(cast.faces, learning))
    cited = see(client, address(*sorted((cast.faces, cast.distillation), key=node)))
    assert "is “Meta Knowledge Distillation”" in cited


def test_every_edge_of_a_slice_leads_to_a_page(cast: Cast, client):
    cast.count()
    cast.build()
    kept = Slice.objects.get(author=cast.boxiao)
    drawn = [edge["url"] for edge in kept.payload["edges"]]
    listed = set(re.findall(r'href="(/graph/edges/[^"]+)"', kept.fragment))
    assert set(drawn) <= listed
    assert len(drawn) == 24
    for url in listed:
        see(client, url)


def test_one_address_an_edge(cast: Cast, client):
    first, second = sorted((cast.boxiao, cast.yu), key=node)
    assert client.get(address(second, first))["Location"] == address(first, second)
    for wrong in ("person:00000000", "work:x", "person:%00", "source:00000000"):
        assert client.get(f"/graph/edges/{node(cast.yu)}/{wrong}/", follow=True).status_code == 404
    assert client.get(people(cast.yu, make_author("Stranger"))).status_code == 404
    Author.objects.filter(pk=cast.jihao.pk).update(merged_into=cast.boxiao)
    assert client.get(people(cast.jihao, cast.yu))["Location"] == people(cast.boxiao, cast.yu)


def test_a_panel_gets_the_part_alone(cast: Cast, client):
    text = see(client, people(cast.boxiao, cast.yu), **HTMX)
    assert "<!doctype html>" not in text
    assert "Meta Knowledge Distillation" in text


def test_a_name_that_its_bearer_hides_is_not_shown(cast: Cast, client):
    Authorship.objects.filter(author=cast.yu, work=cast.faces).update(name="Former Name")
    AuthorName.objects.create(author=cast.yu, name="Former Name", name_key="former name")
    assert "Former Name" not in see(client, address(cast.yu, cast.faces))


def test_an_edge_of_more_works_costs_no_more_queries(cast: Cast, client):
    cast.count()
    counts = []
    for most in (0, 3):
        for number in range(most):
            make_work(f"More {number}", 2020, [cast.boxiao, cast.yu])
        with CaptureQueriesContext(connection) as queries:
            see(client, people(cast.boxiao, cast.yu))
        counts.append(len(statements(queries)))
    assert counts == [5, 5]
