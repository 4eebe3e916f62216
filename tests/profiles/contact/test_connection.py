""" "How am I connected?", and who on the way can be asked for an introduction."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from profiles.actions import contact, introductions
from profiles.models import Profile
from tests.factories.claims import make_person
from tests.factories.contact import WORDS, make_invitation, make_researcher
from tests.factories.people import signed_in
from tests.factories.works import make_author, make_work
from tests.graph.conftest import Cast
from tests.graph.test_slice_page import HTMX, Outline, statements

pytestmark = pytest.mark.django_db


def joined(*pairs) -> None:
    for number, (one, other) in enumerate(pairs):
        make_work(f"{one} with {other}, {number}", 2020, [one, other])
    Cast.count_these(*{author for pair in pairs for author in pair})


@pytest.fixture
def three():
    """Reader, middle and target: each wrote with the next, and all hold their pages and are open."""
    three = make_researcher("Rea Reader"), make_researcher("Mia Middle"), make_researcher("Tom Target")
    joined((three[0].author, three[1].author), (three[1].author, three[2].author))
    return three


def see(user, author, query: str = "", headers: dict[str, str] | None = None) -> str:
    answer = signed_in(user).get(f"/researchers/{author.slug}/connection/{query}", headers=headers)
    assert answer.status_code == 200
    text = answer.content.decode()
    Outline(text)
    return re.sub(r"\s+", " ", text)


def offer(middle, target) -> str:
    return f'href="/researchers/{target.author.slug}/introduce/?via={middle.author.slug}"'


def test_the_middle_person_can_be_asked_and_the_way_leads_there(three):
    reader, middle, target = three
    page = see(reader.user, target.author)
    assert "You are 2 hops apart: through" in page
    assert offer(middle, target) in page
    assert f'href="/graph/path/?from={reader.author.slug}&amp;to={target.author.slug}"' in page
    part = see(reader.user, target.author, headers=HTMX)
    assert ("<!doctype html>" in part, offer(middle, target) in part) == (False, True)
    browser = signed_in(reader.user)
    address = f"/researchers/{target.author.slug}/introduce/?via={middle.author.slug}"
    assert browser.post(address, {"purpose": "talk", "message": WORDS}).status_code == 302
    asked = see(reader.user, target.author)
    assert "You have asked for this introduction already" in asked
    assert offer(middle, target) not in asked
    make_invitation(reader.user, target.author)
    assert "Nobody can introduce you at the moment. At your verification level, 2 invitations a day" in see(reader.user, target.author)


def test_on_a_longer_way_it_is_who_stands_next(three):
    reader, middle, target = three
    last = make_author("Lia Last", works_count=1)
    joined((target.author, last))
    text = see(reader.user, last)
    assert "You are 3 hops apart" in text
    assert f"/researchers/{last.slug}/introduce/?via={middle.author.slug}" in text
    assert f"via={target.author.slug}" not in text
    assert "You wrote together." in see(reader.user, middle.author)
    assert "/invite/" in see(reader.user, middle.author)


@pytest.mark.parametrize(
    ("is_open", "said"),
    [(None, "Mia Middle has not said that they are open."), (False, "Mia Middle says that they are not open to collaborate now.")],
)
def test_who_did_not_opt_in_cannot_be_asked(three, is_open, said):
    reader, middle, target = three
    Profile.objects.filter(user=middle.user).update(is_open_to_collaborate=is_open)
    text = see(reader.user, target.author)
    assert said in text
    assert "Nobody next to you on the way can be asked to introduce you:" in text
    assert offer(middle, target) not in text


def test_who_has_no_page_of_their_own_cannot_be_asked(three):
    reader, _, target = three
    other = make_author("Una Unclaimed", works_count=1)
    joined((reader.author, other), (other, target.author))
    text = see(reader.user, target.author)
    assert '<bdi>Una Unclaimed</bdi>: <span class="soft">Nobody has claimed this page, so nobody can be asked.</span>' in text
    assert "Ask <bdi>Mia Middle</bdi> for an introduction" in text


@pytest.mark.parametrize(("blocking", "blocked"), [(1, 0), (0, 1), (1, 2), (2, 1)])
def test_a_block_with_the_middle_person_wins_and_is_told_to_nobody(three, blocking, blocked):
    contact.block(three[blocked].user, by=three[blocking].user)
    reader, middle, target = three
    text = see(reader.user, target.author)
    assert offer(middle, target) not in text
    assert "This person cannot be written to here at the moment." in text
    assert "lock" not in text.replace("claimed", "").partition("<main")[2].partition("</main>")[0].lower()


@pytest.mark.parametrize(("blocking", "blocked"), [(2, 0), (0, 2)])
def test_a_block_with_the_target_wins_over_every_way(three, blocking, blocked):
    contact.block(three[blocked].user, by=three[blocking].user)
    reader, middle, target = three
    text = see(reader.user, target.author)
    assert "Nobody can introduce you at the moment. This person cannot be written to here at the moment." in text
    assert offer(middle, target) not in text


def test_a_target_who_said_no_is_introduced_to_nobody(three):
    reader, middle, target = three
    Profile.objects.filter(user=target.user).update(is_open_to_collaborate=False)
    text = see(reader.user, target.author)
    assert "This person says that they are not open to collaborate now." in text
    assert offer(middle, target) not in text


def test_what_is_offered_is_what_would_be_done(three):
    """hindrances() and ask_for_introduction() agree, for each of the three as middle."""
    reader, middle, target = three
    closed = make_researcher("Cai Closed", is_open=False)
    for one in (middle, closed, reader):
        said = introductions.hindrances(target.author, middles=[one.author], by=reader.user).of[one.author.pk]
        try:
            introductions.ask_for_introduction(target.author, middle=one.author, purpose="talk", message=WORDS, by=reader.user)
        except contact.ContactRefused:
            assert said
        else:
            assert said == ""


def test_only_for_who_holds_a_page(three, client):
    reader, _, target = three
    assert client.get(f"/researchers/{target.author.slug}/connection/")["Location"].startswith("/accounts/login/")
    assert "once you have claimed a page of your own" in see(make_person("nobody"), target.author)
    assert "This page is yours." in see(reader.user, reader.author)
    assert signed_in(reader.user).get("/researchers/nobody-00000000/connection/").status_code == 404


def test_the_researcher_page_and_the_path_page_lead_there(three, client):
    reader, middle, target = three
    link = f'hx-get="/researchers/{target.author.slug}/connection/"'
    assert link in signed_in(reader.user).get(target.author.get_absolute_url()).content.decode()
    assert link not in client.get(target.author.get_absolute_url()).content.decode()
    assert "connection/" not in signed_in(reader.user).get(reader.author.get_absolute_url()).content.decode()
    way = f"/graph/path/?from={reader.author.slug}&to={target.author.slug}"
    slot = f'hx-get="/researchers/{target.author.slug}/connection/?only=introductions"'
    assert slot in signed_in(reader.user).get(way).content.decode()
    others = signed_in(make_person("other")).get(way).content.decode()
    assert slot not in others
    assert "How am I connected to" in others
    assert "connection/" not in client.get(way).content.decode()
    part = see(reader.user, target.author, "?only=introductions", headers=HTMX)
    assert ("hops apart" in part, offer(middle, target) in part) == (False, True)


def test_three_ways_cost_as_many_queries_as_one(three):
    reader, _, target = three
    counts = []
    for more in (0, 2):
        for number in range(more):
            other = make_researcher(f"Olu Other{number}")
            joined((reader.author, other.author), (other.author, target.author))
        browser = signed_in(reader.user)
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            text = browser.get(f"/researchers/{target.author.slug}/connection/").content.decode()
        assert text.count("/introduce/?via=") == 1 + more
        counts.append(len(statements(queries)))
    assert counts[0] == counts[1]


def test_a_page_given_up_is_asked_no_more(three):
    reader, middle, target = three
    Profile.objects.filter(user=middle.user).delete()
    assert "Nobody has claimed this page" in see(reader.user, target.author)
    assert offer(middle, target) not in see(reader.user, target.author)
