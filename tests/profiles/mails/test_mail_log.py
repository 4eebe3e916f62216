"""The mail log and the addresses to which none goes: every kind of mail, what comes back, who may see and change it."""

from __future__ import annotations

import mailbox
import sys
from datetime import timedelta
from io import BytesIO, StringIO
from smtplib import SMTPRecipientsRefused
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from profiles.actions import mails
from profiles.actions.claims import approve_claim, release_claim
from profiles.actions.claims.notices import send_notices
from profiles.actions.contact import write
from profiles.actions.mail_reports import MailRefused, pause_address, resume_address, take_report
from profiles.actions.waiting import send_waiting
from profiles.models import PausedAddress, SentMail, User
from profiles.models.mail import hash_of_address
from tests.bzpeer.markup import parse
from tests.factories.claims import make_claimable, make_person, make_reviewer, make_submitted
from tests.factories.contact import make_conversation, make_researcher
from tests.factories.mail_reports import make_bounce, make_complaint
from tests.factories.people import make_user, signed_in

pytestmark = pytest.mark.django_db

Kind = SentMail.Kind
ADDRESS = "reader@example.org"
TOKEN = "a token of thirty-two characters"


@pytest.fixture
def reader() -> User:
    return make_user(ADDRESS)


@pytest.fixture
def administrator() -> User:
    return make_user("root@example.org", is_staff=True, role="administrator")


def post(user: User, kind: str = Kind.WAITING, address: str = ADDRESS) -> SentMail:
    mails.post(EmailMessage("Something waits", "It waits.\n", to=[address]), kind=kind, account=user)
    return SentMail.objects.latest("pk")


def outcomes() -> list[tuple[str, str]]:
    return list(SentMail.objects.order_by("pk").values_list("kind", "outcome"))


def test_every_kind_of_mail_is_in_the_log_and_none_of_what_it_says(reader, quick_passwords):
    Client().post("/accounts/password/reset/", {"email": ADDRESS})
    Client().post("/accounts/password/reset/", {"email": "nobody@example.org"})
    author, user = make_claimable("Wei Wang"), make_person("wei")
    approve_claim(make_submitted(author, user), by=make_reviewer())
    send_notices()
    ada = make_researcher("Ada Open")
    write(make_conversation(reader, ada), text="A word of mine.", by=ada.user)
    send_waiting()
    lines = SentMail.objects.order_by("pk")
    assert [(line.kind, line.outcome, line.user) for line in lines] == [
        ("account", "sent", reader),
        ("account", "sent", None),  # "there is no account with this address"
        ("ownership", "sent", user),
        ("waiting", "sent", ada.user),
        ("waiting", "sent", reader),
    ]
    assert [line.message_id for line in lines] == [sent.extra_headers["Message-ID"] for sent in mail.outbox]
    assert [bytes(line.address_hash) for line in lines] == [hash_of_address(sent.to[0]) for sent in mail.outbox]
    assert {field.name for field in SentMail._meta.get_fields()} == {
        "id", "user", "kind", "outcome", "at", "message_id", "address_hash", "status",
    }  # fmt: skip


def test_what_came_back_goes_nowhere_any_more_but_what_is_needed_to_log_in_does(reader, quick_passwords):
    assert take_report(make_bounce(post(reader).message_id)) == "paused"
    mail.outbox.clear()
    assert [post(reader, kind).outcome for kind in Kind.values] == ["sent", "withheld", "withheld", "withheld", "withheld", "withheld"]
    Client().post("/accounts/password/reset/", {"email": ADDRESS})
    assert [sent.to for sent in mail.outbox] == [[ADDRESS], [ADDRESS]]
    assert post(reader, address="Another@example.org").outcome == "sent"
    assert post(reader, address="READER@example.org").outcome == "withheld"


def test_whoever_complained_is_still_told_that_a_page_changes_hands(reader):
    assert take_report(make_complaint(post(reader).message_id)) == "paused"
    assert [post(reader, kind).outcome for kind in Kind.values] == ["sent", "withheld", "withheld", "sent", "withheld", "withheld"]
    assert SentMail.objects.earliest("pk").outcome == "complained"


def test_notices_pass_paused_addresses_over_and_are_not_owed_any_more():
    ada, reader = make_researcher("Ada Open"), make_user(ADDRESS)
    talk = make_conversation(reader, ada)
    send_waiting()
    take_report(make_bounce(SentMail.objects.get(user=reader).message_id))
    mail.outbox.clear()
    write(talk, text="Hello?", by=ada.user)
    timezone_later = timezone.now() - timedelta(hours=2)
    from profiles.models import WaitingMail

    WaitingMail.objects.update(due_at=timezone_later)
    send_waiting()
    assert ADDRESS not in [sent.to[0] for sent in mail.outbox]
    assert WaitingMail.objects.get(user=reader).due_at is None
    assert SentMail.objects.filter(user=reader).latest("pk").outcome == "withheld"


