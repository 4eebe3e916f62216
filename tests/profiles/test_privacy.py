"""What is kept of an account can be taken along whole, and nothing of it is left once it is deleted: both looked for in every table."""

import json
import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.mail import EmailMessage
from django.db import connection, models
from django.test import Client
from django.utils import timezone

from profiles.actions import abuse, claims, contact, findings, introductions, mails
from profiles.actions.claims.answers import settle_answers
from profiles.actions.feeds import make_feed_token
from profiles.actions.follows import follow, follow_search
from profiles.actions.mail_reports import take_report
from profiles.actions.privacy import deletion, keeping
from profiles.actions.profiles import add_affiliation, add_link, choose_name, describe_oneself
from profiles.actions.tokens import create_token
from profiles.models import (
    AccountDeletion,
    Addition,
    ApiToken,
    Claim,
    ClaimEvent,
    EvidenceView,
    Invitation,
    Message,
    Profile,
    SentMail,
    User,
)
from tests.factories.claims import claim_in_review, claimed, make_claimable, make_reviewer
from tests.factories.contact import WORDS, make_conversation, make_invitation, make_researcher
from tests.factories.mail_reports import make_bounce
from tests.factories.people import PASSWORD, make_user, signed_in
from tests.factories.works import make_author, make_topic
from works.actions.audit import broken_seals, event_models, seal_events
from works.actions.corrections import Reader, report_correction
from works.models import Author, Authorship, ImportRun
from works.models.finding import WorkSearch

pytestmark = pytest.mark.django_db

ADDRESS = "quirin.zauberfisch@mail.example"
OWN_WORD = "Zauberfisch"  # in everything that the person types
TOLD_TO_NOBODY = {("profiles_block", "blocked_id"), ("profiles_abusereport", "about_id")}


@pytest.fixture
def quirin(settings) -> User:
    """Somebody who has done all there is to do here."""
    user = make_user(ADDRESS)
    author, other = make_claimable("Wei Wang"), make_researcher("Ada Open")
    reviewer = make_reviewer()
    claimed(author, by=user, approved_by=reviewer)
    settle_answers()
    describe_oneself(
        headline=f"{OWN_WORD} of faces", biography=f"I am {OWN_WORD}.", topics=[OWN_WORD], is_open_to_collaborate=True, hidden=[], by=user
    )
    add_affiliation(name=f"University of {OWN_WORD}", role="", from_year=None, to_year=None, by=user)
    add_link(url="https://zauberfisch.example/", label=OWN_WORD, by=user)
    choose_name(name="Quirin Zauberfisch", by=user)
    follow(other.author, by=user)
    follow(make_topic("Vision"), by=user)
    follow_search(WorkSearch.read(f"q={OWN_WORD}"), by=user)
    make_feed_token(by=user)
    create_token(name=OWN_WORD, by=user)
    talk = make_conversation(user, other)
    contact.write(talk, text=f"Yours, {OWN_WORD}", by=user)
    contact.write(talk, text="Mine stays.", by=other.user)
    Addition.objects.create(user=user, author=author, source="doi", label=OWN_WORD)
    middle = make_researcher("Mia Middle")
    introductions.refuse(
        introductions.ask_for_introduction(
            make_author("Far Away", works_count=1), middle=middle.author, purpose="talk", message=f"{WORDS} {OWN_WORD}", by=user
        ),
        by=middle.user,
    )
    findings.report(author=other.author, kind="identity", statement=f"{OWN_WORD} says so", by=user)
    noise = make_researcher("Noah Noise")
    abuse.report_abuse(invitation=make_invitation(noise.user, author), kind="spam", statement=f"{OWN_WORD} is annoyed", by=user)
    critic = make_researcher("Cleo Critic")
    Invitation.objects.all().update(created_at=timezone.now() - timedelta(days=2))
    abuse.report_abuse(
        invitation=make_invitation(user, critic.author, message=f"{WORDS} {OWN_WORD}"), kind="spam", statement="", by=critic.user
    )
    mails.post(EmailMessage(f"To {OWN_WORD}", OWN_WORD, to=[ADDRESS]), kind="waiting", account=user)
    take_report(make_bounce(SentMail.objects.get().message_id))
    place = Authorship.objects.filter(author=other.author).first()
    assert place is not None
    report_correction(place=place, kind="wrong-work", note=f"{OWN_WORD} doubts it", by=Reader(account=user.pk, address=""))
    signed_in(reviewer).get(f"/review/{Claim.objects.get(user=user).public_id}/")
    ImportRun.objects.create(source="bzpeer", request={}, fingerprint="x", requested_by=ADDRESS)
    LogEntry.objects.create(
        user=reviewer, content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk), object_repr=ADDRESS, action_flag=2
    )
    seal_events()
    return user


