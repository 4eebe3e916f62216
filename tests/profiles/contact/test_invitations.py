"""Invitations: who may invite whom, what becomes of one, and what Postgres itself refuses."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from profiles.actions import contact
from profiles.actions.contact import ContactRefused
from profiles.actions.profiles import describe_oneself
from profiles.actions.waiting import send_waiting
from profiles.models import Conversation, Invitation, Message, WaitingMail
from tests.factories.claims import make_person
from tests.factories.contact import WORDS, Researcher, claim_page, make_conversation, make_invitation, make_researcher
from tests.factories.people import signed_in
from tests.factories.works import make_author, make_work
from works.actions.journal import Actor
from works.actions.merges import merge_authors
from works.models import Author
from works.models.decision import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Researcher:
    return make_researcher("Ada Open")


@pytest.fixture
def reader():
    return make_person("reader")


@pytest.fixture
def unclaimed() -> Author:
    author = make_author("Wei Unclaimed", works_count=1)
    make_work("Faces of the unclaimed", authors=[author], authors_count=1)
    return author


def test_an_invitation_to_who_is_open_is_delivered_accepted_and_opens_one_conversation(ada, reader):
    invitation = make_invitation(reader, ada.author)
    assert (invitation.status, invitation.recipient) == ("waiting", ada.user)
    conversation = contact.accept(invitation, by=ada.user)
    assert list(Message.objects.values_list("sender", "text")) == [(reader.pk, WORDS)]
    assert set(conversation.members.values_list("user", flat=True)) == {reader.pk, ada.user.pk}
    for again in (contact.accept, contact.decline, contact.put_off):
        with pytest.raises(ContactRefused, match="any more: accepted"):
            again(invitation, by=ada.user)
    with pytest.raises(ContactRefused, match="taken back any more: accepted"):
        contact.revoke(invitation, by=reader)
    assert Conversation.objects.count() == 1


def test_an_invitation_to_an_unclaimed_page_is_held_until_its_author_joins_and_is_open(unclaimed, reader):
    invitation = make_invitation(reader, unclaimed)
    assert (invitation.status, invitation.recipient) == ("held", None)
    assert not WaitingMail.objects.exists()
    wei = claim_page(unclaimed, make_person("wei"), is_open=None)
    assert contact.release_held() == 0
    describe_oneself(headline="", biography="", topics=[], is_open_to_collaborate=True, hidden=[], by=wei.user)
    assert contact.are_held_deliverable()
    assert contact.release_held() == 1
    invitation.refresh_from_db()
    assert (invitation.status, invitation.recipient) == ("waiting", wei.user)
    assert invitation.expires_at < timezone.now() + timedelta(days=31)
    assert not contact.are_held_deliverable()
    assert list(WaitingMail.objects.values_list("user", "kinds")) == [(wei.user.pk, ["invitation"])]


def test_what_somebody_sent_to_a_page_that_they_claimed_later_is_never_delivered(unclaimed, reader):
    make_invitation(reader, unclaimed)
    claim_page(unclaimed, reader)
    assert not contact.are_held_deliverable()
    assert contact.release_held() == 0


@pytest.mark.parametrize(("is_open", "status"), [(True, "waiting"), (None, "held")])
def test_who_has_not_said_is_not_written_to(is_open, status, reader):
    assert make_invitation(reader, make_researcher("Bo Bond", is_open=is_open).author).status == status


def test_who_said_no_is_not_invited_and_nobody_invites_themselves(ada, reader):
    with pytest.raises(ContactRefused, match="not open to collaborate"):
        make_invitation(reader, make_researcher("Cai Closed", is_open=False).author)
    with pytest.raises(ContactRefused, match="yours"):
        make_invitation(ada.user, ada.author)
    assert not Invitation.objects.exists()


def test_one_live_invitation_of_a_pair(ada, reader):
    first = make_invitation(reader, ada.author)
    with pytest.raises(ContactRefused, match="open already"):
        make_invitation(reader, ada.author)
    contact.put_off(first, by=ada.user)
    with pytest.raises(ContactRefused, match="open already"):
        make_invitation(reader, ada.author)
    contact.decline(first, by=ada.user)
    with pytest.raises(ContactRefused, match="90 days"):
        make_invitation(reader, ada.author)
    Invitation.objects.update(status_at=timezone.now() - timedelta(days=91))
    assert make_invitation(reader, ada.author).status == "waiting"


def test_who_is_in_conversation_needs_no_invitation(ada, reader):
    make_conversation(reader, ada)
    with pytest.raises(ContactRefused, match="in conversation"):
        make_invitation(reader, ada.author)


def test_what_has_run_out_cannot_be_answered_and_is_closed_overnight(ada, reader):
    invitation = make_invitation(reader, ada.author)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(ContactRefused, match="run out"):
        contact.accept(invitation, by=ada.user)
    assert make_invitation(reader, ada.author).status == "waiting"  # the old one no longer stands in its way
    Invitation.objects.filter(status="waiting").update(expires_at=timezone.now() - timedelta(seconds=1))
    assert contact.expire_invitations() == 1
    assert set(Invitation.objects.values_list("status", flat=True)) == {"expired"}


def test_quotas_follow_the_level(reader):
    authors = [make_author(f"Author {place}", works_count=1) for place in range(11)]
    for author in authors[:2]:
        make_invitation(reader, author)
    with pytest.raises(ContactRefused, match="2 invitations a day"):
        make_invitation(reader, authors[2])
    Invitation.objects.update(created_at=timezone.now() - timedelta(days=2))
    for place in range(2, 10, 2):
        make_invitation(reader, authors[place])
        make_invitation(reader, authors[place + 1])
        Invitation.objects.update(created_at=timezone.now() - timedelta(days=2))
    with pytest.raises(ContactRefused, match="10 invitations of yours are open"):
        make_invitation(reader, authors[10])


def test_a_crowd_is_not_let_to_one_person(ada, reader):
    people = [make_person(f"fan{place}") for place in range(50)]
    now = timezone.now()
    Invitation.objects.bulk_create(
        Invitation(sender=one, author=ada.author, recipient=ada.user, status="waiting", purpose="talk", message=WORDS, expires_at=now)
        for one in people
    )
    with pytest.raises(ContactRefused, match="cannot be written to"):
        make_invitation(reader, ada.author)


@pytest.mark.parametrize("words", ["", "too short", "x" * 2001, "\u202e" * 40, " \n" * 40])
def test_messages_are_of_a_certain_length_once_cleaned(words, ada, reader):
    with pytest.raises(ContactRefused, match="20 to 2000 characters"):
        make_invitation(reader, ada.author, message=words)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "waiting", "recipient": None},
        {"status": "held"},
        {"status": "sent"},
        {"purpose": "spam"},
        {"message": ""},
        {"self": True},
        {"twice": True},
    ],
)
def test_postgres_refuses(fields, ada, reader):
    given = {"sender": reader, "author": ada.author, "recipient": ada.user, "status": "waiting", "purpose": "talk", "message": WORDS}
    given["expires_at"] = timezone.now()
    if fields.pop("self", False):
        given["sender"] = ada.user
    if fields.pop("twice", False):
        Invitation.objects.create(**given)
        given["status"] = "later"
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(**given | fields)


def test_invitations_follow_a_merge_and_two_of_one_sender_reach_a_person_once(unclaimed, reader):
    other = make_author("Wei Other", works_count=1)
    make_work("Other faces", authors=[other], authors_count=1)
    make_invitation(reader, unclaimed)
    make_invitation(reader, other)
    second = make_person("second")
    moved = make_invitation(second, other)
    merge_authors(winner_id=unclaimed.pk, loser_ids=[other.pk], reason="One person", by=Actor(account=1, role=Role.STAFF))
    moved.refresh_from_db()
    assert moved.author_id == unclaimed.pk
    wei = claim_page(unclaimed, make_person("wei"))
    assert contact.release_held() == 2
    assert sorted(Invitation.objects.filter(recipient=wei.user).values_list("sender", flat=True)) == sorted([reader.pk, second.pk])


def test_the_mail_says_only_that_something_waits_and_comes_once_an_hour(ada, reader):
    make_invitation(reader, ada.author, message="SECRET <b>words</b> that no mail may carry")
    assert send_waiting() == 1
    [told] = mail.outbox
    assert told.to == [ada.user.email]
    assert told.subject == "BZPEER: something waits for you"
    assert "An invitation waits for your answer." in told.body
    assert "/me/messages/" in told.body
    for hidden in ("SECRET", "words", reader.email, "reader"):
        assert hidden not in told.body + told.subject
    make_invitation(make_person("second"), ada.author)
    assert send_waiting() == 0
    WaitingMail.objects.update(due_at=timezone.now())
    assert send_waiting() == 1
    assert send_waiting() == 0


def test_the_pages_of_an_invitation_cost_the_same_however_many(ada, reader, django_assert_num_queries):
    browser = signed_in(ada.user)
    make_invitation(reader, ada.author)
    browser.get("/me/messages/")
    with django_assert_num_queries(8):
        browser.get("/me/messages/")
    for place in range(3):
        person = make_researcher(f"Sender {'ABC'[place]}").user
        if place:
            make_conversation(person, ada)
        else:
            make_invitation(person, ada.author)
    with django_assert_num_queries(8):
        page = browser.get("/me/messages/").content.decode()
    assert page.count("Sender ") == 3


def test_inviting_through_the_pages(ada, reader):
    browser = signed_in(reader)
    work = ada.author.authorships.get().work
    page = browser.get(f"/researchers/{ada.author.slug}/invite/").content.decode()
    assert work.title in page
    assert "mail that something waits" in page
    refused = browser.post(f"/researchers/{ada.author.slug}/invite/", {"purpose": "talk", "message": "short"})
    assert refused.status_code == 422
    sent = browser.post(
        f"/researchers/{ada.author.slug}/invite/", {"purpose": "talk", "message": WORDS, "work": [work.public_id, "nonsense"]}
    )
    invitation = Invitation.objects.get()
    assert sent["Location"] == invitation.get_absolute_url()
    assert [line.work for line in invitation.about.all()] == [work]
    receiver = signed_in(ada.user)
    assert WORDS in receiver.get(invitation.get_absolute_url()).content.decode()
    accepted = receiver.post(f"{invitation.get_absolute_url()}accept/")
    assert accepted["Location"] == Conversation.objects.get().get_absolute_url()


def test_nobody_without_an_account_sends_and_a_visit_changes_nothing(ada, client):
    address = f"/researchers/{ada.author.slug}/invite/"
    assert client.get(address)["Location"].startswith("/accounts/login/")
    assert client.post(address, {"purpose": "talk", "message": WORDS})["Location"].startswith("/accounts/login/")
    assert not Invitation.objects.exists()
