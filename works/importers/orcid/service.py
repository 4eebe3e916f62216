"""ORCID live: public records by iD, or of those whom a search finds.

Terms (info.orcid.org, "Public API"): no key; 12 calls a second; not in connection with what earns money.
"""

from collections.abc import Iterator, Sequence

import httpx
import orjson

from works.identifiers import normalise_orcid
from works.importers.http import Client, PoliteClient, RegistryUnavailable, json_object

REGISTRY = "ORCID"
JSON = "application/json"
FOUND_A_CALL = 100
MOST_FOUND = 10_000  # where ORCID's search ends


def fetch(
    *, ids: Sequence[str] = (), query: str = "", limit: int | None = None, after: str = "", client: Client
) -> Iterator[tuple[bytes, str]]:
    """One record a page for `parse`, each with the cursor to go on from as `after`; "" behind the last.

    ids: ORCID iDs, with or without their addresses; those without a public record come as errors. query: in the words of ORCID's search
    ("affiliation-org-name:CERN AND family-name:Liu"). limit: of records, from here on. RegistryUnavailable where ORCID cannot be asked any
    more; the pages before it stand.
    """
    url = client.orcid_api_url.rstrip("/")
    start = int(after) if after.isascii() and after.isdigit() else 0
    with PoliteClient(REGISTRY, client, interval=client.pace.orcid_interval) as polite:
        asked = enumerate(list(ids)[start:], start=start + 1) if ids else found(polite, url, query, start)
        last = len(ids) if ids else None
        for got, (place, orcid) in enumerate(asked, start=1):
            is_last = place == last or got == limit
            yield record(polite, url, orcid), "" if is_last else str(place)
            if is_last:
                return


def record(polite: PoliteClient, url: str, text: str) -> bytes:
    """One public record; what ORCID says where there is none (404) or it is locked or deactivated (409)."""
    try:
        orcid = normalise_orcid(text)
    except ValueError as error:
        return orjson.dumps({"orcid": text, "error": str(error)})
    answer = polite.get(f"{url}/{orcid}/record", {}, also={httpx.codes.NOT_FOUND, httpx.codes.CONFLICT}, accept=JSON)
    if answer.status == httpx.codes.OK:
        return answer.body
    why = "there is none" if answer.status == httpx.codes.NOT_FOUND else "it is locked, deactivated or merged into another"
    return orjson.dumps({"orcid": orcid, "error": why})


def found(polite: PoliteClient, url: str, query: str, start: int) -> Iterator[tuple[int, str]]:
    """(place behind it, iD) of each result from place `start` on."""
    while start < MOST_FOUND:
        _, page = json_object(polite, f"{url}/search/", {"q": query, "start": str(start), "rows": str(FOUND_A_CALL)})
        results = page.get("result")
        if results is None and page.get("num-found") != 0:
            raise RegistryUnavailable(f"ORCID answers with {', '.join(list(page)[:5]) or 'nothing'} where search results were asked for.")
        for place, result in enumerate(results or (), start=start + 1):
            yield place, result["orcid-identifier"]["path"]
        start += len(results or ())
        if start >= int(page.get("num-found") or 0) or not results:
            return
