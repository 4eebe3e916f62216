"""Whoever means ill: the blocked by every route, words that are no words, ids that are guessed, visits that should change nothing."""

import re
import secrets
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection

from profiles import tasks
from profiles.actions import abuse, contact, introductions
from profiles.actions.contact import ContactRefused
from profiles.actions.feeds import make_feed_token
from profiles.actions.follows import follow
from profiles.actions.waiting import send_waiting
from profiles.loading.feed import feed_items
from profiles.models import AbuseEvent, AbuseReport, Block, Conversation, Follow, Invitation, Message, Notification
from tests.factories.claims import make_person, make_reviewer
from tests.factories.contact import WORDS, Researcher, make_conversation, make_invitation, make_researcher
from tests.factories.digests import make_news, owe
from tests.factories.people import signed_in
from tests.factories.works import make_author
from works.actions.audit import broken_seals, seal_events

pytestmark = pytest.mark.django_db

PAYLOADS = (
    "<script>window.bitten = 1</script> and a few more words",
    '"><img src=x onerror=alert(1)> and a few more words',
    "{{ 7|add:7 }} {% load static %} and a few more words",
    "Subject: hello\r\nBcc: everybody@example.org\r\n\r\nand a few more words",
    "</textarea></form><form action=https://evil.example> and more words",
    "\u202egnp.exe\u2066 and a few more words \u200b\ufeff",
)


@pytest.fixture
def ada() -> Researcher:
    return make_researcher("Ada Open")


@pytest.fixture
def bo() -> Researcher:
    return make_researcher("Bo Bond")


@pytest.mark.parametrize("is_by_page", [True, False])
def test_a_block_ends_everything_and_holds_by_every_route_both_ways(ada, bo, is_by_page):
    follow(ada.author, by=bo.user)
    follow(bo.author, by=ada.user)
    waiting = make_invitation(bo.user, ada.author)
    back = make_invitation(ada.user, bo.author)
    if is_by_page:
        signed_in(ada.user).post(f"/researchers/{bo.author.slug}/block/")
    else:
        contact.block(bo.user, by=ada.user)
    for invitation in (waiting, back):
        invitation.refresh_from_db()
    assert (waiting.status, back.status) == ("expired", "revoked")
    assert not Follow.objects.exists()

    middle, third = make_researcher("Mia Middle"), make_author("Third", works_count=1)
    for one, other in ((bo, ada), (ada, bo)):
        browser = signed_in(one.user)
        for act in (
            lambda one=one, other=other: make_invitation(one.user, other.author),
            lambda one=one, other=other: introductions.ask_for_introduction(
                other.author, middle=middle.author, purpose="talk", message=WORDS, by=one.user
            ),
            lambda one=one, other=other: introductions.ask_for_introduction(
                third, middle=other.author, purpose="talk", message=WORDS, by=one.user
            ),
        ):
            with pytest.raises(ContactRefused, match=re.escape(contact.NOT_POSSIBLE)):
                act()
        invite = browser.get(f"/researchers/{other.author.slug}/invite/").content.decode()
        assert contact.NOT_POSSIBLE in invite
        assert "<textarea" not in invite
        posted = browser.post(f"/researchers/{other.author.slug}/invite/", {"purpose": "talk", "message": WORDS})
        assert posted.status_code == 422
        browser.post(f"/researchers/{other.author.slug}/follow/")
        browser.post(f"/researchers/{other.author.slug}/follow/", headers={"HX-Request": "true"})
        assert browser.get(f"/researchers/{other.author.slug}/").status_code == 200  # what registries say stays public
        assert "block" not in browser.get("/me/messages/").content.decode().lower().replace("/me/blocks/", "").replace(
            "whom you have blocked", ""
        )
    assert not Follow.objects.exists()
    assert not Invitation.objects.live().exists()


def test_a_follow_that_slipped_past_a_block_brings_nothing_by_page_atom_or_digest(ada, bo):
    """As when it was written in the same moment as the block: every reader of follows asks for blocks itself."""
    Block.objects.create(user=ada.user, blocked=bo.user)
    for reader, subject in ((bo.user, ada.author), (ada.user, bo.author)):
        Follow.objects.create(user=reader, author=subject)
        turn = owe(reader)
        make_news(subject, f"New of {subject.name}", at=turn.ends_at - timedelta(hours=1))
        token = make_feed_token(by=reader)
        browser = signed_in(reader)
        for page in ("/me/feed/", f"/feeds/{token}/"):
            assert f"New of {subject.name}" not in browser.get(page).content.decode()
        assert feed_items(reader, since=turn.ends_at - timedelta(days=7), until=turn.ends_at) == []
    tasks.digests()
    assert mail.outbox == []
    Block.objects.all().delete()
    assert "New of Ada Open" in signed_in(bo.user).get("/me/feed/").content.decode()


