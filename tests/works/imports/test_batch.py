"""What a batch of records becomes, row by row."""

import time
from dataclasses import replace
from itertools import permutations

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext

from tests.factories.records import make_imported_author, make_record, meta_knowledge_distillation, noisy_faces, noisy_faces_in_proceedings
from tests.works.imports.content import content
from works.actions.attribution import settle
from works.actions.imports.batch import Tally, take_in
from works.importers.record import ImportedAffiliation, ImportedWork
from works.models import (
    Affiliation,
    Author,
    AuthorIdentifier,
    Authorship,
    Institution,
    Reference,
    RegistryRecord,
    Source,
    Topic,
    Work,
    WorkIdentifier,
)

pytestmark = pytest.mark.django_db


def take(*records: ImportedWork) -> Tally:
    with transaction.atomic():
        tally = take_in([(f"record {number}", record) for number, record in enumerate(records, 1)], run_id=None)
    settle()
    return tally


def counts(tally: Tally) -> tuple[int, int, int, int]:
    return tally.new, tally.changed, tally.unchanged, tally.merged


def test_the_reference_page_s_two_works():
    tally = take(meta_knowledge_distillation(), noisy_faces())

    assert counts(tally) == (2, 0, 0, 0)
    assert list(Authorship.objects.order_by("work", "position").values_list("name", "matched_by")) == [
        ("Jihao Liu", "first"), ("Boxiao Liu", "coauthor"), ("Hongsheng Li", "first"), ("Yu Liu", "coauthor"),
        ("Bingqi Ma", "first"), ("Guanglu Song", "first"), ("Boxiao Liu", "coauthor"), ("Yu Liu", "coauthor"),
    ]  # fmt: skip
    boxiao = Author.objects.get(name="Boxiao Liu")
    assert (boxiao.works_count, boxiao.topics_count, boxiao.first_year, boxiao.last_year) == (2, 2, 2022, 2022)
    assert [topic["label"] for topic in boxiao.summary["topics"]] == ["cs.CV", "cs.LG"]
    assert boxiao.summary["years"] == [[2022, 2]]
    assert boxiao.summary["types"] == [["preprint", 2]]
    assert boxiao.summary["affiliations"] == []
    assert tally.author_ids == set(Author.objects.values_list("pk", flat=True))


def test_a_second_time_changes_nothing():
    take(meta_knowledge_distillation(), noisy_faces())
    before = content()

    tally = take(meta_knowledge_distillation(), noisy_faces())

    assert counts(tally) == (0, 0, 2, 0)
    assert tally.author_ids == set()
    assert content() == before


def test_the_proceedings_version_joins_its_preprint():
    take(noisy_faces(abstract="What the preprint says."))
    take(noisy_faces_in_proceedings())

    work = Work.objects.get()
    assert (work.type, work.title, work.source.name) == (
        "conference-paper",
        "Rethinking Robust Representation Learning under Fine-Grained Noisy Faces",
        "ECCV 2022",
    )
    assert (work.abstract, work.abstract_from) == ("What the preprint says.", "arxiv")
    assert set(work.identifiers.values_list("scheme", "value")) == {("doi", "10.1007/978-3-031-19775-8_36"), ("arxiv", "2208.04352")}
    assert Author.objects.count() == 4
    assert work.card["identifiers"] == [["doi", "10.1007/978-3-031-19775-8_36"], ["arxiv", "2208.04352"]]
    assert [author["name"] for author in work.card["authors"]] == ["Bingqi Ma", "Guanglu Song", "Boxiao Liu", "Yu Liu"]


