"""A search as a feed, and how often somebody may search."""

import pytest
from lxml import etree

from tests.bzpeer.markup import parse, text_of
from tests.bzpeer.test_search import paper, search
from tests.factories.imported import import_records
from tests.factories.people import make_user, signed_in
from tests.factories.records import make_record
from works.actions.search import rebuild_search
from works.models import Work

pytestmark = pytest.mark.django_db


# --- Feed -------------------------------------------------------------------------------------------------------------


def test_a_search_for_a_sign_that_xml_cannot_hold_is_a_feed_too(client):
    import_records(paper(1))
    rebuild_search()
    response = client.get("/search/feed/?q=whales%1b%0c")
    assert response.status_code == 200
    assert etree.fromstring(response.content) is not None


def test_a_search_is_a_feed(client):
    import_records(*(paper(number) for number in range(3)), make_record("Cats", ["Ida Lind"]))
    rebuild_search()
    page = parse(search(client, q="whales", type="article", sort="oldest"))
    [link] = page.cssselect("link[type='application/atom+xml']")
    assert link.get("href") == "/search/feed/?q=whales&type=article"
    response = client.get(link.get("href"))
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = etree.fromstring(response.content)
    says = {"a": "http://www.w3.org/2005/Atom"}
    assert feed.xpath("string(a:title)", namespaces=says) == "Works: “whales” · Type: article – BZPEER"
    assert feed.xpath("string(a:id)", namespaces=says) == "tag:localhost,2026:/search/?q=whales&type=article"
    assert feed.xpath("a:entry/a:title/text()", namespaces=says) == ["Fishing for whales, part 2", "Fishing for whales, part 0"]
    ids = [f"tag:localhost,2026:{Work.objects.get(title=f'Fishing for whales, part {n}').get_absolute_url()}" for n in (2, 0)]
    assert feed.xpath("a:entry/a:id/text()", namespaces=says) == ids
    assert client.get(link.get("href"), headers={"If-Modified-Since": response["Last-Modified"]}).status_code == 304
    assert client.get("/search/feed/").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_a_feed_costs_three_queries(client, django_assert_num_queries, number):
    import_records(*(paper(part) for part in range(number)))
    rebuild_search()
    with django_assert_num_queries(3):
        assert client.get("/search/feed/", {"q": "whales"}).content.count(b"<entry>") == number


# --- Limits -----------------------------------------------------------------------------------------------------------


def test_a_visitor_searches_so_often_a_minute_and_an_account_ten_times(client, settings, same_minute):
    settings.SEARCHES_A_MINUTE = settings.SUGGESTIONS_A_MINUTE = 2
    asked = ["/search/?q=a", "/search/feed/?q=fish", "/search/export/?q=fish", "/search/?q=b"]
    assert [client.get(address).status_code for address in asked] == [200, 200, 429, 429]
    refused = client.get("/search/?q=a")
    assert (0 < int(refused["Retry-After"]) <= 60, refused["Cache-Control"]) == (True, "no-store")
    assert "Too many searches" in text_of(refused.content)
    htmx = {"HX-Request": "true"}
    assert [client.get("/search/suggest/", {"q": "li"}, headers=htmx).status_code for _ in range(3)] == [200, 200, 429]
    account = signed_in(make_user())
    assert [account.get("/search/?q=a").status_code for _ in range(3)] == [200, 200, 200]
