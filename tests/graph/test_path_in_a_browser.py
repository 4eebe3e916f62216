"""A path in a real browser: boxes that complete to people, by keyboard and pointer; plain fields without JavaScript."""

from __future__ import annotations

import re

import pytest

from tests.factories.works import make_author, make_work
from tests.graph.conftest import Cast
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
    page.get_by_label("From", exact=True).press_sequentially("Ada", delay=20)
    page.get_by_role("option", name="Ada Anders").wait_for()
    assert accessibility_violations(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.get_by_label("From", exact=True).input_value() == "Ada Anders"
    page.get_by_label("To", exact=True).press_sequentially("Cor", delay=20)
    page.get_by_role("option", name="Cy Corbin").click()
    page.get_by_role("button", name="Find the path").click()
    page.wait_for_url(re.compile(rf"from={people[0].slug}&to={people[2].slug}$"))
    assert page.locator(".path-person").all_text_contents() == ["Ada Anders", "Bo Bergman", "Cy Corbin"]
    assert accessibility_violations(page) == []
    phone = open_page(page.url, width="phone", theme="dark")
    assert accessibility_violations(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_javascript_typed_names_do(people, open_page):
    page = open_page("/graph/path/", javascript=False)
    page.get_by_label("From", exact=True).fill("Ada Anders")
    page.get_by_label("To", exact=True).fill("Corbin")
    page.get_by_role("button", name="Find the path").click()
    page.get_by_role("link", name="Cy Corbin").click()
    assert page.locator(".path-person").count() == 3
