"""ROR: organisations of version 2 in every form they come in; version 1 is refused by name."""

from typing import Any

import orjson
import pytest

from tests.works.importers.samples import one_rejection, read
from tests.works.importers.server import Reply, serving
from works.importers import ror
from works.importers.json_records import STREAMED_FROM
from works.importers.record import ImportedInstitution

MONASH: dict[str, Any] = {
    "id": "https://ror.org/02bfwt286",
    "status": "active",
    "types": ["education", "funder"],
    "names": [
        {"value": "Monash University", "types": ["ror_display", "label"], "lang": "en"},
        {"value": "Universitas Monash", "types": ["alias"], "lang": None},
        {"value": "MU", "types": ["acronym"], "lang": None},
    ],
    "locations": [{"geonames_id": 2158177, "geonames_details": {"country_code": "AU", "country_name": "Australia", "name": "Melbourne"}}],
    "external_ids": [
        {"type": "isni", "all": ["0000 0004 1936 7857"], "preferred": None},
        {"type": "fundref", "all": ["501100001144", "501100001779"], "preferred": "501100001779"},
        {"type": "grid", "all": ["grid.1002.3"], "preferred": "grid.1002.3"},
    ],
    "relationships": [{"type": "child", "label": "National Trauma Research Institute", "id": "https://ror.org/048t93218"}],
    "admin": {"last_modified": {"date": "2023-07-28", "schema_version": "2.0"}},
}


def one(data: bytes) -> ImportedInstitution:
    (found,) = read(ror, data)
    assert isinstance(found, ImportedInstitution), found
    return found


def test_an_organisation():
    assert one(orjson.dumps(MONASH)) == ImportedInstitution(
        registry="ror",
        key="02bfwt286",
        name="Monash University",
        country="AU",
        city="Melbourne",
        kind="education",
        status="active",
        updated="2023-07-28",
        identifiers=(
            ("ror", "02bfwt286"),
            ("isni", "0000000419367857"),
            ("fundref", "501100001779"),
            ("fundref", "501100001144"),
            ("grid", "grid.1002.3"),
        ),
        names=(("name", "Monash University"), ("label", "Monash University"), ("alias", "Universitas Monash"), ("acronym", "MU")),
        relations=(("child", "ror", "048t93218"),),
    )


@pytest.mark.parametrize(
    "data",
    [
        orjson.dumps([MONASH]),
        orjson.dumps([MONASH], option=orjson.OPT_INDENT_2),
        orjson.dumps({"number_of_results": 1, "items": [MONASH]}),
        orjson.dumps(MONASH) + b"\n",
    ],
)
def test_every_form_says_the_same(data: bytes):
    assert one(data) == one(orjson.dumps(MONASH))


def test_a_dump_of_any_length_is_read_piece_by_piece():
    number = STREAMED_FROM // 500
    dump = orjson.dumps([{**MONASH, "id": f"https://ror.org/0{at:06}11"} for at in range(number)], option=orjson.OPT_INDENT_2)
    assert len(dump) > STREAMED_FROM
    assert len({item.key for item in read(ror, dump)}) == number
    *whole, broken = read(ror, dump[:-3000])
    assert len(whole) == number - 3
    assert broken.reason == "the document is not whole: its list does not end; the records before this place are read"


def test_a_firm_is_known_without_its_country_too():
    item = {**MONASH, "names": [{"value": "Nissan Chemical (Japan)", "types": ["ror_display"]}]}
    assert one(orjson.dumps(item)).names == (("name", "Nissan Chemical (Japan)"), ("alias", "Nissan Chemical"))


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"id": MONASH["id"], "name": "Monash University", "country": {"country_code": "AU"}}, "this organisation is in version 1"),
        ({"errors": ["'x' is not a valid ROR ID"]}, "ROR answers with an error"),
        ({"id": MONASH["id"], "names": []}, "the organisation has no name"),
        ({**MONASH, "status": "gone"}, "status 'gone' is not known"),
        ({"a": 1}, "this is no organisation of ROR"),
    ],
)
def test_what_is_not_taken_in(item: dict[str, Any], reason: str):
    assert one_rejection(ror, orjson.dumps(item)).reason.startswith(reason)


def test_live():
    page = orjson.dumps({"number_of_results": 21, "items": [MONASH]})
    with serving(page, page) as registry:
        pages = list(ror.fetch(query="monash", client=registry.client()))
    assert [cursor for _, cursor in pages] == ["1", ""]
    assert [(call.path, call.params) for call in registry.calls] == [
        ("/v2/organizations", {"query": "monash", "page": "1"}),
        ("/v2/organizations", {"query": "monash", "page": "2"}),
    ]
    with serving(orjson.dumps(MONASH), Reply(b"{}", 404)) as registry:
        found = [
            item
            for body, _ in ror.fetch(ids=["https://ror.org/02bfwt286", "048t93218", "x"], client=registry.client())
            for item in read(ror, body)
        ]
    assert [getattr(item, "reason", "taken in") for item in found] == [
        "taken in",
        "ROR answers with an error: there is no organisation under this id",
        "ROR answers with an error: 'x' is not a ROR id: it has nine characters and begins with 0",
    ]
