"""RIS as sites and reference managers export it. The records are made up."""

import pytest

from tests.works.importers.samples import one_rejection, one_work, read, rejections, works
from works.importers import ris

RECORD = """TY  - JOUR
A1  - Lovelace,A.K.
AU  - Menabrea, Luigi, Jr.
T1  - Sketch of the
Analytical Engine
JF  - Scientific Memoirs
Y1  - 1843/08//
DO  - 10.1000/memoirs
SN  - 0556-2821
LA  - English
N2  - We <i>sketch</i> it.
ER  -
"""


def record(*fields: str, type_: str = "JOUR") -> bytes:
    return "\n".join([f"TY  - {type_}", "TI  - A title", *fields, "ER  - "]).encode()


def test_a_record():
    work = one_work(ris, RECORD.encode())
    assert (work.registry, work.key, work.asserted_by, work.type) == ("ris", "doi:10.1000/memoirs", "typed", "article")
    assert (work.title, work.abstract, work.language) == ("Sketch of the Analytical Engine", "We sketch it.", "en")
    assert [(author.raw_name, author.name) for author in work.authors] == [
        ("Lovelace,A.K.", "A.K. Lovelace"), ("Menabrea, Luigi, Jr.", "Luigi Menabrea Jr."),
    ]  # fmt: skip
    assert (work.year, work.published_on) == (1843, "")
    assert work.source
    assert (work.source.name, work.source.kind, work.source.identifiers) == ("Scientific Memoirs", "journal", (("issn", "0556-2821"),))


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_marks_of_any_system(end: str, mark: bytes):
    assert one_work(ris, mark + RECORD.replace("\n", end).encode()) == one_work(ris, RECORD.encode())


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["Y1  - 1996///"], (1996, "")),
        (["Y1  - 2014/06/01", "PY  - 2014"], (2014, "2014-06-01")),
        (["PY  - 1990/2/7"], (1990, "1990-02-07")),
        (["DA  - 2014-06-01"], (2014, "2014-06-01")),
        (["PY  - 2013", "DA  - 2014/06/01"], (2013, "")),
        (["PY  - 0000"], (None, "")),
        (["PY  - Date of Code"], (None, "")),
        ([], (None, "")),
    ],
)
def test_dates(fields: list[str], expected: tuple[int | None, str]):
    work = one_work(ris, record(*fields))
    assert (work.year, work.published_on) == expected


@pytest.mark.parametrize(
    ("type_", "fields", "expected"),
    [
        ("CPAPER", ["T2  - ECCV"], ("conference-paper", "ECCV")),
        ("CHAP", ["BT  - A Book"], ("book-chapter", "A Book")),
        ("BOOK", ["T2  - A Series"], ("book", "")),
        ("THES", [], ("dissertation", "")),
        ("UNPB", ["UR  - https://arxiv.org/abs/2202.07940"], ("preprint", "")),
        ("BILL", [], ("other", "")),
    ],
)
def test_types_and_venues(type_: str, fields: list[str], expected: tuple[str, str]):
    work = one_work(ris, record(*fields, type_=type_))
    assert (work.type, work.source.name if work.source else "") == expected


def test_identifiers_wherever_they_stand():
    fields = [
        "DO  - https://doi.org/10.1000/A",
        "M3  - doi: 10.1000/a",
        "UR  - http://dx.doi.org/10.1000/a",
        "UR  - https://arxiv.org/abs/2202.07940v1",
    ]
    assert one_work(ris, record(*fields)).identifiers == (("doi", "10.1000/a"), ("arxiv", "2202.07940"))
    assert one_work(ris, record("SN  - 978-1-59593-609-7", type_="BOOK")).identifiers == (("isbn", "978-1-59593-609-7"),)


def test_authors_stay_in_the_order_of_the_file_whatever_their_tags():
    work = one_work(ris, record("A1  - Georgiev, Danko", "AU  - Bello, Leon", "A1  - NASA", "A2  - Editor, An"))
    assert [author.name for author in work.authors] == ["Danko Georgiev", "Leon Bello", "NASA"]


def test_a_record_without_an_end_is_kept_and_told():
    found = read(ris, RECORD.replace("ER  -\n", "").encode() + record())
    assert len(works(found)) == 2
    assert "no end (ER) before the next one" in rejections(found)[0].reason
    cut = read(ris, RECORD.encode() + record()[:-6])
    assert len(works(cut)) == 2
    assert "may be cut short" in rejections(cut)[0].reason


def test_lines_outside_of_records_are_told_once():
    found = read(ris, b"Provider: A Site\nContent: text\n\nTI  - lost\n" + record() + b"more\nand more\n", "mine.ris")
    assert len(works(found)) == 1
    assert [rejection.place for rejection in rejections(found)] == ["mine.ris:1"]
    assert "stands in no record" in one_rejection(ris, b"@article{x}").reason


def test_a_record_without_a_title_is_rejected():
    assert one_rejection(ris, b"TY  - JOUR\nT2  - A Journal\nER  - \n").reason == "the record has no title"


def test_windows_1252_is_read_and_told():
    found = read(ris, record("AU  - M\u00fcller, J\u00f6rg").decode().encode("cp1252"))
    assert works(found)[0].authors[0].name == "J\u00f6rg M\u00fcller"
    assert "not UTF-8" in rejections(found)[0].reason
