"""ROR: organisations of version 2, as the dump, JSON Lines, and answers of the API.

Documentation of the fields: ror.readme.io/docs/ror-data-structure; data are CC0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO
from urllib.parse import quote

import httpx
import orjson

from works.identifiers import normalise_ror
from works.importers.checks import checked_institution
from works.importers.files import chunks
from works.importers.http import Client, PoliteClient, RegistryUnavailable, json_object
from works.importers.json_source import of_pieces
from works.importers.record import Identifier, ImportedInstitution, InvalidRecord, Rejection, Relation

REGISTRY = "ROR"
LONGEST_LINE = 1024 * 1024
ORGANISATIONS_A_PAGE = 20  # ROR's own
MOST_FOUND = 10_000
NAME_KINDS = {"ror_display": "name", "label": "label", "alias": "alias", "acronym": "acronym"}
SCHEMES = {"grid": "grid", "isni": "isni", "wikidata": "wikidata", "fundref": "fundref"}
RELATIONS = frozenset({"parent", "child", "related", "predecessor", "successor"})
IN_COUNTRY = re.compile(r"\s+\([^()]+\)$")  # ROR tells firms apart by their country: "Nissan Chemical (Japan)"


def parse(stream: BinaryIO, *, name: str) -> Iterator[ImportedInstitution | Rejection]:
    """Every organisation in `stream`, or a rejection that says where in `name` it stands and what is wrong with it.

    The dump (an array), JSON Lines, pages of the API, single organisations. Raises nothing for any bytes; OSError passes.
    """
    yield from of_pieces(
        chunks(stream),
        name=name,
        read=lambda item: checked_institution(read_organisation(item)),
        key_of=key_of,
        longest_line=LONGEST_LINE,
        within=("items",),
    )


def key_of(item: Any) -> str:
    return str(item.get("id") or "") if isinstance(item, dict) else ""


def read_organisation(item: Any) -> ImportedInstitution:
    """InvalidRecord for what is no organisation of version 2."""
    refuse(item)
    ror = normalise_ror(str(item["id"]))
    names = list(read_names(item["names"]))
    place = next((one.get("geonames_details") or {} for one in item.get("locations") or ()), {})
    return ImportedInstitution(
        registry="ror",
        key=ror,
        name=next((text for kind, text in names if kind == "name"), names[0][1] if names else ""),
        country=place.get("country_code") or "",
        city=place.get("name") or "",
        kind=next(iter(item.get("types") or ()), ""),
        status=item.get("status") or "",
        updated=((item.get("admin") or {}).get("last_modified") or {}).get("date") or "",
        identifiers=(("ror", ror), *external_ids(item)),
        names=tuple(names),
        relations=tuple(relations(item)),
    )


def refuse(item: Any) -> None:
    if not isinstance(item, dict):
        raise InvalidRecord(f"this is a JSON {type(item).__name__}, not an organisation of ROR")
    if item.get("errors") or "error" in item:
        raise InvalidRecord(f"ROR answers with an error: {item.get('error') or item['errors']}")
    if "names" not in item and isinstance(item.get("name"), str) and ("country" in item or "acronyms" in item):
        raise InvalidRecord("this organisation is in version 1 of ROR's schema, which ended in 2025: take a dump or an answer of version 2")
    if not isinstance(item.get("names"), list) or not item.get("id"):
        raise InvalidRecord("this is no organisation of ROR: it has no id or no names")


def read_names(names: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """(kind, name); a name with its country behind it also without."""
    for name in names:
        text = str(name.get("value") or "")
        kinds = [NAME_KINDS[kind] for kind in name.get("types") or () if kind in NAME_KINDS]
        for kind in kinds:
            yield kind, text
        if "name" in kinds and (bare := IN_COUNTRY.sub("", text)) != text:
            yield "alias", bare


def external_ids(item: dict[str, Any]) -> Iterator[Identifier]:
    """The preferred value of each kind first."""
    for one in item.get("external_ids") or ():
        if scheme := SCHEMES.get(str(one.get("type")).lower()):
            values = [one.get("preferred"), *(one.get("all") or ())]
            yield from ((scheme, str(value).replace(" ", "")) for value in dict.fromkeys(values) if value)


def relations(item: dict[str, Any]) -> Iterator[Relation]:
    for one in item.get("relationships") or ():
        if one.get("type") in RELATIONS and one.get("id"):
            yield one["type"], "ror", one["id"]


def fetch(
    *, ids: Sequence[str] = (), query: str = "", limit: int | None = None, after: str = "", client: Client
) -> Iterator[tuple[bytes, str]]:
    """Pages for `parse`, each with the cursor to go on from as `after`; "" behind the last page.

    ids: ROR ids, with or without their addresses; those that ROR does not know come as errors. query: words to search for, at most 10,000
    results. limit: of organisations, from here on. RegistryUnavailable where ROR cannot be asked any more; the pages before it stand.
    """
    start = int(after) if after.isascii() and after.isdigit() else 0
    url = client.ror_api_url.rstrip("/") + "/organizations"
    with PoliteClient(REGISTRY, client, interval=client.pace.ror_interval) as polite:
        if ids:
            asked = list(ids)[:limit]
            for place, text in enumerate(asked[start:], start=start + 1):
                yield one_organisation(polite, url, text), str(place) if place < len(asked) else ""
        else:
            yield from by_query(polite, url, query, limit, start)


def one_organisation(polite: PoliteClient, url: str, text: str) -> bytes:
    try:
        ror = normalise_ror(text)
    except ValueError as error:
        return orjson.dumps({"id": text, "error": str(error)})
    answer = polite.get(f"{url}/{quote(ror)}", {}, also={httpx.codes.NOT_FOUND})
    return answer.body if answer.status == httpx.codes.OK else orjson.dumps({"id": ror, "error": "there is no organisation under this id"})


def by_query(polite: PoliteClient, url: str, query: str, limit: int | None, start: int) -> Iterator[tuple[bytes, str]]:
    """Pages of twenty; the cursor counts pages."""
    page, got = start + 1, 0
    while limit is None or got < limit:
        body, answer = json_object(polite, url, {"query": query, "page": str(page)})
        if not isinstance(answer.get("items"), list):
            raise RegistryUnavailable(f"ROR answers with {', '.join(list(answer)[:5]) or 'nothing'} where organisations were asked for.")
        got += len(answer["items"])
        total = min(int(answer.get("number_of_results") or 0), MOST_FOUND)
        is_last = not answer["items"] or page * ORGANISATIONS_A_PAGE >= total
        yield body, "" if is_last else str(page)
        if is_last:
            return
        page += 1
