"""The XML and text sources against the sample data's own counts, and against Zotero."""

import re

import pytest

from tests.corpus.paperlists import DATA
from tests.corpus.sources_table import EXPLAINED, FOLDERS, REFUSED, listed, matching, read
from tests.corpus.zotero import differences

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(
        not (DATA / "README.md").is_file(), reason=f"the sample data are not at {DATA} (BZPEER_SAMPLE_DATA says where they are)"
    ),
]
OURS = ("dblp", "acl_anthology", "pubmed_xml", "bibtex", "ris")
PATHS = [path for path in listed() if path.partition("/")[0] in OURS] if (DATA / "README.md").is_file() else []


def number(name: str, says: str) -> int | None:
    found = re.search(rf"\b{name} (\d+)", says)
    return int(found.group(1)) if found else None


@pytest.mark.parametrize("path", PATHS)
def test_every_record_is_taken_in_or_told_of(path: str):
    says = listed()[path]
    row = read(path, says)
    assert row.source == FOLDERS[path.partition("/")[0]]
    if matching(path, REFUSED):
        assert (row.works, row.rejected) == (0, 1)
        return
    records = number("records", says) or number("at_entries", says)
    if path != "pubmed_xml/zotero_01.xml":
        assert row.works + row.rejected == records
    authorships = number("authorships", says)
    if authorships is not None and not matching(path, EXPLAINED):
        assert row.authorships == authorships


def test_what_zotero_reads_otherwise_is_explained():
    assert [difference for difference in differences() if not difference.why] == []
    assert len(differences()) == 10
