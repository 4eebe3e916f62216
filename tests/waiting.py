"""Waiting for what other threads, processes and browsers do.

On a machine that is slow or busy anything may take its time, and nothing may be looked at a moment too early. So tests wait for what
must come about, and only what has not come about after minutes is a failure: a long wait costs nothing where all is well.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from playwright.sync_api import Error, Locator, Page

PATIENCE = 300.0  # seconds

# The document and what it loads are there, HTMX has put in its place and made alive what it fetched, and nothing is on its way from one
# look to another but what goes on for ever.
SETTLED = """
    () => document.readyState === 'complete'
      && document.fonts.status === 'loaded'
      && !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added, #explorer-map[aria-busy=true]')
      && document.getAnimations().every((one) => one.playState !== 'running' || one.effect.getComputedTiming().endTime === Infinity)
"""


def wait_for(condition: Callable[[], Any], what: str = "the condition") -> Any:
    """The condition's first true result, asked for twenty times a second; a failure when it has not come about after minutes."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if result := condition():
            return result
        time.sleep(0.05)
    pytest.fail(f"{what} did not come about within {PATIENCE:.0f} s")


def until(page: Page, script: str, argument: Any = None) -> None:
    """Wait until a script's result is true on the page, which may become another meanwhile."""

    def holds() -> bool:
        with contextlib.suppress(Error):  # its world ended while it ran
            return bool(page.evaluate(script, argument))
        return False

    wait_for(holds, " ".join(script.split()))


def settled(page: Page) -> Page:
    """The page, once it looks as it will look until somebody does something."""
    until(page, SETTLED)
    return page


def click_through(target: Locator) -> None:
    """Click on what leads to another page, and wait until that one is there: what is done next is not done on the one before."""
    with target.page.expect_navigation():
        target.click()


def type_in(box: Locator, letters: str, whole: str | None = None) -> None:
    """Type letter by letter into a box that makes suggestions, until those for the `whole` that then stands there are shown."""
    wanted = [letters if whole is None else whole]
    with box.page.expect_response(lambda answer: wanted in parse_qs(urlsplit(answer.url).query).values()):
        box.press_sequentially(letters, delay=20)
    settled(box.page)


def fits(page: Page) -> bool:
    """Whether the page, once it is settled, is no wider than the window."""
    until(page, "document.documentElement.scrollWidth <= innerWidth")
    return True


def nobody_works() -> bool:
    """Whether no other session of the test database is in the middle of anything, not even one whose process was killed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend' AND state <> 'idle'"
        )
        return bool(cursor.fetchone() == (0,))


def is_gone(application: str) -> bool:
    """Whether no session of the test database calls itself so any more (PGAPPNAME): Postgres notices a moment later that a process was
    killed, and lets go of its locks then."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s", [application])
        return bool(cursor.fetchone() == (0,))


def hear(page: Page) -> None:
    """Keep from now on what the page's parts say, in `heard`: some of it is taken away again after a few seconds."""
    page.evaluate(
        """() => {
          window.heard = [];
          new MutationObserver((changes) => window.heard.push(...changes.map(({ target }) => target.textContent.trim())))
            .observe(document.body, { subtree: true, childList: true, characterData: true });
        }"""
    )


def clipboard_begins_with(page: Page, words: str) -> bool:
    until(page, "async (words) => (await navigator.clipboard.readText()).startsWith(words)", words)
    return True