def test_what_a_work_is_does_not_depend_on_the_order_of_its_records():
    """The columns, not the addresses: those follow from the record that came first."""
    records = [
        noisy_faces(abstract="A preprint's abstract."),
        noisy_faces_in_proceedings(),
        replace(
            noisy_faces(),
            registry="openalex",
            key="W1",
            asserted_by="aggregator",
            identifiers=(("openalex", "W1"), ("arxiv", "2208.04352")),
        ),
    ]
    outcomes = set()
    for order in permutations(records):
        with transaction.atomic():
            take(*order)
            work = Work.objects.get()
            outcomes.add(
                (work.type, work.title, work.abstract, work.year, work.source.name, str(work.card["identifiers"]), Author.objects.count())
            )
            transaction.set_rollback(True)
    assert len(outcomes) == 1


def test_an_equal_title_is_not_enough():
    take(
        make_record("Introduction", ["Wei Wang"], key="1"),
        make_record("Introduction", ["Li Chen"], key="2"),
        make_record("A telling title of five words", ["Wei Wang"], key="3"),
        make_record("A telling title of five words", ["Wei Wang"], key="4", year=2019),
        make_record("A telling title of five words", ["Li Chen"], key="5"),
    )
    assert Work.objects.count() == 5


def test_two_arxiv_ids_are_two_works_however_alike():
    take(
        make_record("One title for both of them", ["Wei Wang"], key="1", identifiers=(("arxiv", "2201.00001"),)),
        make_record("One title for both of them", ["Wei Wang"], key="2", identifiers=(("arxiv", "2201.00002"),)),
    )
    assert Work.objects.count() == 2


def test_people_of_one_name_need_something_in_common():
    take(
        make_record("First work", ["Wei Wang", "Ada Lovelace"], topics=["cs.LG"]),
        make_record("Second work", ["Wei Wang", "Ada Lovelace"], topics=["math.CO"]),
        make_record("Third work", ["Wei Wang", "Emmy Noether"], topics=["cs.LG"]),
        make_record("Fourth work", ["Wei Wang"], topics=["q-bio.GN"]),
    )
    assert list(Authorship.objects.filter(name="Wei Wang").order_by("work").values_list("matched_by", flat=True)) == [
        "coauthor", "coauthor", "first", "first",
    ]  # fmt: skip
    assert sorted(Author.objects.filter(name="Wei Wang").values_list("works_count", flat=True)) == [1, 1, 2]


def test_one_affiliation_in_common_is_enough():
    def at(name: str) -> tuple[ImportedAffiliation, ...]:
        return (ImportedAffiliation(raw=name),)

    take(
        make_record("First work", [make_imported_author("Wei Wang", affiliations=at("Tsinghua University, Beijing"))]),
        make_record("Second work", [make_imported_author("Wei Wang", affiliations=at("TSINGHUA UNIVERSITY Beijing"))]),
        make_record("Third work", [make_imported_author("Wei Wang", affiliations=at("Peking University"))]),
    )
    assert list(Authorship.objects.order_by("work").values_list("matched_by", flat=True)) == ["affiliation", "affiliation", "first"]


def test_an_identifier_decides_and_tells_namesakes_apart():
    def wei(orcid: str, name: str = "Wei Wang"):
        return make_imported_author(name, identifiers=(("orcid", orcid),))

    take(
        make_record("First work", [wei("0000-0002-1825-0097"), "Ada Lovelace"]),
        make_record("Second work", [wei("0000-0001-5109-3700"), "Ada Lovelace"]),
        make_record("Third work", [wei("0000-0002-1825-0097", "W. Wang")]),
        make_record("Fourth work", [wei("0000-0002-1825-0097", "Emmy Noether")]),
    )
    people = dict(Authorship.objects.exclude(name="Ada Lovelace").values_list("work__title", "author_id"))
    assert people["First work"] == people["Third work"]
    assert len(set(people.values())) == 3  # the same co-author does not join two iDs, and an iD does not join two names
    assert AuthorIdentifier.objects.count() == 2


