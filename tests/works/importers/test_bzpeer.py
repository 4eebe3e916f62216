"""BZPEER records: written by hand, written by us, described by the schema."""

import string
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.works.importers.samples import one_rejection, one_work, read, rejections, works
from works.importers import bzpeer
from works.importers.checks import NOTICES, REGISTRY_KINDS, RELATIONS, SOURCE_KINDS, WORK_TYPES
from works.importers.record import ImportedAffiliation, ImportedAuthor, ImportedSource, ImportedTopic, ImportedWork, from_json, to_json

DOCS = Path(__file__).parents[3] / "docs"
SCHEMA = orjson.loads((DOCS / "bzpeer-record.schema.json").read_bytes())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

BY_HAND: dict[str, Any] = {
    "title": "Meta Knowledge Distillation",
    "type": "preprint",
    "year": 2022,
    "identifiers": [["arxiv", "arXiv:2202.07940v1"]],
    "authors": ["Jihao Liu", {"name": "Boxiao Liu", "affiliations": ["Institute of Computing Technology"]}],
    "topics": [{"scheme": "arxiv", "code": "cs.LG", "label": "Machine Learning"}],
}


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_record_written_by_hand():
    assert VALIDATOR.is_valid(BY_HAND)
    work = one_work(bzpeer, orjson.dumps(BY_HAND))
    assert (work.registry, work.key, work.asserted_by) == ("bzpeer", "arxiv:2202.07940", "converted")
    assert work.identifiers == (("arxiv", "2202.07940"),)
    assert [(author.name, author.raw_name, author.is_person) for author in work.authors] == [
        ("Jihao Liu", "Jihao Liu", True),
        ("Boxiao Liu", "Boxiao Liu", True),
    ]
    assert work.authors[1].affiliations == (ImportedAffiliation(raw="Institute of Computing Technology"),)


def test_a_record_without_identifier_has_a_key_of_its_own_that_stays():
    bare = {**BY_HAND, "identifiers": []}
    key = one_work(bzpeer, orjson.dumps(bare)).key
    assert key.startswith("hash:")
    assert one_work(bzpeer, orjson.dumps({**bare, "title": "META knowledge   distillation"})).key == key
    assert one_work(bzpeer, orjson.dumps({**bare, "year": 2023})).key != key
    assert one_work(bzpeer, orjson.dumps({**bare, "authors": ["Somebody Else"]})).key != key


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"titel": "x"}, "a record has a field 'titel', which is not known; is title meant?"),
        ({"title": ""}, "title is missing"),
        ({"title": 7}, "title must be a text; it is 7"),
        ({"title": None}, "title must be a text; it is null"),
        ({"type": "articel"}, "type 'articel' is not known"),
        ({"asserted_by": "me"}, "asserted_by 'me' is not known"),
        ({"notice": "gone"}, "notice 'gone' is not known"),
        ({"registry": "My Registry"}, "registry 'My Registry' is no name of a registry"),
        ({"year": "2022"}, "year must be a whole number, such as 2022, or be left out; it is '2022'"),
        ({"year": True}, "year must be a whole number, such as 2022, or be left out; it is true"),
        ({"is_byline_cut": 1}, "is_byline_cut must be true or false; it is 1"),
        ({"authors": "A. B."}, "authors must be a list; it is 'A. B.'"),
        ({"authors": [7]}, "author 1 must be a JSON object; it is 7"),
        ({"authors": ["A. B.", {"nam": "C"}]}, "author 2 has a field 'nam', which is not known; is name meant?"),
        ({"authors": [{}]}, "raw_name of author 1 is missing"),
        ({"authors": [{"name": "A", "affiliations": [{"country": "CN"}]}]}, "an affiliation of author 1 has neither raw nor name"),
        ({"authors": [{"name": "A", "identifiers": [["orcid", "0000-0002-1825-0098"]]}]}, "identifiers of author 1: "),
        ({"identifiers": [["doi", "11.2/x"]]}, "identifiers: '11.2/x' is not a DOI"),
        ({"identifiers": ["doi:10.1000/x"]}, 'identifiers must hold pairs such as ["arxiv", "2202.07940"]; one is \'doi:10.1000/x\''),
        ({"identifiers": [["My Scheme", "x"]]}, "identifiers: 'My Scheme' is no scheme"),
        ({"source": {"name": "ECCV", "kind": "meeting"}}, "the source's kind 'meeting' is not known"),
        ({"source": {"name": "ECCV"}}, "kind of source is missing"),
        ({"topics": [{"scheme": "arxiv"}]}, "code of topic 1 is missing"),
        ({"references": {"doi": "x"}}, "references must be a list; it is an object"),
        ({"relations": [["is-copy-of", "doi", "10.1000/x"]]}, 'relations must hold triples such as ["is-preprint-of", "doi", "10.1000/x"]'),
        ({"relations": [["corrects", "doi", "11.2/x"]]}, "relations: '11.2/x' is not a DOI"),
    ],
)
def test_what_is_not_understood_is_said(fields: dict[str, Any], reason: str):
    rejection = one_rejection(bzpeer, b"\n" + orjson.dumps({**BY_HAND, **fields}), "mine.jsonl")
    assert rejection.reason.startswith(reason)
    assert rejection.place == "mine.jsonl:2"


