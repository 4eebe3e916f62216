"""The feed's page, its Atom twin behind a private address, and the overview of one's own account."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import etree

from profiles.actions.feeds import make_feed_token, mark_seen, revoke_feed_token
from profiles.actions.follows import follow, follow_search
from profiles.actions.notifications import notify
from profiles.models import Feed, Notification, Profile
from tests.bzpeer.markup import parse, refused_by_policy
from tests.factories.claims import claim_in_review, make_claimable, make_person
from tests.factories.contact import make_conversation, make_invitation, make_researcher
from tests.factories.people import make_user, signed_in
from tests.factories.works import make_author, make_topic, make_work
from works.models import Author, Work
from works.models.finding import WorkSearch

pytestmark = pytest.mark.django_db

ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def wei() -> Author:
    return make_author("Wei Wang")


def texts(page: bytes, selector: str) -> list[str]:
    return [" ".join(found.text_content().split()) for found in parse(page).cssselect(selector)]


def test_the_page_shows_each_thing_once_and_through_what(wei):
    reader = make_user()
    make_work("On <faces> and $x^2$", 2023, authors=[wei], topics=["Vision"], card={"authors": [{"name": "Wei Wang", "slug": wei.slug}]})
    follow(wei, by=reader)
    follow(make_topic("Vision"), by=reader)
    Profile.objects.create(user=make_person("wei"), author=wei, claimed_at=timezone.now() - timedelta(days=3))
    page = signed_in(reader).get("/me/feed/").content
    assert list(refused_by_policy(page)) == []
    works, claim = texts(page, ".feed > li")
    today, then = (f"{moment:%-d %B %Y}" for moment in (timezone.now(), timezone.now() - timedelta(days=3)))
    assert works.startswith("New preprint · 2023 On <faces> and")
    assert works.endswith(f"Wei Wang In the record since {today} · through Wei Wang, Vision")
    assert claim == f"New claim Wei Wang has claimed their page Approved {then} · through Wei Wang"


def test_looking_marks_nothing_and_the_button_marks_what_was_there(wei):
    reader = make_user()
    follow(wei, by=reader)
    client = signed_in(reader)
    make_work("First", authors=[wei])
    client.get("/me/feed/")
    page = parse(client.get("/me/feed/").content)
    [form] = page.cssselect("form[action='/me/feed/seen/']")
    make_work("Second", authors=[wei])
    [until] = (field.get("value") for field in form.cssselect("input[name=until]"))
    assert client.get("/me/feed/seen/").status_code == 405
    assert client.post("/me/feed/seen/", {"until": until})["Location"] == "/me/feed/"
    assert texts(client.get("/me/feed/").content, ".feed > .unread h3") == ["Second"]
    mark_seen(until=timezone.now() - timedelta(days=9), by=reader)  # an older page, sent late
    assert texts(client.get("/me/feed/").content, ".feed > .unread h3") == ["Second"]
    client.post("/me/feed/seen/", {"until": "9999-01-01T00:00:00+00:00"})
    own = Feed.objects.get()
    assert own.seen_until is not None
    assert own.seen_until <= timezone.now()
    assert texts(client.get("/me/feed/").content, ".feed > .unread h3") == []
    for nonsense in ("", "x", "2026-13-01", "\0"):
        assert client.post("/me/feed/seen/", {"until": nonsense}).status_code == 404


def test_earlier_items_are_on_further_pages(wei):
    reader = make_user()
    follow(wei, by=reader)
    for number in range(32):
        make_work(f"Work {number}", authors=[wei])
    client = signed_in(reader)
    first = client.get("/me/feed/").content
    [more] = (link.get("href") for link in parse(first).cssselect(".row a.button"))
    assert texts(first, ".feed h3")[0] == "Work 31"
    assert texts(client.get(f"/me/feed/{more}").content, ".feed h3") == ["Work 1", "Work 0"]
    assert client.get("/me/feed/?after=nowhere").status_code == 404


def test_an_empty_feed_says_what_to_do(wei):
    client = signed_in(reader := make_user())
    assert "You follow nothing yet." in client.get("/me/feed/").content.decode()
    follow(wei, by=reader)
    assert "Nothing yet." in client.get("/me/feed/").content.decode()


@pytest.mark.parametrize("path", ["/me/", "/me/feed/", "/me/feed/address/"])
def test_strangers_are_led_to_the_log_in(client, path):
    assert client.get(path)["Location"] == f"/accounts/login/?next={path}"


# --- Atom -------------------------------------------------------------------------------------------------------------


def made_address(client: Client) -> str:
    [address] = texts(client.post("/me/feed/address/").content, "#new-address")
    return urlsplit(address).path


def test_the_private_address_opens_the_feed_until_it_is_renewed_or_ended(wei):
    reader, other = make_user(), make_user("other@example.org")
    work = make_work("On faces", authors=[wei], topics=["Vision"], card={"authors": [{"name": "Wei Wang", "slug": wei.slug}]})
    Profile.objects.create(user=other, author=wei, claimed_at=work.created_at - timedelta(days=1))
    follow(wei, by=reader)
    follow(make_topic("Vision"), by=reader)
    client = signed_in(reader)
    assert client.get("/me/feed/address/").status_code == 200
    assert not Feed.objects.exists()
    address = made_address(client)
    answer = Client().get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
    assert (answer["X-Robots-Tag"], answer["Referrer-Policy"]) == ("noindex, nofollow", "no-referrer")
    assert "Cookie" not in answer.get("Vary", "")
    feed = etree.fromstring(answer.content)
    found = [
        (entry.findtext("a:title", namespaces=ATOM), entry.findtext("a:summary", namespaces=ATOM))
        for entry in feed.findall("a:entry", ATOM)
    ]
    assert found == [
        ("On faces", "Wei Wang; 2022. Through: Wei Wang; Vision"), ("Wei Wang has claimed their page", "Through: Wei Wang"),
    ]  # fmt: skip
    assert reader.email.encode() not in answer.content
    assert Client().get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    renewed = made_address(client)
    assert (Client().get(address).status_code, Client().get(renewed).status_code) == (404, 200)
    client.post("/me/feed/address/", {"verb": "end"})
    gone = Client().get(renewed)
    assert (gone.status_code, gone["X-Robots-Tag"]) == (404, "noindex, nofollow")
    assert "no-store" in gone["Cache-Control"]


def test_the_token_is_shown_once_and_kept_as_a_digest():
    reader = make_user()
    client = signed_in(reader)
    answer = client.post("/me/feed/address/")
    token = urlsplit(texts(answer.content, "#new-address")[0]).path.split("/")[2]
    assert "no-store" in answer["Cache-Control"]
    assert token not in client.get("/me/feed/address/").content.decode()
    own = Feed.objects.get()
    assert token not in own.digest
    export = client.get("/me/export/?format=json").content.decode()
    assert own.digest not in export
    assert "profiles_feed" in export
    with pytest.raises(IntegrityError, match="feed_keeps_a_digest_only"), transaction.atomic():
        Feed.objects.filter(pk=own.pk).update(digest=token)


@pytest.mark.parametrize("token", ["", "x", "bzf_" + "a" * 43])
def test_no_other_address_opens_anything(token):
    make_feed_token(by=make_user())
    revoke_feed_token(by=make_user("ended@example.org"))
    assert Client().get(f"/feeds/{token}/").status_code == 404


def test_the_feed_of_a_closed_account_opens_no_more():
    reader = make_user()
    token = make_feed_token(by=reader)
    assert Client().get(f"/feeds/{token}/").status_code == 200
    reader.is_active = False
    reader.save()
    assert Client().get(f"/feeds/{token}/").status_code == 404


# --- My page ----------------------------------------------------------------------------------------------------------


def test_my_page_says_what_waits_and_leads_everywhere(wei):
    ada = make_researcher("Ada Open")
    reader, guest = ada.user, make_user("guest@example.org")
    follow(wei, by=reader)
    follow_search(WorkSearch.read("q=faces"), by=reader)
    make_work("On faces", authors=[wei])
    make_invitation(guest, ada.author)
    notify(recipient=reader, kind=Notification.Kind.MESSAGE, key="1", text="Something waits.", address="/about/")
    unread = Notification.objects.unread_count(reader)
    page = signed_in(reader).get("/me/").content
    assert texts(page, ".own dd")[:3] == ["1 new", "1 invitation to answer", f"{unread} unread"]
    assert "2, of which 1 search" in texts(page, ".own dd")
    assert texts(page, ".feed h3") == ["On faces"]
    assert "You hold the page of Ada Open" in texts(page, "main")[0]
    leads = {link.get("href") for link in parse(page).cssselect("main a")}
    assert leads >= {
        "/me/feed/", "/me/messages/", "/me/notifications/", "/me/profile/", "/me/works/", "/me/claims/", "/me/follows/", "/me/settings/",
        "/me/blocks/", "/me/export/", "/me/delete/",
    }  # fmt: skip
    assert '<a href="/me/">My page</a>' in page.decode()


def test_my_page_of_somebody_new_and_of_a_claimant():
    reader = make_user()
    client = signed_in(reader)
    assert texts(client.get("/me/").content, ".own dd")[:3] == ["nothing new", "nothing to answer", "all read"]
    claim_in_review(make_claimable("Wei Wang"), by=reader)
    assert "Your claim to the page of Wei Wang In review" in texts(client.get("/me/").content, "main")[0]


def test_pages_cost_the_same_queries_at_one_and_at_three(wei):
    reader = make_researcher("Ada Open").user
    client = signed_in(reader)
    token = make_feed_token(by=reader)
    paths = ("/me/", "/me/feed/", f"/feeds/{token}/")
    costs: dict[str, list[int]] = {path: [] for path in paths}
    for number in (1, 3):
        for place in range(number):
            author = make_author(f"Author {number} {place}")
            make_work(f"Matter {number} {place}", authors=[author])
            Profile.objects.create(user=make_person(f"p{number}{place}"), author=author, claimed_at=timezone.now())
            follow(author, by=reader)
            follow_search(WorkSearch.read(f"q=matter+{number}+{place}"), by=reader)
            make_conversation(make_person(f"friend{number}{place}"), make_researcher(f"Friend {number} {place}"))
        for path in paths:
            client.get(path)
            with CaptureQueriesContext(connection) as counted:
                client.get(path)
            costs[path].append(len(counted))
    assert {path: cost for path, cost in costs.items() if len(set(cost)) > 1} == {}
    assert costs[f"/feeds/{token}/"] == [8, 8]
    assert Work.objects.count() > 3