def test_an_orcid_id_outweighs_another_registry_s_cluster():
    def wei(orcid: str):
        return make_imported_author("Wei Wang", identifiers=(("orcid", orcid), ("openalex", "A11")))

    take(
        make_record("First work", [wei("0000-0002-1825-0097"), "Ada Lovelace"]),
        make_record("Second work", [wei("0000-0001-5109-3700"), "Ada Lovelace"]),
    )
    assert Author.objects.filter(name="Wei Wang").count() == 2
    assert Author.objects.get(name="Ada Lovelace").works_count == 2


def test_a_place_does_not_keep_an_author_with_another_orcid_id():
    def second(**fields):
        return make_record("Second work", [make_imported_author("Wei Wang", **fields), "Ada Lovelace"], key="2", version="v1")

    first = make_imported_author("Wei Wang", identifiers=(("orcid", "0000-0002-1825-0097"),))
    take(make_record("First work", [first, "Ada Lovelace"]), second())
    assert Author.objects.filter(name="Wei Wang").count() == 1
    later = replace(second(identifiers=(("orcid", "0000-0001-5109-3700"),)), version="v2")
    for _ in range(2):
        take(later)
        owners = dict(AuthorIdentifier.objects.values_list("value", "author__authorships__work__title"))
        assert owners == {"0000-0002-1825-0097": "First work", "0000-0001-5109-3700": "Second work"}


def test_one_name_thousands_of_times_in_a_byline_costs_what_other_names_cost():
    start = time.process_time()
    take(make_record("Namesakes", ["Wei Wang"] * 5000))
    assert time.process_time() - start < 5  # each beside all others took thrice as long
    assert Author.objects.filter(name="Wei Wang").count() == 5000


def test_who_answers_for_an_affiliation_is_who_prints_it():
    doi = (("doi", "10.1000/x"),)
    printed = make_imported_author("Ada Lovelace", affiliations=(ImportedAffiliation(raw="MIT", name="MIT"),))
    take(
        make_record("A work", ["Ada Lovelace"], registry="crossref", asserted_by="publisher", type="article", identifiers=doi),
        make_record("A work", [printed], registry="openalex", asserted_by="aggregator", type="article", identifiers=doi),
    )
    assert list(Affiliation.objects.values_list("raw", "asserted_by")) == [("MIT", "aggregator")]


def test_two_records_without_authors_do_not_make_a_byline_that_was_cut():
    take(make_record("A report", identifiers=(("doi", "10.1000/x"),)))
    take(make_record("A report", registry="openalex", asserted_by="aggregator", identifiers=(("doi", "10.1000/x"),)))
    assert list(Work.objects.values_list("authors_count", "is_byline_cut")) == [(0, False)]


def test_two_of_one_name_in_one_byline_are_two_people():
    take(make_record("Namesakes", ["Wei Wang", "Wei Wang", "Ada Lovelace"]), make_record("Namesakes again", ["Wei Wang", "Ada Lovelace"]))
    assert Author.objects.filter(name="Wei Wang").count() == 2
    assert Authorship.objects.values("work", "author").distinct().count() == Authorship.objects.count() == 5


def test_a_collaboration_is_no_author():
    take(make_record("A measurement", [make_imported_author("BABAR Collaboration", is_person=False), "Ada Lovelace"]))
    assert list(Authorship.objects.order_by("position").values_list("name", "author__name", "matched_by")) == [
        ("BABAR Collaboration", None, "not-a-person"),
        ("Ada Lovelace", "Ada Lovelace", "first"),
    ]
    assert Work.objects.get().card["authors"][0] == {"name": "BABAR Collaboration", "slug": None}


def test_a_newer_copy_replaces_an_older_one_and_an_old_one_that_comes_again_does_not():
    old = replace(noisy_faces(updated="2022-08-08", version="v1"), title="Rethinking noisy faces, a first draft")
    new = noisy_faces(updated="2022-09-01", version="v2")
    assert counts(take(old)) == (1, 0, 0, 0)
    assert counts(take(new)) == (0, 1, 0, 0)
    assert counts(take(old)) == (0, 0, 1, 0)
    assert Work.objects.get().title == new.title