def test_the_blocked_learn_nothing_by_looking_for_news_or_by_the_header(ada, bo):
    talk = make_conversation(bo.user, ada)
    contact.block(bo.user, by=ada.user)
    browser, before = signed_in(bo.user), Notification.objects.filter(recipient=bo.user).count()
    answer = browser.post(f"{talk.get_absolute_url()}look/", {"last": 0, "quiet": 0})
    assert "block" not in answer.content.decode().lower()
    assert Notification.objects.filter(recipient=bo.user).count() == before
    while send_waiting():
        pass
    assert all("block" not in sent.body.lower() for sent in mail.outbox)
    assert Notification.objects.filter(text__icontains="block").count() == 0


def test_a_block_closes_the_conversation_and_a_message_is_refused_in_the_words_of_any_closed_one(ada, bo):
    talk = make_conversation(bo.user, ada)
    signed_in(ada.user).post(f"/me/blocks/conversation/{talk.public_id}/")
    with pytest.raises(ContactRefused, match="This conversation is closed"):
        contact.write(talk, text="Why?", by=bo.user)
    answer = signed_in(bo.user).post(talk.get_absolute_url(), {"text": "Why?"})
    assert answer.status_code == 422
    assert "block" not in re.sub(r"/me/blocks/\S+|>Block<", "", answer.content.decode()).lower()
    assert Message.objects.count() == 1
    contact.unblock(bo.user, by=ada.user)
    talk.refresh_from_db()
    assert talk.closed_at  # what ended stays ended


def test_a_held_invitation_of_the_blocked_is_never_delivered(bo):
    author = make_author("Wei Unclaimed", works_count=1)
    held = make_invitation(bo.user, author)
    from tests.factories.contact import claim_page

    wei = claim_page(author, make_person("wei"))
    contact.block(bo.user, by=wei.user)
    assert not contact.are_held_deliverable()
    assert contact.release_held() == 0
    held.refresh_from_db()
    assert held.status == "held"  # to its sender it looks as before


@pytest.mark.parametrize("words", PAYLOADS)
def test_words_stay_words(ada, bo, words):
    invitation = make_invitation(bo.user, ada.author, message=words)
    talk = contact.accept(invitation, by=ada.user)
    contact.write(talk, text=words, by=bo.user)
    abuse.report_abuse(conversation=talk, kind="other", statement=words, by=ada.user)
    report = AbuseReport.objects.get()
    browser, staff = signed_in(ada.user), signed_in(make_reviewer())
    pages = [browser.get(address).content.decode() for address in (invitation.get_absolute_url(), talk.get_absolute_url(), "/me/messages/")]
    pages += [staff.get(report.get_absolute_url()).content.decode()]
    for page in pages:
        assert "<script>window" not in page
        assert "<img src=x" not in page
        assert "<form action=https" not in page
        assert "\u202e" not in page.replace(words, "")
    assert "{{ 7|add:7 }}" in pages[0] or "{{" not in words
    while send_waiting():
        pass
    for sent in mail.outbox:
        assert sent.subject == "BZPEER: something waits for you"
        assert set(sent.message().keys()) <= {
            "Content-Type", "MIME-Version", "Content-Transfer-Encoding", "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted",
            "X-Mail-Id",
        }  # fmt: skip
        assert words not in sent.message().as_string()


def test_everything_is_404_for_everybody_else_guessed_or_known(ada, bo):
    talk = make_conversation(bo.user, ada)
    middle = make_researcher("Mia Middle")
    asked = introductions.ask_for_introduction(middle.author, middle=ada.author, purpose="talk", message=WORDS, by=bo.user)
    invitation = talk.invitation
    stranger, staff = signed_in(make_person("stranger")), signed_in(make_reviewer())
    superuser = signed_in(make_person("root", is_superuser=True))
    known = [talk.get_absolute_url(), invitation.get_absolute_url(), asked.get_absolute_url()]
    guessed = [re.sub(r"[0-9a-f]{20}", secrets.token_hex(10), address) for address in known]
    for browser in (stranger, staff, superuser):
        for address in (*known, *guessed, "/me/conversations/1/", f"/me/conversations/{talk.pk}/", f"/me/invitations/{invitation.pk}/"):
            assert browser.get(address).status_code == 404, address
        for address in (
            f"{talk.get_absolute_url()}look/", f"{talk.get_absolute_url()}seen/", f"{talk.get_absolute_url()}close/",
            f"{invitation.get_absolute_url()}accept/", f"{invitation.get_absolute_url()}revoke/", f"{asked.get_absolute_url()}pass-on/",
            f"/me/blocks/conversation/{talk.public_id}/", f"/me/reports/invitation/{invitation.public_id}/",
        ):  # fmt: skip
            assert browser.post(address).status_code == 404, address
        assert browser.post(talk.get_absolute_url(), {"text": "Hello"}).status_code == 404
    assert re.fullmatch(r"[0-9a-f]{20}", talk.public_id)
    assert signed_in(bo.user).post(f"{invitation.get_absolute_url()}fly/").status_code == 404