def rows_with_keys_to(user: User) -> dict[tuple[str, str], set]:
    """Every row of every table that has a foreign key to the account, by table and column; asked of Postgres itself, not of our code."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT source.relname, own.attname FROM pg_constraint c
            JOIN pg_class source ON source.oid = c.conrelid
            JOIN pg_attribute own ON own.attrelid = c.conrelid AND own.attnum = c.conkey[1]
            WHERE c.contype = 'f' AND c.confrelid = 'profiles_user'::regclass
            """
        )
        for table, column in cursor.fetchall():
            key = next(model._meta.pk.column for model in apps.get_models(include_auto_created=True) if model._meta.db_table == table)
            cursor.execute(f'SELECT "{key}" FROM "{table}" WHERE "{column}" = %s', [user.pk])
            found[table, column] = {row[0] for row in cursor.fetchall()}
    return found


def test_the_export_holds_every_row_of_every_table_with_a_key_to_the_account(quirin):
    browser = signed_in(quirin)
    answer = browser.get("/me/export/?format=json")
    assert answer["Content-Disposition"] == 'attachment; filename="bzpeer-account.json"'
    assert "no-store" in answer["Cache-Control"]
    export = json.loads(answer.content)
    keys = rows_with_keys_to(quirin)
    assert len(keys) > 30
    assert sum(bool(rows) for rows in keys.values()) >= 15
    for (table, column), rows in keys.items():
        kept = export["tables"].get(table, {"rows": [], "hands": []})
        pk = next(model._meta.pk.attname for model in apps.get_models(include_auto_created=True) if model._meta.db_table == table)
        given = {row[pk] for row in [*kept["rows"], *kept["hands"]]}
        if (table, column) in TOLD_TO_NOBODY:
            assert rows
            assert not rows & given
        else:
            assert rows <= given, (table, column)
    for table in (
        "profiles_sentmail",
        "profiles_pausedaddress",
        "profiles_profileaffiliation",
        "profiles_profilelink",
        "profiles_claimanswer",
        "profiles_claimevent",
        "profiles_message",
    ):
        assert export["tables"][table]["rows"], table
    assert export["account"]["email"] == ADDRESS
    text = answer.content.decode()
    assert ApiToken.objects.get(user=quirin).digest not in text
    assert quirin.password not in text
    assert export["tables"]["profiles_introduction"]["rows"][0]["status"] == "asked"  # that it was refused is told to nobody
    assert "is annoyed" in text
    assert "cleo" not in text.lower()


def test_the_export_can_be_read_and_is_for_its_owner_alone(quirin):
    page = signed_in(quirin).get("/me/export/").content.decode()
    assert "Everything that is kept about your account" in page
    assert f"Yours, {OWN_WORD}" in page
    assert Client().get("/me/export/")["Location"].startswith("/accounts/login/")
    assert ADDRESS not in signed_in(make_user("other@example.org")).get("/me/export/?format=json").content.decode()


