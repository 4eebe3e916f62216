"""The real web server under clients that mean ill: slow ones, long ones, broken ones."""

from __future__ import annotations

import contextlib
import os
import random
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from tests.attacks.web.table import Table

pytestmark = [pytest.mark.attack, pytest.mark.django_db(transaction=True)]
SLOW = 200
REQUESTS = int(os.environ.get("BZPEER_REQUESTS", "3000"))
METHODS = ("GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW")
PATHS = ("/", "/search/", "/works/aaaaaaaa/", "/researchers/a-aaaaaaaa/", "/graph/", "/graph/path/", "/api/v1/works/", "/api/v1/authors/",
         "/sitemaps/works-0.xml", "/accounts/login/", "/topics/a-aaaaaaaa/people/", "/works/export/", "/search/export/",
         "/feeds/a/")  # fmt: skip
NAMES = (
    "q",
    "kind",
    "page",
    "sort",
    "order",
    "ordering",
    "year",
    "cursor",
    "limit",
    "fields",
    "format",
    "from",
    "to",
    "seed",
    "id",
    "part",
)
SIGNS = ("", "%00", "%ff", "a" * 2_000, "-1", "9" * 400, "1e400", "{}", "[]", "'", '"', "\u202e", "\U0010ffff", "__class__",
         "author__user__email", "../../etc/passwd", "%", "$gt", "*" * 500, "a b c " * 100)  # fmt: skip
# Two lengths, and a second request in what one of them takes for the body.
SPLIT = (
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /admin/ HTTP/1.1\r\n\r\n"
)


@contextlib.contextmanager
def opened(site: str, number: int, said: bytes) -> Iterator[list[socket.socket]]:
    """So many connections on which so much was said and no more."""
    where = urlsplit(site)
    made = []
    for _ in range(number):
        one = socket.create_connection((where.hostname or "", where.port or 80), timeout=30)
        one.sendall(said)
        made.append(one)
    try:
        yield made
    finally:
        for one in made:
            one.close()


def answered(site: str, rounds: int = 10) -> int:
    found = 0
    for _ in range(rounds):
        with contextlib.suppress(httpx.TransportError):
            found += httpx.get(f"{site}/about/", timeout=20, trust_env=False).is_success
    return found


def test_clients_that_never_finish_their_headers_hold_up_nobody(site, table: Table):
    with opened(site, SLOW, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ") as made:
        table.row(
            "–", f"{SLOW} clients that never finish their headers: pages of others answered, of 10", 10, answered(site), at_least=True
        )
        started = time.monotonic()
        made[0].settimeout(90)
        assert made[0].recv(1_000)[:12] in {b"", b"HTTP/1.1 408"}
        table.row("–", "… after how long they are hung up on", 60, time.monotonic() - started, unit=" s")


def test_long_and_broken_requests_are_refused_and_the_site_goes_on(site, table: Table):
    where = urlsplit(site)
    failed = 0
    for said in (
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"a" * 1_000_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X-A: b\r\n" * 5_000 + b"\r\n",
        SPLIT,
        b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x00\xa5", b"\0" * 1_000, b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    ):  # fmt: skip
        with socket.create_connection((where.hostname or "", where.port or 80), timeout=30) as one, contextlib.suppress(OSError):
            one.sendall(said)
            failed += one.recv(20).startswith(b"HTTP/1.1 5")
    table.row("–", "long, split and broken requests: answered by 5xx", 0, failed)
    table.row("–", "… pages of others answered after them, of 10", 10, answered(site), at_least=True)


def test_odd_requests_are_answered_and_none_by_5xx(site, redis, table: Table):
    """Paths, filters, orders, bodies and headers that nobody means; always the same for a seed."""
    rng = random.Random(9)
    failed: list[str] = []
    with httpx.Client(base_url=site, trust_env=False, timeout=30, follow_redirects=False) as client:
        for number in range(REQUESTS):
            if number % 50 == 0:
                redis.flushdb()
            method, path = rng.choice(METHODS), rng.choice(PATHS) + (rng.choice(SIGNS[:3]) if rng.random() < 0.1 else "")
            given = {rng.choice(NAMES): rng.choice(SIGNS) for _ in range(rng.randrange(4))}
            body = {"data": given} if method == "POST" else {"params": given}
            headers = (
                {"HX-Request": "true"}
                if rng.random() < 0.2
                else {"Accept": rng.choice(("*/*", "text/html", "application/json", "a/b;q=x"))}
            )
            answer = client.request(method, path, headers=headers, **body)  # type: ignore[arg-type]
            if answer.status_code >= 500:
                failed.append(f"{method} {path} {given}: {answer.status_code}")
    table.row("R9", f"{REQUESTS:,} odd requests of pages and API at the real server: answered by 5xx", 0, len(failed))
    assert failed == []
