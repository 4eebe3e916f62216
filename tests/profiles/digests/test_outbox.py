"""The outbox of digests: whoever runs twice, wakes up late or meets a mail server out of order, each digest leaves once and in time."""

from __future__ import annotations

import itertools
from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected
from typing import ClassVar

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from profiles import tasks
from profiles.actions.digests import choose_digest, plan_digests, send_digests, stop_digest
from profiles.actions.digests.sending import forget_digests
from profiles.actions.follows import follow
from profiles.actions.mail_reports import take_report
from profiles.models import AccountDeletion, Digest, DigestPlan, PausedAddress, SentMail, User
from tests.factories.digests import later, make_news, make_reader, make_subject, turn_of
from tests.factories.mail_reports import make_bounce
from tests.factories.people import make_user
from tests.factories.works import make_author

pytestmark = pytest.mark.django_db


class SleepyBackend(BaseEmailBackend):
    """A worker that falls asleep once it has reached the mail server: meanwhile its lease runs out, and another does its work."""

    is_asleep: ClassVar[bool] = False
    sent: ClassVar[list[mail.EmailMessage]] = []

    def open(self):
        if not SleepyBackend.is_asleep:
            SleepyBackend.is_asleep = True
            later()
            tasks.digests()
        return True

    def send_messages(self, email_messages):
        SleepyBackend.sent.extend(email_messages)
        return len(email_messages)


def test_who_wakes_up_after_the_lease_sends_nothing_and_writes_nothing(settings):
    settings.EMAIL_BACKEND = f"{__name__}.SleepyBackend"
    SleepyBackend.is_asleep, SleepyBackend.sent[:] = False, []
    make_reader("ann", make_subject())
    tasks.digests()
    assert len(SleepyBackend.sent) == 1
    assert list(Digest.objects.values_list("state", "lease")) == [("sent", 2)]
    assert SentMail.objects.count() == 1


class FailingBackend(BaseEmailBackend):
    """A mail server out of order, in the way the test wants."""

    failure: ClassVar[Exception] = OSError()
    at: ClassVar[str] = "send"

    def open(self):
        if self.at == "open":
            raise self.failure
        return True

    def send_messages(self, email_messages):
        raise self.failure


@pytest.mark.parametrize(
    ("at", "failure", "state", "logged"),
    [
        ("open", ConnectionRefusedError(), "owed", []),
        ("open", TimeoutError(), "owed", []),
        ("send", SMTPDataError(451, b"4.3.0 Later"), "owed", [("failed", "4.3.0")]),
        ("send", SMTPRecipientsRefused({"x": (450, b"greylisted")}), "owed", [("failed", "450")]),
        ("send", SMTPRecipientsRefused({"x": (550, b"5.1.1 No such user")}), "failed", [("bounced", "5.1.1")]),
        ("send", SMTPServerDisconnected("gone"), "uncertain", [("uncertain", "")]),
        ("send", TimeoutError(), "uncertain", [("uncertain", "")]),
        ("send", ValueError("whatever"), "uncertain", [("uncertain", "")]),
    ],
)
def test_what_certainly_did_not_leave_is_tried_again_and_nothing_else(settings, at, failure, state, logged):
    reader = make_reader("ann", make_subject())
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.FailingBackend"
    FailingBackend.at, FailingBackend.failure = at, failure
    tasks.digests()
    assert list(Digest.objects.values_list("state", flat=True)) == [state]
    assert list(SentMail.objects.values_list("outcome", "status")) == logged
    assert PausedAddress.objects.exists() == (state == "failed")
    settings.EMAIL_BACKEND = backend
    tasks.digests()
    assert mail.outbox == []  # not before the pause is over
    later()
    tasks.digests()
    assert [sent.to for sent in mail.outbox] == ([[reader.email]] if state == "owed" else [])


