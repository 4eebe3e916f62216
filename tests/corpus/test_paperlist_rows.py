"""The converter of the conference paper lists, row by row: each defect of the lists, and what becomes of it."""

import pytest

from tests.corpus.paperlists import affiliations_in, byline_of, identifiers_of, names_in, once, places_of_profiles
from works.importers.record import InvalidRecord


def row(**columns: str) -> dict[str, str]:
    return {"id": "x1", "title": "A title", **columns}


def test_affiliations_follow_or_profile():
    columns = row(
        author="Ada Lovelace;Mary Ann Evans;Emmy Noether",
        or_profile="~Emmy_Noether2;~Ada_Lovelace1;~George_Eliot1",
        aff="Göttingen;London;Coventry",
    )
    assert [(author.name, [item.raw for item in author.affiliations]) for author in byline_of(columns, "corl")] == [
        ("Ada Lovelace", ["London"]),
        ("Mary Ann Evans", ["Coventry"]),
        ("Emmy Noether", ["Göttingen"]),
    ]


def test_two_profiles_that_fit_nobody_are_given_to_nobody():
    assert places_of_profiles({"or_profile": "~A_B1;~C_D1;~E_F1"}, ["E F", "G H", "I J"]) == [None, None, 0]


def test_namesakes_in_one_byline_are_not_told_apart_by_order():
    assert places_of_profiles({"or_profile": "~Wei_Wang1;~Wei_Wang2"}, ["Wei Wang", "Wei Wang"]) == [None, None]


def test_affiliations_that_do_not_fit_the_byline_are_left_out():
    assert [author.affiliations for author in byline_of(row(author="A B; C D", aff="X; Y; Z"), "aaai")] == [(), ()]


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("CSML, Genoa, Italy+University College London", ["CSML, Genoa, Italy", "University College London"]),
        ("CRIM Lab, Pisa, Italy. phone: +39-050-883028; fax: 1; e-mail: dario@sssup.it", ["CRIM Lab, Pisa, Italy"]),
        ("Osmania University, India. hafezsyr@ieee.org", ["Osmania University, India"]),
        ("Institute of Phonetic Sciences", ["Institute of Phonetic Sciences"]),
        ("1", []),
        ("", []),
    ],
)
def test_affiliations_lose_addresses_and_telephones(part, expected):
    assert [item.raw for item in affiliations_in(part)] == expected


@pytest.mark.parametrize(
    ("slot", "names"),
    [
        ("Peter Hirsch and Dagmar Kainmueller", ["Peter Hirsch", "Dagmar Kainmueller"]),
        ("Saeed Mahloujifar, Mohammad Mahmoody", ["Saeed Mahloujifar", "Mohammad Mahmoody"]),
        ("Rodriguez, S.", ["Rodriguez, S."]),
        ("The Hong Kong University of Science and Technology", ["The Hong Kong University of Science and Technology"]),
        ("Mausam", ["Mausam"]),
    ],
)
def test_names_in_one_slot(slot, names):
    assert names_in(slot) == names


def test_a_byline_written_twice_or_four_times_counts_once():
    assert once(["A", "B", "A", "B"]) == ["A", "B"]
    assert once(["A"] * 4) == ["A"]
    assert once(["A", "B", "A"]) == ["A", "B", "A"]


@pytest.mark.parametrize("author", ["", "Anonymous", "authors", "withdrawn.", "Ann Bell Cid Dell Ems Fay", "Ann Bell {ann;bell}@x.org"])
def test_bylines_that_name_nobody_are_refused(author):
    with pytest.raises(InvalidRecord):
        byline_of(row(author=author), "iclr")


def test_a_suffix_in_a_slot_of_its_own_belongs_to_the_name_before():
    assert [author.name for author in byline_of(row(author="J.L. Wyatt; Jr; D.L. Standley"), "nips")] == ["J.L. Wyatt Jr", "D.L. Standley"]


def test_identifiers_are_the_works_own():
    springer = row(doi="https://link.springer.com/chapter/10.1007/978-3-031-19836-6 _31", authorids="~A_B1", orcid="0000-0002-1825-0097")
    assert identifiers_of(springer, "eccv") == (("doi", "10.1007/978-3-031-19836-6_31"),)
    assert identifiers_of(row(bibtex='doi = "10.18653/v1/2021.acl-long.24",'), "acl") == (
        ("doi", "10.18653/v1/2021.acl-long.24"),
        ("acl", "x1"),
    )
    assert identifiers_of(row(), "colm") == (("openreview", "x1"),)
