"""The owner of a page decides about their works in a real browser: with a script and without, on a phone, in the dark."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from profiles.models import Claim
from tests.conftest import Windows
from tests.factories.claims import claimed
from tests.factories.imported import import_records, the_author
from tests.factories.people import PASSWORD, make_user
from tests.factories.records import make_record
from tests.waiting import click_through, fits
from works.actions.corrections import Reader, report_correction
from works.actions.proposals import ProposedPair, propose_merges
from works.models import Author, Authorship

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

NOT_MINE = re.compile("Not mine.*Note A")
Violations = Callable[[Page], list[str]]


@pytest.fixture
def ada(site: str) -> Author:
    import_records(*(make_record(f"Note {letter} on the engine", ["Ada Lovelace", "Mary Somerville"]) for letter in "ABC"))
    import_records(make_record("On engines", ["A. Lovelace", "Charles Babbage"]))
    author, namesake = the_author("Ada Lovelace"), the_author("A. Lovelace")
    claimed(author, by=make_user("ada@example.org"))
    Claim.objects.update(decided_at=timezone.now() - timedelta(days=4))
    place = Authorship.objects.filter(author=author).earliest("pk")
    report_correction(place=place, kind="not-this-person", note="A namesake wrote it", by=Reader(account=None, address="192.0.2.1"))
    propose_merges(authors=[ProposedPair(one=author.pk, other=namesake.pk, score=0.7, reasons=[{"says": "An initial fits."}])])
    return author


def log_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("ada@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    click_through(page.get_by_role("button", name="Log in", exact=True))


@pytest.mark.parametrize("javascript", [True, False])
def test_not_mine_and_mine_after_all(open_page: Windows, ada: Author, javascript: bool) -> None:
    page = open_page(javascript=javascript)
    log_in(page)
    page.goto(ada.get_absolute_url())
    page.get_by_role("button", name=NOT_MINE).click()
    if javascript:
        page.get_by_role("button", name=re.compile("It is mine after all.*Note A")).click()
        expect(page.get_by_role("button", name=NOT_MINE)).to_be_focused()
        assert Authorship.objects.filter(author=ada).count() == 3
    else:
        expect(page.get_by_text("Kept: it is not yours")).to_be_visible()
        assert Authorship.objects.filter(author=ada).count() == 2


def signed_in_addition(page: Page) -> str:
    """The preview of a file that was handed in; its address."""
    entry = b"@article{one, title = {Sketch of the Analytical Engine}, author = {Lovelace, Ada}, year = 1843} @article{two, year = 1}"
    page.goto("/me/works/add/")
    page.get_by_label("File", exact=True).set_input_files({"name": "mine.bib", "mimeType": "text/plain", "buffer": entry})
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_text("New to the record")).to_be_visible()
    return page.url


@pytest.mark.parametrize(("width", "theme"), [("desktop", "light"), ("phone", "dark")])
def test_the_pages_are_accessible(open_page: Windows, ada: Author, accessibility_violations: Violations, width: str, theme: str) -> None:
    page = open_page(width=width, theme=theme)
    log_in(page)
    addition = signed_in_addition(page)
    for address in ("/me/works/", "/me/works/split/", "/me/works/add/", addition, ada.get_absolute_url()):
        page.goto(address)
        assert accessibility_violations(page) == [], address
        assert fits(page), address
