"""The sample corpus: facts only, one record a work, and exactly the works of the reference page for its person."""

import json
from collections import Counter
from pathlib import Path

import orjson
import pytest
from jsonschema import Draft202012Validator

from works.identifiers import normalise
from works.importers import bzpeer
from works.importers.record import ImportedWork, from_json, to_json
from works.models import Source, Work
from works.names import fold

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "works" / "sample" / "corpus.jsonl"
SCHEMA = ROOT / "docs" / "bzpeer-record.schema.json"


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return SAMPLE.read_bytes().removesuffix(b"\n").split(b"\n")


@pytest.fixture(scope="module")
def works(lines) -> list[ImportedWork]:
    return [from_json(orjson.loads(line)) for line in lines]


def test_each_line_is_what_to_json_writes_in_sorted_compact_form(lines, works):
    assert [orjson.dumps(to_json(work), option=orjson.OPT_SORT_KEYS) for work in works] == lines


def test_it_stays_small():
    assert SAMPLE.stat().st_size < 400_000


def test_a_few_hundred_works_sorted_by_unique_keys(works):
    keys = [work.key for work in works]
    assert len(keys) == 379
    assert keys == sorted(set(keys))


def test_facts_only(works):
    for work in works:
        assert (work.abstract, work.language, work.references, work.version, work.updated) == ("", "", (), "", ""), work.key
        assert not any(author.identifiers for author in work.authors), work.key
    printed = [author.raw_name for work in works for author in work.authors]
    printed += [affiliation.raw for work in works for author in work.authors for affiliation in author.affiliations]
    assert [text for text in printed if "@" in text] == []


def test_registry_types_and_sources_are_known(works):
    assert {(work.registry, work.asserted_by) for work in works} == {("bzpeer", "converted")}
    assert {work.type for work in works} <= set(Work.Type.values)
    assert {work.notice for work in works} <= set(Work.Notice.values)
    for work in works:
        assert work.source is not None, work.key
        assert work.source.kind in Source.Kind.values, work.key
        assert (work.source.name == "arXiv") == (work.type == "preprint"), work.key


def test_every_work_has_normalised_identifiers_that_no_other_work_has(works):
    identifiers = Counter(identifier for work in works for identifier in work.identifiers)
    assert set(identifiers.values()) == {1}
    for work in works:
        assert work.identifiers, work.key
        assert work.key == ":".join(work.identifiers[0])
        assert all(normalise(scheme, value) == value for scheme, value in work.identifiers), work.key
        if work.identifiers[0][0] == "arxiv" and work.type == "preprint":
            assert work.year == 2000 + int(work.identifiers[0][1][:2])


def test_no_title_or_name_carries_markup_or_stray_space(works):
    texts = [work.title for work in works] + [author.name for work in works for author in work.authors]
    assert [text for text in texts if text != " ".join(text.split()) or any(sign in text for sign in '\\{}$"<>')] == []
    assert all(len(author.name) > 2 or not author.name.isascii() for work in works for author in work.authors)
    assert max(len(work.authors) for work in works) == 53


def test_topics_are_arxiv_categories(works):
    labels: dict[str, set[str]] = {}
    for work in works:
        for topic in work.topics:
            assert topic.scheme == "arxiv", work.key
            labels.setdefault(topic.code, set()).add(topic.label)
    assert all(len(names) == 1 for names in labels.values())
    assert labels["cs.LG"] == {"Machine Learning"}
    assert labels["cs.CV"] == {"Computer Vision and Pattern Recognition"}


def test_boxiao_liu_has_exactly_the_two_works_of_the_reference_page(works):
    mine = [work for work in works if any({"boxiao", "liu"} <= set(fold(author.name).split()) for author in work.authors)]
    assert [(work.key, work.title, [author.name for author in work.authors], work.published_on, work.identifiers) for work in mine] == [
        (
            "arxiv:2202.07940",
            "Meta Knowledge Distillation",
            ["Jihao Liu", "Boxiao Liu", "Hongsheng Li", "Yu Liu"],
            "2022-02-16",
            (("arxiv", "2202.07940"),),
        ),
        (
            "arxiv:2208.04352",
            "Rethinking Robust Representation Learning Under Fine-grained Noisy Faces",
            ["Bingqi Ma", "Guanglu Song", "Boxiao Liu", "Yu Liu"],
            "2022-08-08",
            (("arxiv", "2208.04352"),),
        ),
    ]
    assert [[topic.code for topic in work.topics] for work in mine] == [["cs.LG"], ["cs.CV"]]


def test_each_co_author_of_the_reference_page_has_further_works(works):
    counts = Counter(author.name for work in works for author in work.authors)
    assert all(counts[name] >= 4 for name in ["Jihao Liu", "Hongsheng Li", "Yu Liu", "Bingqi Ma", "Guanglu Song"])


def test_it_validates_against_the_schema_of_the_format(lines):
    validator = Draft202012Validator(json.loads(SCHEMA.read_text()))
    assert [error.message for line in lines for error in validator.iter_errors(orjson.loads(line))] == []


def test_the_importer_of_the_format_takes_every_record(works):
    with SAMPLE.open("rb") as stream:
        assert list(bzpeer.parse(stream, name=SAMPLE.name)) == works