def columns() -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT table_name, column_name, data_type FROM information_schema.columns
            WHERE table_schema = 'public' AND is_generated = 'NEVER' ORDER BY 1, 2
            """
        )
        return list(cursor.fetchall())


def left_of(words: list[str]) -> list[str]:
    """Where any of the words stands in any text, JSON or array column of any table."""
    found = []
    with connection.cursor() as cursor:
        for table, column, kind in columns():
            if kind in {"text", "character varying", "jsonb", "ARRAY"}:
                for word in words:
                    cursor.execute(f'SELECT count(*) FROM "{table}" WHERE "{column}"::text ILIKE %s', [f"%{word}%"])
                    found += [f"{table}.{column}: {word}"] * bool(cursor.fetchone()[0])
    return found


def test_nothing_of_a_deleted_account_is_left_in_any_table_and_the_record_stands_unclaimed(quirin):
    author = Author.objects.get(profile__user=quirin)
    public_id, number, works = author.public_id, quirin.pk, author.works_count
    assert left_of([OWN_WORD, ADDRESS])
    events = {model: model._default_manager.count() for model in event_models()}
    deletion.delete_account(quirin)
    seal_events()
    assert left_of([OWN_WORD, ADDRESS, f"user:{number}"]) == []
    assert {key: rows for key, rows in rows_with_keys_to(User(pk=number)).items() if rows} == {}
    numbers = [
        f"{model._meta.db_table}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.BigIntegerField) and re.search("_by$|reporter_id|actor_id", field.name)
        if not issubclass(model, tuple(event_models()))
        if model._default_manager.filter(**{field.name: number}).exists()
    ]
    assert numbers == []
    author.refresh_from_db()
    assert (author.public_id, author.name, author.works_count, author.is_claimed) == (public_id, "Wei Wang", works, False)
    assert not Profile.objects.filter(author=author).exists()
    assert Client().get(author.get_absolute_url()).status_code == 200
    assert Message.objects.filter(text="Mine stays.").exists()  # what the other wrote is the other's
    kept = list(ClaimEvent.objects.filter(claim__author=author).order_by("pk").values_list("kind", flat=True))
    assert kept[-1] == "released"
    for model, count in events.items():
        assert model._default_manager.count() >= count
        assert broken_seals(model) == []
    assert EvidenceView.objects.count() == 1


def test_fourteen_days_in_which_logging_in_keeps_the_account(quick_passwords):
    user = make_user("leaver@example.org")
    browser = signed_in(user)
    assert browser.post("/me/delete/", {"email": "somebody@else.example"}).status_code == 422
    assert browser.get("/me/delete/").status_code == 200
    assert not AccountDeletion.objects.exists()
    browser.post("/me/delete/", {"email": "Leaver@example.org"})
    owed = AccountDeletion.objects.get()
    assert owed.due_at - owed.requested_at == timedelta(days=14)
    assert browser.get("/me/export/").status_code == 302  # logged out
    assert deletion.delete_due() == 0
    signed_in(user)
    assert not AccountDeletion.objects.exists()
    deletion.request_deletion(by=user)
    AccountDeletion.objects.update(requested_at=timezone.now() - timedelta(days=15), due_at=timezone.now() - timedelta(days=1))
    assert deletion.are_deletions_due()
    assert deletion.delete_due() == 1
    assert not User.objects.filter(email="leaver@example.org").exists()
    assert not EmailAddress.objects.filter(email="leaver@example.org").exists()
    answer = Client().post("/accounts/login/", {"login": "leaver@example.org", "password": PASSWORD})
    assert answer.status_code == 200  # as for an address that never had an account


def test_the_claimant_reads_who_opened_the_case_and_when():
    author, user = make_claimable(), make_user("claimant@example.org")
    claim = claim_in_review(author, by=user)
    assert "Nobody has opened it yet." in signed_in(user).get(claim.get_absolute_url()).content.decode()
    reviewer = signed_in(make_reviewer())
    for _ in range(2):
        reviewer.get(f"/review/{claim.public_id}/")
    seen = EvidenceView.objects.get()
    page = signed_in(user).get(claim.get_absolute_url()).content.decode()
    assert f"A member of staff without a page of their own opened it on {seen.at:%-d %B %Y} at {seen.at:%H:%M}." in page
    assert "reviewer@" not in page


def test_what_was_kept_long_enough_goes_overnight():
    ada, reader = make_researcher("Ada Open"), make_user()
    ended = contact.decline(make_invitation(reader, ada.author), by=ada.user)
    claim = claims.begin_claim(make_claimable(), by=reader)
    view = EvidenceView.objects.create(claim=claim)
    keeping.forget_overnight()
    assert Invitation.objects.count() == EvidenceView.objects.count() == 1
    Invitation.objects.filter(pk=ended.pk).update(status_at=timezone.now() - keeping.ENDED_INVITATIONS - timedelta(days=1))
    EvidenceView.objects.filter(pk=view.pk).update(at=timezone.now() - keeping.VIEWS - timedelta(days=1))
    keeping.forget_overnight()
    assert Invitation.objects.count() == EvidenceView.objects.count() == 0


def test_the_page_about_privacy_says_how_long(client):
    page = client.get("/about/privacy/").content.decode()
    for words in ("180 days after they ended", "after 14 days", "730 days", "365 days after the decision"):
        assert words in page
