"""Corrections and retractions: applied whichever comes first, the notice or the work; taken back with the record that said so."""

import pytest
from django.db import transaction

from tests.bzpeer.markup import text_of
from tests.factories.records import make_imported_author, make_record
from works.actions.imports.batch import Tally, take_in
from works.importers.record import ImportedWork
from works.models import Author, Authorship, Notice, Work

pytestmark = pytest.mark.django_db

ORCID = "0000-0002-1825-0097"


def take(*records: ImportedWork) -> Tally:
    with transaction.atomic():
        return take_in([(f"record {number}", record) for number, record in enumerate(records, 1)], run_id=None)


def article(**fields) -> ImportedWork:
    return make_record(
        "Growth of cells in the dark", ["Ada Lovelace"], **{"identifiers": (("doi", "10.1000/work"),), "registry": "crossref"} | fields
    )


def notice(kind: str = "retracts", **fields) -> ImportedWork:
    given = {
        "registry": "crossref",
        "key": "10.1000/notice",
        "identifiers": (("doi", "10.1000/notice"),),
        "published_on": "2023-05-04",
        "relations": ((kind, "doi", "10.1000/work"),),
    } | fields
    return make_record("Retraction: Growth of cells in the dark", ["The Editors"], **given)


@pytest.mark.parametrize(("kind", "mark"), [("retracts", "retracted"), ("withdraws", "withdrawn"), ("corrects", ""), ("questions", "")])
@pytest.mark.parametrize("order", ["the work first", "the notice first", "both at once"])
def test_a_notice_marks_the_work_it_is_about_and_is_no_work(kind: str, mark: str, order: str):
    if order == "both at once":
        take(notice(kind), article())
    else:
        for record in (article(), notice(kind)) if order == "the work first" else (notice(kind), article()):
            take(record)
    assert Work.objects.get().notice == mark
    assert [author.name for author in Author.objects.all()] == ["Ada Lovelace"]
    assert Notice.objects.about(Work.objects.get()).get().title == "Retraction: Growth of cells in the dark"


def test_a_notice_is_counted_and_told_from_its_repetition():
    tallies = [take(notice()), take(notice()), take(notice("corrects")), take(article(), notice("corrects"))]
    assert [(tally.new, tally.changed, tally.unchanged) for tally in tallies] == [(1, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 1)]


def test_what_a_notice_no_longer_says_is_taken_back():
    take(article(), notice())
    take(notice("corrects"))
    assert Work.objects.get().notice == ""
    take(notice(relations=(("retracts", "doi", "10.1000/another"),)))
    assert list(Notice.objects.about(Work.objects.get())) == []


def test_the_mark_stays_when_the_work_comes_again():
    take(article(), notice())
    take(article(abstract="Newly deposited.", updated="2024-01-01"))
    work = Work.objects.get()
    assert (work.notice, work.abstract) == ("retracted", "Newly deposited.")


def test_the_work_s_own_record_names_its_notices(client):
    take(article(notice="retracted", relations=(("is-retracted-by", "doi", "10.1000/notice"), ("is-corrected-by", "doi", "10.1000/c"))))
    take(notice())
    work = Work.objects.get()
    text = text_of(client.get(work.get_absolute_url()).content)
    assert "Retracted on 4 May 2023 by Retraction: Growth of cells in the dark, says Crossref." in text
    assert "Corrected by DOI 10.1000/c, says Crossref." in text


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_who_gives_an_orcid_is_kept_beside_it(order: tuple[int, int]):
    author = make_imported_author("Ada Lovelace", identifiers=(("orcid", ORCID),))
    doi = (("doi", "10.1000/work"),)
    records = [
        make_record(
            "Growth of cells in the dark", [author], identifiers=doi, registry="openalex", asserted_by="aggregator", type="article"
        ),
        make_record("Growth of cells in the dark", [author], identifiers=doi, registry="crossref", asserted_by="publisher"),
    ]
    take(records[order[0]])
    assert Authorship.objects.get().orcid_asserted_by == records[order[0]].asserted_by
    take(records[order[1]])
    assert (Authorship.objects.get().orcid, Authorship.objects.get().orcid_asserted_by) == (ORCID, "publisher")


def test_no_orcid_nobody_gives_it():
    take(article())
    assert Authorship.objects.get().orcid_asserted_by == ""
