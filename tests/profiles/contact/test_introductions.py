"""Introductions: asked, passed on, refused without a word."""

from datetime import timedelta

import pytest
from django.utils import timezone

from profiles.actions import contact, introductions
from profiles.actions.contact import ContactRefused
from profiles.models import Introduction, Invitation, WaitingMail
from tests.factories.claims import make_person
from tests.factories.contact import WORDS, make_invitation, make_researcher
from tests.factories.people import signed_in
from tests.factories.works import make_author

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    return make_person("reader")


@pytest.fixture
def middle():
    return make_researcher("Mia Middle")


@pytest.fixture
def target():
    return make_researcher("Tom Target")


def ask(reader, middle, author) -> Introduction:
    return introductions.ask_for_introduction(author, middle=middle.author, purpose="talk", message=WORDS, by=reader)


def test_passed_on_it_is_an_invitation_with_the_name_of_who_introduced(reader, middle, target):
    asked = ask(reader, middle, target.author)
    assert not Invitation.objects.exists()
    invitation = introductions.pass_on(asked, by=middle.user)
    assert (invitation.sender, invitation.recipient, invitation.introduced_by) == (reader, target.user, middle.user)
    assert list(WaitingMail.objects.order_by("user").values_list("user", flat=True)) == sorted([middle.user.pk, target.user.pk])
    assert "Introduced by <bdi>Mia Middle</bdi>" in signed_in(target.user).get(invitation.get_absolute_url()).content.decode()
    with pytest.raises(ContactRefused, match="does not wait"):
        introductions.pass_on(asked, by=middle.user)


def test_to_an_unclaimed_page_it_is_held(reader, middle):
    assert introductions.pass_on(ask(reader, middle, make_author("Wei Unclaimed", works_count=1)), by=middle.user).status == "held"


def test_a_refusal_looks_like_no_answer_in_every_way(reader, middle, target):
    """The requester's pages, what they can do, and how it ends are the same to the letter for a refusal and for silence."""
    silent, other = make_researcher("Sam Silent"), make_person("other")
    refused, unanswered = ask(reader, middle, target.author), ask(other, silent, target.author)
    introductions.refuse(refused, by=middle.user)
    assert not WaitingMail.objects.filter(user__in=[reader, other]).exists()

    def seen(user, introduction, name):
        browser = signed_in(user)
        pages = browser.get(introduction.get_absolute_url()).content.decode() + browser.get("/me/messages/").content.decode()
        for own in (introduction.public_id, name, user.email):
            pages = pages.replace(own, "…")
        return [line for line in pages.splitlines() if "csrf" not in line.lower()]

    assert seen(reader, refused, "Mia Middle") == seen(other, unanswered, "Sam Silent")
    with pytest.raises(ContactRefused, match="asked for this introduction already"):
        ask(reader, middle, target.author)
    Introduction.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert seen(reader, refused, "Mia Middle") == seen(other, unanswered, "Sam Silent")
    assert introductions.end_introductions() == 2
    assert set(Introduction.objects.values_list("status", flat=True)) == {"ended"}


def test_who_may_be_asked_and_about_whom(reader, middle, target):
    with pytest.raises(ContactRefused, match="cannot be asked"):
        ask(reader, make_researcher("Cai Closed", is_open=False), target.author)
    with pytest.raises(ContactRefused, match="third person"):
        ask(reader, target, target.author)
    with pytest.raises(ContactRefused, match="no introduction by yourself"):
        ask(middle.user, middle, target.author)
    with pytest.raises(ContactRefused, match="page is yours"):
        ask(target.user, middle, target.author)
    ask(reader, middle, target.author)
    ask(reader, middle, make_author("Another", works_count=1))
    with pytest.raises(ContactRefused, match="2 invitations a day"):
        ask(reader, middle, make_author("A third", works_count=1))
    with pytest.raises(ContactRefused, match="2 invitations a day"):
        make_invitation(reader, target.author)


def test_blocks_hold_between_any_two_of_the_three(reader, middle, target):
    asked = ask(reader, middle, target.author)
    contact.block(reader, by=target.user)
    asked.refresh_from_db()
    assert asked.status == "ended"
    with pytest.raises(ContactRefused, match="cannot be written to"):
        ask(reader, middle, target.author)
    other = make_person("other")
    contact.block(middle.user, by=target.user)
    with pytest.raises(ContactRefused, match="cannot be written to"):
        ask(other, middle, target.author)
    contact.block(other, by=middle.user)
    with pytest.raises(ContactRefused, match="cannot be written to"):
        ask(other, middle, make_author("A third", works_count=1))


def test_through_the_pages(reader, middle, target):
    browser = signed_in(reader)
    address = f"/researchers/{target.author.slug}/introduce/?via={middle.author.slug}"
    assert "Ask <bdi>Mia Middle</bdi> for an introduction" in browser.get(address).content.decode()
    sent = browser.post(address, {"purpose": "talk", "message": WORDS})
    asked = Introduction.objects.get()
    assert sent["Location"] == asked.get_absolute_url()
    theirs = signed_in(middle.user)
    assert WORDS in theirs.get(asked.get_absolute_url()).content.decode()
    assert "asks you for an introduction" in theirs.get("/me/messages/").content.decode()
    assert browser.post(f"{asked.get_absolute_url()}pass-on/").status_code == 302
    assert not Invitation.objects.exists()  # it is not the requester's to pass on
    theirs.post(f"{asked.get_absolute_url()}pass-on/")
    assert Invitation.objects.get().introduced_by == middle.user
    assert browser.get("/researchers/nobody/introduce/").status_code == 404
