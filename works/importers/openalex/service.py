"""OpenAlex live: works by ids, by filter and by search, a page at a time.

Terms (docs.openalex.org, "Rate limits and authentication"): a key is required since February 2026; a free one is good for 10,000 list calls
a day of up to 100 works each. Single works cost nothing.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson

from works.identifiers import normalise_doi, normalise_openalex, normalise_pmid, split_arxiv
from works.importers.http import Client, PoliteClient, RegistryUnavailable, json_object

REGISTRY = "OpenAlex"
IDS_A_CALL = 50
WORKS_A_PAGE = 100
FILTER = re.compile(r"[a-z_]+(?:\.[a-z_]+)*:\S")


class Asked(NamedTuple):
    """One id as it was asked for: which filter finds it, under which value, and whether it may stand in a list of values."""

    text: str
    filter: str
    value: str

    @property
    def may_be_listed(self) -> bool:
        return bool(self.filter) and not re.search(r"[,|&]", self.value)


def fetch(
    *, ids: Sequence[str] = (), query: str = "", limit: int | None = None, after: str = "", client: Client
) -> Iterator[tuple[bytes, str]]:
    """Pages for `parse`, each with the cursor to go on from as `after`; "" behind the last page.

    ids: OpenAlex work ids, DOIs, arXiv ids or PubMed ids ("pmid:…"), with or without their addresses; those that OpenAlex does not know
    come as errors in the page. query: a filter ("author.id:A5023888391,publication_year:2022"), else words to search for. limit: of works,
    from here on. RegistryUnavailable where OpenAlex cannot be asked any more; the pages before it stand.
    """
    params = {"mailto": client.contact_email} if client.contact_email else {}
    if client.openalex_api_key:
        params["api_key"] = client.openalex_api_key
    url = client.openalex_api_url.rstrip("/") + "/works"
    with PoliteClient(REGISTRY, client, interval=client.pace.openalex_interval) as polite:
        if ids:
            yield from by_ids(polite, url, params, [asked_for(text) for text in list(ids)[:limit]], after)
        else:
            yield from by_query(polite, url, params, query, limit, after)


def asked_for(text: str) -> Asked:
    """What kind of id `text` is.

    >>> asked_for("https://openalex.org/W2741809807")[1:], asked_for("10.7717/PeerJ.4375")[1:], asked_for("arXiv:2202.07940v1")[1:]
    (('openalex', 'W2741809807'), ('doi', '10.7717/peerj.4375'), ('doi', '10.48550/arxiv.2202.07940'))
    """
    text = text.strip()
    readers: tuple[tuple[str, Callable[[], str]], ...] = (
        ("pmid", lambda: normalise_pmid(text.partition(":")[2]) if text.lower().startswith("pmid:") else refuse(text)),
        ("doi", lambda: f"10.48550/arxiv.{split_arxiv(text)[0]}"),
        ("doi", lambda: normalise_doi(text)),
        ("openalex", lambda: normalise_openalex(text)),
    )
    for scheme, read in readers:
        try:
            return Asked(text, scheme, read())
        except ValueError:
            continue
    return Asked(text, "", "")


def refuse(text: str) -> str:
    raise ValueError(text)


def by_ids(polite: PoliteClient, url: str, params: dict[str, str], asked: Sequence[Asked], after: str) -> Iterator[tuple[bytes, str]]:
    """The ids in chunks of one kind; the cursor counts ids. What OpenAlex leaves out without a word comes as an error in the page."""
    start = int(after) if after.isascii() and after.isdigit() else 0
    while start < len(asked):
        chunk = chunk_from(asked, start)
        start += len(chunk)
        results: list[dict[str, Any]] = []
        if chunk[0].may_be_listed:
            values = "|".join(one.value for one in chunk)
            _, page = get_page(polite, url, {**params, "filter": f"{chunk[0].filter}:{values}", "per_page": str(WORKS_A_PAGE)})
            results += page["results"]
        told = {value for item in results for value in names_of(item)}
        results += [get_one(polite, url, params, one) for one in chunk if (one.filter, one.value) not in told]
        yield orjson.dumps({"meta": {"count": len(results)}, "results": results}), str(start) if start < len(asked) else ""


def chunk_from(asked: Sequence[Asked], start: int) -> Sequence[Asked]:
    """The next ids that one filter can ask for, or one that none can."""
    first = asked[start]
    if not first.may_be_listed:
        return asked[start : start + 1]
    end = start
    while end < min(len(asked), start + IDS_A_CALL) and asked[end].filter == first.filter and asked[end].may_be_listed:
        end += 1
    return asked[start:end]


def names_of(item: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The ids under which a work may have been asked for."""
    ids = item.get("ids") or {}
    readers = (
        ("openalex", item.get("id"), normalise_openalex),
        ("doi", item.get("doi"), normalise_doi),
        ("pmid", ids.get("pmid"), normalise_pmid),
    )
    for scheme, value, normalised in readers:
        if value:
            try:
                yield scheme, normalised(str(value))
            except ValueError:
                continue


def get_one(polite: PoliteClient, url: str, params: dict[str, str], one: Asked) -> dict[str, Any]:
    """The work alone: OpenAlex leads from an id that it has merged to the work that bears it now. Else an error in its own form."""
    if not one.filter:
        return {"id": one.text, "error": "this is no id by which OpenAlex knows works"}
    path = one.value if one.filter == "openalex" else f"{one.filter}:{one.value}"
    _, found = json_object(polite, f"{url}/{quote(path, safe=':')}", params)
    return found or {"id": one.text, "error": "OpenAlex has no work under this id"}


def by_query(
    polite: PoliteClient, url: str, params: dict[str, str], query: str, limit: int | None, after: str
) -> Iterator[tuple[bytes, str]]:
    """A filter or a search; the cursor is OpenAlex's own. Both a missing cursor and an empty page end it."""
    cursor, got = after or "*", 0
    asked = {**params, ("filter" if FILTER.match(query) else "search"): query}
    while cursor and (limit is None or got < limit):
        most = WORKS_A_PAGE if limit is None else min(WORKS_A_PAGE, limit - got)
        body, page = get_page(polite, url, {**asked, "per_page": str(most), "cursor": cursor})
        got += len(page["results"])
        cursor = str(page["meta"].get("next_cursor") or "") if page["results"] else ""
        yield body, cursor


def get_page(polite: PoliteClient, url: str, params: dict[str, str]) -> tuple[bytes, dict[str, Any]]:
    """A page as it came, and read: {"meta": {…}, "results": [works]}."""
    body, page = json_object(polite, url, params)
    if not isinstance(page.get("results"), list) or not isinstance(page.get("meta"), dict):
        raise RegistryUnavailable(
            f"OpenAlex answers with an object of {', '.join(list(page)[:5]) or 'nothing'} where a page of works was asked for."
        )
    return body, page