def test_after_eight_times_it_is_given_up(settings):
    make_reader("ann", make_subject())
    settings.EMAIL_BACKEND = f"{__name__}.FailingBackend"
    FailingBackend.at, FailingBackend.failure = "open", ConnectionRefusedError()
    for attempt in range(1, 10):
        later()
        before = timezone.now()
        tasks.digests()
        digest = Digest.objects.get()
        assert digest.attempts == min(attempt, 8)
        if attempt < 8:
            assert before <= digest.next_at - timedelta(minutes=2**attempt) <= timezone.now()
    assert digest.state == "failed"


def test_a_digest_tells_what_was_new_in_its_period_and_the_next_one_begins_there():
    wei = make_author("Wei Wang")
    reader = make_reader("ann", wei)
    turn = turn_of(reader)
    for title, at in (
        ("Long before", turn.ends_at - timedelta(days=7, seconds=1)),
        ("First of it", turn.ends_at - timedelta(days=7)),
        ("Last of it", turn.ends_at - timedelta(microseconds=1)),
        ("After it", turn.ends_at),
    ):
        make_news(wei, title, at=at)
    tasks.digests()
    [sent] = mail.outbox
    told = [line[2:] for line in sent.body.splitlines() if line.startswith("* ")]
    assert told == ["Last of it", "First of it"]
    assert sent.subject.startswith("BZPEER: 2 new works, ")
    plan, digest = DigestPlan.objects.get(user=reader), Digest.objects.get()
    assert (plan.covered_until, plan.due_at) == (turn.ends_at, turn.next_at)
    assert (digest.period, digest.ends_at, digest.items, digest.state) == (turn.day, turn.ends_at, 2, "sent")
    for _ in range(3):
        DigestPlan.objects.update(due_at=timezone.now())
        tasks.digests()
    assert len(mail.outbox) == Digest.objects.count() == 1


def test_no_mail_when_nothing_is_new_and_none_to_who_follows_nothing():
    ann, ben = make_reader("ann", make_author("Quiet One")), make_reader("ben")
    tasks.digests()
    assert mail.outbox == []
    assert list(Digest.objects.values_list("user", "state")) == [(ann.pk, "empty")]
    assert DigestPlan.objects.get(user=ben).covered_until == turn_of(ben).ends_at  # whoever follows later is not told of what was before
    assert not SentMail.objects.exists()


def test_a_new_account_is_told_of_what_comes_after_it_and_nothing_earlier():
    reader = make_user("new@example.org")
    follow(make_subject(), by=reader)
    plan = DigestPlan.objects.get(user=reader)
    assert (plan.rhythm, plan.time_zone, plan.covered_until) == ("weekly", "UTC", plan.due_at)
    tasks.digests()
    plan.refresh_from_db()
    assert plan.due_at == turn_of(reader).next_at
    assert not Digest.objects.exists()


@pytest.mark.parametrize("why", ["off", "closed", "leaving", "unproved", "paused", "blocked"])
def test_who_does_not_want_it_or_cannot_get_it_gets_none(why):
    subject = make_subject()
    reader = make_reader("ann", subject)
    plan_digests()
    if why == "off":
        stop_digest(by=reader)
    elif why == "closed":
        User.objects.filter(pk=reader.pk).update(is_active=False)
    elif why == "leaving":
        AccountDeletion.objects.create(user=reader, due_at=timezone.now() + timedelta(days=14))
    elif why == "unproved":
        EmailAddress.objects.filter(user=reader).update(verified=False)
    elif why == "paused":
        line = SentMail.objects.create(kind="digest", outcome="sent", message_id="<1@x>", address_hash=b"", user=reader)
        from profiles.models.mail import hash_of_address

        SentMail.objects.filter(pk=line.pk).update(address_hash=hash_of_address(reader.email))
        take_report(make_bounce("<1@x>"))
    else:  # a block between reader and whoever holds the page: the feed tells nothing of it
        from profiles.actions import contact
        from tests.factories.claims import make_person
        from tests.factories.contact import claim_page

        contact.block(claim_page(subject, make_person("wei")).user, by=reader)
    send_digests()
    assert mail.outbox == []
    assert Digest.objects.get().state == ("empty" if why == "blocked" else "skipped")


