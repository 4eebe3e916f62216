"""Institutions in printed affiliations: found by name, country and city; not found where it might be another."""

import gzip
import io
import os
import re
from pathlib import Path

import orjson
import pytest
from django.core.management import call_command
from django.db import transaction

from tests.factories.imported import import_records, the_author
from tests.factories.records import make_imported_author, make_record
from works.actions.imports.institutions import take_in_institutions
from works.affiliations import Organisation, institutions_of, keys
from works.importers import ror
from works.importers.record import ImportedAffiliation, ImportedInstitution
from works.models import Affiliation
from works.names import fold

STANFORD, NEVADA, RENO, BERKELEY, CALIFORNIA, YORK_GB, YORK_CA, CNRS, HUAWEI, TSINGHUA, TSINGHUA_TW, MIT = range(1, 13)
NAMES = [
    (STANFORD, "name", "Stanford University", "US", "Stanford"),
    (NEVADA, "name", "University of Nevada, Las Vegas", "US", "Las Vegas"),
    (RENO, "name", "University of Nevada, Reno", "US", "Reno"),
    (BERKELEY, "name", "University of California, Berkeley", "US", "Berkeley"),
    (CALIFORNIA, "name", "University of California System", "US", "Oakland"),
    (YORK_GB, "name", "University of York", "GB", "York"),
    (YORK_CA, "alias", "University of York", "CA", "Toronto"),
    (CNRS, "acronym", "CNRS", "FR", "Paris"),
    (HUAWEI, "name", "Huawei", "CN", "Shenzhen"),
    (TSINGHUA, "name", "Tsinghua University", "CN", "Beijing"),
    (TSINGHUA_TW, "name", "National Tsing Hua University", "TW", "Hsinchu"),
    (MIT, "label", "Institute of Technology", "US", "Cambridge"),
]
ORGANISATIONS = [
    Organisation(institution=institution, key=fold(name), kind=kind, country=country, city=city)
    for institution, kind, name, country, city in NAMES
]


def found(raw: str) -> tuple[int, ...]:
    wanted = keys(raw)
    return institutions_of(raw, [one for one in ORGANISATIONS if one.key in wanted])


@pytest.mark.parametrize(
    ("raw", "institutions"),
    [
        ("Stanford University", (STANFORD,)),
        ("Stanford Univ., Stanford, CA 94305, USA", (STANFORD,)),
        ("Department of Physics Stanford University", (STANFORD,)),
        ("Department of Pharmacology, Stanford University School of Medicine, Stanford, CA", (STANFORD,)),
        ("1Stanford University, Stanford", (STANFORD,)),
        ("School of Engineering, The University of York, York, UK", (YORK_GB,)),
        ("University of Nevada, Las Vegas, NV, USA", (NEVADA,)),
        ("University of Nevada at Reno, USA", (RENO,)),
        ("Dept. of EECS, University of California, Berkeley, CA 94720", (BERKELEY,)),
        ("Tsinghua University, Beijing, P.R. China; Huawei, Shenzhen, China", (TSINGHUA, HUAWEI)),
        ("Stanford University and Tsinghua University", (TSINGHUA,)),
        ("CNRS, Paris, France", (CNRS,)),
        ("Huawei", (HUAWEI,)),
        ("清华大学", ()),
        ("University of York", ()),
        ("University of York, Toronto", (YORK_CA,)),
        ("Stanford University, London, UK", ()),
        ("CNRS", ()),
        ("cnrs, Paris, France", ()),
        ("Huawei, somewhere", ()),
        ("University of California", ()),
        ("Institute of Technology, Cambridge, USA", ()),
        ("University of Nevada", ()),
        ("", ()),
        ("x" * 10_000, ()),
    ],
)
def test_what_a_line_names(raw: str, institutions: tuple[int, ...]):
    assert found(raw) == institutions


def institution(key: str, name: str, country: str, *, status: str = "active") -> ImportedInstitution:
    return ImportedInstitution(
        registry="ror", key=key, name=name, country=country, status=status, identifiers=(("ror", key),), names=(("name", name),)
    )


MONASH = institution("02bfwt286", "Monash University", "AU")
DEAKIN = institution("02czsnj07", "Deakin University", "AU")
GONE = institution("013m0ac37", "Monash South Africa", "ZA", status="withdrawn")


def take(*institutions: ImportedInstitution) -> None:
    with transaction.atomic():
        take_in_institutions(institutions)


def work(*lines: str):
    affiliations = tuple(ImportedAffiliation(raw=line) for line in lines)
    return make_record("A work of Australia", [make_imported_author("Ada Lovelace", affiliations=affiliations)], asserted_by="publisher")


