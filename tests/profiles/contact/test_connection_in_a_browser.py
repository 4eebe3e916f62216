"""The connection in a real browser: opened in place on the researcher page, and on the page of a path."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.factories.contact import make_researcher
from tests.factories.people import signed_in
from tests.factories.works import make_work
from tests.graph.conftest import Cast

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_the_way_and_who_can_introduce_open_in_place(site, open_page, accessibility_violations):
    reader, middle, target = make_researcher("Rea Reader"), make_researcher("Mia Middle"), make_researcher("Tom Target")
    make_work("First", 2020, [reader.author, middle.author])
    make_work("Second", 2021, [middle.author, target.author])
    Cast.count_these(reader.author, middle.author, target.author)
    page = open_page("/about/")
    page.context.add_cookies([{"name": "sessionid", "value": signed_in(reader.user).cookies["sessionid"].value, "url": site}])
    page.goto(target.author.get_absolute_url())
    page.get_by_role("link", name="How am I connected?").click()
    offer = page.get_by_role("link", name="Ask Mia Middle for an introduction")
    offer.wait_for()
    expect(page).to_have_url(f"{site}{target.author.get_absolute_url()}")
    assert accessibility_violations(page) == []
    page.get_by_role("link", name="See each step with its works").click()
    expect(page).to_have_url(re.compile("/graph/path/"))
    offer.wait_for()
    assert accessibility_violations(page) == []
    offer.click()
    expect(page.get_by_role("heading", name="Ask Mia Middle for an introduction")).to_be_visible()
