"""Notifications: told once, counted cheaply, read by whoever they are for, silenced by kind and channel."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from profiles.actions.claims import approve_claim, begin_claim, release_claim
from profiles.actions.evidence import ask_for_vouch, decline_vouch
from profiles.actions.notifications import choose_notifications, forget_notifications, notify, wants, withdraw_notification
from profiles.models import Notification, Preferences, User
from profiles.models.notification import Channel
from tests.bzpeer.markup import parse
from tests.factories.claims import make_approved, make_claimable, make_person, make_reviewer, make_submitted, tick
from tests.factories.people import make_user, signed_in
from tests.factories.verified import account, bring_in, identity_checked, person, printed, record, settle
from works.actions.corrections import Reader, report_correction
from works.models import Authorship

pytestmark = pytest.mark.django_db

Kind = Notification.Kind
EVERY = {(kind, channel) for kind in Kind.values for channel in Channel.values}


def tell(user: User, key: str = "1", text: str = "Something waits.", kind: str = Kind.MESSAGE, address: str = "/about/") -> bool:
    return notify(recipient=user, kind=kind, key=key, text=text, address=address)


def texts(user: User) -> list[str]:
    return list(Notification.objects.filter(recipient=user).newest_first().values_list("text", flat=True))


def bell(client: Client, path: str = "/about/") -> str:
    [link] = parse(client.get(path).content).cssselect("#bell")
    return " ".join(str(link.text_content()).split())


def test_told_twice_of_the_same_there_is_one_line_new_and_unread():
    reader = make_user()
    assert tell(reader)
    Notification.objects.update(read_at=timezone.now(), noted_at=timezone.now() - timedelta(days=3))
    tell(reader, text="It waits still.")
    [line] = Notification.objects.all()
    assert (line.text, line.read_at) == ("It waits still.", None)
    assert timezone.now() - line.noted_at < timedelta(hours=1)
    tell(reader, key="2")
    tell(reader, kind=Kind.VOUCH)
    assert Notification.objects.count() == 3
    withdraw_notification(recipient=reader, kind=Kind.MESSAGE, key="2")
    assert Notification.objects.count() == 2


@pytest.mark.parametrize(
    "address", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "javascript:alert(1)", ""]
)
def test_no_notification_leads_elsewhere(address):
    with pytest.raises(IntegrityError, match="notification_leads_to_this_site"), transaction.atomic():
        tell(make_user(), address=address)


def test_long_words_are_cut_and_markup_is_text():
    reader = make_user()
    tell(reader, text="<script>alert(1)</script>" * 20)
    [text] = texts(reader)
    assert (len(text), text[-1]) == (300, "…")
    page = signed_in(reader).get("/me/notifications/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_what_is_silenced_or_whose_account_is_closed_is_not_told():
    reader, gone = make_user(), make_user("gone@example.org", is_active=False)
    choose_notifications(wanted=EVERY - {(Kind.MESSAGE, Channel.SITE), (Kind.VOUCH, Channel.MAIL)}, by=reader)
    assert [tell(reader), tell(reader, kind=Kind.VOUCH), tell(gone)] == [False, True, False]
    assert texts(reader) == ["Something waits."]
    assert [wants(reader, kind, Channel.MAIL) for kind in (Kind.MESSAGE, Kind.VOUCH)] == [True, False]
    assert wants(gone, Kind.VOUCH, Channel.MAIL)


@pytest.mark.parametrize("number", [1, 3])
def test_the_header_counts_by_one_query_and_by_none_for_strangers(client, number):
    reader = make_user()
    for key in range(number):
        tell(reader, key=str(key))
    own = signed_in(reader)
    with CaptureQueriesContext(connection) as queries:
        assert bell(own) == f"Notifications {number} unread"
    assert len(queries) == 3  # the session, the account, the number
    with CaptureQueriesContext(connection) as queries:
        assert b'id="bell"' not in client.get("/about/").content
        assert client.get("/me/notifications/count/").status_code == 204
    assert len(queries) == 0


def test_the_number_is_read_from_the_index_of_unread_ones():
    reader, other = make_user(), make_user("other@example.org")
    Notification.objects.bulk_create(
        Notification(recipient=user, kind=Kind.MESSAGE, key=str(key), text="x", address="/", read_at=timezone.now() if key % 10 else None)
        for user in (reader, other)
        for key in range(3_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE profiles_notification")
    assert "notification_unread" in Notification.objects.unread().filter(recipient=reader)[:100].explain()
    assert bell(signed_in(reader)) == "Notifications 99+ unread"


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_for_few_and_many(number, django_assert_num_queries):
    reader = make_user()
    for key in range(number):
        tell(reader, key=str(key))
    client = signed_in(reader)
    with django_assert_num_queries(4):
        client.get("/me/notifications/")


def test_pages_of_the_list_hold_each_line_once():
    reader, now = make_user(), timezone.now()
    Notification.objects.bulk_create(
        # Some are of the same moment, as those of one transaction are.
        Notification(
            recipient=reader, kind=Kind.MESSAGE, key=str(key), text=f"No. {key}", address="/", noted_at=now - timedelta(seconds=key // 7)
        )
        for key in range(70)
    )
    client, seen, address = signed_in(reader), [], "/me/notifications/"
    for _ in range(3):
        page = parse(client.get(address).content)
        seen += [
            str(line.text_content()).strip().removeprefix("Unread: ") for line in page.cssselect(".told > li > form:first-child button")
        ]
        address = "/me/notifications/" + next((str(link.get("href")) for link in page.cssselect("a[href^='?after=']")), "")
    assert seen == texts(reader)
    assert address == "/me/notifications/"
    for after in ("x", "1.1-1", "999999999999.000000-1", "0.000000-999999999999999999"):
        assert client.get("/me/notifications/", {"after": after}).status_code in {200, 404}


def test_opening_one_marks_it_and_looking_marks_nothing():
    reader = make_user()
    tell(reader, address="/search/")
    tell(reader, key="2")
    client = signed_in(reader)
    client.get("/me/notifications/")
    first = Notification.objects.get(key="1")
    assert client.get(f"/me/notifications/{first.pk}/open/").status_code == 405
    assert Notification.objects.unread().count() == 2
    answer = client.post(f"/me/notifications/{first.pk}/open/")
    assert (answer.status_code, answer["Location"]) == (302, "/search/")
    assert [line.key for line in Notification.objects.unread()] == ["2"]
    client.post("/me/notifications/read/")
    assert not Notification.objects.unread().exists()


def test_somebody_elses_are_not_there():
    tell(make_user())
    line = Notification.objects.get()
    other = signed_in(make_user("other@example.org"))
    assert other.post(f"/me/notifications/{line.pk}/open/").status_code == 404
    other.post("/me/notifications/read/", {"only": line.pk})
    other.post("/me/notifications/read/")
    assert Notification.objects.unread().count() == 1
    assert b"Something waits." not in other.get("/me/notifications/").content


@pytest.mark.parametrize("path", ["/me/notifications/", "/me/settings/"])
def test_strangers_are_led_to_the_log_in(client, path):
    assert client.get(path)["Location"] == f"/accounts/login/?next={path}"


def test_settings_keep_what_is_ticked():
    reader = make_user()
    client = signed_in(reader)
    page = parse(client.get("/me/settings/").content)
    boxes = page.cssselect("input[name=wanted]")
    assert all(box.get("checked") is not None for box in boxes)
    kept = [box.get("value") for box in boxes if box.get("value") not in {"message:site", "message:mail"}]
    client.post("/me/settings/", {"wanted": kept})
    assert sorted(Preferences.objects.get().silenced) == ["message:mail", "message:site"]
    page = parse(client.get("/me/settings/").content)
    assert sorted(str(box.get("value")) for box in page.cssselect("input[name=wanted]:not([checked])")) == ["message:mail", "message:site"]
    client.post("/me/settings/", {"wanted": [box.get("value") for box in boxes] + ["nonsense:site", "x"]})
    assert Preferences.objects.get().silenced == []


def test_old_ones_are_dropped():
    reader, now = make_user(), timezone.now()
    for key, noted, read in (("new", 1, None), ("unread", 300, None), ("read", 100, 91), ("lately read", 100, 80), ("ancient", 366, None)):
        tell(reader, key=key)
        Notification.objects.filter(key=key).update(
            noted_at=now - timedelta(days=noted), read_at=None if read is None else now - timedelta(days=read)
        )
    assert forget_notifications() == 2
    assert set(Notification.objects.values_list("key", flat=True)) == {"new", "unread", "lately read"}


def test_the_claimant_is_told_of_the_decision():
    author, user = make_claimable("Wei Wang"), make_person("wei")
    claim = make_submitted(author, user)
    assert texts(user) == []
    approve_claim(claim, by=make_reviewer())
    assert texts(user) == ["The page of Wei Wang is yours now."]
    assert Notification.objects.get().address == claim.get_absolute_url()
    claim.refresh_from_db()
    release_claim(claim, by=user)
    assert texts(user) == ["The page of Wei Wang was given up from your account.", "The page of Wei Wang is yours now."]


def test_the_owner_is_told_of_a_correction_and_staff_of_none():
    author, user = make_claimable("Wei Wang", works=1), make_person("wei")
    place = Authorship.objects.get(author=author)
    report_correction(place=place, kind="wrong-work", note="", by=Reader(account=None, address="192.0.2.1"))
    assert not Notification.objects.exists()
    make_approved(author, user, by=make_reviewer())
    place = Authorship.objects.select_related("author").get(author=author)
    report_correction(place=place, kind="wrong-work", note="", by=Reader(account=None, address="192.0.2.2"))
    line = Notification.objects.get(kind=Kind.CORRECTION)
    assert (line.recipient, line.text) == (user, "A reader doubts a place of yours in “Wei Wang on matter 1”.")
    assert line.address == "/me/works/#corrections"


def test_a_co_author_is_told_that_somebody_asks_for_their_word():
    bring_in(record("On one matter", [printed("Ann Alder", orcid="0000-0002-1825-0097"), printed("Ben Birch")]))
    settle()
    ann, ben = person("Ann Alder"), person("Ben Birch")
    voucher, user = identity_checked(ann), account(ben)
    settle()
    claim = tick(begin_claim(ben, by=user), by=user)
    item = ask_for_vouch(claim, voucher=voucher.pk, message="Do you remember?", by=user)
    line = Notification.objects.get(kind=Kind.VOUCH)
    assert (line.recipient, line.text) == (voucher, "Somebody who says to be Ben Birch asks you to vouch for that.")
    assert signed_in(voucher).post(f"/me/notifications/{line.pk}/open/")["Location"] == f"/vouches/{item.pk}/"
    decline_vouch(item, by=voucher)
    assert not Notification.objects.filter(kind=Kind.VOUCH).exists()