def test_copies_without_dates_settle_too():
    one, other = noisy_faces(), replace(noisy_faces(), title="Another title for the very same key")
    assert counts(take(one, other)) == (1, 1, 0, 0)
    before = content()
    assert counts(take(one, other)) == (0, 0, 2, 0)
    assert content() == before


def test_a_changed_byline_keeps_its_people():
    take(noisy_faces(updated="2022-08-08"))
    before = dict(Authorship.objects.values_list("name", "pk"))
    people = dict(Author.objects.values_list("name", "pk"))
    names = ["Guanglu Song", "Bingqi Ma", "Yu Liu", "Ada Lovelace"]
    take(make_record(noisy_faces().title, names, key="2208.04352", identifiers=(("arxiv", "2208.04352"),), updated="2022-09-01"))

    assert list(Authorship.objects.order_by("position").values_list("name", flat=True)) == names
    after = dict(Authorship.objects.values_list("name", "pk"))
    assert all(after[name] == before[name] for name in names[:3])
    assert all(Authorship.objects.get(name=name).author_id == people[name] for name in names[:3])
    assert Author.objects.get(name="Boxiao Liu").works_count == 0
    assert list(Author.objects.with_works().values_list("name", flat=True).order_by("name")) == sorted(names)


def test_one_doi_does_not_make_two_arxiv_papers_one_work():
    tally = take(
        make_record("The first part of it all", ["Ada Lovelace"], key="1", identifiers=(("arxiv", "2201.00001"), ("doi", "10.1000/parts"))),
        make_record(
            "The second part of it all", ["Ada Lovelace"], key="2", identifiers=(("arxiv", "2201.00002"), ("doi", "10.1000/parts"))
        ),
    )
    assert counts(tally) == (2, 0, 0, 0)
    assert [rejection.reason for rejection in tally.reservations] == [
        "its doi 10.1000/parts already names another work; the identifier stays there"
    ]
    assert [work.card["identifiers"] for work in Work.objects.order_by("pk")] == [
        [["doi", "10.1000/parts"], ["arxiv", "2201.00001"]],
        [["arxiv", "2201.00002"]],
    ]


def test_an_identifier_that_its_owner_gives_up_comes_to_the_work_that_has_it_too():
    take(
        make_record(
            "The first of two works", ["Ada Lovelace"], key="1", identifiers=(("doi", "10.1000/1"), ("x", "1")), updated="2022-01-01"
        )
    )
    take(make_record("The second of two works", ["Emmy Noether"], key="2", identifiers=(("x", "2"), ("arxiv", "2201.00002"))))
    take(make_record("The second of two works", ["Emmy Noether"], key="3", identifiers=(("arxiv", "2201.00002"), ("doi", "10.1000/1"))))
    take(make_record("The first of two works", ["Ada Lovelace"], key="1", identifiers=(("x", "1"),), updated="2022-02-01"))
    take(
        make_record(
            "The second of two works", ["Emmy Noether"], key="2", identifiers=(("x", "2"), ("arxiv", "2201.00002")), abstract="New."
        )
    )
    assert WorkIdentifier.objects.get(value="10.1000/1").work.title == "The second of two works"


def test_an_identifier_of_another_work_stays_there_and_is_reported():
    take(make_record("The first of two works", ["Ada Lovelace"], key="1", identifiers=(("doi", "10.1000/1"),)))
    take(make_record("The second of two works", ["Emmy Noether"], key="2", identifiers=(("doi", "10.1000/2"),)))
    tally = take(make_record("The third of two works", ["Emmy Noether"], key="3", identifiers=(("doi", "10.1000/2"), ("doi", "10.1000/1"))))

    assert counts(tally) == (0, 0, 0, 1)
    assert [rejection.reason for rejection in tally.reservations] == [
        "its doi 10.1000/1 already names another work; the identifier stays there"
    ]
    assert WorkIdentifier.objects.get(value="10.1000/1").work.title == "The first of two works"