def test_a_code_is_not_sent_where_mail_came_back_and_the_claimant_reads_so():
    from profiles.actions.claims import ClaimRefused, begin_claim
    from profiles.actions.evidence import send_code
    from profiles.models import EmailDomain
    from tests.factories.works import make_institution

    EmailDomain.objects.create(domain="uni.example", kind="academic", institution=make_institution("University"))
    author, wei = make_claimable("Wei Wang"), make_person("wei")
    claim = begin_claim(author, by=wei)
    send_code(claim, address="wei@uni.example", by=wei)
    assert outcomes() == [("code", "sent")]
    take_report(make_bounce(SentMail.objects.get().message_id))
    with pytest.raises(ClaimRefused, match="came back"):
        send_code(claim, address="wei@uni.example", by=wei)
    assert outcomes() == [("code", "bounced"), ("code", "withheld")]


def test_told_twice_of_the_same_mail_nothing_happens_the_second_time_even_after_resuming(reader):
    line = post(reader)
    assert [take_report(make_bounce(line.message_id)) for _ in range(3)] == ["paused", "known", "known"]
    resume_address(PausedAddress.objects.get(), by=reader)
    assert take_report(make_bounce(line.message_id)) == "known"
    assert not PausedAddress.objects.exists()
    assert post(reader).outcome == "sent"


def test_mails_that_come_back_for_now_pause_at_the_third_within_a_month(reader):
    lines = [post(reader) for _ in range(4)]
    SentMail.objects.filter(pk=lines[0].pk).update(at=timezone.now() - timedelta(days=31))
    told = [take_report(make_bounce(line.message_id, status="4.2.2")) for line in lines]
    assert told == ["noted", "noted", "noted", "paused"]
    assert PausedAddress.objects.get().status == "4.2.2"


@pytest.mark.parametrize("message_id", ["<guessed@localhost>", "<1@example.org>"])
def test_nobody_pauses_an_address_without_having_had_the_mail_in_their_hands(reader, message_id):
    post(reader)
    assert take_report(make_bounce(message_id)) == "unknown"
    assert take_report(make_complaint(message_id)) == "unknown"
    assert outcomes() == [("waiting", "sent")]
    assert not PausedAddress.objects.exists()


class Refusing(BaseEmailBackend):
    """A mail server that says at once that there is no such mailbox."""

    def send_messages(self, email_messages):
        raise SMTPRecipientsRefused({email_messages[0].to[0]: (550, b"5.1.1 No such user")})


def test_a_mail_server_that_knows_no_such_mailbox_pauses_it_at_once(reader, settings):
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    with pytest.raises(SMTPRecipientsRefused):
        post(reader)
    line = SentMail.objects.get()
    assert (line.outcome, line.status) == ("bounced", "5.1.1")
    assert PausedAddress.objects.get().user == reader


def test_its_owner_sees_the_pause_and_resumes_it_and_nobody_else_does(reader):
    take_report(make_bounce(post(reader).message_id))
    paused, browser = PausedAddress.objects.get(), signed_in(reader)
    [section] = parse(browser.get("/me/settings/").content).cssselect("#paused")
    assert f"Mail to {ADDRESS} came back on" in " ".join(str(section.text_content()).split())
    other = signed_in(make_user("other@example.org"))
    assert b'id="paused"' not in other.get("/me/settings/").content
    address = f"/me/settings/addresses/{paused.pk}/resume/"
    assert other.post(address).status_code == 404
    assert browser.get(address).status_code == 405
    assert Client().post(address)["Location"].startswith("/accounts/login/")
    assert PausedAddress.objects.exists()
    browser.post(address)
    assert not PausedAddress.objects.exists()
    assert b'id="paused"' not in browser.get("/me/settings/").content


@pytest.mark.parametrize("number", [1, 3])
def test_settings_cost_the_same_however_many_addresses_are_paused(number, reader, django_assert_num_queries):
    for key in range(number):
        EmailAddress.objects.create(user=reader, email=f"{key}@example.org", verified=True)
        take_report(make_bounce(post(reader, address=f"{key}@example.org").message_id))
    browser = signed_in(reader)
    with django_assert_num_queries(7):
        assert browser.get("/me/settings/").content.count(b"/resume/") == number


def test_the_door_for_reports_opens_by_its_token_alone(reader, settings):
    line, client = post(reader), Client(enforce_csrf_checks=True)

    def send(token=TOKEN, content=None):
        body = make_bounce(line.message_id) if content is None else content
        return client.post("/mail/reports/", body, content_type="message/rfc822", headers={"Authorization": f"Bearer {token}"})

    assert send().status_code == 404
    settings.MAIL_REPORTS_TOKEN = TOKEN
    for wrong in ("", "x", TOKEN[:-1], f"{TOKEN}x", "ünïcode"):
        assert send(wrong).status_code == 401
    assert client.post("/mail/reports/", b"", content_type="message/rfc822").status_code == 401
    assert client.get("/mail/reports/").status_code == 405
    assert send(content=b"hello").status_code == 422
    assert not PausedAddress.objects.exists()
    assert send().json() == {"outcome": "paused"}
    assert send().json() == {"outcome": "known"}


