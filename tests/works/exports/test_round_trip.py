"""What exports write, other programs and our own importers read as the same works."""

import csv
import datetime as dt
import io
import json
import re
from dataclasses import replace

import pybtex.database
import pytest
import rispy
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from works.exports import FORMATS
from works.exports.entry import Creator, Entry
from works.importers import bibtex, csl, ris
from works.importers.bibtex.tex import plain
from works.importers.record import ImportedWork, Rejection
from works.mathematics import to_plain

# Of each type, what it comes back as. Formats do not know editorials, letters, reviews; RIS knows preprints by an identifier.
RETURNS = {"editorial": "article", "letter": "article", "review": "article"}
UNPLACED = frozenset({"preprint", "dataset", "software"})  # no volume and no pages
FORMULAS = ("$x^2$", r"$B^0\to K^{*0}$", r"$\{a\}$", "$O(n \\log n)$")
SIGNS = "%&#_^~{}<>\"'`-@,;:=()[]!?.*|/+"


def words(alphabet: str, **size) -> st.SearchStrategy[str]:
    return st.text(alphabet, **{"min_size": 1, "max_size": 9} | size)


LETTERS = "abcdefghijklmnopqrstuvwxyzABCDXYZéøßçñıКж江常ΩΣ"
SIGNED = words(LETTERS + SIGNS + "0123456789")
PLAIN_WORD = words(LETTERS)
TITLES = st.lists(st.one_of(SIGNED, PLAIN_WORD, st.sampled_from(FORMULAS)), min_size=1, max_size=8).map(" ".join)
GIVEN = st.lists(st.sampled_from(["Jan", "Ana", "M.", "Jean-Luc", "Łukasz", "O'Neil", "Ada", "Xiaoming"]), min_size=1, max_size=2).map(
    " ".join
)
FAMILY = st.sampled_from(
    ["Berg", "van der Berg", "de la Cruz", "Müller", "Liu", "Núñez", "Ng", "von Neumann-Cosel", "And", "Berg Jr.", "Daumé III"]
)
PERSONS = st.builds(lambda given, family: Creator(name=f"{given} {family}"), GIVEN, FAMILY)
SINGLE = st.sampled_from(["Mausam", "江常皓", "Plato"]).map(lambda name: Creator(name=name))
GROUPS = st.sampled_from(["The ATLAS Collaboration", "R & D Team", "Institute of Half-Brackets", "Dogs and Cats Consortium"]).map(
    lambda name: Creator(name=name, is_person=False)
)


@st.composite
def entries(draw) -> Entry:
    year = draw(st.one_of(st.none(), st.integers(1500, 2025)))
    day = draw(st.dates(dt.date(year, 1, 1), dt.date(year, 12, 31))) if year and draw(st.booleans()) else None
    kind = draw(st.sampled_from(["article", "book", "book-chapter", "conference-paper", "dataset", "preprint", "software", "editorial"]))
    arxiv = draw(st.sampled_from(["", "2202.07940", "quant-ph/0201082"])) if kind in {"article", "preprint", "conference-paper"} else ""
    doi = draw(
        st.sampled_from(["", "10.1007/978-3-031-19775-8_36", "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2"])
    )
    if kind == "preprint" and not arxiv:
        doi = doi or "10.1101/2020.01.01.123456"
    pairs = {
        "doi": doi,
        "arxiv": arxiv,
        "pmid": draw(st.sampled_from(["", "31452104"])),
        "pmcid": draw(st.sampled_from(["", "PMC4167664"])),
    }
    source = draw(st.sampled_from(["Journal of {Odd} & Even 100%", "Phys. Rev. D"])) if kind in {"article", "conference-paper"} else ""
    return Entry(
        public_id=draw(st.text("0123456789abcdef", min_size=8, max_size=8)),
        type=kind,
        title=draw(TITLES),
        year=year,
        published_on=day,
        notice=draw(st.sampled_from(["", "retracted"])),
        source=source or ("arXiv" if arxiv else "bioRxiv") if kind in {"article", "conference-paper", "preprint"} else "",
        identifiers=tuple((scheme, value) for scheme, value in pairs.items() if value),
        authors=tuple(draw(st.lists(st.one_of(PERSONS, SINGLE, GROUPS), max_size=5))),
        volume=draw(st.sampled_from(["", "12", "LIX-A & B"])) if kind not in UNPLACED else "",
        issue=draw(st.sampled_from(["", "3", "7-8", "S1"])) if kind in {"article", "editorial", "conference-paper", "book-chapter"} else "",
        pages=draw(st.sampled_from(["", "117", "1025-1034", "e12-e19", "1, 4-6"])) if kind not in UNPLACED else "",
        publisher=draw(st.sampled_from(["", "O'Reilly & Sons", "ACM"])) if kind != "preprint" else "",
    )


