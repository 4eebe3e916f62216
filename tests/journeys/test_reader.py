"""A reader in a real browser: from search to a page, its graph, a neighbour; with eyes, keyboard or screen reader; without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from graph.actions.builds import build_slice
from graph.actions.collaborations import rebuild_graph
from graph.actions.slices import request_slice
from graph.models import Slice
from profiles.actions.trust import compute_trust
from tests.conftest import Windows
from tests.factories.imported import import_records, the_author
from tests.factories.people import PASSWORD, make_user
from tests.factories.records import make_record, meta_knowledge_distillation, noisy_faces
from tests.waiting import click_through, clipboard_begins_with, fits, settled, wait_for
from works.models import Author, Work

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

Violations = Callable[[Page], list[str]]


@pytest.fixture
def liu(site: str) -> Author:
    """The author of the reference page, with trust, collaborators and a slice."""
    import_records(meta_knowledge_distillation(abstract="Knowledge distillation suffers from two problems. " * 20), noisy_faces())
    rebuild_graph()
    compute_trust(author_ids=list(Author.objects.values_list("pk", flat=True)))
    author = the_author("Boxiao Liu")
    request_slice(author)
    build_slice(author_id=author.pk)
    return author


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_from_search_to_a_page_to_its_graph_to_a_neighbour(open_page: Windows, liu: Author, width: str, javascript: bool) -> None:
    page = open_page("/", width=width, javascript=javascript)
    page.get_by_label("Search people and works").fill("liu box")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("heading", name="Boxiao Liu").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Boxiao Liu")
    expect(page.get_by_role("link", name="Trust 13 – Unverified")).to_be_visible()
    page.get_by_role("link", name="Open this graph alone").click()
    expect(page).to_have_url(f"{open_page.site}{liu.get_absolute_url()}graph/")
    page.locator("main").get_by_role("link", name="Guanglu Song", exact=True).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Guanglu Song")
    page.get_by_role("link", name="Boxiao Liu").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Boxiao Liu")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_pages_are_accessible(open_page: Windows, liu: Author, accessibility_violations: Violations, width: str, theme: str) -> None:
    work = Work.objects.get(title="Meta Knowledge Distillation").get_absolute_url()
    page = open_page("", width=width, theme=theme)
    for address in (
        "/",
        "/search/?q=liu",
        "/search/?q=nobody",
        liu.get_absolute_url(),
        work,
        "/about/",
        "/accounts/login/",
        "/accounts/signup/",
    ):
        page.goto(address)
        assert accessibility_violations(page) == [], address
        assert fits(page), address


def test_what_is_folded_away_is_accessible_too(open_page: Windows, liu: Author, accessibility_violations: Violations) -> None:
    page = open_page(liu.get_absolute_url())
    for summary in settled(page).locator("main summary").all():
        if summary.is_visible():
            summary.click()
            settled(page)
    page.get_by_role("button", name="Verification L1").hover()
    expect(page.get_by_role("tooltip")).to_be_visible()
    assert accessibility_violations(page) == []


@pytest.mark.parametrize("javascript", [True, False])
def test_a_folded_abstract_opens(open_page: Windows, liu: Author, javascript: bool) -> None:
    page = open_page(liu.get_absolute_url(), javascript=javascript)
    abstract = page.locator(".fold + .abstract")

    def height() -> float:
        box = abstract.bounding_box()
        assert box is not None
        return box["height"]

    wait_for(lambda: 0 < height() < 120, "a folded abstract")
    page.get_by_text("Whole abstract").click()
    wait_for(lambda: height() > 120, "the whole of it")


@pytest.mark.parametrize(("javascript", "addresses"), [(True, 1), (False, 2)])
def test_further_works_come_on_demand(open_page: Windows, site: str, javascript: bool, addresses: int) -> None:
    import_records(*(make_record(f"Note {number:02}", ["Ada Lovelace", "Mary Somerville"], topics=["t"]) for number in range(30)))
    address = the_author("Ada Lovelace").get_absolute_url()
    page = open_page(address, javascript=javascript)
    expect(page.locator(".works > .work")).to_have_count(20)
    page.get_by_role("link", name="More works").click()
    expect(page.locator(".works > .work")).to_have_count(30 if javascript else 10)
    expect(page).to_have_url(re.compile(rf"{address}$" if addresses == 1 else rf"{address}.+$"))
    expect(page.get_by_role("link", name="More works")).to_have_count(0)


def test_a_follow_that_htmx_cannot_do_says_why(open_page: Windows, liu: Author) -> None:
    make_user("reader@example.org")
    page = open_page("/accounts/login/")
    page.get_by_label("Email").fill("reader@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    click_through(page.get_by_role("button", name="Log in", exact=True))
    page.goto(f"{open_page.site}{liu.get_absolute_url()}")
    page.context.clear_cookies()
    page.get_by_role("button", name="Follow researcher").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The form has expired")
    open_page.forgive("403")


def test_a_slot_whose_fragments_are_blocked_says_so(open_page: Windows, liu: Author) -> None:
    Slice.objects.all().delete()
    page = open_page()
    page.clock.install()
    page.route("**/graph/?*", lambda route: route.abort())
    page.goto(f"{open_page.site}{liu.get_absolute_url()}")
    told = page.get_by_text("This graph slice could not be loaded")

    def is_told() -> bool:
        page.clock.run_for(9_000)
        return told.is_visible()

    wait_for(is_told, "the last try's end")
    expect(page.get_by_role("link", name="Open the graph of Boxiao Liu")).to_be_visible()
    open_page.complaints.clear()  # each blocked request is one


def test_long_words_break_rather_than_widen_a_phone(open_page: Windows, site: str) -> None:
    word = "Donaudampfschifffahrt" * 8
    import_records(
        make_record(f"On {word}", [f"Anna {word}", "Boris Long"], topics=[word]), make_record(word, ["Boris Long"], topics=[word])
    )
    author = the_author("Boris Long")
    request_slice(author)
    build_slice(author_id=author.pk)
    page = open_page(width="phone")
    addresses = [author.get_absolute_url(), f"{author.get_absolute_url()}graph/", the_author(f"Anna {word}").get_absolute_url()]
    for address in (*addresses, "/search/?q=long", "/", Work.objects.get(title=word).get_absolute_url()):
        page.goto(f"{open_page.site}{address}")
        assert fits(page), address


def test_the_slash_key_moves_to_the_search(open_page: Windows, liu: Author) -> None:
    page = open_page(liu.get_absolute_url())
    page.keyboard.press("/")
    page.keyboard.type("ma/bi")
    expect(page.get_by_label("Search people and works")).to_have_value("ma/bi")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Bingqi Ma")).to_be_visible()


def test_sharing_copies_the_address(open_page: Windows, liu: Author) -> None:
    page = open_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(liu.get_absolute_url())
    page.evaluate("Object.defineProperty(navigator, 'share', {value: undefined})")
    page.get_by_role("link", name="Share this page").click()
    expect(page.get_by_text("Address copied")).to_be_visible()
    assert clipboard_begins_with(page, f"{open_page.site}{liu.get_absolute_url()}")


def test_an_explanation_closes_with_escape(open_page: Windows, liu: Author) -> None:
    page = open_page(liu.get_absolute_url())
    summary = page.get_by_text("Affiliation not imported")
    summary.click()
    expect(page.get_by_text("BZPEER does not guess")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("BZPEER does not guess")).not_to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_reader_logs_in_from_a_page_and_is_back_on_it(open_page: Windows, liu: Author, javascript: bool) -> None:
    make_user("reader@example.org")
    page = open_page(liu.get_absolute_url(), javascript=javascript)
    click_through(page.get_by_role("link", name="This is me"))
    click_through(page.locator("main").get_by_role("link", name="Log in"))
    page.get_by_label("Email").fill("reader@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    click_through(page.get_by_role("button", name="Log in", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Are you Boxiao Liu?")
    page.goto(f"{open_page.site}{liu.get_absolute_url()}")
    page.get_by_role("button", name="Follow researcher").click()
    expect(page.get_by_text("You follow Boxiao Liu:")).to_be_visible()
