"""Every file of the sample data, counted: as many works, authorships and rejections as its list says that the file holds."""

import os
import re
from pathlib import Path
from types import ModuleType

import pytest

from works.importers import arxiv, openalex
from works.importers.files import open_stream
from works.importers.record import ImportedWork, Rejection, from_json, to_json

DATA = Path(os.environ.get("BZPEER_SAMPLE_DATA", Path(__file__).parents[4] / "shared" / "data"))

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(
        not (DATA / "README.md").is_file(), reason=f"the sample data are not at {DATA} (BZPEER_SAMPLE_DATA says where they are)"
    ),
]

# file: (works, authorships, rejections, reservations). A ":" behind a collaboration is no authorship.
ARXIV = {
    "atom/id_0000.0000_s0_m100_8b51d9633a68.xml": (0, 0, 0, 0),
    "atom/id_0808.05394_1707.08567_s0_m100_42e5aa0ec3af.xml": (1, 34, 0, 0),
    "atom/id_1605.08386_s0_m100_199195aa31ad.xml": (1, 2, 0, 0),
    "atom/id_abc_s0_m100_b79c8dcf6bc3.xml": (0, 0, 1, 0),
    "atom/id_quant-ph_0201082v1_s0_m100_86989fe779ef.xml": (1, 1, 0, 0),
    "atom/q_testing_s0_m15_80c242b59d59.xml": (15, 50, 0, 0),
    "atom/q_testing_s20_m10_348a237fecab.xml": (10, 40, 0, 0),
    "atom/q_testing_s30_m10_f2e39f0143dc.xml": (10, 42, 0, 0),
    "atom/researchhub_arxiv_sample_response.xml": (2, 6, 0, 0),
    "oai_pmh/ads_arxiv_0901_2443.xml": (1, 9, 0, 0),
    "oai_pmh/ads_arxiv_1711_04702.xml": (1, 5, 0, 0),
    "oai_pmh/ads_arxiv_multi_20230125.xml": (3, 7, 0, 0),
    "oai_pmh/hepcrawl_arxiv-physics-hep-ex.xml": (3, 21, 0, 0),
    "oai_pmh/hepcrawl_arxiv-single.xml": (1, 1, 0, 0),
    "oai_pmh/hepcrawl_sample_arxiv_record.xml": (12, 44, 0, 0),
    "oai_pmh/hepcrawl_sample_arxiv_record0.xml": (1, 5, 0, 0),
    "oai_pmh/hepcrawl_sample_arxiv_record2.xml": (1, 1, 0, 0),
    "oai_pmh/hepcrawl_sample_arxiv_record4.xml": (1, 65, 0, 0),
    "oai_pmh/hepcrawl_sample_arxiv_record6.xml": (1, 3, 0, 0),
    "oai_pmh/hepcrawl_sample_arxiv_record8.xml": (1, 7, 0, 0),
    "oai_pmh/inspire_1305.0014.xml": (1, 2, 0, 0),
    "oai_pmh/inspire_1305.0014v1.xml": (0, 0, 1, 0),
    "snapshot_jsonl/arxiv-metadata-oai-snapshot.first-half.jsonl": (100, 225, 0, 0),
}
OPENALEX = {
    "api/researchhub_openalex_author_works.json.gz": (4, 24, 0, 0),
    "api/researchhub_openalex_authors.json.gz": (0, 0, 6, 0),
    "api/researchhub_openalex_empty_response.json": (0, 0, 0, 0),
    "api/researchhub_openalex_single_work.json": (1, 4, 0, 0),
    "api/researchhub_openalex_topics.json": (0, 0, 2, 0),
    "api/researchhub_openalex_with_researchhub_works.json.gz": (13, 68, 0, 0),
    "api/researchhub_openalex_works.json": (3, 9, 0, 0),
    "api/works_chunk4_u2028.jsonl.gz": (24, 36, 1, 0),
    "api/works_keypaper.json": (2, 11, 0, 0),
    "api/works_page_chunk1.json.gz": (49, 162, 1, 0),
    "api/works_page_chunk1_last_empty.json": (0, 0, 0, 0),
    "api/works_page_chunk4_u2028.json.gz": (24, 36, 1, 0),
    "entity/authors/A5023888391.json": (0, 0, 1, 0),
    "entity/works/W2741809807.json": (1, 9, 0, 0),
    "snapshot/authors/updated_date=2023-04-21/part_000.gz": (0, 0, 1, 0),
    "snapshot/concepts/updated_date=2023-09-20/part_000.gz": (0, 0, 15, 0),
    "snapshot/funders/updated_date=2023-09-15/part_000.gz": (0, 0, 3, 0),
    "snapshot/institutions/updated_date=2023-09-04/part_000.gz": (0, 0, 678, 0),
    "snapshot/publishers/updated_date=2023-09-09/part_000.gz": (0, 0, 15, 0),
    "snapshot/sources/updated_date=2023-06-25/part_000.gz": (0, 0, 249, 0),
    "snapshot/works/manifest": (0, 0, 1, 0),
    "snapshot/works/updated_date=2023-05-16/part_000.gz": (1, 0, 26, 0),
    "zotero_cases/zotero_00.json": (1, 1, 0, 0),
    "zotero_cases/zotero_02.json": (1, 2, 0, 0),
    "zotero_cases/zotero_04.json": (1, 1, 0, 0),
    "zotero_cases/zotero_06.json": (1, 6, 0, 0),
}
CASES = [(arxiv, "arxiv", path, counts) for path, counts in ARXIV.items()] + [
    (openalex, "openalex", path, counts) for path, counts in OPENALEX.items()
]


