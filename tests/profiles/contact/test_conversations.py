"""Conversations: what is written, what is unread, how the page looks for more."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from profiles.actions import contact
from profiles.actions.contact import ContactRefused
from profiles.inviting import clean
from profiles.models import Conversation, Member, Message
from tests.factories.claims import make_person
from tests.factories.contact import Researcher, make_conversation, make_researcher
from tests.factories.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Researcher:
    return make_researcher("Ada Open")


@pytest.fixture
def reader():
    return make_person("reader")


@pytest.fixture
def talk(ada, reader) -> Conversation:
    return make_conversation(reader, ada)


def unread(user) -> list[bool]:
    return [talk.unread for talk in Conversation.objects.of(user).with_unread(user)]  # type: ignore[attr-defined]


def test_what_the_other_wrote_is_unread_until_it_is_marked_and_reading_changes_nothing(talk, ada, reader):
    assert (unread(ada.user), unread(reader)) == ([False], [False])
    contact.write(talk, text="Gladly.", by=ada.user)
    assert (unread(ada.user), unread(reader)) == ([False], [True])
    browser = signed_in(reader)
    page = browser.get(talk.get_absolute_url()).content.decode()
    assert "Mark as read" in page
    assert unread(reader) == [True]
    last = re.search(r'name="last" value="(\d+)"', page)[1]
    browser.post(f"{talk.get_absolute_url()}seen/", {"last": last})
    assert unread(reader) == [False]
    assert "Mark as read" not in browser.get(talk.get_absolute_url()).content.decode()


def test_nobody_marks_as_read_what_was_not_written_yet(talk, ada, reader):
    signed_in(reader).post(f"{talk.get_absolute_url()}seen/", {"last": "9" * 18})
    contact.write(talk, text="Gladly.", by=ada.user)
    assert unread(reader) == [True]
    signed_in(reader).post(f"{talk.get_absolute_url()}seen/", {"last": "1" * 30})
    assert unread(reader) == [True]


def test_a_look_brings_what_is_new_once_and_pauses_grow(talk, ada, reader):
    browser, last = signed_in(reader), Message.objects.get().pk
    address = f"{talk.get_absolute_url()}look/"
    answer = browser.post(address, {"last": last, "quiet": 2}).content.decode()
    assert "delay:16s" in answer
    assert '"quiet": 3' in answer
    message = contact.write(talk, text="Gladly.", by=ada.user)
    answer = browser.post(address, {"last": last, "quiet": 9}).content.decode()
    assert answer.count('<li class="theirs"') == 1
    assert "delay:4s" in answer
    assert f'"last": {message.pk}' in answer
    assert unread(reader) == [False]
    assert browser.get(address).status_code == 405


def test_writing_through_the_page(talk, reader):
    browser = signed_in(reader)
    sent = browser.post(talk.get_absolute_url(), {"text": "How about <b>Tuesday</b>?\n\n<script>alert(1)</script>"})
    assert sent["Location"] == f"{talk.get_absolute_url()}#newest"
    page = browser.get(talk.get_absolute_url()).content.decode()
    assert "&lt;b&gt;Tuesday&lt;/b&gt;" in page
    assert "<script>alert" not in page
    assert browser.post(talk.get_absolute_url(), {"text": "\u200b\u202e"}).status_code == 422


def test_a_closed_conversation_is_read_and_not_written_to(talk, ada, reader):
    contact.close(talk, by=ada.user)
    with pytest.raises(ContactRefused, match="closed"):
        contact.write(talk, text="Still there?", by=reader)
    page = signed_in(reader).get(talk.get_absolute_url()).content.decode()
    assert "This conversation is closed" in page
    assert "<textarea" not in page
    assert "hx-post" not in page


def test_floods_end(talk, reader):
    Message.objects.bulk_create(Message(conversation=talk, sender=reader, text="!") for _ in range(60))
    with pytest.raises(ContactRefused, match="very much"):
        contact.write(talk, text="!", by=reader)
    Message.objects.update(sent_at=timezone.now() - timedelta(hours=2))
    assert contact.write(talk, text="!", by=reader).pk


def test_long_threads_come_in_pages_at_the_same_cost(talk, ada, django_assert_num_queries):
    browser = signed_in(ada.user)
    browser.get(talk.get_absolute_url())
    with django_assert_num_queries(6):
        browser.get(talk.get_absolute_url())
    Message.objects.bulk_create(Message(conversation=talk, sender=ada.user, text=f"Line {place}.") for place in range(120))
    with django_assert_num_queries(6):
        page = browser.get(talk.get_absolute_url()).content.decode()
    assert page.count('<li class="mine"') == 50
    earlier = re.search(r'href="(\?before=\d+)"', page)[1]
    older = browser.get(talk.get_absolute_url() + earlier).content.decode()
    assert older.count('<li class="mine"') == 50
    assert "Line 69." in older
    assert "Line 70." not in older


def test_only_the_two_are_in_it(talk, ada):
    stranger = make_person("stranger")
    for act in (lambda: contact.write(talk, text="Hello", by=stranger), lambda: contact.close(talk, by=stranger)):
        with pytest.raises(ContactRefused, match="no such conversation"):
            act()
    contact.mark_seen(talk, upto=10**9, by=stranger)
    assert Member.objects.count() == 2


@given(st.text(max_size=200))
def test_cleaning_is_done_once_and_leaves_nothing_invisible(text):
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]", cleaned)
    assert "\n\n\n" not in cleaned
    assert cleaned == cleaned.strip()