def read(reader, text: str) -> list[ImportedWork]:
    found = list(reader.parse(io.BytesIO(text.encode()), name="export"))
    assert [str(item.reason) for item in found if isinstance(item, Rejection) and not item.is_reservation] == []
    return [item for item in found if isinstance(item, ImportedWork)]


def said(entry: Entry) -> tuple:
    """What must come back."""
    return (
        RETURNS.get(entry.type, entry.type),
        " ".join(entry.plain_title.split()),
        entry.year,
        entry.day.isoformat() if entry.day else "",
        tuple((creator.name.replace(",", ""), creator.is_person) for creator in entry.authors),
        set(entry.identifiers),
        entry.source,
        (entry.volume, entry.issue, entry.pages, entry.publisher),
    )


def came_back(work: ImportedWork) -> tuple:
    return (
        work.type,
        " ".join(to_plain(work.title).split()),
        work.year,
        work.published_on,
        tuple((author.name, author.is_person) for author in work.authors),
        set(work.identifiers),
        work.source.name if work.source else "",
        (work.volume, work.issue, work.pages, work.publisher),
    )


ODD = Entry(
    public_id="0123abcd",
    type="preprint",
    title="An ``odd'' -- title: {Curly, 50% & $x^2$ ~ \\ #1_2^3",
    year=2022,
    authors=(Creator(name="Jan van der Berg Jr."),),
    identifiers=(("arxiv", "2202.07940"),),
    source="arXiv",
)


@pytest.mark.parametrize(("name", "reader"), [("bibtex", bibtex), ("ris", ris), ("csl", csl)])
@given(batch=st.lists(entries(), max_size=3, unique_by=lambda entry: entry.public_id))
@example(batch=[ODD])
@example(batch=[])
@settings(max_examples=60)
def test_our_importers_read_the_same_works(name, reader, batch):
    # Readers of RIS and CSL-JSON take out what looks like HTML, which other programs put there.
    assume(name == "bibtex" or not any(re.search(r"[<>]|&[#\w]", entry.title) for entry in batch))
    text = "".join(FORMATS[name].write(batch))
    assert [came_back(work) for work in read(reader, text)] == [said(entry) for entry in batch]


@given(batch=st.lists(entries(), min_size=1, max_size=3, unique_by=lambda entry: entry.public_id))
@example(batch=[ODD])
@settings(max_examples=60)
def test_pybtex_reads_the_same_works(batch):
    library = pybtex.database.parse_string("".join(FORMATS["bibtex"].write(batch)), "bibtex")
    assert list(library.entries) == [entry.key for entry in batch]
    for entry, its in zip(batch, library.entries.values(), strict=True):
        assert " ".join(to_plain(plain(its.fields["title"])).split()) == " ".join(entry.plain_title.split())
        assert its.fields.get("year", "") == str(entry.year or "")
        assert its.fields.get("doi", "") == entry.identifier("doi")
        assert its.fields.get("eprint", "") == entry.identifier("arxiv")
        assert plain(its.fields.get("volume", "")) == entry.volume
        assert plain(its.fields.get("number", "")) == entry.issue
        assert its.fields.get("pages", "") == entry.pages.replace("-", "--")
        assert plain(its.fields.get("publisher", "")) == entry.publisher
        people = its.persons.get("author", [])
        assert [len(person.last_names) > 0 for person in people] == [True] * len(entry.authors)
        assert [plain(" ".join(person.get_part("last"))) for person in people] == [
            creator.parts.family if creator.is_person else creator.name for creator in entry.authors
        ]


@given(batch=st.lists(entries(), min_size=1, max_size=3, unique_by=lambda entry: entry.public_id))
@settings(max_examples=40)
def test_rispy_reads_the_same_works(batch):
    found = rispy.loads("".join(FORMATS["ris"].write(batch)))
    assert [item["id"] for item in found] == [entry.key for entry in batch]
    for entry, item in zip(batch, found, strict=True):
        assert " ".join(item["title"].split()) == " ".join(entry.plain_title.split())
        assert item.get("year", "") == str(entry.year or "")
        assert item.get("doi", "") == entry.identifier("doi")
        assert len(item.get("authors", [])) == len(entry.authors)
        assert (item.get("volume", ""), item.get("number", "")) == (entry.volume, entry.issue)
        assert "-".join(filter(None, (item.get("start_page"), item.get("end_page")))) == entry.pages
        assert item.get("publisher", "") == entry.publisher
        assert item.get("notes", []) == (["Retracted"] if entry.notice else [])


