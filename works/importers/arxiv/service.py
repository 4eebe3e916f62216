"""arXiv live: its API by ids and by search query, and OAI-PMH by set and date.

Terms (info.arxiv.org/help/api/tou): one call in three seconds and one connection, over all services together; at most 2,000 results a call
and 30,000 a query.
"""

import html
import re
from collections.abc import Iterator, Sequence

import httpx

from works.identifiers import split_arxiv
from works.importers.http import Answer, Client, PoliteClient, RegistryUnavailable

REGISTRY = "arXiv"
IDS_A_CALL = 100
RESULTS_A_CALL = 500  # the manual asks for slices far below its limit of 2,000
RESULTS_A_QUERY = 30_000
EMPTY_PAGES = 4  # calls before an empty page in the middle of the results is believed
OAI_QUERY = re.compile(r"oai:(?:\w+=[^,\s]+(?:,\w+=[^,\s]+)*)?")
TOTAL = re.compile(rb"totalResults\b[^>]*>\s*(\d+)\s*<")
ENTRY = re.compile(rb"<(?:\w+:)?entry[\s>]")
ENTRY_ID = re.compile(rb"<(?:\w+:)?id>[^<]*/abs/([^<]+)</")
RECORD = re.compile(rb"<(?:\w+:)?record[\s>]")
FEED_ENDS = (b"feed>",)
FEED_END = re.compile(rb"</(?:\w+:)?feed>\s*$")
TOKEN = re.compile(rb"<(?:\w+:)?resumptionToken[^>]*>\s*([^<\s][^<]*?)\s*</")


def fetch(
    *, ids: Sequence[str] = (), query: str = "", limit: int | None = None, after: str = "", client: Client
) -> Iterator[tuple[bytes, str]]:
    """Pages for `parse`, each with the cursor to go on from as `after`; "" behind the last page.

    ids: arXiv ids or addresses; those that arXiv does not know come as errors in the page. query: in the syntax of arXiv's API
    ("cat:cs.LG AND au:liu"), or "oai:set=cs,from=2024-01-01,until=2024-01-31,prefix=arXiv" for OAI-PMH. limit: of works, from here on.
    RegistryUnavailable where arXiv cannot be asked any more; the pages before it stand.
    """
    with PoliteClient(REGISTRY, client, interval=client.pace.arxiv_interval) as polite:
        if ids:
            yield from by_ids(polite, client.arxiv_api_url, list(ids)[:limit], after)
        elif OAI_QUERY.fullmatch(query):
            yield from by_oai(polite, client.arxiv_oai_url, query, limit, after)
        else:
            yield from by_query(polite, client.arxiv_api_url, query, limit, after)


def by_ids(polite: PoliteClient, url: str, ids: Sequence[str], after: str) -> Iterator[tuple[bytes, str]]:
    """The ids in chunks; the cursor counts ids. Where arXiv refuses a chunk for one of its ids, each is asked for alone."""
    start = position(after)
    while start < len(ids):
        chunk = chunk_from(ids, start)
        end = start + len(chunk)
        cursor = str(end) if end < len(ids) else ""
        answer = get_ids(polite, url, chunk)
        if answer.status == httpx.codes.BAD_REQUEST and len(chunk) > 1:
            for asked in chunk[:-1]:
                yield with_errors(get_ids(polite, url, [asked]).body, [asked]), str(start)
            answer, chunk = get_ids(polite, url, chunk[-1:]), chunk[-1:]
        yield with_errors(answer.body, chunk), cursor
        start = end


def chunk_from(ids: Sequence[str], start: int) -> list[str]:
    """The next ids that can be asked for together: those that look like ids, or one that does not."""
    chunk: list[str] = []
    for text in ids[start : start + IDS_A_CALL]:
        try:
            chunk.append("".join(split_arxiv(text)))
        except ValueError:
            return chunk or [text.strip()]
    return chunk


