"""CSL-JSON, as reference managers and DOI agencies write it."""

from typing import Any

import orjson
import pytest

from tests.works.importers.samples import one_rejection, one_work
from works.importers import csl
from works.importers.record import ImportedSource

ITEM: dict[str, Any] = {
    "id": "lovelace1843",
    "type": "article-journal",
    "title": "Notes on the <i>Analytical Engine</i>",
    "author": [{"family": "Lovelace", "given": "Ada"}],
    "issued": {"date-parts": [["1843", 9]]},
    "container-title": "Scientific Memoirs",
    "ISSN": "0193-7235",
    "DOI": "10.1000/LOVELACE",
    "language": "en-GB",
}


def item(**fields: Any) -> bytes:
    return orjson.dumps({**ITEM, **fields})


def test_an_item():
    work = one_work(csl, item())
    assert (work.registry, work.key, work.asserted_by, work.type) == ("csl", "doi:10.1000/lovelace", "typed", "article")
    assert (work.title, work.year, work.published_on, work.language) == ("Notes on the Analytical Engine", 1843, "", "en-GB")
    assert work.source == ImportedSource(name="Scientific Memoirs", kind="journal", identifiers=(("issn", "0193-7235"),))


@pytest.mark.parametrize(
    "data",
    [
        orjson.dumps([ITEM]),
        orjson.dumps({"items": [ITEM]}, option=orjson.OPT_INDENT_2),
        item() + b"\n",
        item(**{"title": [ITEM["title"], "another"], "container-title": ["Scientific Memoirs"], "ISSN": ["0193-7235"]}),
        item(issued={"date-parts": [[1843, 9]]}, abstract=None),
    ],
)
def test_every_form_says_the_same(data: bytes):
    assert one_work(csl, data) == one_work(csl, item())


@pytest.mark.parametrize(
    ("given", "name", "is_person"),
    [
        ({"literal": "CERN Open Data"}, "CERN Open Data", False),
        ({"name": "Geological Survey of Canada"}, "Geological Survey of Canada", False),
        ({"family": "Gogh", "given": "Vincent", "non-dropping-particle": "van"}, "Vincent van Gogh", True),
        ({"family": "Musset", "given": "Alfred", "dropping-particle": "de"}, "Alfred de Musset", True),
        ({"family": "King", "given": "Martin Luther", "suffix": "Jr."}, "Martin Luther King Jr.", True),
        ({"family": "Mausam"}, "Mausam", True),
    ],
)
def test_names(given: dict[str, Any], name: str, is_person: bool):
    (author,) = one_work(csl, item(author=[given])).authors
    assert (author.name, author.is_person) == (name, is_person)


@pytest.mark.parametrize(
    ("issued", "date"),
    [
        ({"date-parts": [["2015", "6", "3"]]}, (2015, "2015-06-03")),
        ({"date-parts": [[None]]}, (None, "")),
        ({"raw": "2015-06-03"}, (2015, "2015-06-03")),
        ({"literal": "Spring 1996"}, (1996, "")),
        (None, (None, "")),
    ],
)
def test_dates(issued: Any, date: tuple):
    work = one_work(csl, item(issued=issued))
    assert (work.year, work.published_on) == date


@pytest.mark.parametrize(
    ("fields", "identifiers"),
    [
        ({"DOI": "10/fqd6hj", "URL": "https://doi.org/10.1177/0193723504268729"}, (("doi", "10.1177/0193723504268729"),)),
        ({"DOI": None, "URL": "https://arxiv.org/abs/2202.07940v1"}, (("arxiv", "2202.07940"),)),
        ({"DOI": None, "number": "arXiv:2202.07940"}, (("arxiv", "2202.07940"),)),
        ({"DOI": None, "PMID": "25207351", "note": "PMCID: PMC4167664\nread"}, (("pmid", "25207351"), ("pmcid", "PMC4167664"))),
        ({"DOI": None, "type": "book", "ISBN": "978-0-387-31073-2"}, (("isbn", "9780387310732"),)),
    ],
)
def test_identifiers(fields: dict[str, Any], identifiers: tuple):
    assert one_work(csl, item(**fields)).identifiers == identifiers


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (item(title=""), "the record has no title"),
        (item(type="periodical"), "a periodical is not a work of a researcher"),
        (b'{"a": 1}', "this is no CSL item"),
        (b"@article{x}", "this is neither JSON Lines nor a JSON document"),
    ],
)
def test_what_is_not_taken_in(data: bytes, reason: str):
    assert one_rejection(csl, data).reason.startswith(reason)
