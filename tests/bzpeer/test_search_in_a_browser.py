"""The search box in a real browser: suggestions by keyboard and by pointer, and a plain form without script."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories.imported import import_records
from tests.factories.records import make_record, meta_knowledge_distillation
from tests.waiting import settled, type_in, until
from works.actions.search import rebuild_search
from works.models import Author

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def record():
    import_records(meta_knowledge_distillation(), make_record("Boxing for beginners", ["Boxiong Tan"], topics=["cs.GT"]))
    rebuild_search()


def test_a_suggestion_is_reached_by_keyboard(site, open_page, record, accessibility_violations):
    page = open_page("/")
    box = page.get_by_role("combobox", name="Search people and works")
    type_in(box, "boxi")
    options = page.get_by_role("option")
    expect(options).to_have_count(2)
    assert [text.split("\n")[0] for text in options.all_inner_texts()] == ["Boxiao Liu", "Boxiong Tan"]
    assert accessibility_violations(page) == []
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "suggestion-person-1")
    box.press("Escape")
    expect(options.first).to_be_hidden()
    type_in(box, "a", "boxia")
    expect(options.first).to_be_visible()
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "suggestion-person-1")
    box.press("Enter")
    expect(page).to_have_url(f"{site}{Author.objects.filter(name='Boxiao Liu').first().get_absolute_url()}")


def test_without_script_the_box_is_a_form(site, open_page, record):
    page = open_page("/", javascript=False)
    page.get_by_label("Search people and works").fill("boxiong")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="Boxiong Tan")).to_be_visible()


@pytest.mark.parametrize(("width", "theme"), [("desktop", "light"), ("phone", "dark")])
def test_results_swap_in_place_and_the_way_back_works(site, open_page, record, accessibility_violations, width, theme):
    page = open_page("/search/?q=bo", width=width, theme=theme)
    page.evaluate("() => { window.stayed = true }")
    page.get_by_role("link", name="People 2").click()
    expect(page).to_have_url(f"{site}/search/?q=bo&kind=people")
    expect(page.locator("[data-results-said]")).to_have_text("2 people found")
    until(page, "window.stayed && document.title === 'bo – search – BZPEER' && document.activeElement.id === 'results'")
    if width == "phone":
        page.get_by_text("Narrow the results").click()
    page.get_by_role("navigation", name="Narrow the results").get_by_role("link", name="cs.GT").click()
    expect(page.get_by_role("link", name="Topic: cs.GT")).to_be_visible()
    expect(page.locator(".results h3")).to_have_text(["Boxiong Tan"])
    assert accessibility_violations(page) == []
    page.get_by_role("combobox").fill("nobody at all")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing in the record fits")).to_be_visible()
    expect(page).to_have_url(re.compile("topic="))
    assert page.evaluate("() => window.stayed")
    assert accessibility_violations(page) == []
    page.evaluate("() => history.go(-2)")
    expect(page.get_by_role("heading", name="Boxiao Liu")).to_be_visible()
    expect(page).to_have_url(f"{site}/search/?q=bo&kind=people")
    expect(page.locator(".results h3")).to_have_text(["Boxiao Liu", "Boxiong Tan"])


def test_a_pasted_identifier_leads_to_its_page_from_the_results(site, open_page, record):
    page = open_page("/search/?q=bo")
    page.get_by_role("combobox").fill("boxi")
    expect(page.locator("#suggestions.suggestions [role=option]").first).to_be_visible()
    settled(page)
    page.get_by_role("combobox").fill("arXiv:2202.07940")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Meta Knowledge Distillation")).to_be_visible()
