"""BibTeX as people and programs write it. The entries are made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.works.importers.samples import one_rejection, one_work, read, rejections, works
from works.importers import bibtex
from works.importers.bibtex.names import read_names

ENTRY = rb"""@Article{lovelace:43,
  AUTHOR = {Lovelace, Ada and Menabrea, L. F. and {Analytical Engine Society} and others},
  title = {{Sketch} of the {Analytical Engine} in $O(n^2)$ \& more},
  journal = "Taylor's Scientific Memoirs", volume = 3, number = "4" # "5",
  year = 1843, month = aug, doi = {https://doi.org/10.1000/Memoirs\_3}, issn = {0556-2821}, langid = {british}
}
"""


def entry(fields: str, *, kind: str = "article", key: str = "k") -> bytes:
    return f"@{kind}{{{key},\n title = {{A title}},\n {fields}\n}}".encode()


def test_an_entry():
    work = one_work(bibtex, ENTRY)
    assert (work.registry, work.key, work.asserted_by, work.type) == ("bibtex", "doi:10.1000/memoirs_3", "typed", "article")
    assert work.title == "Sketch of the Analytical Engine in $O(n^2)$ & more"
    assert [(author.name, author.is_person) for author in work.authors] == [
        ("Ada Lovelace", True), ("L. F. Menabrea", True), ("Analytical Engine Society", False),
    ]  # fmt: skip
    assert (work.is_byline_cut, work.year, work.published_on, work.language) == (True, 1843, "", "en")
    assert work.source
    assert (work.source.name, work.source.kind, work.source.identifiers) == (
        "Taylor's Scientific Memoirs",
        "journal",
        (("issn", "0556-2821"),),
    )


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Donald E. Knuth", "Donald E. Knuth"),
        ("Knuth, Donald E.", "Donald E. Knuth"),
        ("van der Berg, Jan", "Jan van der Berg"),
        ("de la Cruz, Jr., Mar{\\'i}a", "María de la Cruz Jr."),
        ("Eva H. {\\\"O}nnud{\\'o}ttir", "Eva H. Önnudóttir"),
        ("{Bellet-Amalric}, Edith", "Edith Bellet-Amalric"),
        ("{\\'E}mile Borel", "Émile Borel"),
        ("family=Berg, given=Jan, prefix=van der", "Jan van der Berg"),
        ("Mausam", "Mausam"),
        ("Alexander  Hern\\'andez\n  Anderson", "Alexander Hernández Anderson"),
    ],
)
def test_forms_of_names(written: str, name: str):
    assert [(author.name, author.is_person) for author in read_names(written)] == [(name, True)]


def test_names_are_separated_by_and_outside_of_braces():
    assert [author.name for author in read_names("A. Anderson\n and\tB. Sand AND {Simon and Schuster}")] == [
        "A. Anderson",
        "B. Sand",
        "Simon and Schuster",
    ]
    assert [(author.name, author.is_person) for author in read_names(r"{{\LaTeX\,3} Project Team} and {Mausam}")] == [
        ("LaTeX 3 Project Team", False), ("Mausam", True),
    ]  # fmt: skip


def test_strings_are_put_together_in_any_case():
    strings = b'@String {me = "Ada"}\n@string(AND = " and ")\n@\n %c\npreamble\n {"x" # me}\n'
    data = strings + b"@Book{x, Author = ME # And # {Mary Shelley}, title = {T}, year = 1942}"
    assert [author.name for author in one_work(bibtex, data).authors] == ["Ada", "Mary Shelley"]
    found = read(bibtex, entry("journal = JACM # { B},"))
    assert works(found)[0].source.name == "JACM B"
    assert "the string JACM is not defined" in rejections(found)[0].reason


def test_a_part_inherits_from_its_volume_before_or_behind_it():
    part = b"@inproceedings{a, title = {Part}, author = {A B}, crossref = {Vol}}\n"
    volume = b"@proceedings{vol, title = {Proceedings of X}, editor = {E D}, year = 2006}\n"
    for data in (part + volume, volume + part):
        found = read(bibtex, data)
        (work,) = works(found)
        assert (work.title, work.year, work.source and work.source.name, work.type) == (
            "Part",
            2006,
            "Proceedings of X",
            "conference-paper",
        )
        assert [rejection.reason for rejection in rejections(found)] == ["a volume of proceedings is not a work of a researcher"]
    alone = read(bibtex, part)
    assert len(works(alone)) == 1
    assert "crossref Vol names no entry" in rejections(alone)[0].reason


@pytest.mark.parametrize(
    ("broken", "line", "reason"),
    [
        (b"@article{b,\n title = {Never ends,\n year = 2001\n}\n", 2, "does not end before the next one begins"),
        (b'@article{b,\n title = {T},\n year = "20{01"\n}\n', 2, "does not end before the next one begins"),
        (b"@article{b,\n title = {T},\n year 2001\n}\n", 4, "line 4: a field (name = value) should begin here: year 2001"),
        (b"@article{b,\n title = ,\n}\n", 3, "line 3: a value should stand here"),
        (b"@article{b,\n author = {A B}\n}\n", 2, "has no title"),
    ],
)
def test_a_broken_entry_costs_itself_alone(broken: bytes, line: int, reason: str):
    found = read(bibtex, b"% a comment with user@example.org\n" + broken + ENTRY, "mine.bib")
    assert [work.year for work in works(found)] == [1843]
    (rejection,) = rejections(found)
    assert reason in rejection.reason
    assert rejection.place == "mine.bib:2"


def test_an_entry_that_closes_too_early_is_noticed():
    found = read(bibtex, b"@article{b, title = {T}},\n author = {A B},\n year = 2001\n}\n" + ENTRY)
    assert works(found)[0].title == "T"
    assert "closes the entry before too early" in rejections(found)[0].reason


def test_a_missing_comma_a_repeated_field_and_a_repeated_key():
    work = one_work(bibtex, b"@misc{k,\ntitle = {T}\nyear = {2001},,\n}")
    assert (work.title, work.year) == ("T", 2001)
    found = read(bibtex, entry("year = 2001, YEAR = {2002}"))
    assert works(found)[0].year == 2001
    assert rejections(found)[0].reason == "the field year stands twice; the first is kept"
    twice = read(bibtex, entry("year = 2001") + b"\n" + entry("year = 2002"))
    assert [work.year for work in works(twice)] == [2001, 2002]
    assert "the key k stands twice" in rejections(twice)[0].reason


def test_comments_of_jabref_and_entries_in_parentheses():
    comment = b"@comment{jabref-meta: groupstree:\n0 AllEntriesGroup:;\n@article{not, one}\n}\n"
    data = comment + b"@comment and so on\n@article(k, title = {A (very) good title}, year = 1999)\n"
    assert one_work(bibtex, data).title == "A (very) good title"


@pytest.mark.parametrize(
    ("kind", "fields", "type_", "identifiers"),
    [
        ("misc", "eprint = {2202.07940}, archivePrefix = {arXiv}, primaryClass = {cs.LG}", "preprint", (("arxiv", "2202.07940"),)),
        ("article", "arxivId = {2202.07940v2}", "preprint", (("arxiv", "2202.07940"),)),
        ("article", "journal = {arXiv preprint arXiv:1502.01852}", "preprint", (("arxiv", "1502.01852"),)),
        ("article", "journal = {CoRR}, volume = {abs/1502.01852}", "preprint", (("arxiv", "1502.01852"),)),
        ("online", "url = {http://arxiv.org/abs/1502.01852}", "preprint", (("arxiv", "1502.01852"),)),
        ("article", "journal = {Nature}, url = {https://dx.doi.org/10.1000/x\\_y}", "article", (("doi", "10.1000/x_y"),)),
        ("article", "note = {{PMID:} 23439512}, pmcid = {PMC123456}", "article", (("pmid", "23439512"), ("pmcid", "PMC123456"))),
        ("book", "isbn = {978-1-59593-609-7}", "book", (("isbn", "978-1-59593-609-7"),)),
        ("inbook", "eprint = {https://example.org/x.pdf}", "book-chapter", ()),
        ("phdthesis", "", "dissertation", ()),
        ("techreport", "", "report", ()),
        ("artwork", "", "other", ()),
    ],
)
def test_types_and_identifiers(kind: str, fields: str, type_: str, identifiers: tuple[tuple[str, str], ...]):
    work = one_work(bibtex, entry(fields, kind=kind))
    assert (work.type, work.identifiers) == (type_, identifiers)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2015-02-06", (2015, "2015-02-06")), ("2016-07-18T20:26:06+10:00", (2016, "2016-07-18")), ("1273?~", (1273, "")),
        ("199u", (None, "")), ("199X", (None, "")), ("1999-01-uu", (1999, "")), ("-0876", (None, "")), ("y-51234", (None, "")),
        ("1988/1992", (1988, "")), ("2004-06-01/unknown", (2004, "")), ("unknown/2006", (None, "")), ("2004-22", (2004, "")),
        ("2004-02-30", (2004, "")),
    ],
)  # fmt: skip
def test_edtf_dates(date: str, expected: tuple[int | None, str]):
    work = one_work(bibtex, entry(f"date = {{{date}}}"))
    assert (work.year, work.published_on) == expected


def test_a_key_is_the_works_and_not_the_files():
    one, other = (one_work(bibtex, entry("author = {A B}, year = 2001", key=key)) for key in ("smith2001", "Smith:Title"))
    assert one == other
    chapters = b"@incollection{a, title = {One}, doi = {10.1000/book}}\n@incollection{b, title = {Two}, doi = {10.1000/book}}\n"
    keys = [work.key for work in works(read(bibtex, chapters))]
    assert keys[0] == "doi:10.1000/book"
    assert keys[1].startswith("doi:10.1000/book#")
    assert [work.key for work in works(read(bibtex, chapters))] == keys


def test_windows_1252_is_read_and_told():
    found = read(bibtex, entry("author = {Müller, Jörg}").decode().encode("cp1252"))
    assert works(found)[0].authors[0].name == "Jörg Müller"
    assert "not UTF-8" in rejections(found)[0].reason


def test_strings_of_strings_stay_bounded():
    bomb = (
        b'@string{a = "'
        + b"x" * 1000
        + b'"}\n'
        + b"".join(
            b"@string{%c = %c # %c # %c # %c # %c # %c # %c # %c # %c}\n" % (to, *[of] * 9)
            for of, to in zip(b"abcdefgh", b"bcdefghi", strict=True)
        )
    )
    found = read(bibtex, bomb + ENTRY)
    assert len(works(found)) == 1
    assert "longer than any value may be" in rejections(found)[0].reason


def test_a_file_without_entries_is_told():
    assert "no BibTeX entry" in one_rejection(bibtex, b"Dear all, write to me@example.org").reason
    assert read(bibtex, b"") == []


keys = st.from_regex(r"[a-z][a-z0-9:]{0,8}", fullmatch=True)
words = st.from_regex(r"[A-Za-zäöé][A-Za-z äöé]{2,30}[a-zé]", fullmatch=True)


@given(st.lists(st.tuples(keys, words, st.lists(words, max_size=3), st.integers(1900, 2020)), max_size=5), st.sampled_from(["{}", "()"]))
def test_what_is_written_is_read(entries: list[tuple[str, str, list[str], int]], signs: str):
    data = "\n".join(
        f'@article{signs[0]}{key},\n  title = {{{title}}},\n  author = "{" and ".join(authors)}",\n  year = {year}\n{signs[1]}'
        for key, title, authors, year in entries
    )
    found = works(read(bibtex, data.encode()))
    assert [(work.title, work.year) for work in found] == [(" ".join(title.split()), year) for _, title, _, year in entries]