def test_the_command_reads_mailboxes_of_every_kind(reader, tmp_path, monkeypatch):
    lines = [post(reader) for _ in range(4)]
    box = mailbox.mbox(tmp_path / "box")
    for content in (make_bounce(lines[0].message_id, status="4.2.2"), make_complaint("<x@y>"), b"Subject: hello\n\nFrom a friend.\n"):
        box.add(content)
    box.close()
    folder = mailbox.Maildir(tmp_path / "folder", create=True)
    folder.add(make_bounce(lines[1].message_id, status="4.2.2"))
    (tmp_path / "single.eml").write_bytes(make_bounce(lines[0].message_id, status="4.2.2"))

    def read(place) -> str:
        out = StringIO()
        call_command("read_mail_reports", str(place), stdout=out)
        return out.getvalue()

    assert read(tmp_path / "box") == (
        "0 addresses paused, 1 mails came back for now, 0 reports known already, 1 about mails that did not leave here, 1 other mails.\n"
    )
    assert "1 mails came back for now" in read(tmp_path / "folder")
    assert "1 reports known already" in read(tmp_path / "single.eml")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=BytesIO(make_bounce(lines[2].message_id))))
    assert "1 addresses paused" in read("-")
    for missing in (tmp_path / "nothing", tmp_path):
        with pytest.raises(CommandError):
            read(missing)


def test_administrators_read_the_log_pause_and_resume_and_no_other_role_does(reader, administrator):
    take_report(make_bounce(post(reader).message_id))
    browser = signed_in(administrator)
    page = browser.get("/admin/profiles/sentmail/").content.decode()
    assert "Came back for good" in page
    assert ADDRESS in browser.get("/admin/profiles/sentmail/", {"q": ADDRESS.upper()}).content.decode()
    assert browser.get(f"/admin/profiles/sentmail/{SentMail.objects.get().pk}/change/").status_code == 200
    assert browser.get("/admin/profiles/sentmail/add/").status_code == 403
    [paused] = PausedAddress.objects.all()
    browser.post("/admin/profiles/pausedaddress/", {"action": "resume", "_selected_action": [paused.pk]})
    assert not PausedAddress.objects.exists()
    browser.post("/admin/profiles/pausedaddress/add/", {"address": "Never.Again@example.org"})
    browser.post("/admin/profiles/pausedaddress/add/", {"address": ADDRESS})
    browser.post("/admin/profiles/pausedaddress/add/", {"address": ADDRESS})
    assert list(PausedAddress.objects.order_by("pk").values_list("user", "reason")) == [(None, "staff"), (reader.pk, "staff")]
    assert "never.again" not in browser.get("/admin/profiles/pausedaddress/").content.decode().lower()
    found = browser.get("/admin/profiles/pausedaddress/", {"q": "never.again@example.org"}).content.decode()
    assert found.count('class="field-paused_at') == 1
    for role in ("reviewer", "curator"):
        user = make_user(f"{role}@example.org", is_staff=True, role=role)
        for table in ("sentmail", "pausedaddress"):
            assert signed_in(user).get(f"/admin/profiles/{table}/").status_code == 403
        with pytest.raises(MailRefused):
            pause_address(ADDRESS, by=user)
        with pytest.raises(MailRefused):
            resume_address(PausedAddress.objects.get(user=reader), by=user)
    administrator.groups.remove(Group.objects.get(name="administrator"))
    assert browser.get("/admin/profiles/sentmail/").status_code == 403


def test_lines_go_after_ninety_days_and_pauses_stay(reader):
    old = post(reader)
    take_report(make_bounce(old.message_id))
    post(reader)
    SentMail.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=91))
    assert mails.forget_mails() == 1
    assert PausedAddress.objects.count() == 1


def test_mails_come_back_to_an_address_of_their_own(reader, settings):
    settings.MAIL_BOUNCES_TO = "bounces@localhost"
    post(reader)
    [sent] = mail.outbox
    assert sent.from_email == "bounces@localhost"  # the envelope
    assert sent.message()["From"] == settings.DEFAULT_FROM_EMAIL


def test_a_page_given_up_is_told_to_every_address_that_takes_mail():
    author, wei = make_claimable("Wei Wang"), make_person("wei")
    EmailAddress.objects.create(user=wei, email="second@example.org", verified=True)
    claim = make_submitted(author, wei)
    approve_claim(claim, by=make_reviewer())
    send_notices()
    take_report(make_bounce(next(line.message_id for line in SentMail.objects.all() if line.address_hash == hash_of_address(wei.email))))
    mail.outbox.clear()
    claim.refresh_from_db()
    release_claim(claim, by=wei)
    send_notices()
    assert [sent.to for sent in mail.outbox] == [["second@example.org"]]