def test_an_identifier_that_was_a_mistake_goes_with_it():
    take(noisy_faces(identifiers=(("arxiv", "2208.04352"), ("doi", "10.1000/wrong")), updated="2022-08-08"))
    take(noisy_faces(updated="2022-09-01"))
    assert list(WorkIdentifier.objects.values_list("scheme", "value")) == [("arxiv", "2208.04352")]


def test_references_find_their_works_in_either_order():
    citing = meta_knowledge_distillation(references=(("arxiv", "2208.04352"), ("arxiv", "2202.07940")))
    take(citing)
    assert list(Reference.objects.order_by("value").values_list("value", "cited")) == [("2208.04352", None)]  # not itself
    take(noisy_faces())
    assert Reference.objects.get().cited.title == noisy_faces().title


def test_institutions_and_sources_are_found_again():
    ror = (("ror", "03cve4549"),)

    def at(name: str, identifiers=(), country="CN"):
        return make_imported_author(
            "Ada Lovelace", affiliations=(ImportedAffiliation(raw=name, name=name, country=country, identifiers=identifiers),)
        )

    take(
        make_record("First work", [at("Tsinghua University", ror)]),
        make_record("Second work", [at("Tsinghua Univ.", ror)]),
        make_record("Third work", [at("TSINGHUA UNIVERSITY")]),
        make_record("Fourth work", [at("Tsinghua University", country="TW")]),
        make_record("Fifth work", [at("Tsinghua University", (("ror", "00zdnkx70"),))]),
    )
    assert Institution.objects.count() == 3
    assert Source.objects.count() == 1
    assert Author.objects.get().summary["affiliations"][0]["year"] == 2022


def test_a_byline_of_thousands():
    names = [f"Author Number{number}" for number in range(3303)]
    take(make_record("A paper by everybody", names))
    work = Work.objects.get()
    assert (work.authors_count, len(work.card["authors"]), Author.objects.count()) == (3303, 20, 3303)
    before = content()
    assert counts(take(make_record("A paper by everybody", names))) == (0, 0, 1, 0)
    assert content() == before


def test_addresses_follow_from_the_record():
    take(meta_knowledge_distillation(), noisy_faces())
    first = dict(Author.objects.values_list("name", "public_id"))
    for table in (RegistryRecord, Work, Author, Topic, Source):
        table.objects.all().delete()
    take(meta_knowledge_distillation(), noisy_faces())
    assert dict(Author.objects.values_list("name", "public_id")) == first


def test_the_number_of_statements_does_not_grow(django_assert_num_queries):
    def batch(name: str, size: int) -> list[ImportedWork]:
        return [
            make_record(
                f"Work number {number} of {name}",
                ["Ada Lovelace", f"{name}{number} Noether"],
                topics=["cs.LG"],
                identifiers=(("doi", f"10.1000/{name}{number}"),),
                references=(("doi", f"10.1/{number}"),),
            )
            for number in range(size)
        ]

    def only_take_in(*records: ImportedWork) -> None:
        with transaction.atomic():
            take_in([("here", record) for record in records], run_id=None)

    only_take_in(*batch("Otto", 1))  # the temporary tables are there from now on
    with CaptureQueriesContext(connection) as one:
        only_take_in(*batch("Emmy", 1))
    with django_assert_num_queries(len(one)):
        only_take_in(*batch("Ida", 30))


def test_postgres_refuses_two_works_under_one_identifier():
    take(noisy_faces(), meta_knowledge_distillation())
    one, other = Work.objects.all()
    WorkIdentifier.objects.create(work=one, scheme="doi", value="10.1/x")
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkIdentifier.objects.create(work=other, scheme="doi", value="10.1/x")
