"""Every file of the sample data, counted: as many works, authorships and rejections as its list says that the file holds."""

import os
import re
from pathlib import Path
from types import ModuleType

import pytest

from works.importers import arxiv, crossref, csl, openalex, openreview, orcid
from works.importers.files import open_stream
from works.importers.record import ImportedItem, ImportedWork, Rejection, from_json, to_json

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
    "api/researchhub_openalex_authors.json.gz": (6, 0, 0, 0),
    "api/researchhub_openalex_empty_response.json": (0, 0, 0, 0),
    "api/researchhub_openalex_single_work.json": (1, 4, 0, 0),
    "api/researchhub_openalex_topics.json": (2, 0, 0, 0),
    "api/researchhub_openalex_with_researchhub_works.json.gz": (13, 68, 0, 0),
    "api/researchhub_openalex_works.json": (3, 9, 0, 0),
    "api/works_chunk4_u2028.jsonl.gz": (24, 36, 1, 0),
    "api/works_keypaper.json": (2, 11, 0, 0),
    "api/works_page_chunk1.json.gz": (49, 162, 1, 0),
    "api/works_page_chunk1_last_empty.json": (0, 0, 0, 0),
    "api/works_page_chunk4_u2028.json.gz": (24, 36, 1, 0),
    "entity/authors/A5023888391.json": (1, 0, 0, 0),
    "entity/works/W2741809807.json": (1, 9, 0, 0),
    "snapshot/authors/updated_date=2023-04-21/part_000.gz": (1, 0, 0, 0),
    "snapshot/concepts/updated_date=2023-09-20/part_000.gz": (0, 0, 15, 0),
    "snapshot/funders/updated_date=2023-09-15/part_000.gz": (0, 0, 3, 0),
    "snapshot/institutions/updated_date=2023-09-04/part_000.gz": (678, 0, 0, 0),
    "snapshot/merged_ids/authors/2022-08-03.csv.gz": (1, 0, 0, 0),
    "snapshot/merged_ids/authors/2023-04-13.csv.gz": (4, 0, 0, 0),
    "snapshot/publishers/updated_date=2023-09-09/part_000.gz": (0, 0, 15, 0),
    "snapshot/sources/updated_date=2023-06-25/part_000.gz": (249, 0, 0, 0),
    "snapshot/works/manifest": (0, 0, 1, 0),
    "snapshot/works/updated_date=2023-05-16/part_000.gz": (1, 0, 26, 0),
    "zotero_cases/zotero_00.json": (1, 1, 0, 0),
    "zotero_cases/zotero_02.json": (1, 2, 0, 0),
    "zotero_cases/zotero_04.json": (1, 1, 0, 0),
    "zotero_cases/zotero_06.json": (1, 6, 0, 0),
}
CROSSREF = {
    "rest_json/cr_journals_with_cursor.0.json.gz": (30, 193, 0, 0),
    "rest_json/dissemin_cursor_initial.json.gz": (50, 46, 0, 0),
    "rest_json/hepcrawl_2018.3804742.json": (1, 3, 0, 0),
    "rest_json/hepcrawl_9781316535783.011.json": (1, 1, 0, 0),
    "rest_json/test_cursor_max.0.json": (20, 21, 0, 0),
    "rest_json/test_cursor_max.1.json": (20, 21, 0, 0),
    "rest_json/test_cursor_max.2.json": (20, 23, 0, 1),
    "rest_json/test_cursor_max.3.json": (20, 21, 0, 0),
    "rest_json/test_cursor_max.4.json": (20, 21, 0, 0),
    "rest_json/test_funders_filter_works.0.json.gz": (20, 74, 0, 0),
    "rest_json/test_journals_works.0.json.gz": (20, 148, 0, 0),
    "rest_json/test_journals_works.1.json.gz": (20, 53, 0, 0),
    "rest_json/test_prefixes_mixed_ids_works_warn.0.json": (4, 17, 16, 0),
    "rest_json/test_types_mixed_ids_works_warn.0.json": (20, 46, 0, 0),
    "rest_json/test_types_mixed_ids_works_warn.2.json": (20, 30, 0, 0),
    "rest_json/test_works_field_queries.0.json.gz": (20, 62, 0, 0),
    "rest_json/test_works_with_many_ids.0.json": (1, 11, 0, 0),
    "rest_json/test_works_with_many_ids.1.json": (1, 12, 0, 0),
    "rest_json/test_works_with_many_ids.2.json": (1, 8, 0, 0),
    "rest_json/test_works_with_many_ids.3.json": (1, 2, 0, 0),
    "rest_json/test_works_with_many_ids.4.json": (1, 1, 0, 0),
    "rest_json/test_workscontainer_with_cursor.0.json": (4, 12, 1, 0),
    "rest_json/test_workscontainer_with_cursor.1.json": (5, 12, 0, 0),
    "rest_json/test_workscontainer_with_cursor.2.json": (5, 18, 0, 0),
    "rest_json/test_workscontainer_with_cursor.3.json": (5, 17, 0, 0),
    "unixref_xml/ads_crossref_10.1103_PhysRevD_64-117303.xml": (1, 2, 1, 0),
    "unixref_xml/ads_crossref_no_contrib_10.4213_im9580e.xml": (1, 0, 0, 0),
    "unixref_xml/ads_crossref_preprint_10.31223-X55K7G.xml": (1, 9, 0, 0),
}
ORCID = {
    "v2_json/0000-0001-5006-3868.json": (0, 0, 0, 0),
    "v2_json/0000-0001-6723-6833-bulk-works.json": (1, 1, 0, 0),
    "v2_json/0000-0001-6723-6833-works.json": (20, 20, 0, 0),
    "v2_json/0000-0001-6723-6833.json": (20, 20, 0, 0),
    "v2_json/0000-0001-9547-293X.json": (4, 4, 0, 0),
    "v2_json/0000-0002-1900-3901-bulk-works.json": (1, 1, 0, 0),
    "v2_json/0000-0002-1900-3901-works.json": (2, 2, 0, 0),
    "v2_json/0000-0002-1900-3901.json": (2, 2, 0, 0),
    "v2_json/0000-0002-1909-134X-bulk-works.json": (4, 21, 0, 0),
    "v2_json/0000-0002-1909-134X-works.json": (18, 18, 0, 0),
    "v2_json/0000-0002-1909-134X.json": (18, 18, 0, 0),
    "v2_json/0000-0002-5654-4053.json": (1, 1, 0, 0),
    "v2_json/0000-0002-8612-8827-bulk-works.json": (5, 5, 0, 0),
    "v2_json/0000-0002-8612-8827-works.json": (6, 6, 0, 0),
    "v2_json/0000-0002-8612-8827.json": (6, 6, 0, 0),
    "v2_json/test_data_0000-0002-8612-8827.json": (15, 15, 0, 0),
    "v3_schema_samples/error-3.0.xml": (0, 0, 1, 0),
    "v3_schema_samples/record-3.0.xml": (0, 0, 1, 0),
    "v3_schema_samples/record-full-3.0.json": (1, 1, 0, 1),
    "v3_schema_samples/search-3.0.xml": (0, 0, 1, 0),
    "v3_schema_samples/works-3.0.xml": (3, 3, 0, 1),
}
OPENREVIEW = {
    "erikbird_example_output_api1_notes.json.gz": (2, 10, 28, 0),
}
CSL = {
    "101002ange19941062339.json": (1, 5, 0, 0),
    "101007978-3-319-43283-0_7.json": (1, 4, 0, 0),
    "101007978-3-662-47666-6_5.json": (1, 3, 0, 0),
    "101007s00198-010-1525-6.json": (1, 6, 0, 0),
    "101007s00432-008-0373-7.json": (1, 10, 0, 0),
    "101007s00774-010-0198-8.json": (1, 9, 0, 0),
    "101007s12020-013-9895-0.json": (1, 8, 0, 0),
    "101007s13389-015-0105-2.json": (1, 3, 0, 0),
    "101016jbone201202006.json": (1, 11, 0, 0),
    "101016jcrma201210021.json": (1, 2, 0, 0),
    "101016jijar201706011.json": (1, 3, 0, 0),
    "101016jmehy200912028.json": (1, 5, 0, 0),
    "101016jmehy201312025.json": (1, 12, 0, 0),
    "101016jmetabol201305013.json": (1, 11, 0, 0),
    "101016jmetabol201509001.json": (1, 3, 0, 0),
    "101016jmetabol201710007.json": (1, 3, 0, 0),
    "101016s0960-98220000399-7.json": (1, 4, 0, 0),
    "101038mt2011239.json": (1, 6, 0, 0),
    "101055s-0030-1249006.json": (1, 6, 0, 0),
    "101055s-2008-1046787.json": (1, 7, 0, 0),
    "1010802164551520171330236.json": (1, 3, 0, 0),
    "101097meg0b013e3283657dfb.json": (1, 5, 0, 0),
    "101109synasc201088.json": (1, 3, 0, 0),
    "101111cen12188.json": (1, 6, 0, 0),
    "101111j1365-2265200903522x.json": (1, 2, 0, 0),
    "101111j1468-1331201203695x.json": (1, 12, 0, 0),
    "101111j1601-5215201000510x.json": (1, 4, 0, 0),
    "101111j1742-1241201202897x.json": (1, 2, 0, 0),
    "10114525564642556466.json": (1, 2, 0, 0),
    "1011770301006615594267.json": (1, 6, 0, 0),
    "10131402147864648.json": (1, 1, 0, 0),
    "101530eje-07-0528.json": (1, 7, 0, 0),
    "1017605osfioekxr8.json": (1, 1, 0, 0),
    "102478v10039-012-0078-7.json": (1, 5, 0, 0),
    "103389fnhum201100188.json": (1, 3, 0, 0),
    "104049jimmunol167126786.json": (1, 5, 0, 0),
    "105281zenodo1299049.json": (1, 1, 0, 0),
    "bbt_Deterministic_ordering_for_CSL_1178_1400.csl.json": (26, 32, 0, 2),
}
CASES = [(arxiv, "arxiv", path, counts) for path, counts in ARXIV.items()] + [
    (openalex, "openalex", path, counts) for path, counts in OPENALEX.items()
]
CASES += [(crossref, "crossref", path, counts) for path, counts in CROSSREF.items()]
CASES += [(orcid, "orcid", path, counts) for path, counts in ORCID.items()]
CASES += [(openreview, "openreview", path, counts) for path, counts in OPENREVIEW.items()]
CASES += [(csl, "csl_json", path, counts) for path, counts in CSL.items()]


