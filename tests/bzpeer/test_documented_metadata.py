"""What pages say to search engines, measured by what those document: the tables name each property and whether it must or should be there.

Google's pages on ProfilePage, Article, Breadcrumb, Site names and Canonical URLs; Google Scholar's "Inclusion Guidelines for Webmasters";
the Open Graph protocol; RFC 4287 for Atom; RFC 9309 for robots.txt.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import etree, html

from graph.actions.collaborations import rebuild_graph
from tests.factories.imported import import_records, the_author
from tests.factories.records import make_record
from works.actions.shelves import rebuild_shelves
from works.importers.record import ImportedSource
from works.models import Source, Topic, Work

pytestmark = pytest.mark.django_db

MUST, SHOULD = "must", "should"
DATE = re.compile(r"\d{4}(-\d\d-\d\d)?")
ADDRESS = re.compile(r"http://testserver/\S*")
COUNT = int
# Each path into the data block, whether it must or should be there, and what it looks like.
PROFILE_PAGE = [
    ("mainEntity", MUST, dict),
    ("mainEntity.@type", MUST, "Person"),
    ("mainEntity.name", MUST, "Ada Lovelace"),
    ("dateCreated", SHOULD, DATE),
    ("mainEntity.identifier", SHOULD, str),
    ("mainEntity.description", SHOULD, str),
    ("mainEntity.image", SHOULD, ADDRESS),
    ("mainEntity.agentInteractionStatistic.interactionType", SHOULD, "https://schema.org/WriteAction"),
    ("mainEntity.agentInteractionStatistic.userInteractionCount", SHOULD, COUNT),
    ("mainEntity.interactionStatistic.interactionType", SHOULD, "https://schema.org/FollowAction"),
    ("mainEntity.interactionStatistic.userInteractionCount", SHOULD, COUNT),
]
ARTICLE = [
    ("headline", SHOULD, "On $x$ engines".replace("$", "")),
    ("author.0.@type", SHOULD, "Person"),
    ("author.0.name", SHOULD, "Ada Lovelace"),
    ("author.0.url", SHOULD, ADDRESS),
    ("author.1.name", SHOULD, "Charles Babbage"),
    ("datePublished", SHOULD, DATE),
    ("image", SHOULD, ADDRESS),
]
BREADCRUMBS = [
    ("itemListElement.0.position", MUST, 1),
    ("itemListElement.0.name", MUST, "BZPEER"),
    ("itemListElement.0.item", MUST, ADDRESS),
    ("itemListElement.1.position", MUST, 2),
    ("itemListElement.1.name", MUST, str),
    ("itemListElement.1.item", SHOULD, ADDRESS),
]
SITE = [
    ("name", MUST, "BZPEER"),
    ("url", MUST, ADDRESS),
    ("potentialAction.@type", SHOULD, "SearchAction"),
    ("potentialAction.target.urlTemplate", SHOULD, "http://testserver/search/?q={search_term_string}"),
    ("potentialAction.query-input", SHOULD, "required name=search_term_string"),
]
# Google Scholar: title, authors and date must be there; the rest as far as the record holds it.
HIGHWIRE = {
    "citation_title": (MUST, ["On x engines"]),
    "citation_author": (MUST, ["Ada Lovelace", "Charles Babbage"]),
    "citation_publication_date": (MUST, ["2020/03/09"]),
    "citation_journal_title": (SHOULD, ["Journal of Engines"]),
    "citation_volume": (SHOULD, ["12"]),
    "citation_issue": (SHOULD, ["3"]),
    "citation_firstpage": (SHOULD, ["1025"]),
    "citation_lastpage": (SHOULD, ["1034"]),
    "citation_doi": (SHOULD, ["10.1000/engines"]),
    "citation_publisher": (SHOULD, ["Springer"]),
}
OPEN_GRAPH = {"og:title": MUST, "og:type": MUST, "og:url": MUST, "og:image": MUST, "og:site_name": SHOULD, "og:image:alt": SHOULD}


@pytest.fixture
def work() -> Work:
    import_records(
        make_record(
            "On $x$ engines",
            ["Ada Lovelace", "Charles Babbage"],
            topics=["cs.LG"],
            registry="crossref",
            asserted_by="publisher",
            type="article",
            source=ImportedSource(name="Journal of Engines", kind="journal"),
            year=2020,
            published_on="2020-03-09",
            identifiers=(("doi", "10.1000/engines"),),
            volume="12",
            issue="3",
            pages="1025-1034",
            publisher="Springer",
        )
    )
    rebuild_graph()
    rebuild_shelves()
    return Work.objects.get()


def page(client, address: str) -> html.HtmlElement:
    answer = client.get(address)
    assert answer.status_code == 200
    return html.fromstring(answer.content)


def block(document: html.HtmlElement, kind: str) -> dict[str, Any]:
    blocks = [json.loads(script.text) for script in document.cssselect("script[type='application/ld+json']")]
    assert all(one["@context"] == "https://schema.org" for one in blocks)
    [found] = [one for one in blocks if one["@type"] == kind]
    return dict(found)


def check(data: Any, table: list[tuple[str, str, Any]]) -> None:
    """Every property of the table is there, in its form; none of them is empty."""
    for path, _, form in table:
        value = data
        for part in path.split("."):
            value = value[int(part) if part.isdigit() else part]
        if isinstance(form, re.Pattern):
            assert form.fullmatch(value), path
        elif isinstance(form, type):
            assert isinstance(value, form), path
            assert value != "", path
        else:
            assert value == form, path


def test_a_researcher_is_a_profile_page(client, work):
    check(block(page(client, the_author("Ada Lovelace").get_absolute_url()), "ProfilePage"), PROFILE_PAGE)


def test_a_work_is_an_article(client, work):
    data = block(page(client, work.get_absolute_url()), "ScholarlyArticle")
    check(data, ARTICLE)
    assert len(data["headline"]) <= 110
    issue = data["isPartOf"]
    assert (issue["@type"], issue["issueNumber"]) == ("PublicationIssue", "3")
    assert (issue["isPartOf"]["@type"], issue["isPartOf"]["volumeNumber"]) == ("PublicationVolume", "12")
    assert issue["isPartOf"]["isPartOf"] == {"@type": "Periodical", "name": "Journal of Engines"}
    assert (data["pagination"], data["publisher"]["name"]) == ("1025-1034", "Springer")


def test_pages_say_where_they_stand(client, work):
    addresses = [subject.get_absolute_url() for subject in (the_author("Ada Lovelace"), work, Topic.objects.get(), Source.objects.get())]
    for address in addresses:
        data = block(page(client, address), "BreadcrumbList")
        check(data, BREADCRUMBS)
        items = data["itemListElement"]
        assert [item["position"] for item in items] == list(range(1, len(items) + 1))
        assert items[-1]["item"] == f"http://testserver{address}"
        assert all(client.get(urlsplit(item["item"]).path).status_code == 200 for item in items)


def test_the_home_page_is_the_site_and_says_how_to_search(client):
    data = block(page(client, "/"), "WebSite")
    check(data, SITE)
    found = client.get(urlsplit(data["potentialAction"]["target"]["urlTemplate"].replace("{search_term_string}", "engines")).path)
    assert found.status_code == 200


def test_a_work_has_the_tags_that_scholar_reads(client, work):
    tags: dict[str, list[str]] = {}
    for tag in page(client, work.get_absolute_url()).cssselect("meta[name^='citation_']"):
        tags.setdefault(tag.get("name"), []).append(tag.get("content"))
    assert {name: values for name, values in tags.items() if name in HIGHWIRE} == {name: values for name, (_, values) in HIGHWIRE.items()}
    assert "citation_pdf_url" not in tags  # it must lead to a file on this very site, and none lies here
    assert all(values for values in tags.values())


def test_a_researcher_page_has_no_tags_of_a_work(client, work):
    assert not page(client, the_author("Ada Lovelace").get_absolute_url()).cssselect("meta[name^='citation_']")


def test_one_canonical_address_whatever_was_asked_for(client, work):
    author = the_author("Ada Lovelace")
    for address in (author.get_absolute_url(), work.get_absolute_url(), "/", Topic.objects.get().get_absolute_url()):
        for query in ("", "?year=2020", "?utm_source=x"):
            [link] = page(client, address + query).cssselect("link[rel='canonical']")
            assert link.get("href") == f"http://testserver{address}"


def test_shared_links_show_a_title_and_a_picture(client, work):
    for address in (the_author("Ada Lovelace").get_absolute_url(), work.get_absolute_url()):
        document = page(client, address)
        said = {tag.get("property"): tag.get("content") for tag in document.cssselect("meta[property^='og:']")}
        assert said.keys() >= OPEN_GRAPH.keys()
        assert said["og:url"] == f"http://testserver{address}"
        picture = client.get(urlsplit(said["og:image"]).path)
        assert (picture.status_code, picture["Content-Type"]) == (200, "image/png")
        [card] = document.cssselect("meta[name='twitter:card']")
        assert card.get("content") == "summary_large_image"


def test_every_alternate_is_there_and_of_its_type(client, work):
    for address in (the_author("Ada Lovelace").get_absolute_url(), work.get_absolute_url(), Topic.objects.get().get_absolute_url()):
        links = {link.get("type"): link.get("href") for link in page(client, address).cssselect("link[rel='alternate']")}
        assert "application/json" in links
        for type_, href in links.items():
            answer = client.get(href)
            assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (200, type_)
        if "/topics/" not in address:
            assert {
                "application/x-bibtex",
                "application/x-research-info-systems",
                "application/vnd.citationstyles.csl+json",
            } <= links.keys()
        if "/works/" not in address:
            assert "application/atom+xml" in links


ATOM = "{http://www.w3.org/2005/Atom}"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)")


@pytest.mark.parametrize("is_empty", [False, True])
def test_feeds_are_atom(client, work, is_empty):
    """What RFC 4287 says each feed and entry must have, once each: id, title, updated; an author on either; unique ids; a self link."""
    author, topic = the_author("Ada Lovelace"), Topic.objects.get()
    if is_empty:
        Work.objects.all().delete()
    for subject in (author, topic):
        address = f"{subject.get_absolute_url()}feed/"
        feed = etree.fromstring(client.get(address).content)
        assert feed.tag == f"{ATOM}feed"
        entries = feed.findall(f"{ATOM}entry")
        assert entries or is_empty
        for item in (feed, *entries):
            for name in ("id", "title", "updated"):
                [one] = item.findall(f"{ATOM}{name}")
                assert one.text, name
            assert RFC_3339.fullmatch(str(item.findtext(f"{ATOM}updated")))
            assert item.findall(f"{ATOM}author/{ATOM}name") or feed.findall(f"{ATOM}author/{ATOM}name")
        assert [link.get("href") for link in feed.findall(f"{ATOM}link[@rel='self']")] == [f"http://testserver{address}"]
        ids = [entry.findtext(f"{ATOM}id") for entry in entries]
        assert len(set(ids)) == len(ids)


def test_robots_may_read_pages_and_pictures_and_nothing_that_costs(client, work):
    """The rules as RFC 9309 reads them: the longest that fits decides, "*" is anything."""
    answer = client.get("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    lines = [line.partition(":") for line in answer.content.decode().splitlines() if line.strip()]
    assert lines[0][0].lower() == "user-agent"
    assert [value.strip() for name, _, value in lines if name == "Sitemap"] == ["http://testserver/sitemap.xml"]
    rules = [value.strip() for name, _, value in lines if name == "Disallow"]

    def may_read(path: str) -> bool:
        return not any(re.match(re.escape(rule).replace(r"\*", ".*"), path) for rule in rules)

    author = the_author("Ada Lovelace").get_absolute_url()
    here = work.get_absolute_url()
    for path in ("/", author, here, f"{author}picture.png", f"{here}picture.png", f"{author}feed/", f"{author}collaborators/", "/about/"):
        assert may_read(path), path
    for path in (
        "/search/?q=x",
        f"{here}export/",
        f"{here}cite/",
        f"{author}export/",
        f"{author}?year=2020",
        "/accounts/login/",
        "/admin/",
    ):
        assert not may_read(path), path
