"""Where in its source a work stands: volume, issue, pages and publisher, as each registry and each format gives them."""

from types import ModuleType

import orjson
import pytest

from tests.works.importers.samples import one_work, read, rejections, works
from tests.works.importers.test_acl import PAPER, collection
from tests.works.importers.test_crossref import UNIXREF, item
from tests.works.importers.test_dblp import SCHOENHAGE, dump, record
from tests.works.importers.test_pubmed import article
from works.importers import acl, bibtex, bzpeer, crossref, csl, dblp, openalex, pubmed, ris
from works.importers.record import ImportedWork, from_json, to_json

WHOLE = ("12", "3", "1025-1034", "Springer")


def place(work: ImportedWork) -> tuple[str, str, str, str]:
    return (work.volume, work.issue, work.pages, work.publisher)


def pubmed_article(volume: str, pages: str) -> bytes:
    return article(f"<Pagination>{pages}</Pagination>").replace(b"<JournalIssue>", f"<JournalIssue>{volume}".encode())


def openalex_work(source: dict[str, str], **biblio: str | None) -> bytes:
    return orjson.dumps({"id": "https://openalex.org/W2741809807", "title": "T", "biblio": biblio, "primary_location": {"source": source}})


JOURNAL_META = (
    "<meta><booktitle>CL</booktitle><year>1989</year><publisher>MIT Press</publisher><journal-volume>15</journal-volume>"
    "<journal-issue>1</journal-issue><journal-title>Computational Linguistics</journal-title></meta>"
)
IN_DEPOSIT = (
    b"<journal_issue><journal_volume><volume>12</volume></journal_volume><issue>3</issue></journal_issue><journal_article>"
    b"<publisher_item><item_number>e7</item_number></publisher_item><pages><first_page>1025</first_page><last_page>1034</last_page></pages>"
)


@pytest.mark.parametrize(
    ("source", "data", "expected"),
    [
        (crossref, item(volume="12", issue="3", page="1025-1034", publisher="Springer"), WHOLE),
        (crossref, item(page="1025–34"), ("", "", "1025-1034", "")),
        (crossref, item(volume=12, **{"article-number": "e0120799"}), ("12", "", "e0120799", "")),
        (crossref, UNIXREF.replace(b'<journal_article language="en">', IN_DEPOSIT), ("12", "3", "1025-1034", "")),
        (pubmed, pubmed_article("<Volume>12</Volume><Issue>3</Issue>", "<MedlinePgn>1025-34</MedlinePgn>"), (*WHOLE[:3], "")),
        (pubmed, pubmed_article("", "<StartPage>7</StartPage><EndPage>9</EndPage>"), ("", "", "7-9", "")),
        (dblp, dump(SCHOENHAGE), ("7", "", "395-398", "")),
        (dblp, record("article", "<journal>J</journal><volume>12</volume><number>3</number><pages>117</pages>"), ("12", "3", "117", "")),
        (dblp, record("book", "<publisher>Springer</publisher><volume>12</volume>"), ("12", "", "", "Springer")),
        (dblp, record("article", "<journal>CoRR</journal><volume>abs/2202.07940</volume>"), ("", "", "", "")),
        (acl, collection(PAPER.replace("<doi>", "<pages>1–11</pages><doi>")), ("", "", "1-11", "")),
        (acl, collection(PAPER, meta=JOURNAL_META, volume='id="1" type="journal"'), ("15", "1", "", "MIT Press")),
        (
            openalex,
            openalex_work(
                {"display_name": "J", "type": "journal", "host_organization_name": "Springer"},
                volume="12", issue="3", first_page="1025", last_page="1034",
            ),
            WHOLE,
        ),
        (
            openalex,
            openalex_work({"display_name": "arXiv", "type": "repository", "host_organization_name": "A library"}, first_page="1"),
            ("", "", "", ""),
        ),
        (openalex, openalex_work({"display_name": "J", "type": "journal"}, volume=None, first_page="9", last_page="9"), ("", "", "9", "")),
        (bibtex, b"@article{a, title={T}, journal={J}, volume={12}, number=3, pages={1025--1034}, publisher={Springer}}", WHOLE),
        (bibtex, b"@techreport{a, title={T}, number={TR-7}, volume={A\\&B}}", ("A&B", "", "", "")),
        (bibtex, b"@article{a, title={T}, journal={J}, eid={e77}}", ("", "", "e77", "")),
        (bibtex, b"@article{a, title={T}, journal={arXiv preprint arXiv:2202.07940}, volume={abs/2202.07940}}", ("", "", "", "")),
        (ris, b"TY  - JOUR\nTI  - T\nVL  - 12\nIS  - 3\nSP  - 1025\nEP  - 1034\nPB  - Springer\nER  - \n", WHOLE),
        (ris, b"TY  - JOUR\nTI  - T\nSP  - 1025-34\nEP  - 34\nER  - \n", ("", "", "1025-1034", "")),
        (ris, b"TY  - JOUR\nTI  - T\nC7  - e12\nER  - \n", ("", "", "e12", "")),
        (
            csl,
            orjson.dumps({"type": "article-journal", "title": "T", "volume": 12, "issue": "3", "page": "1025-34", "publisher": "Springer"}),
            WHOLE,
        ),
        (csl, orjson.dumps({"type": "article", "title": "T", "publisher": "bioRxiv", "volume": "1"}), ("", "", "", "")),
        (
            bzpeer,
            orjson.dumps({"title": "T", "type": "article", "volume": "12", "issue": "3", "pages": "1025–1034", "publisher": "Springer"}),
            WHOLE,
        ),
    ],
)  # fmt: skip
def test_as_it_is_given(source: ModuleType, data: bytes, expected: tuple[str, str, str, str]):
    assert place(one_work(source, data)) == expected


def test_what_is_too_long_is_cut_and_said():
    found = read(bzpeer, orjson.dumps({"title": "T", "type": "article", "volume": "v" * 200, "publisher": "p" * 900}))
    [work] = works(found)
    assert (len(work.volume), len(work.publisher)) == (60, 300)
    assert [one.reason for one in rejections(found)] == [
        "the publisher has 900 characters; the first 300 are kept",
        "the volume has 200 characters; the first 60 are kept",
    ]


def test_the_stored_form_keeps_it_and_stays_short_without():
    work = one_work(bzpeer, orjson.dumps({"title": "T", "type": "article", "volume": "12", "pages": "1-9"}))
    assert from_json(to_json(work)) == work
    assert "issue" not in to_json(work)
