"""A few pages as a visitor would ask for them, in this process: whether they come, how soon, in how many queries."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bzpeer.management.examinations.findings import Finding, advice, fault, good
from works.models import Author, Work

SLOW = 1.0  # seconds for a page that nobody has asked for yet


def look_at_pages() -> Iterator[Finding]:
    client = Client(raise_request_exception=False, headers={"host": settings.SITE_HOST})
    for name, address in addresses():
        start = time.perf_counter()
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address, secure=settings.BEHIND_TLS)
        seconds = time.perf_counter() - start
        seen = f"The {name} page, {address}: {1000 * seconds:.0f} ms, {len(queries)} queries"
        if response.status_code != 200:
            yield fault(
                f"The {name} page, {address}, answers {response.status_code}", "Its request id is in the log, with what went wrong."
            )
        elif seconds > SLOW:
            yield advice(seen, "Run ANALYZE, and see docs/performance.md for what its queries should read.")
        else:
            yield good(seen)


def addresses() -> Iterator[tuple[str, str]]:
    """The pages that a site is judged by: home, somebody's (one of the busiest among the first), a work's, a search for that name."""
    yield "home", reverse("home")
    some = list(Author.objects.standing().order_by("pk")[:1000])
    if not some:
        return
    author = max(some, key=lambda candidate: candidate.works_count)
    yield "researcher", author.get_absolute_url()
    yield "search", f"{reverse('search')}?{urlencode({'q': author.name})}"
    if work := Work.objects.standing().order_by("pk").first():
        yield "work", work.get_absolute_url()
