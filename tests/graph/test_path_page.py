"""The page of a path and the same for programs: from typed names, in every state, past whom it may not show."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from graph.models import Collaboration, Slice
from tests.factories.people import make_user, signed_in
from tests.factories.works import make_author, make_work
from tests.graph.conftest import Cast
from tests.graph.test_slice_page import HTMX, Outline, statements
from works.actions.journal import Actor
from works.actions.merges import merge_authors
from works.actions.search import rebuild_search
from works.actions.suppressions import suppress_author
from works.models import Author
from works.models.decision import Role

STAFF = Actor(account=1, role=Role.STAFF)


def address(source, target) -> str:
    return f"/graph/path/?from={source.slug}&to={target.slug}"


def see(client, url: str, status: int = 200, headers: dict[str, str] | None = None) -> str:
    answer = client.get(url, headers=headers)
    assert answer.status_code == status, (url, answer.get("Location"))
    text = answer.content.decode()
    Outline(text)
    return re.sub(r"\s+", " ", text)


def api(client, source: str, target: str, status: int = 200) -> Any:
    answer = client.get("/api/v1/paths/", {"from": source, "to": target})
    assert answer.status_code == status
    return answer.json()


def routes(text: str) -> list[list[str]]:
    """The names on each path of a page."""
    lists = text.partition('<ol class="paths">')[2].split('<ol class="path">')[1:]
    return [re.findall(r'<li class="path-person"><a [^>]+><bdi>([^<]+)</bdi>', one) for one in lists]


@pytest.fixture
def chain(db) -> list[Author]:
    """Ada – Bo – Cy – Di: each wrote with the next; Ada and Cy have Eve in common too, whom the ties are stronger to; Zoe wrote alone."""
    ada, bo, cy, di, eve, zoe = people = [make_author(name, works_count=1) for name in ("Ada A", "Bo B", "Cy C", "Di D", "Eve E", "Zoe Z")]
    make_work("Of two", 2019, [ada, bo])
    make_work("Of two others", 2020, [bo, cy])
    make_work("Of the last two", 2021, [cy, di])
    for number in range(4):
        make_work(f"With Eve {number}", 2010 + number, [ada, eve])
        make_work(f"With Eve again {number}", 2015, [eve, cy])
    make_work("Alone", 2000, [zoe])
    Cast.count_these(*people)
    return people


def test_each_hop_with_its_works_and_its_page_the_strongest_first(chain, client):
    ada, bo, cy, di, eve, _ = chain
    text = see(client, address(ada, cy))
    assert "2 hops apart" in text
    assert routes(text) == [["Ada A", "Eve E", "Cy C"], ["Ada A", "Bo B", "Cy C"]]
    assert "4 joint works" in text
    assert ", 2010–2013 · strength 4.00" in text
    assert text.count("With Eve again") == 3  # the newest three
    assert text.index("With Eve 3") < text.index("With Eve 2")
    pages = set(re.findall(r'href="(/graph/edges/[^"]+)"', text))
    assert len(pages) == 4
    for url in pages:
        assert client.get(url).status_code == 200
    (first, _) = re.findall(r'href="(/graph/\?[^"]+)"', text)
    assert first == f"/graph/?seed=person%3A{ada.public_id}&amp;seed=person%3A{cy.public_id}&amp;open=person%3A{eve.public_id}"
    assert client.get(first.replace("&amp;", "&")).status_code == 200
    assert Slice.objects.filter(author__in=[ada, cy, eve], requested_at__isnull=False).count() == 3
    assert routes(see(client, address(di, ada))) == [["Di D", "Cy C", "Eve E", "Ada A"], ["Di D", "Cy C", "Bo B", "Ada A"]]
    assert "They wrote together" in see(client, address(ada, bo))


def test_the_states_in_which_there_is_no_path_are_told_apart(chain, client):
    ada, *_, zoe = chain
    assert "Both are" in see(client, address(ada, ada))
    none = see(client, address(ada, zoe))
    assert '<h2 id="path-head">No path</h2>' in none
    assert "near or far, was looked at. The record may miss works" in none
    far = [make_author(f"Person {number}", works_count=1) for number in range(8)]
    for number in range(7):
        make_work(f"Step {number}", 2020, far[number : number + 2])
    Cast.count_these(*far)
    assert "None was found within 6 hops and 6 people. That is not the same as no path" in see(client, address(far[0], far[7]))
    assert "6 hops apart" in see(client, address(far[0], far[6]))
    unknown = see(client, f"/graph/path/?from={ada.slug}&to=nobody-00000000", 404)
    assert "Nobody in the record has this address." in unknown
    assert "Nobody in the record has this name." in see(client, "/graph/path/?from=%00nobody&to=x-%00000000")
    assert "Find the path" in see(client, "/graph/path/")


def test_typed_names_lead_to_the_address_or_to_a_choice_of_namesakes(chain, client):
    ada, bo, *_ = chain
    namesakes = [make_author("Wei Wang", works_count=works, public_id=f"weiwang{works}") for works in (3, 2)]
    answer = client.get("/graph/path/", {"from_name": "ada a", "to_name": "Bo B"})
    assert answer["Location"] == address(ada, bo)
    text = see(client, "/graph/path/?from_name=Wang Wei&to_name=Bo B")
    assert "From: who is meant?" in text
    for one in namesakes:
        assert f'href="/graph/path/?from={one.slug}&amp;to={bo.slug}"' in text
    assert client.get("/graph/path/", {"from": ada.slug, "from_name": "Ada A", "to_name": "Bo B"})["Location"] == address(ada, bo)
    changed = see(client, f"/graph/path/?from={ada.slug}&from_name=Wei Wang&to={bo.slug}&to_name=Bo B")
    assert "From: who is meant?" in changed
    assert "Nobody in the record has this name." in see(client, "/graph/path/?from_name=Qqqq Xxxx&to_name=")
    assert client.get("/graph/path/", {"from": f"other-{ada.public_id}", "to": bo.slug})["Location"] == address(ada, bo)


def test_suggestions_are_people_for_one_box(chain, client):
    eve = chain[4]
    make_work("Eve E in a title", 2020, [])
    rebuild_search()
    text = see(client, "/graph/path/people/?to_name=Eve", headers=HTMX)
    assert "<!doctype html>" not in text
    assert re.findall('id="person-to-[^"]+"[^>]+data-slug="([^"]+)" data-name="([^"]+)"', text) == [(eve.slug, "Eve E")]
    assert client.get("/graph/path/people/?to_name=Eve")["Location"] == "/graph/path/?to_name=Eve"


def test_who_was_merged_or_removed_is_on_no_path(chain, client):
    ada, bo, cy, di, eve, _ = chain
    assert len(routes(see(client, address(ada, cy)))) == 2
    merge_authors(winner_id=bo.pk, loser_ids=[di.pk], reason="one person", by=STAFF)
    assert client.get(address(ada, di))["Location"] == address(ada, bo)
    assert api(client, ada.public_id, di.public_id)["target"]["id"] == bo.public_id
    suppress_author(author_id=eve.pk, by=STAFF)
    # The answer of a moment ago is still in the cache, and its counts have not been made anew.
    assert routes(see(client, address(ada, cy))) == [["Ada A", "Bo B", "Cy C"]]
    assert "Nobody in the record has this address." in see(client, address(ada, eve), 404)
    assert api(client, ada.public_id, eve.public_id, 404)["detail"] == "There is no author with the id that to gives."
    Author.objects.filter(pk=bo.pk).update(merged_into=cy)
    text = see(client, address(ada, cy))
    assert (routes(text), "Bo B" in text) == ([], False)
    assert "That is not the same as no path" in text  # Bo's ties are not counted yet for whom he was merged into


def test_a_tie_that_is_no_more_is_not_shown_from_memory(chain, client):
    ada, bo, cy, *_ = chain
    see(client, address(ada, cy))
    assert [answer["outcome"] for answer in [api(client, ada.public_id, cy.public_id)]] == ["found"]
    Collaboration.objects.filter(author_a=min(ada.pk, bo.pk), author_b=max(ada.pk, bo.pk)).delete()
    assert routes(see(client, address(ada, cy))) == [["Ada A", "Eve E", "Cy C"]]


def test_a_path_costs_as_many_queries_whether_there_is_one_or_three(chain, client):
    ada, _, cy, *_ = chain
    counts = []
    for paths, more in ((2, 0), (3, 1)):
        for number in range(more):
            other = make_author(f"Third {number}", works_count=1)
            make_work("One more way", 2020, [ada, other])
            make_work("And on", 2020, [other, cy])
            Cast.count_these(other)
        cache.clear()
        for url in (address(ada, cy), address(ada, cy)):
            with CaptureQueriesContext(connection) as queries:
                assert len(routes(see(client, url))) == paths
            counts.append(len(statements(queries)))
    assert counts == [7, 4, 7, 4]  # both ends; direct tie, two hops; people, figures, works: the second time from memory


def test_the_same_for_programs(chain, client):
    ada, _, cy, _, eve, zoe = chain
    answer = api(client, ada.public_id, cy.public_id)
    assert (answer["outcome"], answer["hops"], answer["is_cut"]) == ("found", 2, False)
    first = answer["paths"][0]
    assert [person["id"] for person in first["people"]] == [ada.public_id, eve.public_id, cy.public_id]
    assert first["strength"] == pytest.approx(0.64)
    assert first["ties"][0] | {"works": [], "url": ""} == {
        "source": ada.public_id, "target": eve.public_id, "works_count": 4, "strength": 4.0, "first_year": 2010, "last_year": 2013,
        "works": [], "url": "",
    }  # fmt: skip
    assert [work["year"] for work in first["ties"][0]["works"]] == [2013, 2012, 2011]
    assert api(client, ada.public_id, zoe.public_id)["outcome"] == "none"
    assert api(client, ada.public_id, ada.public_id)["outcome"] == "same"
    wrong = api(client, "nobody", cy.public_id, 400)
    assert [error["field"] for error in wrong["errors"]] == ["from"]


def test_a_visitor_is_slowed_down_and_an_account_is_not(chain, client, settings, same_minute):
    settings.COSTLY_PAGES_A_MINUTE = 2
    ada, bo, *_ = chain
    answers = [client.get(address(ada, bo)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    assert client.get("/graph/path/").status_code == 200
    settings.SUGGESTIONS_A_MINUTE = 2
    assert [client.get("/graph/path/people/?to_name=a", headers=HTMX).status_code for _ in range(3)] == [200, 200, 429]
    household = [client.get(address(ada, bo), REMOTE_ADDR=f"2001:db8:1:2::{number:x}").status_code for number in range(1, 4)]
    assert household == [200, 200, 429]
    account = signed_in(make_user())
    assert [account.get(address(ada, bo)).status_code for _ in range(4)] == [200] * 4


def test_a_path_counts_as_three_requests_of_the_api(chain, client, same_minute):
    ada, bo, *_ = chain
    left = []
    for _ in range(2):
        answer = client.get("/api/v1/paths/", {"from": ada.public_id, "to": bo.public_id})
        left.append(int(answer["RateLimit-Remaining"]))
    assert left == [57, 54]


@pytest.fixture
def no_cache(settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}


@pytest.mark.usefixtures("no_cache")
def test_without_a_cache_paths_are_found_all_the_same(chain, client):
    ada, bo, *_ = chain
    assert "They wrote together" in see(client, address(ada, bo))
