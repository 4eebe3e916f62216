"""The mail of a digest, its link, and the settings: words that stay words, headers that stay whole, visits that change nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from profiles import tasks
from profiles.actions.digests import choose_digest, stop_word
from profiles.actions.digests.letters import LISTED, letter_of
from profiles.actions.follows import follow
from profiles.models import Digest, DigestPlan, Profile, TrustChange, User
from tests.bzpeer.markup import parse
from tests.factories.claims import make_person
from tests.factories.contact import claim_page
from tests.factories.digests import make_news, make_reader, make_subject, turn_of
from tests.factories.people import make_user, signed_in
from tests.factories.works import make_author
from works.models import Author

pytestmark = pytest.mark.django_db

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "Evil\r\nBcc: everybody@example.org\r\n\r\nBody",
    "{{ 7|add:7 }}{% load static %}",
    "\u202egnp.exe\u2066",
    "=?utf-8?q?Evil=0ABcc:_a@b?=",
    "</a></body><a href=https://evil.example>here</a>",
)


def test_the_mail_has_both_forms_and_one_click_to_end_it():
    reader = make_reader("ann", make_subject(works=2))
    tasks.digests()
    [sent] = mail.outbox
    read = message_from_bytes(sent.message().as_bytes(), policy=policy.default)
    word = stop_word(reader)
    assert read["List-Unsubscribe"].strip() == f"<http://localhost:8000/digest/stop/{word}/>"
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<[^<>\s]{20,}@localhost>", str(read["Message-ID"]))
    assert [part.get_content_type() for part in read.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    text = read.get_body(("plain",)).get_content()
    page = parse(read.get_body(("html",)).get_content().encode())
    titles = ["Wei Wang on matter 2", "Wei Wang on matter 1"]
    assert [line[2:] for line in text.splitlines() if line.startswith("* ")] == titles
    assert [str(link.text_content()) for link in page.cssselect("li a")] == titles
    assert text.count("You follow Wei Wang") == 2
    links = {str(link.get("href")) for link in page.cssselect("a")}
    assert set(re.findall(r"https?://\S+", text)) == links
    assert all(link.startswith("http://localhost:8000") for link in links)  # nothing that tells anybody who reads it
    assert not page.cssselect("img, link, script, style")
    assert str(read["Subject"]).startswith("BZPEER: 2 new works, ")
    assert "Wei" not in str(read["Subject"])


@pytest.mark.parametrize("words", HOSTILE)
def test_names_and_titles_stay_words_in_every_part(words):
    subject = make_subject()
    Author.objects.filter(pk=subject.pk).update(name=words)
    reader = make_reader("ann", subject)
    make_news(subject, f"On {words}", at=turn_of(reader).ends_at - timedelta(hours=1))
    claim_page(subject, make_person("wei"))
    Profile.objects.update(claimed_at=turn_of(reader).ends_at - timedelta(hours=2))
    tasks.digests()
    [sent] = mail.outbox
    read = message_from_bytes(sent.message().as_bytes(), policy=policy.default)
    assert set(read.keys()) == {
        "Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "X-Mail-Id", "List-Id",
        "List-Unsubscribe", "List-Unsubscribe-Post",
    }  # fmt: skip
    assert read["To"] == reader.email
    text = read.get_body(("plain",)).get_content()
    page = parse(read.get_body(("html",)).get_content().encode())
    assert not page.cssselect("img, script, form")
    assert all(f"{link.get('href')}/".startswith("http://localhost:8000/") for link in page.cssselect("a"))
    assert not re.search(r"^Bcc:", text, re.MULTILINE)
    assert not re.search("[\u202e\u2066\x00-\x08\x0b-\x1f]", text)
    assert "1 changed page" in str(read["Subject"])


def test_claims_and_levels_are_told_and_what_is_not_listed_is_counted():
    subject = make_subject(works=LISTED + 5)
    reader = make_reader("ann", subject)
    claim_page(subject, make_person("wei"))
    ends_at = turn_of(reader).ends_at
    Profile.objects.update(claimed_at=ends_at - timedelta(hours=2))
    figures = {"micropoints": 0, "band": "unverified", "formula": "1", "lines": {}}
    day = (ends_at - timedelta(days=2)).date()
    TrustChange.objects.create(author=subject, day=day, before={**figures, "level": 1}, after={**figures, "level": 3})
    tasks.digests()
    [sent] = mail.outbox
    assert "* The page of Wei Wang was claimed\n" in sent.body
    assert "* The verification of Wei Wang rose to L3\n  It was L1" in sent.body
    assert f"/researchers/{subject.slug}/trust/\n" in sent.body
    assert "There is more in your feed" in sent.body
    assert sent.body.count("\n* ") == LISTED
    assert re.match(rf"BZPEER: {LISTED - 2}\+ new works and 2 changed pages, ", str(sent.subject))


@pytest.mark.parametrize("number", [1, 3])
def test_a_letter_costs_the_same_for_few_items_and_many(number, django_assert_num_queries):
    reader = make_reader("ann", make_subject(works=number))
    turn = turn_of(reader)
    owed = Digest.objects.create(user=reader, period=turn.day, starts_at=turn.ends_at - timedelta(days=7), ends_at=turn.ends_at)
    digest = Digest.objects.get(pk=owed.pk)
    with django_assert_num_queries(7):
        letter = letter_of(digest)
    assert letter
    assert letter.items == number


def statements_of(act) -> list[str]:
    written: list[str] = []

    def watch(execute, sql, params, many, context):
        if re.match(r"\s*(INSERT|UPDATE|DELETE)", sql) and "django_session" not in sql:
            written.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        act()
    return written


@pytest.mark.parametrize("is_signed_in", [True, False])
def test_programs_that_open_links_end_nothing_and_the_one_click_does(is_signed_in):
    reader = make_reader("ann", make_subject())
    tasks.digests()
    address = f"/digest/stop/{stop_word(reader)}/"
    assert f"http://localhost:8000{address}" in mail.outbox[0].body
    browser = signed_in(make_user("other@example.org")) if is_signed_in else Client(enforce_csrf_checks=True)
    browser.get(address)
    assert statements_of(lambda: [browser.get(address), browser.head(address), browser.get(f"{address}?List-Unsubscribe=One-Click")]) == []
    assert DigestPlan.objects.get(user=reader).rhythm == "weekly"
    page = browser.get(address)
    assert len(parse(page.content).cssselect("main form[method=post] button")) == 1
    assert page["Referrer-Policy"] == "no-referrer"
    for _ in range(2):
        answer = browser.post(address, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert b"No digest any more" in answer.content
    plan = DigestPlan.objects.get(user=reader)
    assert (plan.rhythm, plan.due_at) == ("off", None)


def test_a_forged_or_cut_link_ends_nothing():
    reader = make_reader("ann")
    word = stop_word(reader)
    for wrong in (word[:-1], f"x{word}", "1", stop_word(User(pk=10**9)), word.replace(":", ";")):
        assert Client().post(f"/digest/stop/{wrong}/").status_code == 404
    assert DigestPlan.objects.get(user=reader).rhythm == "weekly"
    assert Client().put(f"/digest/stop/{word}/").status_code == 405


def test_what_is_owed_when_the_click_comes_is_not_sent():
    reader = make_reader("ann", make_subject())
    from profiles.actions.digests import plan_digests

    plan_digests()
    Client().post(f"/digest/stop/{stop_word(reader)}/")
    tasks.digests()
    assert mail.outbox == []
    assert Digest.objects.get().state == "skipped"


def test_settings_offer_rhythm_and_time_zone_and_say_when_the_next_one_leaves():
    reader = make_user()
    browser = signed_in(reader)
    page = parse(browser.get("/me/settings/").content)
    assert [box.get("value") for box in page.cssselect("[name=rhythm][checked]")] == ["weekly"]
    assert [option.get("value") for option in page.cssselect("[name=time_zone] option[selected]")] == ["UTC"]
    assert len(page.cssselect("[name=time_zone] option")) > 300
    browser.post("/me/settings/digest/", {"rhythm": "daily", "time_zone": "Asia/Kathmandu"})
    plan = DigestPlan.objects.get(user=reader)
    assert (plan.rhythm, plan.time_zone) == ("daily", "Asia/Kathmandu")
    next_at = turn_of(reader).next_at + timedelta(hours=5, minutes=45)
    assert f"the next one on {next_at:%A, %-d %B}" in " ".join(browser.get("/me/settings/").content.decode().split())
    for wrong in ({"rhythm": "hourly", "time_zone": "UTC"}, {"rhythm": "daily", "time_zone": "Moon/Base"}, {}):
        browser.post("/me/settings/digest/", wrong)
    plan.refresh_from_db()
    assert (plan.rhythm, plan.time_zone) == ("daily", "Asia/Kathmandu")
    assert browser.get("/me/settings/digest/").status_code == 405
    browser.post("/me/settings/digest/", {"rhythm": "off", "time_zone": "UTC"})
    assert "the next one" not in browser.get("/me/settings/").content.decode()
    assert DigestPlan.objects.get(user=reader).due_at is None


def test_administrators_see_the_outbox_and_reviewers_do_not():
    make_reader("ann", make_subject())
    tasks.digests()
    page = signed_in(make_user("root@example.org", is_staff=True, role="administrator")).get("/admin/profiles/digest/").content.decode()
    assert "ann@example.org" in page
    assert "Sent" in page
    assert "matter 1" not in page
    assert signed_in(make_user("rev@example.org", is_staff=True)).get("/admin/profiles/digest/").status_code == 403


def test_beat_asks_every_minute_and_the_task_passes_what_is_not_due(settings):
    entry = settings.CELERY_BEAT_SCHEDULE["profiles.send_digests"]
    assert (entry["task"], entry["schedule"], entry["options"]) == ("profiles.send_digests", 60.0, {"expires": 60})
    reader = make_reader("ann", make_subject())
    choose_digest(rhythm="weekly", time_zone="UTC", by=reader)
    DigestPlan.objects.update(due_at=timezone.now() + timedelta(hours=1))
    assert statements_of(tasks.digests) == []


def test_following_through_the_page_is_enough_to_be_told():
    reader = make_reader("ann")
    subject = make_subject()
    follow(make_author("Quiet One"), by=reader)
    signed_in(reader).post(f"/researchers/{subject.slug}/follow/")
    tasks.digests()
    assert [sent.to for sent in mail.outbox] == [[reader.email]]
