"""A path in a real browser: boxes that complete to people, by keyboard and pointer; plain fields without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.factories.works import make_author, make_work
from tests.graph.conftest import Cast
from tests.waiting import click_through, fits, type_in
from works.actions.search import rebuild_search

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people(site: str, transactional_db: None) -> list:
    people = [make_author(name, works_count=1) for name in ("Ada Anders", "Bo Bergman", "Cy Corbin")]
    make_work("First", 2020, people[:2])
    make_work("Second", 2021, people[1:])
    Cast.count_these(*people)
    rebuild_search()
    return people


def test_two_boxes_become_a_path(people, open_page, accessibility_violations):
    page = open_page("/graph/path/")
    type_in(page.get_by_label("From", exact=True), "Ada")
    page.get_by_role("option", name="Ada Anders").wait_for()
    assert accessibility_violations(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_label("From", exact=True)).to_have_value("Ada Anders")
    type_in(page.get_by_label("To", exact=True), "Cor")
    page.get_by_role("option", name="Cy Corbin").click()
    expect(page.get_by_label("To", exact=True)).to_have_value("Cy Corbin")
    page.get_by_role("button", name="Find the path").click()
    expect(page).to_have_url(re.compile(rf"from={people[0].slug}&to={people[2].slug}$"))
    expect(page.locator(".path-person")).to_have_text(["Ada Anders", "Bo Bergman", "Cy Corbin"])
    assert accessibility_violations(page) == []
    phone = open_page(page.url, width="phone", theme="dark")
    assert accessibility_violations(phone) == []
    assert fits(phone)


def test_without_javascript_typed_names_do(people, open_page):
    page = open_page("/graph/path/", javascript=False)
    page.get_by_label("From", exact=True).fill("Ada Anders")
    page.get_by_label("To", exact=True).fill("Corbin")
    click_through(page.get_by_role("button", name="Find the path"))
    click_through(page.get_by_role("link", name="Cy Corbin"))
    expect(page.locator(".path-person")).to_have_count(3)