def counted() -> dict[str, int]:
    """ "arxiv/atom/x.xml" -> the records that the sample data's own list counts in it."""
    counts, folder = {}, ""
    for line in (DATA / "README.md").read_text().splitlines():
        if heading := re.match(r"### (\w+)/", line):
            folder = heading.group(1)
        elif row := re.match(r"\| `([^`]+)` \|.*\b(?:oai_)?records (\d+)", line):
            counts[f"{folder}/{row.group(1)}"] = int(row.group(2))
    return counts


def parsed(source: ModuleType, path: Path) -> list[ImportedWork | Rejection]:
    with open_stream(path) as stream:
        return list(source.parse(stream, name=path.name))


@pytest.mark.parametrize(("source", "folder", "path", "counts"), CASES, ids=[f"{case[1]}/{case[2]}" for case in CASES])
def test_every_record_is_taken_in_or_told_of(source: ModuleType, folder: str, path: str, counts: tuple[int, int, int, int]):
    items = parsed(source, DATA / folder / path)
    works = [item for item in items if isinstance(item, ImportedWork)]
    rejections = [item for item in items if isinstance(item, Rejection)]
    reservations = sum(item.is_reservation for item in rejections)
    assert (len(works), sum(len(work.authors) for work in works), len(rejections) - reservations, reservations) == counts
    assert all(from_json(to_json(work)) == work for work in works)
    listed = counted().get(f"{folder}/{path}")
    if listed:
        assert counts[0] + counts[2] == listed


def test_every_file_of_the_folders_is_counted_here():
    found = {
        str(path.relative_to(DATA / "arxiv"))
        for name in ("atom", "oai_pmh", "snapshot_jsonl")
        for path in (DATA / "arxiv" / name).iterdir()
    }
    assert found == set(ARXIV)
    files = {str(path.relative_to(DATA / "openalex")) for path in (DATA / "openalex").rglob("*") if path.is_file()}
    assert set(OPENALEX) <= files
    assert {
        path for path in files - set(OPENALEX) if "merged_ids" not in path and ".expected." not in path and not path.endswith("manifest")
    } == set()