def counted() -> dict[str, int]:
    """ "arxiv/atom/x.xml" -> the records that the sample data's own list counts in it."""
    counts, folder = {}, ""
    for line in (DATA / "README.md").read_text().splitlines():
        if heading := re.match(r"### (\w+)/", line):
            folder = heading.group(1)
        elif row := re.match(r"\| `([^`]+)` \|.*\b(?:oai_)?records (\d+)", line):
            counts[f"{folder}/{row.group(1)}"] = int(row.group(2))
    return counts


def parsed(source: ModuleType, path: Path) -> list[ImportedItem | Rejection]:
    with open_stream(path) as stream:
        return list(source.parse(stream, name=path.name))


@pytest.mark.parametrize(("source", "folder", "path", "counts"), CASES, ids=[f"{case[1]}/{case[2]}" for case in CASES])
def test_every_record_is_taken_in_or_told_of(source: ModuleType, folder: str, path: str, counts: tuple[int, int, int, int]):
    items = parsed(source, DATA / folder / path)
    taken = [item for item in items if not isinstance(item, Rejection)]
    works = [item for item in taken if isinstance(item, ImportedWork)]
    rejections = [item for item in items if isinstance(item, Rejection)]
    reservations = sum(item.is_reservation for item in rejections)
    assert (len(taken), sum(len(work.authors) for work in works), len(rejections) - reservations, reservations) == counts
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
