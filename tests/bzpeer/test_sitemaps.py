"""The sitemap names every public page once, within the format's limits."""

import pytest
from lxml import etree

from tests.factories.works import make_author, make_institution, make_topic, make_work
from works.models import Author, Shelf, ShelvedWork, Work

pytestmark = pytest.mark.django_db
SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def paths(client, address):
    root = etree.fromstring(client.get(address).content)
    return [str(loc).removeprefix("http://testserver") for loc in root.xpath("//s:loc/text()", namespaces=SITEMAP)]


def test_every_page_stands_in_the_sitemap_once(client):
    authors = [make_author(f"Author {number}", works_count=1) for number in range(5)]
    works = [make_work(f"Work {number}", authors=[author]) for number, author in enumerate(authors)]
    far = make_author("Far Away", works_count=1, pk=authors[-1].pk + 200_000)
    make_author("No Works")
    merged = make_work("Merged")
    Work.objects.filter(pk=merged.pk).update(merged_into=works[0])
    topic, institution = make_topic("Graphs"), make_institution("Tsinghua University")
    parts = paths(client, "/sitemap.xml")
    assert len(parts) == len(set(parts))
    listed = [path for part in parts for path in paths(client, part)]
    assert len(listed) == len(set(listed))
    pages = {page.get_absolute_url() for page in (*Author.objects.with_works(), *Work.objects.standing(), topic, institution)}
    assert pages <= set(listed)
    assert far.get_absolute_url() in listed
    assert merged.get_absolute_url() not in listed
    assert [path for path in listed if client.get(path).status_code != 200] == []
    assert client.get("/sitemaps/works-999999.xml").status_code == 404
    assert client.get("/sitemaps/users-0.xml").status_code == 404
    assert b"Sitemap: http://testserver/sitemap.xml" in client.get("/robots.txt").content


def test_a_part_is_one_query(client, django_assert_num_queries):
    works = [make_work(f"Work {number}") for number in range(3)]
    with django_assert_num_queries(1):
        found = paths(client, f"/sitemaps/works-{works[0].pk // 40_000}.xml")
    assert found == [work.get_absolute_url() for work in works]


@pytest.mark.parametrize("kind", ["topic", "institution"])
def test_topics_and_institutions_have_feeds(client, kind, django_assert_num_queries):
    subject = make_topic("Graphs") if kind == "topic" else make_institution("Tsinghua University")
    shelf = Shelf.objects.create(kind=kind, subject=subject.pk, works_count=2)
    works = [make_work(title, year=year) for title, year in (("Older $x^2$", 2020), ("Newer", 2022))]
    ShelvedWork.objects.bulk_create(ShelvedWork(shelf=shelf, work=work, year=work.year) for work in works)
    address = f"{subject.get_absolute_url()}feed/"
    with django_assert_num_queries(3):
        response = client.get(address)
    feed = etree.fromstring(response.content)
    assert feed.xpath("a:entry/a:title/text()", namespaces=ATOM) == ["Newer", "Older x^2"]
    assert client.get(address, headers={"If-None-Match": response["ETag"]}).status_code == 304
    assert f'href="{address}"'.encode() in client.get(subject.get_absolute_url()).content
