"""dblp live: records by key, all records of a person, and a search.

dblp publishes no limit; it answers 429 with Retry-After to those who ask too often, and recommends the dump for more than a few thousand
records. A search answers with at most 1,000 hits a call and 10,000 in all.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape
from urllib.parse import quote

import httpx

from works.importers.http import Client, PoliteClient, RegistryUnavailable

REGISTRY = "dblp"
HITS_A_CALL = 1_000
HITS_A_QUERY = 10_000
TOTAL = re.compile(rb'<hits\b[^>]*\btotal="(\d+)"')
HIT = re.compile(rb"<hit\b")
ENDS = (b"</dblp>", b"</dblpperson>", b"</result>")
ADDRESS = re.compile(r"^https?://[^/]+/|\.(?:xml|html)$")
PERSON = re.compile(r"(?:pid/|pid:|homepages/)(.+)")


def fetch(
    *, ids: Sequence[str] = (), query: str = "", limit: int | None = None, after: str = "", client: Client
) -> Iterator[tuple[bytes, str]]:
    """Pages for `parse`, each with the cursor to go on from as `after`; "" behind the last page.

    ids: keys or addresses of records ("journals/acta/Saxena96"), or of persons ("pid/m/BarbaraLiskov") for all their publications; those
    that dblp does not know come as errors. query: words, as in dblp's search. limit: of records, from here on. RegistryUnavailable where
    dblp cannot be asked any more; the pages before it stand.
    """
    url = client.dblp_api_url.rstrip("/")
    with PoliteClient(REGISTRY, client, interval=client.pace.dblp_interval) as polite:
        if ids:
            yield from by_ids(polite, url, list(ids)[:limit], after)
        else:
            yield from by_query(polite, url, query, limit, after)


def by_ids(polite: PoliteClient, url: str, ids: Sequence[str], after: str) -> Iterator[tuple[bytes, str]]:
    """One page an id; the cursor counts ids."""
    for number in range(position(after), len(ids)):
        answer = polite.get(f"{url}/{path_of(ids[number])}", {}, also={httpx.codes.NOT_FOUND})
        body = answer.body if answer.status == httpx.codes.OK else f"<dblp><error>{escape(ids[number])}</error></dblp>".encode()
        yield body, str(number + 1) if number + 1 < len(ids) else ""


def path_of(text: str) -> str:
    """
    >>> path_of("https://dblp.org/rec/journals/acta/Saxena96.html"), path_of("conf/ccs/KocherHFGGHHLM019"), path_of("pid/65/9691-1")
    ('rec/journals/acta/Saxena96.xml', 'rec/conf/ccs/KocherHFGGHHLM019.xml', 'pid/65/9691-1.xml')
    """
    bare = ADDRESS.sub("", ADDRESS.sub("", text.strip()))
    if person := PERSON.fullmatch(bare):
        return f"pid/{quote(person.group(1))}.xml"
    return f"rec/{quote(bare.removeprefix('rec/'))}.xml"


def by_query(polite: PoliteClient, url: str, query: str, limit: int | None, after: str) -> Iterator[tuple[bytes, str]]:
    """A search; the cursor counts hits."""
    start = position(after)
    last = HITS_A_QUERY if limit is None else min(HITS_A_QUERY, start + limit)
    while start < last:
        params = {"q": query, "format": "xml", "f": str(start), "h": str(min(HITS_A_CALL, last - start)), "c": "0"}
        page = polite.get(f"{url}/search/publ/api", params, ends_with=ENDS).body
        found, got = TOTAL.search(page), len(HIT.findall(page))
        total = int(found.group(1)) if found else 0
        start += got
        is_end = start >= min(total, last) or not got
        yield page, "" if is_end else str(start)
        if is_end:
            if limit is None and total > HITS_A_QUERY:
                raise RegistryUnavailable(
                    f"dblp gives the first {HITS_A_QUERY:,} of these {total:,} hits and no more. They are imported. Narrow the search "
                    "(year:2020: …), or import the dump."
                )
            return


def position(after: str) -> int:
    return int(after) if after.isascii() and after.isdigit() else 0
