"""The slice in a real browser: pointer, keyboard, filters, phone, and without JavaScript."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from graph.actions.slices import request_slice
from graph.models import Slice
from tests.factories.works import make_author, make_work
from tests.graph.conftest import Cast
from tests.waiting import fits, until

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def address(site: str, transactional_db: None, cast: Cast) -> str:
    cast.count()
    cast.build()
    return f"/researchers/{cast.boxiao.slug}/graph/"


@pytest.mark.parametrize("width", ["desktop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_slice_is_accessible(address, open_page, accessibility_violations, width, theme):
    page = open_page(address, width=width, theme=theme)
    if width == "phone":
        expect(page.locator(".slice-svg")).to_be_hidden()
        page.get_by_text("Show the map").click()
    expect(page.locator(".slice-svg")).to_be_visible()
    assert accessibility_violations(page) == []
    assert fits(page)


@pytest.mark.parametrize("state", [{"built_at": None}, {"built_at": None, "error": "It broke."}, {"stale_at": timezone.now()}])
def test_the_other_states_are_accessible(address, open_page, accessibility_violations, state):
    Slice.objects.update(requested_at=timezone.now(), **state)
    assert accessibility_violations(open_page(address)) == []


def test_pointer_and_keyboard_bring_out_what_is_near(address, open_page):
    page = open_page(address)
    svg = page.locator(".slice-svg")
    expect(svg.locator("[tabindex='0']")).to_have_count(1)
    page.locator(".node", has_text="Jihao Liu").locator("path").first.hover()
    expect(svg.locator(".node.is-near")).to_have_count(5)
    said = "(nodes) => nodes.map((node) => (node.querySelector('title') ?? node).textContent)"
    near = svg.locator(".node.is-near").evaluate_all(said)
    assert {text.partition(":")[0] for text in near} == {"Jihao Liu", "Boxiao Liu", "Yu Liu", "Hongsheng Li", "Meta Knowledge Distillation"}
    page.locator("h1").hover()
    expect(svg.locator(".is-near")).to_have_count(0)
    page.locator(".is-centre").focus()
    page.keyboard.press("ArrowDown")
    focused = "() => (document.activeElement.querySelector('title') ?? document.activeElement).textContent"
    until(page, f"() => /^(Machine Learning|Computer Vision|SenseTime)/.test(({focused})())")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/(topics|institutions)/"))


@pytest.mark.parametrize(("works", "is_bundled"), [(1, False), (20, True)])
def test_every_line_is_a_link_to_the_page_of_its_edge(site, transactional_db, open_page, works, is_bundled):
    """Of few lines without a script's help; of many by it."""
    people = [make_author(f"Person {number}") for number in range(9)]
    for number in range(works):
        make_work(f"Work {number}", 2020, people[: 8 + number % 2], ["Logic"])
    Cast.count_these(*people)
    assert request_slice(people[0])
    assert Cast.finish(people[0])
    kept = Slice.objects.get(author=people[0])
    assert ('<path class="wrote"' in kept.fragment) is is_bundled
    page = open_page(f"/researchers/{people[0].slug}/graph/")
    links = page.locator(".edges a")
    expect(links).to_have_count(len(kept.payload["edges"]))
    assert sorted(link.get_attribute("href") for link in links.all()) == sorted(edge["url"] for edge in kept.payload["edges"])
    expect(page.locator(".edges > path")).to_have_count(0)
    expect(page.get_by_text("Each line leads to the page")).to_be_visible()
    title = page.locator(".node", has_text="Person 1").locator("title")
    expect(title).to_have_text(f"Person 1: {works} joint work{'s' if works > 1 else ''}, 2020")


def test_unticking_a_kind_hides_it_without_javascript(address, open_page):
    page = open_page(address, javascript=False)
    expect(page.locator(".node.kind-topic").first).to_be_visible()
    page.get_by_role("checkbox", name="Topics").uncheck()
    expect(page.locator(".node.kind-topic").first).to_be_hidden()
    expect(page.get_by_role("heading", name="Topics")).to_be_hidden()
    expect(page.locator(".node.kind-person").first).to_be_visible()


def test_a_slice_that_was_built_meanwhile_replaces_the_skeleton(address, open_page):
    built = Slice.objects.values("built_at").get()
    Slice.objects.update(built_at=None, requested_at=timezone.now())
    page = open_page(address)
    expect(page.get_by_text("Building this graph slice")).to_be_visible()
    Slice.objects.update(requested_at=None, **built)
    expect(page.locator(".slice-svg")).to_be_visible()
    expect(page.locator(".slice-svg [tabindex='0']")).to_have_count(1)
    expect(page.get_by_text("Building this graph slice")).to_be_hidden()
