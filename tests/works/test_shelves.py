"""What stands under topics, institutions and sources: kept piece by piece, it is what the whole record gives at once."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import transaction

from tests.factories.imported import import_and_announce as import_records
from tests.factories.imported import the_author
from tests.factories.records import make_imported_author, make_record, meta_knowledge_distillation, noisy_faces
from works.actions.imports.listed import take_in_listed
from works.actions.journal import Actor
from works.actions.merges import merge_authors, merge_works, undo_merge
from works.actions.shelves import rebuild_shelves, shelve
from works.importers.record import ImportedAffiliation, ImportedMergedId, ImportedSource
from works.models import (
    FormerId,
    Institution,
    Shelf,
    ShelfYear,
    ShelvedPerson,
    ShelvedWork,
    Source,
    Topic,
    UnshelvedAuthor,
    UnshelvedWork,
    Work,
)
from works.models.decision import Role

pytestmark = pytest.mark.django_db
STAFF = Actor(account=None, role=Role.STAFF)


def shelves() -> dict[str, object]:
    """All that stands on the shelves, by what it is rather than by ids."""
    assert not UnshelvedWork.objects.exists()
    assert not UnshelvedAuthor.objects.exists()
    return {
        "shelves": sorted(
            Shelf.objects.exclude(works_count=0, people_count=0).values_list("kind", "subject", "works_count", "people_count")
        ),
        "years": sorted(ShelfYear.objects.values_list("shelf__kind", "shelf__subject", "year", "works")),
        "works": sorted(ShelvedWork.objects.values_list("shelf__kind", "shelf__subject", "work", "year"), key=str),
        "people": sorted(
            ShelvedPerson.objects.values_list("shelf__kind", "shelf__subject", "author", "works_count", "first_year", "last_year"), key=str
        ),
    }


def pay() -> None:
    while shelve(works=2, authors=2):
        pass


def are_as_rebuilt() -> bool:
    pay()
    kept = shelves()
    rebuild_shelves()
    return kept == shelves()


def at(name: str, institution: str, **fields):
    affiliation = ImportedAffiliation(name=institution, raw=institution, identifiers=(("openalex", f"I{len(institution)}"),))
    return make_imported_author(name, affiliations=(affiliation,), **fields)


def figures(kind: str, subject: int) -> tuple[int, int]:
    shelf = Shelf.objects.get(kind=kind, subject=subject)
    return shelf.works_count, shelf.people_count


def test_what_stands_where():
    import_records(
        make_record("On fish", [at("Ann Lee", "Uni One"), at("Bo Kim", "Uni Two A")], topics=["fish", "water"], year=2020),
        make_record("On water", [at("Ann Lee", "Uni One")], topics=["water"], year=None),
    )
    pay()
    water, one = Topic.objects.get(label="water"), Institution.objects.get(name="Uni One")
    assert figures("topic", water.pk) == (2, 2)
    assert figures("topic", Topic.objects.get(label="fish").pk) == (1, 2)
    assert figures("institution", one.pk) == (2, 1)  # Bo Kim wrote with Ann Lee, and was elsewhere
    assert figures("source", Source.objects.get().pk) == (2, 2)
    assert list(ShelfYear.objects.filter(shelf__subject=water.pk, shelf__kind="topic").values_list("year", "works")) == [(2020, 1)]
    ann = ShelvedPerson.objects.get(shelf__kind="topic", shelf__subject=water.pk, author=the_author("Ann Lee"))
    assert (ann.works_count, ann.first_year, ann.last_year) == (2, 2020, 2020)


def test_changes_by_imports_are_followed():
    import_records(meta_knowledge_distillation(), noisy_faces())
    assert are_as_rebuilt()
    meta_again = make_record(
        "Meta Knowledge Distillation", ["Boxiao Liu", "Yu Liu"], topics=["cs.CL"], year=2023, version="v2", key="2202.07940"
    )
    import_records(
        meta_again,
        make_record("More", ["Boxiao Liu"], topics=["cs.CL"]),
    )
    assert UnshelvedWork.objects.count() == 2
    assert are_as_rebuilt()
    assert not Shelf.objects.filter(kind="topic", subject=Topic.objects.get(label="cs.LG").pk).exists()
    assert figures("topic", Topic.objects.get(label="cs.CL").pk) == (2, 2)


def test_merges_and_their_undoing_are_followed():
    import_records(
        make_record("On fish", [at("Ann Lee", "Uni One")], topics=["fish"], year=2020, identifiers=(("doi", "10.5555/1"),)),
        make_record("On fishes and seas", [at("Anna Leeds", "Uni Two A")], topics=["sea"], year=2021, identifiers=(("doi", "10.5555/2"),)),
    )
    assert are_as_rebuilt()
    first, second = Work.objects.order_by("pk")
    works = merge_works(winner_id=first.pk, loser_ids=[second.pk], reason="one work", by=STAFF)
    assert are_as_rebuilt()
    undo_merge(merge_id=works.pk, by=STAFF)
    assert are_as_rebuilt()
    people = merge_authors(winner_id=the_author("Ann Lee").pk, loser_ids=[the_author("Anna Leeds").pk], reason="one person", by=STAFF)
    assert are_as_rebuilt()
    undo_merge(merge_id=people.pk, by=STAFF)
    assert are_as_rebuilt()


def test_sources_that_a_registry_unites_lead_from_the_old_address(client):
    old = ImportedSource(name="Old Fish", kind="journal", identifiers=(("openalex", "S1"),))
    new = ImportedSource(name="New Fish", kind="journal", identifiers=(("openalex", "S2"),))
    import_records(make_record("On fish", ["Ann Lee"], source=old), make_record("On water", ["Bo Kim"], source=new))
    assert are_as_rebuilt()
    gone = Source.objects.get(name="Old Fish")
    with transaction.atomic():
        take_in_listed([("1", ImportedMergedId(kind="source", scheme="openalex", old="S1", new="S2"))])
    assert are_as_rebuilt()
    kept = Source.objects.get(name="New Fish")
    assert figures("source", kept.pk) == (2, 2)
    assert list(FormerId.objects.values_list("public_id", "subject")) == [(gone.public_id, kept.pk)]


def test_paying_twice_changes_nothing():
    import_records(meta_knowledge_distillation())
    pay()
    before = shelves()
    import_records(meta_knowledge_distillation())
    assert shelve() == 0
    assert shelves() == before
    call_command("rebuild_shelves")
    assert shelves() == before
