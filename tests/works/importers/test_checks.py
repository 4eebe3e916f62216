"""The last step of every importer."""

import datetime as dt
from dataclasses import replace

import pytest

from works.importers.checks import NOTICES, REGISTRY_KINDS, SOURCE_KINDS, WORK_TYPES, checked
from works.importers.record import ImportedAffiliation, ImportedAuthor, ImportedSource, ImportedTopic, ImportedWork, InvalidRecord
from works.models import Source, Work
from works.names import fold

WORK = ImportedWork(registry="bzpeer", key="k", title="A title", type="article", asserted_by="converted")


def test_the_vocabularies_are_those_of_the_record():
    assert frozenset(Work.Type.values) == WORK_TYPES
    assert frozenset(Source.Kind.values) == SOURCE_KINDS
    assert frozenset(Work.Notice.values) == NOTICES
    assert {"repository", "publisher", "aggregator", "converted", "typed"} == REGISTRY_KINDS


def test_a_clean_record_is_left_as_it_is():
    assert checked(WORK) == (WORK, [])


def test_texts_are_cleaned():
    work, reservations = checked(replace(WORK, title=" A\n\x00 title\ud800", abstract="x\u200b\n\ny", language="english", updated="2024\n"))
    assert (work.title, work.abstract, work.language, work.updated, reservations) == ("A title", "x y", "", "2024", [])


@pytest.mark.parametrize("title", ["", " \n", "\x00\u200b"])
def test_a_title_is_required(title: str):
    with pytest.raises(InvalidRecord, match="no title"):
        checked(replace(WORK, title=title))


@pytest.mark.parametrize(
    ("field", "value"),
    [("type", "articel"), ("asserted_by", "me"), ("notice", "gone"), ("key", ""), ("registry", "My Registry"), ("key", "k" * 401)],
)
def test_what_the_record_has_no_word_for_is_refused(field: str, value: str):
    with pytest.raises(InvalidRecord, match=field if field != "key" else "key"):
        checked(replace(WORK, **{field: value}))  # type: ignore[arg-type]


THIS_YEAR = dt.datetime.now(tz=dt.UTC).year


@pytest.mark.parametrize(
    ("year", "kept"),
    [(1000, 1000), (THIS_YEAR + 2, THIS_YEAR + 2), (None, None), (0, None), (999, None), (THIS_YEAR + 3, None), (20222, None)],
)
def test_years(year: int | None, kept: int | None):
    work, reservations = checked(replace(WORK, year=year))
    assert work.year == kept
    assert len(reservations) == (year != kept)


def test_identifiers_are_normalised_and_stand_once():
    pairs = (("doi", "https://doi.org/10.1/X"), ("doi", "10.1000/X"), ("doi", "DOI:10.1000/x"), ("Bad Scheme", "1"), ("mag", " 12 "))
    work, reservations = checked(replace(WORK, identifiers=pairs, references=(("doi", "10.1000/x"), ("doi", "10.1000/y"))))
    assert work.identifiers == (("doi", "10.1000/x"), ("mag", "12"))
    assert work.references == (("doi", "10.1000/y"),)
    assert len(reservations) == 2


def test_authors_without_a_name_are_left_out_and_told():
    authors = tuple(ImportedAuthor(raw_name=name, name=name) for name in ("A. B.", "", "et al"))
    work, reservations = checked(replace(WORK, authors=authors))
    assert [author.name for author in work.authors] == ["A. B."]
    assert work.is_byline_cut
    assert reservations == ["1 of 3 authors have no name and are left out"]


def test_lengths_fit_the_columns():
    long = "x" * 60_000
    author = ImportedAuthor(
        raw_name=long, name=long, affiliations=(ImportedAffiliation(raw=long, name=long, country="usa", kind=long),) * 3
    )
    source = ImportedSource(name=long, kind="journal", identifiers=(("issn", "1"),))
    topics = (ImportedTopic(scheme="arxiv", code=long, label=long), ImportedTopic(scheme="arxiv", code="", label="x"))
    work, reservations = checked(replace(WORK, title=long, abstract=long, authors=(author,), source=source, topics=topics, version=long))
    assert (len(work.title), len(work.abstract), len(work.version)) == (2_000, 50_000, 40)
    assert (len(work.authors[0].raw_name), len(work.authors[0].name)) == (1_000, 500)
    (affiliation,) = work.authors[0].affiliations
    assert (len(affiliation.raw), len(affiliation.name), affiliation.country, len(affiliation.kind)) == (2_000, 500, "", 32)
    assert work.source is not None
    assert (len(work.source.name), work.source.identifiers) == (500, ())
    assert [(len(topic.code), len(topic.label)) for topic in work.topics] == [(200, 300)]
    assert len(reservations) == 4


@pytest.mark.parametrize("letter", ["æ", "ß", "\ufdfa"])
def test_lengths_fit_the_columns_of_folded_names_too(letter: str):
    """Folding makes two letters of "æ" and eighteen of U+FDFA."""
    long = letter * 450
    author = ImportedAuthor(raw_name=long, name=long, affiliations=(ImportedAffiliation(raw=long, name=long),))
    work, _ = checked(replace(WORK, authors=(author,), source=ImportedSource(name=long, kind="journal")))
    assert work.source is not None
    names = (work.authors[0].name, work.authors[0].affiliations[0].name, work.source.name)
    assert all(0 < len(fold(name)) <= 500 for name in names)
    assert work.authors[0].raw_name == long


def test_raw_names_stay_as_given():
    author = ImportedAuthor(raw_name="  Michal\xa0Rol\u00ednek\x00", name="Michal\xa0Rol\u00ednek")
    assert checked(replace(WORK, authors=(author,)))[0].authors[0].raw_name == "Michal\xa0Rol\u00ednek"
