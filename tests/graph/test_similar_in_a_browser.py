"""Similar people in a real browser: the slot on the researcher page, and each state accessible in both widths."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from graph.models import SimilarPeople
from tests.factories.works import make_author, make_work
from tests.graph.test_similar import address, made, settled
from tests.waiting import click_through, fits
from works.models import Author

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ann(site: str, transactional_db: None) -> Author:
    ann, ben, leo = (make_author(name, works_count=1) for name in ("Ann Person", "Ben Person", "Leo Person"))
    make_work("Ann's", 2020, [ann], ["Logic", "Sets"])
    make_work("Ben's", 2020, [ben], ["Logic", "Sets"])
    make_work("Leo's", 2020, [leo], ["Logic", "Law"])
    settled(ann, ben, leo)
    made(ann)
    return ann


def test_the_slot_loads_when_it_comes_into_view(ann, open_page, accessibility_violations):
    page = open_page(ann.get_absolute_url())
    page.get_by_role("link", name="Who resembles Ann Person").scroll_into_view_if_needed()
    page.get_by_role("heading", name="Most alike").wait_for()
    expect(page.get_by_role("heading", name="Bridges")).to_be_visible()
    assert accessibility_violations(page) == []


def test_every_state_is_accessible(ann, open_page, accessibility_violations):
    for state in ({}, {"built_at": None, "requested_at": timezone.now()}, {"built_at": None, "error": "It broke."}):
        SimilarPeople.objects.update(**state)
        for width, theme in (("desktop", "light"), ("phone", "dark")):
            page = open_page(address(ann), width=width, theme=theme)
            assert accessibility_violations(page) == []
            assert fits(page)
    without = open_page(ann.get_absolute_url(), javascript=False)
    click_through(without.get_by_role("link", name="Who resembles Ann Person"))
    expect(without.get_by_role("button", name="Look again")).to_be_visible()
