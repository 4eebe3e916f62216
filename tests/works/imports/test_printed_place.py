"""Volume, issue, pages and publisher on the way through an import: which registry's word stands, and where it is read."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from tests.bzpeer.markup import text_of
from tests.factories.records import ARXIV, make_record
from tests.works.imports.test_batch import take
from works.actions.imports.reconcile import reconcile
from works.importers.record import ImportedSource, ImportedWork
from works.models import Work

NATURE = ImportedSource(name="Nature", kind="journal")
DOI = (("doi", "10.1000/a"),)


def told_by(registry: str, asserted_by: str, **fields) -> ImportedWork:
    given: dict[str, Any] = {"type": "article", "source": NATURE, "identifiers": DOI} | fields
    return make_record("A theory", ["Ada Lovelace"], registry=registry, asserted_by=asserted_by, **given)


def place(work: ImportedWork | Work) -> tuple[str, str, str, str]:
    return (work.volume, work.issue, work.pages, work.publisher)


PUBLISHER, DBLP, OPENALEX = ("crossref", "publisher"), ("dblp", "aggregator"), ("openalex", "aggregator")
TYPED, ARXIV_ITSELF = ("bibtex", "typed"), ("arxiv", "repository")


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        # The publisher's word stands, and what it leaves out is not filled in from another printing.
        ({PUBLISHER: {"volume": "7", "pages": "1-9"}, DBLP: {"volume": "8", "issue": "2"}}, ("7", "", "1-9", "")),
        # Where the publisher gives none, who collects does; the publisher's name is taken by itself.
        ({PUBLISHER: {"publisher": "Springer"}, DBLP: {"volume": "8", "issue": "2", "publisher": "S."}}, ("8", "2", "", "Springer")),
        # A preprint's never stand beside a finished work.
        ({PUBLISHER: {}, TYPED: {"type": "preprint", "pages": "77"}}, ("", "", "", "")),
        # Among equals the smallest key, whatever comes first.
        ({DBLP: {"pages": "1"}, OPENALEX: {"pages": "2"}}, ("", "", "1", "")),
        ({ARXIV_ITSELF: {"type": "preprint", "source": ARXIV}, TYPED: {"type": "preprint", "pages": "4"}}, ("", "", "4", "")),
    ],
)
def test_whose_word_stands(records, expected):
    told = [told_by(*who, **fields) for who, fields in records.items()]
    assert {place(reconcile(order)) for order in permutations(told)} == {expected}


@pytest.mark.django_db
def test_an_import_writes_it_and_a_newer_record_changes_it(client):
    take(told_by("crossref", "publisher", volume="12", issue="3", pages="1025-1034", publisher="Springer", updated="2024-01-01"))
    work = Work.objects.get()
    assert place(work) == ("12", "3", "1025-1034", "Springer")
    said = text_of(client.get(work.get_absolute_url()).content)
    assert "Nature, volume 12, issue 3, pages 1025–1034 · Springer" in said
    assert client.get(f"/api/v1/works/{work.public_id}/").json()["pages"] == "1025-1034"
    take(told_by("crossref", "publisher", volume="13", pages="e7", updated="2024-02-01"))
    assert place(Work.objects.get()) == ("13", "", "e7", "")
    assert "volume 13, page e7" in text_of(client.get(work.get_absolute_url()).content)


@pytest.mark.django_db
def test_citations_and_files_have_it(client):
    take(told_by("crossref", "publisher", year=2020, volume="12", issue="3", pages="1025-1034", publisher="Springer"))
    here = Work.objects.get().get_absolute_url()
    said = text_of(client.get(f"{here}cite/").content)
    assert "Lovelace, A. (2020). A theory. Nature, 12(3), 1025–1034." in said  # APA
    assert "Nature, 12(3), pp. 1025–1034." in said  # Harvard
    assert "Nature, vol. 12, no. 3, pp. 1025–1034" in said  # IEEE
    assert "Nature 12, 1025–1034 (2020)" in said
    text = b"".join(client.get(f"{here}export/").streaming_content).decode()
    assert "  volume = {12},\n  number = {3},\n  pages = {1025--1034},\n  publisher = {Springer},\n" in text
    text = b"".join(client.get(f"{here}export/?format=ris").streaming_content).decode()
    assert "PB  - Springer\r\nVL  - 12\r\nIS  - 3\r\nSP  - 1025\r\nEP  - 1034\r\n" in text