@pytest.mark.parametrize(
    "fields",
    [
        {"titel": "x"},
        {"title": ""},
        {"title": 7},
        {"type": "articel"},
        {"asserted_by": "me"},
        {"notice": "gone"},
        {"year": "2022"},
        {"is_byline_cut": 1},
        {"authors": "A. B."},
        {"authors": [{"nam": "C"}]},
        {"authors": [{}]},
        {"authors": [{"name": "A", "affiliations": [{"country": "CN"}]}]},
        {"identifiers": ["doi:10.1000/x"]},
        {"identifiers": [["My Scheme", "x"]]},
        {"source": {"name": "ECCV"}},
        {"topics": [{"scheme": "arxiv"}]},
        {"relations": [["is-copy-of", "doi", "10.1000/x"]]},
        {"relations": [["corrects", "doi"]]},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(fields: dict[str, Any]):
    assert not VALIDATOR.is_valid({**BY_HAND, **fields})
    assert rejections(read(bzpeer, orjson.dumps({**BY_HAND, **fields})))


@pytest.mark.parametrize("missing", ["title", "type"])
def test_what_must_be_there(missing: str):
    record = {name: value for name, value in BY_HAND.items() if name != missing}
    assert not VALIDATOR.is_valid(record)
    assert one_rejection(bzpeer, orjson.dumps(record)).reason.startswith(f"{missing} is missing")


def test_one_bad_line_costs_one_record():
    good = orjson.dumps(BY_HAND)
    found = read(bzpeer, good + b"\n{broken\n" + good)
    assert len(works(found)) == 2
    assert [item.place for item in rejections(found)] == ["file:2"]


words = st.text(string.ascii_letters + "éß江ü", min_size=1, max_size=12)
names = st.builds(lambda first, last: f"{first.title()} {last.title()}", words, words)
identifiers = st.lists(st.tuples(st.just("mag"), st.integers(1, 10**9).map(str)), max_size=2, unique=True).map(tuple)
affiliations = st.builds(
    ImportedAffiliation,
    raw=words,
    name=words,
    country=st.sampled_from(["", "CN", "DE"]),
    identifiers=identifiers,
    asserted_by=st.sampled_from(["", "institution"]),
)
authors = st.builds(
    ImportedAuthor,
    raw_name=names,
    name=names,
    is_person=st.booleans(),
    identifiers=identifiers,
    affiliations=st.lists(affiliations, max_size=2).map(tuple),
    is_orcid_authenticated=st.booleans(),
)
records = st.builds(
    ImportedWork,
    registry=st.sampled_from(["arxiv", "bzpeer", "dblp"]),
    key=words,
    title=words,
    type=st.sampled_from(sorted(WORK_TYPES)),
    asserted_by=st.sampled_from(sorted(REGISTRY_KINDS)),
    year=st.none() | st.integers(1000, 2025),
    published_on=st.sampled_from(["", "2022-02-16"]),
    abstract=st.just("") | words,
    language=st.sampled_from(["", "en"]),
    notice=st.sampled_from(sorted(NOTICES)),
    version=st.sampled_from(["", "v2"]),
    updated=st.sampled_from(["", "2022-03-01"]),
    identifiers=identifiers,
    authors=st.lists(authors, max_size=4).map(tuple),
    is_byline_cut=st.booleans(),
    source=st.none() | st.builds(ImportedSource, name=words, kind=st.sampled_from(sorted(SOURCE_KINDS)), identifiers=identifiers),
    topics=st.lists(
        st.builds(ImportedTopic, scheme=st.just("arxiv"), code=words, label=words), max_size=2, unique_by=lambda topic: topic.code
    ).map(tuple),
    relations=st.lists(st.tuples(st.sampled_from(sorted(RELATIONS)), st.just("mag"), words), max_size=2, unique=True).map(tuple),
)


@given(records)
def test_what_to_json_writes_is_described_by_the_schema_and_read_back_the_same(work: ImportedWork):
    payload = orjson.loads(orjson.dumps(to_json(work)))
    VALIDATOR.validate(payload)
    assert from_json(payload) == work
    read_back = works(read(bzpeer, orjson.dumps(payload)))[0]
    assert (read_back.registry, read_back.key, read_back.title, read_back.type) == (work.registry, work.key, work.title, work.type)
    assert works(read(bzpeer, orjson.dumps(to_json(read_back)))) == [read_back]


def test_the_examples_of_the_documentation_are_records():
    text = (DOCS / "importing.md").read_text()
    examples = [line for block in text.split("```jsonl\n")[1:] for line in block.split("```")[0].splitlines()]
    assert len(examples) >= 3
    found = read(bzpeer, "\n".join(examples).encode())
    assert rejections(found) == []
    assert len(works(found)) == len(examples)
    for example in examples:
        VALIDATOR.validate(orjson.loads(example))
