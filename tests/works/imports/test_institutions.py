"""Institutions as registries list them: one row each, ROR's word first, names replaced by what was said last."""

from dataclasses import replace

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories.imported import import_records, the_author
from tests.factories.records import make_imported_author, make_record
from works.actions.imports.institutions import take_in_institutions
from works.importers.record import ImportedAffiliation, ImportedInstitution
from works.models import Institution, InstitutionIdentifier, InstitutionName, InstitutionRelation

pytestmark = pytest.mark.django_db

MONASH = ImportedInstitution(
    registry="ror",
    key="02bfwt286",
    name="Monash University",
    country="AU",
    city="Melbourne",
    kind="education",
    status="active",
    identifiers=(("ror", "02bfwt286"), ("fundref", "501100001779"), ("fundref", "501100001144"), ("grid", "grid.1002.3")),
    names=(("name", "Monash University"), ("alias", "Universitas Monash"), ("acronym", "MU")),
    relations=(("child", "ror", "048t93218"),),
)


def take(*records: ImportedInstitution) -> tuple[int, int, int]:
    with transaction.atomic():
        tally = take_in_institutions(records)
    return tally.new, tally.changed, tally.unchanged


def test_an_institution_with_all_that_is_said_of_it():
    assert take(MONASH) == (1, 0, 0)
    assert take(MONASH) == (0, 0, 1)
    row = Institution.objects.get()
    assert (row.name, row.country_code, row.city, row.kind, row.status) == ("Monash University", "AU", "Melbourne", "education", "active")
    assert set(row.identifiers.values_list("scheme", "value")) == set(MONASH.identifiers)
    assert set(row.names.values_list("kind", "name", "name_key")) == {
        ("name", "Monash University", "monash university"),
        ("alias", "Universitas Monash", "universitas monash"),
        ("acronym", "MU", "mu"),
    }
    assert list(row.relations.values_list("kind", "scheme", "value")) == [("child", "ror", "048t93218")]


def test_what_is_no_longer_said_goes():
    take(MONASH)
    assert take(replace(MONASH, names=(("name", "Monash University"),), relations=(), status="inactive")) == (0, 1, 0)
    assert InstitutionName.objects.count() == 1
    assert not InstitutionRelation.objects.exists()
    assert Institution.objects.get().status == "inactive"


def test_the_institution_that_works_named_before_is_the_same_and_its_people_see_the_name():
    at = ImportedAffiliation(raw="Monash Univ.", name="Monash Univ.", country="AU", identifiers=(("ror", "02bfwt286"),))
    import_records(make_record("A work of Monash", [make_imported_author("Ada Lovelace", affiliations=(at,))]))
    take(MONASH)
    assert Institution.objects.get().name == "Monash University"
    assert [one["name"] for one in the_author("Ada Lovelace").summary["affiliations"]] == ["Monash University"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_ror_outweighs_openalex_in_either_order(order: tuple[int, int]):
    other = ImportedInstitution(
        registry="openalex",
        key="I56590836",
        name="Monash",
        identifiers=(("openalex", "I56590836"), ("ror", "02bfwt286")),
        names=(("name", "Monash"),),
    )
    for at in order:
        take((MONASH, other)[at])
    assert Institution.objects.get().name == "Monash University"
    assert set(InstitutionName.objects.filter(kind="name").values_list("registry", "name")) == {
        ("ror", "Monash University"),
        ("openalex", "Monash"),
    }
    assert InstitutionIdentifier.objects.filter(scheme="openalex").get().institution == Institution.objects.get()


def test_equal_names_in_two_countries_are_two():
    take(MONASH, replace(MONASH, key="013m0ac37", country="ZA", identifiers=(("ror", "013m0ac37"),)))
    assert Institution.objects.count() == 2


def test_the_number_of_statements_does_not_grow(django_assert_num_queries):
    def batch(start: int, size: int) -> list[ImportedInstitution]:
        return [
            replace(
                MONASH,
                key=f"0{at:06}11",
                name=f"Institute {at}",
                identifiers=(("ror", f"0{at:06}11"),),
                names=(("name", f"Institute {at}"),),
            )
            for at in range(start, start + size)
        ]

    take(*batch(0, 1))
    with CaptureQueriesContext(connection) as one:
        take(*batch(10, 1))
    with django_assert_num_queries(len(one)):
        take(*batch(20, 30))
