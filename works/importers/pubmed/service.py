"""PubMed live, by its E-utilities: citations by id, and a search whose result PubMed keeps for us while it is fetched.

Terms (ncbi.nlm.nih.gov/books/NBK25497): three calls a second, ten with a key; the tool's name and an address in every call; large jobs at
night or on weekends. A search gives its first 10,000 results.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape

from works.identifiers import normalise_pmid
from works.importers.http import Client, PoliteClient, RegistryUnavailable

REGISTRY = "PubMed"
IDS_A_CALL = 200
RESULTS_A_CALL = 200
RESULTS_A_QUERY = 10_000
COUNT = re.compile(rb"<Count>(\d+)</Count>")
FOUND_ID = re.compile(rb"<Id>(\d+)</Id>")
CITATION = re.compile(rb"<(?:MedlineCitation|BookDocument)\b[^>]*>\s*<PMID\b[^>]*>\s*(\d+)\s*<")
SEARCH_ERROR = re.compile(rb"<(?:ERROR|PhraseNotFound)>([^<]*)<")
SET_ENDS = (b"</PubmedArticleSet>", b"</PubmedBookArticleSet>", b"</eFetchResult>")
SET_END = re.compile(rb"</PubmedArticleSet>\s*$")
EMPTY_SET = b"<PubmedArticleSet></PubmedArticleSet>"


def fetch(
    *, ids: Sequence[str] = (), query: str = "", limit: int | None = None, after: str = "", client: Client
) -> Iterator[tuple[bytes, str]]:
    """Pages for `parse`, each with the cursor to go on from as `after`; "" behind the last page.

    ids: PubMed ids, with or without their addresses; those that PubMed does not know come as errors in the page. query: as in PubMed's own
    search ("lovelace a[au] AND 2020[dp]"). limit: of citations, from here on. RegistryUnavailable where PubMed cannot be asked any more;
    the pages before it stand.
    """
    url = client.pubmed_api_url.rstrip("/")
    params = {"db": "pubmed", "tool": "bzpeer", "retmode": "xml"}
    params |= {"email": client.contact_email} if client.contact_email else {}
    params |= {"api_key": client.pubmed_api_key} if client.pubmed_api_key else {}
    with PoliteClient(REGISTRY, client, interval=client.pace.pubmed_interval) as polite:
        if ids:
            yield from by_ids(polite, url, params, list(ids)[:limit], after)
        else:
            yield from by_query(polite, url, params, query, limit, after)


def by_ids(polite: PoliteClient, url: str, params: dict[str, str], ids: Sequence[str], after: str) -> Iterator[tuple[bytes, str]]:
    """The ids in chunks; the cursor counts ids."""
    start = position(after)
    while start < len(ids):
        chunk = ids[start : start + IDS_A_CALL]
        start += len(chunk)
        known, unknown = [], []
        for text in chunk:
            try:
                known.append(normalise_pmid(text))
            except ValueError as error:
                unknown.append(str(error))
        page = get_citations(polite, url, params, known) if known else EMPTY_SET
        yield with_errors(page, unknown), str(start) if start < len(ids) else ""


def by_query(
    polite: PoliteClient, url: str, params: dict[str, str], query: str, limit: int | None, after: str
) -> Iterator[tuple[bytes, str]]:
    """A search, newest last so that what arrives meanwhile does not shift what was read. The cursor counts results."""
    start = position(after)
    last = RESULTS_A_QUERY if limit is None else min(RESULTS_A_QUERY, start + limit)
    while start < last:
        asked = {"term": query, "retstart": str(start), "retmax": str(min(RESULTS_A_CALL, last - start)), "sort": "pub_date"}
        found = polite.get(f"{url}/esearch.fcgi", {**params, **asked}, ends_with=(b"</eSearchResult>",)).body
        counted = COUNT.search(found)
        if counted is None:
            said = SEARCH_ERROR.search(found)
            raise RegistryUnavailable(f"PubMed does not understand the query: {said.group(1).decode(errors='replace') if said else query}")
        total, ids = int(counted.group(1)), [one.decode() for one in FOUND_ID.findall(found)]
        start += len(ids)
        is_end = start >= min(total, last) or not ids
        yield (get_citations(polite, url, params, ids) if ids else EMPTY_SET), "" if is_end else str(start)
        if is_end:
            if limit is None and total > RESULTS_A_QUERY:
                raise RegistryUnavailable(
                    f"PubMed gives the first {RESULTS_A_QUERY:,} of these {total:,} results and no more. They are imported. Ask for the "
                    "rest by year (2020[dp]), or import PubMed's files."
                )
            return


def get_citations(polite: PoliteClient, url: str, params: dict[str, str], ids: Sequence[str]) -> bytes:
    """The citations, with an error in the page for each that PubMed leaves out without a word."""
    page = polite.get(f"{url}/efetch.fcgi", {**params, "id": ",".join(ids)}, ends_with=SET_ENDS).body
    told = {one.decode() for one in CITATION.findall(page)}
    return with_errors(page, [f"there is no citation {one}" for one in ids if one not in told])


def with_errors(page: bytes, messages: Sequence[str]) -> bytes:
    entries = "".join(f"<ERROR>{escape(message)}</ERROR>" for message in messages).encode()
    return SET_END.sub(lambda end: entries + end.group(), page)


def position(after: str) -> int:
    return int(after) if after.isascii() and after.isdigit() else 0
