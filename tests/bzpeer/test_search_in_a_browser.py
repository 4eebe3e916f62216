"""The search box in a real browser: suggestions by keyboard and by pointer, and a plain form without script."""

import pytest

from tests.factories.imported import import_records
from tests.factories.records import make_record, meta_knowledge_distillation
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
    box.press_sequentially("boxi")
    options = page.get_by_role("option")
    options.first.wait_for()
    assert [text.split("\n")[0] for text in options.all_inner_texts()] == ["Boxiao Liu", "Boxiong Tan"]
    assert accessibility_violations(page) == []
    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") == "suggestion-person-1"
    box.press("Escape")
    assert not options.first.is_visible()
    box.press("a")
    options.first.wait_for()
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url(f"**{Author.objects.filter(name='Boxiao Liu').first().get_absolute_url()}")


def test_without_script_the_box_is_a_form(site, open_page, record):
    page = open_page("/", javascript=False)
    page.get_by_label("Search people and works").fill("boxiong")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("heading", name="Boxiong Tan").wait_for()


@pytest.mark.parametrize(("width", "theme"), [("desktop", "light"), ("phone", "dark")])
def test_results_swap_in_place_and_the_way_back_works(site, open_page, record, accessibility_violations, width, theme):
    page = open_page("/search/?q=bo", width=width, theme=theme)
    page.evaluate("() => { window.stayed = true }")
    page.get_by_role("link", name="People 2").click()
    page.wait_for_url("**/search/?q=bo&kind=people")
    assert page.evaluate("() => [window.stayed, document.title, document.activeElement.id]") == [True, "bo – search – BZPEER", "results"]
    assert page.locator("[data-results-said]").inner_text() == "2 people found"
    if width == "phone":
        page.get_by_text("Narrow the results").click()
    page.get_by_role("navigation", name="Narrow the results").get_by_role("link", name="cs.GT").click()
    page.get_by_role("link", name="Topic: cs.GT").wait_for()
    assert [name.inner_text() for name in page.locator(".results h3").all()] == ["Boxiong Tan"]
    assert accessibility_violations(page) == []
    page.get_by_role("combobox").fill("nobody at all")
    page.keyboard.press("Enter")
    page.get_by_text("Nothing in the record fits").wait_for()
    assert "topic=" in page.url
    assert page.evaluate("() => window.stayed")
    assert accessibility_violations(page) == []
    page.evaluate("() => history.go(-2)")
    page.get_by_role("heading", name="Boxiao Liu").wait_for()
    assert page.url.endswith("/search/?q=bo&kind=people")
    assert [name.inner_text() for name in page.locator(".results h3").all()] == ["Boxiao Liu", "Boxiong Tan"]


def test_a_pasted_identifier_leads_to_its_page_from_the_results(site, open_page, record):
    page = open_page("/search/?q=bo")
    page.get_by_role("combobox").fill("boxi")
    page.locator("#suggestions.suggestions [role=option]").first.wait_for()
    page.get_by_role("combobox").fill("arXiv:2202.07940")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Meta Knowledge Distillation").wait_for()
