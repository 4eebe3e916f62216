"""Crossref live: works by DOI, by filter and by search, a page at a time.

Terms (crossref.org, "Access and authentication"): no key; who gives an address is served from the polite pool. The limits stand in the
headers of each answer, and are kept to.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from works.identifiers import normalise_doi
from works.importers.http import Client, PoliteClient, RegistryUnavailable, json_object

REGISTRY = "Crossref"
WORKS_A_PAGE = 200
FILTER = re.compile(r"[a-z]+(?:[.-][a-z]+)*:\S")


def fetch(
    *, ids: Sequence[str] = (), query: str = "", limit: int | None = None, after: str = "", client: Client
) -> Iterator[tuple[bytes, str]]:
    """Pages for `parse`, each with the cursor to go on from as `after`; "" behind the last page.

    ids: DOIs, with or without their addresses; those that Crossref does not know come as errors in the page. query: a filter
    ("orcid:0000-0002-1825-0097", "prefix:10.1371,from-pub-date:2024-01"), else words to search for. limit: of works, from here on.
    RegistryUnavailable where Crossref cannot be asked any more; the pages before it stand.
    """
    params = {"mailto": client.contact_email} if client.contact_email else {}
    url = client.crossref_api_url.rstrip("/") + "/works"
    with PoliteClient(REGISTRY, client, interval=client.pace.crossref_interval) as polite:
        if ids:
            yield from by_ids(polite, url, params, list(ids)[:limit], after)
        else:
            yield from by_query(polite, url, params, query, limit, after)


def by_ids(polite: PoliteClient, url: str, params: dict[str, str], asked: Sequence[str], after: str) -> Iterator[tuple[bytes, str]]:
    """One call for each DOI: a list of them in a filter would leave out the unknown ones without a word. The cursor counts DOIs."""
    start = int(after) if after.isascii() and after.isdigit() else 0
    for place, text in enumerate(asked[start:], start=start + 1):
        yield one_work(polite, url, params, text), str(place) if place < len(asked) else ""


def one_work(polite: PoliteClient, url: str, params: dict[str, str], text: str) -> bytes:
    try:
        doi = normalise_doi(text)
    except ValueError:
        return orjson.dumps({"DOI": text, "error": "this is no DOI, by which alone Crossref knows works"})
    answer = polite.get(f"{url}/{quote(doi, safe='')}", params, also={httpx.codes.NOT_FOUND})
    if answer.status == httpx.codes.NOT_FOUND:
        return orjson.dumps({"DOI": doi, "error": "this DOI is not registered there; it may be another agency's, such as DataCite's"})
    return answer.body


def by_query(
    polite: PoliteClient, url: str, params: dict[str, str], query: str, limit: int | None, after: str
) -> Iterator[tuple[bytes, str]]:
    """A filter or a search; the cursor is Crossref's own, which it gives with every page: an empty or a short page is the last."""
    cursor, got = after or "*", 0
    asked = {**params, ("filter" if FILTER.match(query) else "query"): query}
    while cursor and (limit is None or got < limit):
        rows = WORKS_A_PAGE if limit is None else min(WORKS_A_PAGE, limit - got)
        body, message = get_page(polite, url, {**asked, "rows": str(rows), "cursor": cursor})
        found = len(message["items"])
        got += found
        cursor = str(message.get("next-cursor") or "") if found == rows else ""
        yield body, cursor


def get_page(polite: PoliteClient, url: str, params: dict[str, str]) -> tuple[bytes, dict[str, Any]]:
    body, page = json_object(polite, url, params)
    message = page.get("message")
    if not isinstance(message, dict) or not isinstance(message.get("items"), list):
        raise RegistryUnavailable(f"Crossref answers with {', '.join(list(page)[:5]) or 'nothing'} where a list of works was asked for.")
    return body, message