def test_the_target_of_an_introduction_sees_nothing_of_it_until_it_is_passed_on(ada, bo):
    middle = make_researcher("Mia Middle")
    asked = introductions.ask_for_introduction(ada.author, middle=middle.author, purpose="talk", message=WORDS, by=bo.user)
    assert signed_in(ada.user).get(asked.get_absolute_url()).status_code == 404


def test_a_visit_changes_nothing(ada, bo):
    """Every page here, opened by everybody who may: not one statement writes, but for the session's."""
    talk = make_conversation(bo.user, ada)
    contact.write(talk, text="Gladly.", by=ada.user)
    waiting = make_invitation(make_person("other"), ada.author)
    addresses = ["/me/messages/", "/me/blocks/", talk.get_absolute_url(), waiting.get_absolute_url()]
    addresses += [f"/researchers/{ada.author.slug}/{end}/" for end in ("invite", "block")]
    addresses += [f"/researchers/{ada.author.slug}/introduce/?via={bo.author.slug}", f"/me/reports/conversation/{talk.public_id}/"]
    for user in (ada.user, bo.user):
        browser = signed_in(user)
        for address in addresses:
            written: list[str] = []

            def watch(execute, sql, params, many, context, written=written):
                if re.match(r"\s*(INSERT|UPDATE|DELETE)", sql) and "django_session" not in sql:
                    written.append(sql)
                return execute(sql, params, many, context)

            with connection.execute_wrapper(watch):
                browser.get(address)
            assert written == [], address
    for address in (
        f"{waiting.get_absolute_url()}accept/",
        f"{talk.get_absolute_url()}look/",
        f"/me/blocks/conversation/{talk.public_id}/",
    ):
        assert signed_in(ada.user).get(address).status_code == 405


def test_the_api_and_the_feeds_say_nothing_of_messages(ada, bo):
    talk = make_conversation(bo.user, ada)
    browser = signed_in(ada.user)
    for address in (
        "/api/v1/me/",
        "/api/v1/me/claims/",
        f"/researchers/{ada.author.slug}/feed/",
        f"/api/v1/authors/{ada.author.public_id}/trust/",
    ):
        body = browser.get(address).content.decode()
        assert talk.public_id not in body
        assert WORDS not in body


def test_a_report_blocks_is_read_by_staff_alone_and_bars_its_writer(ada, bo):
    talk = make_conversation(bo.user, ada)
    contact.write(talk, text="Ours alone.", by=ada.user)
    contact.write(talk, text="Pay me.", by=bo.user)
    signed_in(ada.user).post(f"/me/reports/conversation/{talk.public_id}/", {"kind": "fraud", "statement": "He wants money."})
    report = AbuseReport.objects.get()
    assert "Pay me." in report.text
    assert "Ours alone." not in report.text  # what the reporter wrote themselves is not shown to staff
    assert Conversation.objects.get().closed_at
    assert signed_in(bo.user).get(report.get_absolute_url()).status_code == 403
    reviewer = make_reviewer()
    staff = signed_in(reviewer)
    assert "Fraud" in staff.get("/review/messages/").content.decode()
    assert staff.post(report.get_absolute_url(), {"verb": "uphold", "decision": ""}).status_code == 422
    staff.post(report.get_absolute_url(), {"verb": "uphold", "decision": "Fraud."})
    with pytest.raises(ContactRefused, match="cannot write to others"):
        make_invitation(bo.user, make_researcher("Cai Carr").author)
    with pytest.raises(ContactRefused, match="decided"):
        abuse.decide_abuse(report, is_upheld=False, decision="No.", by=make_reviewer("second"))
    kinds = list(AbuseEvent.objects.order_by("pk").values_list("kind", "actor_id", "before", "after"))
    assert kinds == [
        ("reported", ada.user.pk, "", "reported"),
        ("blocked", ada.user.pk, "", "reported"),
        ("upheld", reviewer.pk, "reported", "upheld"),
    ]
    assert seal_events() >= 3
    assert broken_seals(AbuseEvent) == []


def test_nobody_decides_about_what_they_wrote_or_reported(ada):
    reviewer = make_reviewer()
    invitation = make_invitation(reviewer, ada.author)
    report = abuse.report_abuse(invitation=invitation, kind="spam", statement="", by=ada.user)
    with pytest.raises(ContactRefused, match="party"):
        abuse.decide_abuse(report, is_upheld=False, decision="Fine.", by=reviewer)
    with pytest.raises(ContactRefused, match="Only reviewers"):
        abuse.decide_abuse(report, is_upheld=False, decision="Fine.", by=ada.user)