@pytest.mark.parametrize("number", [1, 3])
def test_planning_costs_the_same_for_few_and_many(number, django_assert_num_queries):
    subject = make_subject()
    for name in range(number):
        make_reader(f"reader{name}", subject)
    with django_assert_num_queries(7):  # two of them the transaction's
        assert plan_digests() == number
    assert Digest.objects.count() == number


def test_batches_are_bounded_and_the_longest_waiting_come_first():
    subject = make_subject()
    readers = [make_reader(f"reader{name}", subject) for name in range(5)]
    for place, reader in enumerate(readers):
        DigestPlan.objects.filter(user=reader).update(due_at=timezone.now() - timedelta(hours=place))
    assert [plan_digests(limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert [digest.user_id for digest in Digest.objects.order_by("pk")] == [reader.pk for reader in reversed(readers)]
    assert [send_digests(limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_due_accounts_are_found_by_the_index_on_them():
    User.objects.bulk_create(User(email=f"{number}@example.org") for number in range(3000))
    DigestPlan.objects.update(due_at=timezone.now() + timedelta(days=1))
    DigestPlan.objects.filter(user__email="7@example.org").update(due_at=timezone.now() - timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE profiles_digestplan")
    due = DigestPlan.objects.filter(due_at__lte=timezone.now()).order_by("due_at", "user_id")[:200]
    assert "digestplan_due" in due.explain()


def test_postgres_holds_one_digest_of_a_period_and_one_from_a_moment():
    reader = make_user()
    now = timezone.now()
    Digest.objects.create(user=reader, period=now.date(), starts_at=now - timedelta(days=1), ends_at=now)
    for period, starts_at, ends_at, name in (
        (now.date(), now, now + timedelta(days=1), "digest_one_a_period"),
        (now.date() + timedelta(days=1), now - timedelta(days=1), now, "digest_tells_nothing_twice"),
        (now.date() + timedelta(days=2), now, now, "digest_covers_some_time"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Digest.objects.create(user=reader, period=period, starts_at=starts_at, ends_at=ends_at)


def test_choices_change_what_is_due_and_tell_nothing_twice_or_never():
    wei = make_author("Wei Wang")
    reader = make_reader("ann", wei)
    turn = turn_of(reader)
    make_news(wei, "Told", at=turn.ends_at - timedelta(hours=3))
    tasks.digests()
    assert len(mail.outbox) == 1
    choose_digest(rhythm="daily", time_zone="Asia/Tokyo", by=reader)
    tasks.digests()
    choose_digest(rhythm="daily", time_zone="Pacific/Honolulu", by=reader)
    tasks.digests()
    choose_digest(rhythm="weekly", time_zone="UTC", by=reader)
    tasks.digests()
    assert sum(sent.body.count("* Told\n") for sent in mail.outbox) == 1
    found = list(Digest.objects.order_by("starts_at"))
    assert all(one.ends_at <= other.starts_at for one, other in itertools.pairwise(found))
    choose_digest(rhythm="off", time_zone="UTC", by=reader)
    assert DigestPlan.objects.get(user=reader).due_at is None
    before = timezone.now()
    choose_digest(rhythm="weekly", time_zone="UTC", by=reader)
    assert DigestPlan.objects.get(user=reader).covered_until >= before  # what happened while it was off is not told


def test_after_a_long_silence_one_digest_tells_of_a_month_at_most():
    reader = make_reader("ann", make_subject())
    DigestPlan.objects.update(covered_until=timezone.now() - timedelta(days=400))
    tasks.digests()
    digest = Digest.objects.get()
    assert digest.ends_at - digest.starts_at == timedelta(days=31)
    assert [sent.to for sent in mail.outbox] == [[reader.email]]


def test_what_was_settled_goes_after_ninety_days_and_what_is_owed_stays():
    subject = make_subject()
    for name in ("ann", "ben", "cai"):
        make_reader(name, subject)
    plan_digests()
    send_digests(limit=2)
    first = Digest.objects.filter(state="sent").earliest("pk")
    Digest.objects.filter(pk=first.pk).update(settled_at=timezone.now() - timedelta(days=91))
    assert forget_digests() == 1
    assert sorted(Digest.objects.values_list("state", flat=True)) == ["owed", "sent"]
