"""Asking too often, asking to find out, and asking while the limiter's store is away: what is let through, and what it costs."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from profiles.actions import claims, contact
from profiles.actions.claims import ClaimRefused
from profiles.actions.contact import ContactRefused
from profiles.models import User
from tests.attacks.web.table import Table
from tests.factories.claims import make_claimable, make_person
from tests.factories.contact import WORDS, make_researcher
from tests.factories.people import PASSWORD, make_user
from works.breaker import cache_breaker

pytestmark = [pytest.mark.attack, pytest.mark.django_db]
ROUNDS = 15
OWNER, NOBODY = "owner@mail.example", "nobody@mail.example"


def log_in(email: str, password: str = "a wrong phrase", **given: Any) -> Any:
    return Client().post("/accounts/login/", {"login": email, "password": password}, **given)


def let_through(ask: Callable[[int], Any], tries: int) -> int:
    """How many of so many requests are answered rather than refused for their number."""
    return sum(ask(number).status_code != 429 for number in range(tries))


@pytest.mark.usefixtures("quick_passwords")
def test_what_a_flood_gets(redis, settings, table: Table):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": "1000/m/ip"}
    make_user(OWNER)
    table.row("–", "guesses at one account in five minutes, each from elsewhere", 10,
              let_through(lambda n: log_in(OWNER, REMOTE_ADDR=f"192.0.2.{n}"), 40))  # fmt: skip
    redis.flushdb()
    table.row("–", "guesses from one network in five minutes, each at another account", 100,
              let_through(lambda n: log_in(f"guess{n}@mail.example", REMOTE_ADDR=f"2001:db8:1:2::{n:x}"), 130))  # fmt: skip
    for address, limit, told in (
        ("/search/?q=a", settings.SEARCHES_A_MINUTE, "searches"),
        ("/search/suggest/?q=a", settings.SUGGESTIONS_A_MINUTE, "suggestions"),
        ("/api/v1/works/", settings.API_VISITORS_A_MINUTE, "requests of the API"),
        ("/graph/path/?from=a", settings.COSTLY_PAGES_A_MINUTE, "paths"),
    ):
        at_the_start_of_a_minute()
        found = let_through(partial(from_next_door, address), limit + 20)
        table.row("–", f"{told} of one network in a minute", limit, found)
    at_the_start_of_a_minute()
    redis.flushdb()
    tried = let_through(lambda n: Client().get("/api/v1/me/", headers={"Authorization": f"Bearer bzp_{n}"}), 90)
    table.row("–", "wrong tokens from one network in a minute", settings.API_VISITORS_A_MINUTE, tried)


def from_next_door(address: str, number: int) -> Any:
    """Ask from one of the many addresses of one network."""
    return Client().get(address, REMOTE_ADDR=f"2001:db8:1:2::{number:x}")


def at_the_start_of_a_minute() -> None:
    """Limits go by the minute of the clock: no flood here runs over its end."""
    if (passed := time.time() % 60) > 35:
        time.sleep(60.5 - passed)


def test_what_one_account_may_in_a_day(table: Table):
    eager = make_person("eager")
    begun = 0
    for number in range(12):
        try:
            claim = claims.begin_claim(make_claimable(f"Person {number}", works=1), by=eager)
            begun += 1
            claims.withdraw_claim(claim, by=eager)
        except ClaimRefused:
            break
    table.row("–", "claims of one account in a day", 5, begun)
    sent = 0
    for number in range(30):
        try:
            contact.send_invitation(make_researcher(f"Reader {number}").author, purpose="talk", message=WORDS, by=eager)
            sent += 1
        except ContactRefused:
            break
    table.row("–", "invitations of one account in a day", 20, sent)


def test_what_a_refused_log_in_costs(redis, table: Table):
    """With the site's own hashing; every second request is one that hashes, as what it is measured beside."""
    make_user(OWNER)
    for _ in range(10):
        log_in(OWNER)
    hashed, refused = [], []
    for number in range(ROUNDS):
        hashed.append(cpu(partial(log_in, f"nobody{number}@mail.example", REMOTE_ADDR=f"192.0.2.{number}")))
        refused.append(cpu(lambda: log_in(OWNER)))
    table.row(
        "R13", f"CPU of a refused log-in, beside {1_000 * median(hashed):.0f} ms of one that hashes", 2, 1_000 * median(refused), unit=" ms"
    )


def cpu(call: Callable[[], Any]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


ASKED: dict[str, Callable[[str], Any]] = {
    "log-in": log_in,
    "sign-up": lambda email: Client().post("/accounts/signup/", {"email": email, "password1": PASSWORD}),
    "reset": lambda email: Client().post("/accounts/password/reset/", {"email": email}),
}


@pytest.mark.parametrize("what", ASKED)
def test_what_time_tells_of_who_has_an_account(what, table: Table):
    """Medians of interleaved rounds; one is at most a quarter longer than the other, on which noise alone comes to a tenth."""
    make_user(OWNER)
    taken: dict[str, list[float]] = {OWNER: [], NOBODY: []}
    for _ in range(ROUNDS):
        for email, times in taken.items():
            cache.clear()
            User.objects.filter(email=NOBODY).delete()
            times.append(cpu(partial(ASKED[what], email)))
    shorter, longer = sorted(median(times) for times in taken.values())
    table.row("–", f"{what}: time with an account to time without, medians of {ROUNDS}", 1.25, longer / shorter, unit="×")


@pytest.mark.usefixtures("quick_passwords")
def test_without_the_limiters_store_nobody_logs_in_and_everybody_reads(settings, table: Table):
    make_user(OWNER)
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    let_in = sum(log_in(OWNER, PASSWORD).status_code == 302 for _ in range(5))
    answers = [Client().get(address).status_code for address in ("/", "/search/?q=a", "/api/v1/works/", "/graph/path/", "/about/") * 4]
    cache_breaker.succeeded()
    table.row("–", "limiter's store away: log-ins let in uncounted", 0, let_in)
    table.row("R7", "limiter's store away: reads that fail", 0, sum(status != 200 for status in answers))
