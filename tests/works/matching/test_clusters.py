"""Who is put together, who never is, and that the order in which signatures come means nothing."""

import random
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from works.matching import Commonness, Signature, group_people
from works.names import fold, parse_name


def signature(number: int, name: str, *, coauthors: str = "", at: str = "", **fields) -> Signature:
    others = [other.strip() for other in coauthors.split(",") if other.strip()]
    return Signature(
        id=number,
        work=fields.pop("work", number),
        name=parse_name(name),
        coauthors={parse_name(other).block: fold(other) for other in others},
        affiliations=(frozenset(fold(at).split()),) if at else (),
        **fields,
    )


def people(*signatures: Signature) -> list[list[int]]:
    commonness = Commonness()
    commonness.count_names(Counter(one.name for one in signatures))
    return sorted(sorted(signatures[number].id for number in group.members) for group in group_people(signatures, commonness))


def test_a_common_name_needs_evidence_and_a_rare_one_does_not():
    assert people(signature(1, "Wei Wang"), signature(2, "Wei Wang")) == [[1], [2]]
    assert people(signature(1, "Etienne Burdet"), signature(2, "Etienne Burdet")) == [[1, 2]]
    assert people(signature(1, "Wei Wang", coauthors="Ada Lovelace"), signature(2, "Wei Wang", coauthors="A. Lovelace")) == [[1, 2]]


def test_namesakes_are_expected_by_the_parts_of_a_name_however_few_names_there_are():
    """Two first and two family names that a thousand places share among four names; and one person of six hundred works."""
    commonness = Commonness()
    shared = {parse_name(f"{first} {family}"): 250 for first in ("Anna", "Maria") for family in ("Rossi", "Bruni")}
    commonness.count_names({**shared, parse_name("Etienne Burdet"): 600, **{parse_name(f"Ada L{number}x"): 1 for number in range(400)}})
    anna = commonness.namesakes(parse_name("Anna Rossi"), 250)
    assert 70 < anna < 250 / 3  # nearly all its places are shared out, three each
    assert commonness.namesakes(parse_name("Anna Rossi"), 1) < anna / 5
    assert commonness.namesakes(parse_name("Etienne Burdet"), 600) == 0.02


def test_initials_join_the_one_whom_the_evidence_names():
    assert people(
        signature(1, "Jane Smith", coauthors="Ada Lovelace"),
        signature(2, "John Smith", coauthors="Emmy Noether"),
        signature(3, "J. Smith", coauthors="Emmy Noether"),
    ) == [[1], [2, 3]]


def test_a_paper_between_two_others_bridges_them():
    assert people(
        signature(1, "Wei Wang", coauthors="Ada Lovelace"),
        signature(2, "Wei Wang", coauthors="Emmy Noether"),
        signature(3, "Wei Wang", coauthors="Ada Lovelace, Emmy Noether, Sofya Kovalevskaya"),
    ) == [[1, 2, 3]]


def test_one_byline_never_holds_a_person_twice():
    assert people(signature(1, "Etienne Burdet", work=7), signature(2, "Etienne Burdet", work=7)) == [[1], [2]]


def test_identifiers_join_and_part():
    one, other = frozenset({("orcid", "0000-0002-1825-0097")}), frozenset({("orcid", "0000-0001-5109-3700")})
    assert people(
        signature(1, "Wei Wang", identifiers=one),
        signature(2, "Wei Wang", identifiers=one),
        signature(3, "Wei Wang", identifiers=other, coauthors="Ada Lovelace"),
        signature(4, "Wei Wang", identifiers=one, coauthors="Ada Lovelace"),
    ) == [[1, 2, 4], [3]]


def test_what_a_person_decided_stands():
    kept: dict[str, Any] = {"author": 5, "is_locked": True}
    assert people(signature(1, "Wei Wang", **kept), signature(2, "Wei Wang", **kept)) == [[1, 2]]
    assert people(
        signature(1, "Etienne Burdet", **kept), signature(2, "Etienne Burdet", author=6, is_locked=True), signature(3, "E. Burdet")
    ) in ([[1, 3], [2]], [[1], [2, 3]], [[1], [2], [3]])
    assert people(signature(1, "Etienne Burdet", **kept), signature(2, "Etienne Burdet", ruled_out=frozenset({5}))) == [[1], [2]]


NAMES = ["Wei Wang", "W. Wang", "Wen Wang", "Wei X. Wang"]
COLLEAGUES = ["", "Ada Lovelace", "Emmy Noether", "Ada Lovelace, Emmy Noether"]
signatures = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(COLLEAGUES), st.integers(0, 6)), min_size=1, max_size=9)


@given(signatures, st.randoms(use_true_random=False))
def test_every_signature_is_in_one_group_that_keeps_the_rules(drawn, order: random.Random):
    given_ = [signature(number, name, coauthors=others, work=work) for number, (name, others, work) in enumerate(drawn)]
    order.shuffle(given_)
    commonness = Commonness()
    groups = group_people(given_, commonness)
    assert sorted(number for group in groups for number in group.members) == list(range(len(given_)))
    for group in groups:
        own = [given_[number] for number in group.members]
        assert len({one.work for one in own}) == len(own)
        assert not {"wei", "wen"} <= {one.name.first for one in own}
        assert all(0 <= link.confidence <= 1 for link in group.links)