LINES = ("Monash University, Melbourne, Australia; Deakin University, Geelong, Australia", "Monash South Africa", "A garage")
ROWS = [
    (LINES[0], "Monash University", "publisher", True),
    (LINES[0], "Deakin University", "publisher", True),
    (LINES[1], None, "publisher", False),
    (LINES[2], None, "publisher", False),
]


def rows() -> list[tuple]:
    return sorted(Affiliation.objects.values_list("raw", "institution__name", "asserted_by", "is_inferred"), key=str)


@pytest.mark.django_db
def test_on_import_and_by_the_command_the_same_rows_come_out():
    take(MONASH, DEAKIN, GONE)
    import_records(work(*LINES))
    assert rows() == sorted(ROWS, key=str)
    assert "Deakin University" in {one["name"] for one in the_author("Ada Lovelace").summary["affiliations"]}


@pytest.mark.django_db
def test_by_the_command_for_what_stands_already(capsys):
    import_records(work(*LINES))
    take(MONASH, DEAKIN, GONE)
    assert {institution for _, institution, *_ in rows()} == {None}
    call_command("match_affiliations")
    assert capsys.readouterr().out == "3 affiliations without an institution read, 1 of them name one or more.\n"
    assert rows() == sorted(ROWS, key=str)
    call_command("match_affiliations", verbosity=0)
    assert rows() == sorted(ROWS, key=str)
    assert "Deakin University" in {one["name"] for one in the_author("Ada Lovelace").summary["affiliations"]}


@pytest.mark.django_db
def test_what_a_registry_names_is_not_read_again():
    take(MONASH)
    named = ImportedAffiliation(raw="Monash University, Australia", name="Another University", country="AU")
    import_records(make_record("A work of Australia", [make_imported_author("Ada Lovelace", affiliations=(named,))]))
    assert rows() == [("Monash University, Australia", "Another University", "repository", False)]


DATA = Path(os.environ.get("BZPEER_SAMPLE_DATA", Path(__file__).parents[3] / "shared" / "data"))


def known_organisations() -> dict[str, list[tuple[str, Organisation]]]:
    """The institutions of the sample files by name: (ROR id, candidate)."""
    told: set[tuple[str, str, str, str, str]] = set()
    hits = orjson.loads((DATA / "ror/es_search_20_full_records_v2.json").read_bytes())["hits"]["hits"]
    for item in ror.parse(io.BytesIO(b"\n".join(orjson.dumps(hit["_source"]) for hit in hits)), name="ror"):
        assert isinstance(item, ImportedInstitution)
        told |= {(item.key, kind, name, item.country, item.city) for kind, name in item.names}
    (part,) = (DATA / "openalex/snapshot/institutions").glob("*/part_000.gz")
    for line in gzip.decompress(part.read_bytes()).splitlines():
        item = orjson.loads(line)
        names = [("name", item["display_name"]), ("alias", re.sub(r"\s+\([^()]+\)$", "", item["display_name"]))]
        names += [("alias", name) for name in item.get("display_name_alternatives") or ()]
        names += [("acronym", name) for name in item.get("display_name_acronyms") or ()]
        place = item.get("geo") or {}
        if item.get("ror"):
            country = place.get("country_code") or ""
            told |= {(item["ror"].rpartition("/")[2], kind, name, country, place.get("city") or "") for kind, name in names}
    found: dict[str, list[tuple[str, Organisation]]] = {}
    numbers = {key: number for number, key in enumerate(sorted({row[0] for row in told}))}
    for key, kind, name, country, city in sorted(told):
        one = Organisation(institution=numbers[key], key=fold(name), kind=kind, country=country, city=city)
        found.setdefault(one.key, []).append((key, one))
    return found


@pytest.mark.corpus
@pytest.mark.skipif(
    not (DATA / "README.md").is_file(), reason=f"the sample data are not at {DATA} (BZPEER_SAMPLE_DATA says where they are)"
)
def test_labelled_lines():
    organisations = known_organisations()
    ids = {one.institution: key for its in organisations.values() for key, one in its}
    right = wrong = wanted = 0
    for line in orjson.loads(gzip.decompress((DATA / "ror/affiliation_strings_to_ror_crossref_2024.json.gz").read_bytes())):
        labels = {label.rpartition("/")[2] for label in line["ror_ids"]}
        candidates = [one for key in keys(line["affiliation"]) for _, one in organisations.get(key, ())]
        got = {ids[number] for number in institutions_of(line["affiliation"], candidates)}
        right, wrong, wanted = right + len(got & labels), wrong + len(got - labels), wanted + len(labels & set(ids.values()))
    assert wrong <= 1
    assert wanted == 24
    assert right >= 17
