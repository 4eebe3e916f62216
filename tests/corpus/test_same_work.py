"""Same work or not, on the real import: the ACL Anthology's own files beside the paper lists of the same conferences."""

from collections import defaultdict
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import orjson
import pytest

from tests.corpus.paperlists import DATA, FOLDER, convert
from works.actions.imports.identity import facts_of
from works.actions.imports.runs import open_run, run_import
from works.importers.files import open_stream
from works.importers.record import ImportedWork, to_json
from works.importers.sources import SOURCES
from works.matching import WorkFacts, comparable, same_work
from works.models import ImportRun, RegistryRecord

XML = DATA / "acl_anthology" / "xml"
CONFERENCES = [XML / "2021.acl.xml.gz", XML / "2021.naacl.xml.gz"]
IN_BOTH = 1_243

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the paper lists are not at hand; BZPEER_SAMPLE_DATA says where the sample data are"),
]


@pytest.fixture(scope="module")
def lists(tmp_path_factory) -> Path:
    """The ACL part of the paper lists, without the identifiers that would give the answer away."""
    path: Path = tmp_path_factory.mktemp("lists") / "acl.jsonl"
    works = [item for venue in ("acl", "naacl") for item in convert(FOLDER / venue) if isinstance(item, ImportedWork)]
    path.write_bytes(b"".join(orjson.dumps(to_json(replace(work, identifiers=()))) + b"\n" for work in works))
    return path


def take_in(source: str, files: list[Path]) -> None:
    assert run_import(run_id=open_run(source=source, files=[str(file) for file in files], by="test").pk).status == ImportRun.Status.FINISHED


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("order", ["the Anthology first", "the lists first"])
def test_what_stands_in_both_is_one_work_without_any_identifier(lists: Path, order: str):
    runs = [("acl", CONFERENCES), ("bzpeer", [lists])]
    for source, files in runs if order == "the Anthology first" else reversed(runs):
        take_in(source, files)
    works = dict(RegistryRecord.objects.filter(registry="acl").values_list("key", "work"))
    listed = dict(RegistryRecord.objects.filter(registry="paperlists").values_list("key", "work"))
    pairs = [(works[key.partition(":")[2]], work) for key, work in listed.items() if key.partition(":")[2] in works]
    assert len(pairs) == IN_BOTH
    assert sum(one == other for one, other in pairs) >= 0.99 * IN_BOTH
    owners = {work: key for key, work in works.items()}
    assert [key for key, work in listed.items() if work in owners and owners[work] != key.partition(":")[2]] == []


def test_no_two_works_of_one_title_are_taken_for_one():
    """Papers of all the Anthology's files with equal titles: two by their identifiers, and but for reprints by what is printed too."""
    by_title: dict[str, list[WorkFacts]] = defaultdict(list)
    for path in sorted(XML.glob("*.xml.gz")):
        with open_stream(path) as stream:
            for item in SOURCES["acl"].parse(stream, name=path.name):
                if isinstance(item, ImportedWork):
                    by_title[comparable(item.title)].append(facts_of(item))
    pairs = [pair for works in by_title.values() for pair in combinations(works, 2)]
    assert len(pairs) == 23
    assert [pair for pair in pairs if same_work(*pair)] == []
    printed = [[replace(facts, identifiers=frozenset()) for facts in pair] for pair in pairs]
    assert {one.title[:26] for one, other in printed if same_work(one, other)} == {
        "Adversarial Attack on Sent",  # at two workshops of one year
        "CCL23-Eval 任务6系统报告:基于CLS动态",  # one report, listed twice
    }
