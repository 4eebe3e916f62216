"""OpenReview live: submissions by id, by venue or invitation, or by words. API 2; the address of API 1 may be set instead of it.

OpenReview publishes no limits; it is asked twice a second at most.
"""

from collections.abc import Iterator, Sequence

import httpx
import orjson

from works.importers.http import Client, PoliteClient, RegistryUnavailable, json_object

REGISTRY = "OpenReview"
NOTES_A_PAGE = 500


def fetch(
    *, ids: Sequence[str] = (), query: str = "", limit: int | None = None, after: str = "", client: Client
) -> Iterator[tuple[bytes, str]]:
    """Pages for `parse`, each with the cursor to go on from as `after`; "" behind the last page.

    ids: forums. query: fields of the API ("content.venueid=ICLR.cc/2024/Conference", "invitation=…", joined by commas), else words to
    search for. limit: of notes, from here on. RegistryUnavailable where OpenReview cannot be asked any more; the pages before it stand.
    """
    start = int(after) if after.isascii() and after.isdigit() else 0
    with PoliteClient(REGISTRY, client, interval=client.pace.openreview_interval) as polite:
        url = client.openreview_api_url.rstrip("/") + "/notes"
        if ids:
            asked = list(ids)[:limit]
            for place, forum in enumerate(asked[start:], start=start + 1):
                yield one_note(polite, url, forum), str(place) if place < len(asked) else ""
        else:
            yield from by_query(polite, url, query, limit, start)


def one_note(polite: PoliteClient, url: str, text: str) -> bytes:
    """The submission itself, without its reviews."""
    forum = text.strip().rpartition("id=")[2]
    refused = {httpx.codes.NOT_FOUND, httpx.codes.FORBIDDEN, httpx.codes.BAD_REQUEST}
    answer = polite.get(url, {"id": forum}, also=refused, accept="application/json")
    try:
        is_found = answer.status == httpx.codes.OK and bool(orjson.loads(answer.body)["notes"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        is_found = False
    return answer.body if is_found else orjson.dumps({"id": forum, "error": "there is none under this id, or it is not public"})


def by_query(polite: PoliteClient, url: str, query: str, limit: int | None, start: int) -> Iterator[tuple[bytes, str]]:
    """Pages by offset; an empty or a short one is the last."""
    params = dict(part.split("=", 1) for part in query.split(",")) if "=" in query else {"term": query, "source": "forum"}
    address = url if "=" in query else f"{url}/search"
    got = 0
    while limit is None or got < limit:
        most = NOTES_A_PAGE if limit is None else min(NOTES_A_PAGE, limit - got)
        body, page = json_object(polite, address, {**params, "offset": str(start), "limit": str(most)})
        if not isinstance(page.get("notes"), list):
            raise RegistryUnavailable(f"OpenReview answers with {', '.join(list(page)[:5]) or 'nothing'} where notes were asked for.")
        found = len(page["notes"])
        got, start = got + found, start + found
        yield body, str(start) if found == most else ""
        if found < most:
            return
