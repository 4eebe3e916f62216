"""The converter of the conference paper lists, over the lists themselves."""

import gzip
import json
from collections import Counter
from pathlib import Path

import orjson
import pytest

from tests.corpus.paperlists import FOLDER, convert, write_jsonl
from works.importers.record import ImportedWork, Rejection, from_json

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the paper lists are not at hand; BZPEER_SAMPLE_DATA says where the sample data are"),
]


@pytest.fixture(scope="module")
def items() -> list[ImportedWork | Rejection]:
    return list(convert())


@pytest.fixture(scope="module")
def works(items) -> list[ImportedWork]:
    return [item for item in items if isinstance(item, ImportedWork)]


def test_every_row_is_a_work_or_a_rejection(items):
    assert Counter(type(item).__name__ for item in items) == {"ImportedWork": 22_524, "Rejection": 34}


def test_rejections_say_where_and_why(items):
    rejections = [item for item in items if isinstance(item, Rejection)]
    assert Counter(rejection.reason for rejection in rejections) == {
        "the byline names no person": 25,
        "the byline runs several names together": 8,
        "the byline holds an address instead of names": 1,
    }
    assert "eccv2020.json.gz: record 745" in {rejection.place for rejection in rejections}


def test_authorships_affiliations_abstracts_and_topics(works):
    authors = [author for work in works for author in work.authors]
    assert len(authors) == 93_860
    assert len({author.name for author in authors}) == 47_740
    assert sum(bool(author.affiliations) for author in authors) == 66_332
    assert sum(not author.is_person for author in authors) == 5
    assert sum(bool(work.abstract) for work in works) == 21_387
    assert sum(bool(work.topics) for work in works) == 4_363
    assert max(len(work.topics) for work in works) == 5


def test_keys_and_identifiers_name_one_work_each(works):
    assert len({work.key for work in works}) == len(works)
    identifiers = [identifier for work in works for identifier in work.identifiers]
    assert len(set(identifiers)) == len(identifiers)
    assert Counter(scheme for scheme, _value in identifiers) == {"doi": 5_176, "openreview": 3_020, "acl": 1_243}


def test_years_come_from_the_names_of_the_files(works):
    assert {work.year for work in works} == {1987, *range(2005, 2014), *range(2018, 2026)}
    assert all(work.key.split(":")[0].endswith(str(work.year)) for work in works)


def test_doubled_bylines_are_halved(works):
    doubled = [work for work in works if len(work.authors) > 1 and len({author.name for author in work.authors}) * 2 <= len(work.authors)]
    assert doubled == []
    rows = json.loads(gzip.decompress((FOLDER / "icra" / "icra2013.json.gz").read_bytes()))
    printed = {f"icra2013:{row['id']}": len(row["author"].split(";")) for row in rows}
    assert Counter(printed[work.key] / len(work.authors) for work in works if work.key in printed) == {2.0: 873}


def test_nothing_about_persons_but_names_and_affiliations(works):
    texts = [author.raw_name + author.name for work in works for author in work.authors]
    texts += [affiliation.raw for work in works for author in work.authors for affiliation in author.affiliations]
    assert [text for text in texts if "@" in text] == []
    assert all(author.identifiers == () for work in works for author in work.authors)


def test_tex_and_footnote_marks_are_gone_from_names(works):
    names = {author.name for work in works for author in work.authors}
    assert {"João P. Costeira", "José M. F. Moura", "Dagmar Kainmüller", "J.L. WYATT Jr", "江常皓", "Mihaela Rosca"} <= names
    assert [name for name in names if any(sign in name for sign in "\\{}[]*†")] == []


def test_titles_and_abstracts_are_not_quoted(works):
    assert [work.key for work in works if work.title[0] == work.title[-1] == '"' and work.title.count('"') == 2] == []
    unified = next(work for work in works if ("doi", "10.1007/978-3-031-19803-8_3") in work.identifiers)
    assert unified.title == "UniNet: Unified Architecture Search with Convolution, Transformer, and MLP"


def test_the_file_holds_the_same_records(works, tmp_path: Path):
    path = tmp_path / "paperlists.jsonl"
    assert write_jsonl(path) == 22_524
    with path.open("rb") as lines:
        assert [from_json(orjson.loads(line)) for line in lines] == works
