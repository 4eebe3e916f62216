"""What OpenAlex lists besides works, and the replay of its merged ids."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import orjson
import pytest

from tests.factories.imported import import_records, the_author
from tests.factories.records import make_imported_author, make_record
from works.actions.imports import open_run, run_import
from works.importers import openalex
from works.importers.record import ImportedAffiliation, ImportedSource, Rejection
from works.models import (
    AuthorIdentifier,
    ImportRun,
    Institution,
    InstitutionIdentifier,
    MergeProposal,
    RegistryRecord,
    Source,
    Topic,
    Work,
    WorkIdentifier,
)

ORCID = "0000-0002-1825-0097"
AUTHOR = {"id": "https://openalex.org/A5023888391", "display_name": "Ada Lovelace", "orcid": f"https://orcid.org/{ORCID}"}
INSTITUTION = {
    "id": "https://openalex.org/I56590836",
    "ror": "https://ror.org/02bfwt286",
    "display_name": "Monash University",
    "display_name_acronyms": ["MU"],
    "display_name_alternatives": ["Universitas Monash"],
    "type": "education",
    "geo": {"city": "Melbourne", "country_code": "AU"},
    "ids": {"grid": "grid.1002.3", "wikidata": "https://www.wikidata.org/wiki/Q598841", "ror": "https://ror.org/02bfwt286"},
    "associated_institutions": [{"id": "https://openalex.org/I4210141239", "relationship": "child"}],
}
SOURCE = {
    "id": "https://openalex.org/S202381698",
    "display_name": "PLoS ONE",
    "type": "journal",
    "issn_l": "1932-6203",
    "issn": ["1932-6203"],
}
TOPIC = {"id": "https://openalex.org/T11475", "display_name": "Territorial Governance"}


def parsed(*items: Any) -> list[Any]:
    return list(openalex.parse(BytesIO(b"\n".join(orjson.dumps(item) for item in items)), name="part"))


def run(tmp_path, data: bytes) -> ImportRun:
    path = tmp_path / f"part{len(list(tmp_path.iterdir()))}"
    path.write_bytes(data)
    return run_import(run_id=open_run(source="openalex", files=[str(path)], by="").pk)


def listed(*items: Any) -> bytes:
    return b"\n".join(orjson.dumps(item) for item in items)


def merged(*pairs: tuple[str, str]) -> bytes:
    return b"merge_date,id,merge_into_id\n" + b"".join(f"2023-04-13,{old},{new}\n".encode() for old, new in pairs)


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    assert run.read == run.new + run.changed + run.unchanged + run.merged + run.rejected
    return run.new, run.changed, run.unchanged, run.rejected


def test_an_institution_is_read_whole():
    (item,) = parsed(INSTITUTION)
    assert item.identifiers == (("openalex", "I56590836"), ("ror", "02bfwt286"), ("grid", "grid.1002.3"), ("wikidata", "Q598841"))
    assert item.names == (("name", "Monash University"), ("alias", "Universitas Monash"), ("acronym", "MU"))
    assert (item.country, item.city, item.relations) == ("AU", "Melbourne", (("child", "openalex", "I4210141239"),))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2023-04-13,A3125154712", "a line of merged ids has a date and two ids; this one has 2 parts"),
        ("2023-04-13,A3125154712,W4317838346", "A3125154712 was merged into W4317838346: the record keeps"),
        ("2023-04-13,C3125154712,C4317838346", "C3125154712 was merged into C4317838346: the record keeps"),
        ("2023-04-13,x,A4317838346", "'x' is not an OpenAlex id"),
    ],
)
def test_a_line_that_is_no_merge(line: str, reason: str):
    (rejection,) = openalex.parse(BytesIO(f"merge_date,id,merge_into_id\n{line}\n".encode()), name="2023-04-13.csv")
    assert isinstance(rejection, Rejection)
    assert (rejection.place, rejection.reason.startswith(reason)) == ("2023-04-13.csv:2", True)


@pytest.mark.django_db(transaction=True)
def test_listed_things_are_taken_in_once(tmp_path):
    import_records(make_record("A work", [make_imported_author("Ada Lovelace", identifiers=(("openalex", "A5023888391"),))]))
    unknown = {**AUTHOR, "id": "https://openalex.org/A1111"}
    first = run(tmp_path, listed(INSTITUTION, SOURCE, TOPIC, AUTHOR, unknown))
    assert counts(first) == (3, 1, 0, 1)
    assert first.rejections.get().reason == "no work of this author is in the record; authors come with their works"
    again = run(tmp_path, listed(INSTITUTION, SOURCE, {**TOPIC, "display_name": "Territorial governance"}, AUTHOR))
    assert counts(again) == (0, 1, 3, 0)
    assert Topic.objects.get(code="T11475").label == "Territorial governance"
    assert set(Source.objects.get(name="PLoS ONE").identifiers.values_list("scheme", "value")) == {
        ("openalex", "S202381698"),
        ("issn", "1932-6203"),
    }
    assert the_author("Ada Lovelace").identifiers.filter(scheme="orcid").get().value == ORCID


@pytest.mark.django_db(transaction=True)
def test_a_merged_id_leads_to_what_it_was_merged_into(tmp_path):
    author = make_imported_author("Ada Lovelace", identifiers=(("openalex", "A1111"),))
    import_records(
        make_record("A work", [author], registry="openalex", key="W1111", asserted_by="aggregator", identifiers=(("openalex", "W1111"),))
    )
    assert counts(run(tmp_path, merged(("A1111", "A2222"), ("W1111", "W2222"), ("A3333", "A4444")))) == (0, 2, 1, 0)
    assert AuthorIdentifier.objects.get().value == "A2222"
    assert WorkIdentifier.objects.get().value == "W2222"
    assert Work.objects.get().card["identifiers"] == [["openalex", "W2222"]]
    record = RegistryRecord.objects.get()
    assert (record.key, record.payload["identifiers"]) == ("W2222", [["openalex", "W2222"]])
    assert counts(run(tmp_path, merged(("A1111", "A2222"), ("W1111", "W2222")))) == (0, 0, 2, 0)
    import_records(make_record("A work", [author], registry="openalex", key="W2222", identifiers=(("openalex", "W2222"),)))
    assert Work.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_authors_under_merged_ids_are_proposed_and_not_merged(tmp_path):
    import_records(
        make_record("A work", [make_imported_author("Ada Lovelace", identifiers=(("openalex", "A1111"),))]),
        make_record("Another", [make_imported_author("A. Lovelace", identifiers=(("openalex", "A2222"),))]),
    )
    run(tmp_path, merged(("A1111", "A2222")))
    proposal = MergeProposal.objects.get()
    assert {proposal.author_a.name, proposal.author_b.name} == {"Ada Lovelace", "A. Lovelace"}
    assert proposal.reasons[0]["says"] == "OpenAlex merged its id A1111 into A2222."
    run(tmp_path, merged(("A1111", "A2222"), ("A1111", "A2222")))
    assert MergeProposal.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_institutions_and_two_sources_under_merged_ids_become_one(tmp_path):
    def at(key: str, name: str) -> ImportedAffiliation:
        return ImportedAffiliation(raw=name, name=name, identifiers=(("openalex", key),))

    def venue(key: str, name: str) -> ImportedSource:
        return ImportedSource(name=name, kind="journal", identifiers=(("openalex", key),))

    import_records(
        make_record("A work", [make_imported_author("Ada", affiliations=(at("I1111", "Monash"),))], source=venue("S1111", "PLoS")),
        make_record(
            "Another", [make_imported_author("Bob", affiliations=(at("I2222", "Monash University"),))], source=venue("S2222", "PLOS ONE")
        ),
    )
    assert counts(run(tmp_path, merged(("I1111", "I2222"), ("S1111", "S2222")))) == (0, 2, 0, 0)
    assert (Institution.objects.get().name, Source.objects.get().name) == ("Monash University", "PLOS ONE")
    assert InstitutionIdentifier.objects.get().value == "I2222"
    assert {work.source.name for work in Work.objects.all()} == {"PLOS ONE"}
    assert Institution.objects.get().affiliations.count() == 2