@given(batch=st.lists(entries(), max_size=3))
@settings(max_examples=40)
def test_a_table_holds_no_formula(batch):
    text = "".join(FORMATS["csv"].write(batch))
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == len(batch)
    for entry, row in zip(batch, rows, strict=True):
        assert row["title"].lstrip("'") == entry.plain_title.lstrip("'")
        assert not any(cell.lstrip()[:1] in set("=+-@\t\r\n") for cell in row.values() if cell)
        assert [row[name].lstrip("'") for name in ("volume", "issue", "publisher")] == [entry.volume, entry.issue, entry.publisher]
        assert row["pages"] == entry.pages.replace("-", "–")  # "1-4" would be a date
        assert row["doi"] == entry.identifier("doi")
        assert row["notice"] == ("Retracted" if entry.notice else "")


def test_one_entry_of_each_format_word_for_word():
    entry = Entry(
        public_id="k3x9abcd",
        type="preprint",
        title="A study of $B^0$ decays with ImageNet & more",
        year=2022,
        published_on=dt.date(2022, 2, 16),
        notice="retracted",
        source="arXiv",
        source_kind="repository",
        identifiers=(("arxiv", "2202.07940"), ("doi", "10.48550/arxiv.2202.07940")),
        authors=(Creator(name="Jan van der Berg Jr."), Creator(name="The ATLAS Collaboration", is_person=False)),
        is_byline_cut=True,
        topics=("Machine Learning",),
        arxiv_class="cs.LG",
        page="https://bzpeer.example/works/k3x9abcd/",
    )
    assert "".join(FORMATS["bibtex"].write([entry])) == (
        "@misc{berg2022study-k3x9abcd,\n"
        "  author = {van der Berg, Jr., Jan and {The ATLAS Collaboration} and others},\n"
        "  title = {A study of $B^0$ decays with {ImageNet} \\& more},\n"
        "  year = {2022},\n"
        "  month = feb,\n"
        "  day = {16},\n"
        "  doi = {10.48550/arxiv.2202.07940},\n"
        "  eprint = {2202.07940},\n"
        "  archiveprefix = {arXiv},\n"
        "  primaryclass = {cs.LG},\n"
        "  url = {https://doi.org/10.48550/arxiv.2202.07940},\n"
        "  note = {Retracted. Preprint},\n"
        "}\n\n"
    )
    assert "".join(FORMATS["ris"].write([entry])) == (
        "TY  - UNPB\r\nID  - berg2022study-k3x9abcd\r\nAU  - van der Berg, Jan, Jr.\r\nAU  - The ATLAS Collaboration,\r\n"
        "TI  - A study of B^0 decays with ImageNet & more\r\nT2  - arXiv\r\nPY  - 2022\r\nDA  - 2022/02/16/\r\n"
        "DO  - 10.48550/arxiv.2202.07940\r\nUR  - https://arxiv.org/abs/2202.07940\r\nKW  - Machine Learning\r\n"
        "N1  - Retracted; The list of authors is cut.\r\nER  - \r\n\r\n"
    )
    assert json.loads("".join(FORMATS["csl"].write([entry]))) == [
        {
            "id": "berg2022study-k3x9abcd",
            "type": "article",
            "title": "A study of B^0 decays with ImageNet & more",
            "author": [
                {"family": "Berg", "given": "Jan", "non-dropping-particle": "van der", "suffix": "Jr."},
                {"literal": "The ATLAS Collaboration"},
            ],
            "issued": {"date-parts": [[2022, 2, 16]]},
            "publisher": "arXiv",
            "DOI": "10.48550/arxiv.2202.07940",
            "number": "arXiv:2202.07940",
            "URL": "https://doi.org/10.48550/arxiv.2202.07940",
            "note": "Retracted",
        }
    ]
    assert "".join(FORMATS["csv"].write([entry])).splitlines() == [
        "title,authors,year,date,type,source,volume,issue,pages,publisher,doi,arxiv,pmid,pmcid,topics,notice,authors_listed_in_full,page",
        (
            "A study of B^0 decays with ImageNet & more,Jan van der Berg Jr.; The ATLAS Collaboration,2022,2022-02-16,preprint,arXiv,,,,,"
            "10.48550/arxiv.2202.07940,2202.07940,,,Machine Learning,Retracted,no,https://bzpeer.example/works/k3x9abcd/"
        ),
    ]


def test_keys_are_the_same_each_time_and_never_another_work_s():
    one = Entry(public_id="aaaaaaaa", type="article", title="The same title", year=2020, authors=(Creator(name="Ada Lovelace"),))
    keys = [one.key, replace(one, public_id="bbbbbbbb").key]
    assert keys == ["lovelace2020same-aaaaaaaa", "lovelace2020same-bbbbbbbb"]
    assert Entry(public_id="cccccccc", type="other", title="…").key == "anonymous-cccccccc"
