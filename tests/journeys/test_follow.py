"""A reader follows a topic in a real browser, finds what is new about it, and stops: with a script and without, on a phone, in the dark."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Windows
from tests.factories.imported import import_records
from tests.factories.people import PASSWORD, make_user
from tests.factories.records import make_record
from tests.waiting import click_through, fits
from works.actions.search import index_titles
from works.actions.shelves import shelve
from works.models import Topic

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

Violations = Callable[[Page], list[str]]
PAGES = ("/me/", "/me/feed/", "/me/follows/", "/me/feed/address/")


@pytest.fixture
def topic(site: str) -> Topic:
    import_records(*(make_record(f"Note {letter} on engines", ["Ada Lovelace"], topics=["cs.AR"]) for letter in "AB"))
    shelve()
    index_titles()
    make_user("reader@example.org")
    return Topic.objects.get()


@pytest.mark.parametrize(("width", "theme", "javascript"), [("desktop", "light", True), ("phone", "dark", True), ("phone", "light", False)])
def test_from_a_topic_through_the_log_in_to_the_feed(
    open_page: Windows, topic: Topic, accessibility_violations: Violations, width: str, theme: str, javascript: bool
) -> None:
    page = open_page(topic.get_absolute_url(), width=width, theme=theme, javascript=javascript)
    click_through(page.get_by_role("link", name="Follow topic"))
    page.get_by_label("Email").fill("reader@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    click_through(page.get_by_role("button", name="Log in", exact=True))
    expect(page).to_have_url(f"{open_page.site}{topic.get_absolute_url()}#follow")
    page.get_by_role("button", name="Follow topic 0").click()
    expect(page.get_by_role("button", name="Following – stop 1")).to_be_visible()
    page.goto("/search/?q=engines")
    page.get_by_role("button", name="Follow this search").click()
    click_through(page.get_by_role("link", name="your feed"))
    expect(page.locator(".feed h3")).to_have_text(["Note B on engines", "Note A on engines"])
    expect(page.get_by_text("New", exact=True)).to_have_count(2)
    if javascript:
        for address in (*PAGES, topic.get_absolute_url(), "/search/?q=engines"):
            page.goto(address)
            assert accessibility_violations(page) == [], address
            assert fits(page), address
        page.goto("/me/feed/")
    click_through(page.get_by_role("button", name="Mark all as seen"))
    expect(page.get_by_text("New", exact=True)).to_have_count(0)
    page.goto("/me/follows/")
    page.get_by_role("button", name="Stop following “engines”").click()
    expect(page.get_by_text("You no longer follow “engines”.")).to_be_visible()
    expect(page.locator(".told li")).to_have_count(1)