def get_ids(polite: PoliteClient, url: str, chunk: Sequence[str]) -> Answer:
    params = {"id_list": ",".join(chunk), "start": "0", "max_results": str(len(chunk))}
    return polite.get(url, params, also={httpx.codes.BAD_REQUEST}, ends_with=FEED_ENDS)


def with_errors(page: bytes, asked: Sequence[str]) -> bytes:
    """The page with an error entry, in arXiv's own form, for each id that it leaves out without a word."""
    if b"/api/errors" in page:
        return page
    told = {bare_id(html.unescape(found.decode(errors="replace"))) for found in ENTRY_ID.findall(page)}
    missing = [text for text in asked if bare_id(text) not in told]
    entries = "".join(
        f"<entry><id>https://arxiv.org/api/errors#{html.escape(text)}</id><title>Error</title>"
        f"<summary>arXiv has no paper {html.escape(text)}</summary></entry>"
        for text in missing
    )
    return FEED_END.sub(lambda end: entries.encode() + end.group(), page)


def bare_id(text: str) -> str:
    """The id without its version; what is no id stays as it is."""
    try:
        return split_arxiv(text)[0]
    except ValueError:
        return text


def by_query(polite: PoliteClient, url: str, query: str, limit: int | None, after: str) -> Iterator[tuple[bytes, str]]:
    """A search, oldest first, so that what arrives meanwhile comes last. The cursor counts results."""
    start = position(after)
    last = RESULTS_A_QUERY if limit is None else min(RESULTS_A_QUERY, start + limit)
    while start < last:
        page, total = get_results(polite, url, query, start, min(RESULTS_A_CALL, last - start))
        start += len(ENTRY.findall(page))
        is_end = start >= min(total, last) or not ENTRY.search(page)
        yield page, "" if is_end else str(start)
        if is_end:
            if limit is None and total > RESULTS_A_QUERY:
                raise RegistryUnavailable(
                    f"arXiv gives the first {RESULTS_A_QUERY:,} of these {total:,} results and no more. They are imported. Ask "
                    "for the rest by date (submittedDate:[202401010000 TO 202402010000]) or by OAI-PMH (oai:set=cs,from=2024-01-01)."
                )
            return


def get_results(polite: PoliteClient, url: str, query: str, start: int, most: int) -> tuple[bytes, int]:
    """One page and the number of results. An empty page in the middle, which arXiv gives now and then, is asked for again."""
    params = {"search_query": query, "start": str(start), "max_results": str(most), "sortBy": "submittedDate", "sortOrder": "ascending"}
    for _ in range(EMPTY_PAGES):
        page = polite.get(url, params, also={httpx.codes.BAD_REQUEST}, ends_with=FEED_ENDS).body
        found = TOTAL.search(page)
        total = int(found.group(1)) if found else 0
        if ENTRY.search(page) or start >= total:
            return page, total
    raise RegistryUnavailable(
        f"arXiv says that there are {total:,} results and gives an empty page at {start:,}, {EMPTY_PAGES} times. "
        "Start the import again later: it goes on where it stopped."
    )


def by_oai(polite: PoliteClient, url: str, query: str, limit: int | None, after: str) -> Iterator[tuple[bytes, str]]:
    """A harvest; the cursor is arXiv's resumption token, which holds for about a day."""
    asked = dict(part.split("=", 1) for part in query.removeprefix("oai:").split(",") if part)
    params = {"verb": "ListRecords", "metadataPrefix": asked.pop("prefix", "arXiv"), **asked}
    got, token = 0, after
    while True:
        page = polite.get(url, {"verb": "ListRecords", "resumptionToken": token} if token else params, ends_with=(b"OAI-PMH>",)).body
        if b"badResumptionToken" in page:
            raise RegistryUnavailable(
                "arXiv no longer knows the place to go on from, which it keeps for about a day. Start the import anew."
            )
        got += len(RECORD.findall(page))
        found = TOKEN.search(page)
        token = html.unescape(found.group(1).decode(errors="replace")) if found else ""
        yield page, token
        if not token or (limit is not None and got >= limit):
            return


def position(after: str) -> int:
    return int(after) if after.isascii() and after.isdigit() else 0
