"""The table of examples: each a page, exactly."""

from dataclasses import replace

import pytest

from profiles.trust.score import NETWORK_MAXIMUM, POINT, Band, Finding, JointWork, Record, Voucher, backings, network, score
from tests.profiles.trust.examples import (
    ACCOUNT,
    BOUND_ORCID,
    CHECKS,
    EVERYTHING_FREE,
    FREE_CLAIM,
    INSTITUTE,
    LAST_MONTH,
    LOGIN,
    MAILBOX,
    NETWORK_OF_A_PROFESSOR,
    ONE_PREPRINT,
    PRINTED,
    PROFESSORS_RECORD,
    REFERENCE,
    SECOND_FACTOR,
    STUDENTS_RECORD,
    UNIVERSITY,
    inputs,
    voucher,
)

STUDENT = (ACCOUNT, BOUND_ORCID, MAILBOX, PRINTED)
IN_PERSON = (ACCOUNT, BOUND_ORCID, LOGIN)
VERIFIED_RECORD = replace(PROFESSORS_RECORD, orcid_works=(("publisher", 120),))
VERIFIED = (ACCOUNT, BOUND_ORCID, *CHECKS)
FULLY_VERIFIED = (*VERIFIED, LOGIN, SECOND_FACTOR)
HIJACK = (ACCOUNT, MAILBOX, LOGIN, SECOND_FACTOR)
IN_PROCEEDINGS = replace(REFERENCE, registries=frozenset({"arxiv", "doi"}))


@pytest.mark.parametrize(
    ("page", "points", "band", "level"),
    [
        pytest.param(inputs(REFERENCE), 13, Band.UNVERIFIED, 1, id="the reference page"),
        pytest.param(inputs(IN_PROCEEDINGS), 15, Band.UNVERIFIED, 1, id="the reference page with proceedings"),
        pytest.param(inputs(STUDENTS_RECORD, STUDENT, (voucher(),)), 49, Band.ESTABLISHED, 3, id="student, verified advisor"),
        pytest.param(inputs(STUDENTS_RECORD, STUDENT, (voucher(level=2),)), 42, Band.ESTABLISHED, 3, id="student, advisor not verified"),
        pytest.param(inputs(ONE_PREPRINT, IN_PERSON), 37, Band.ESTABLISHED, 3, id="student, one arXiv work"),
        pytest.param(inputs(ONE_PREPRINT, VERIFIED), 57, Band.VERIFIED, 4, id="that student after an identity check"),
        pytest.param(inputs(PROFESSORS_RECORD, (), NETWORK_OF_A_PROFESSOR), 36, Band.CORROBORATED, 1, id="senior professor, unclaimed"),
        pytest.param(inputs(PROFESSORS_RECORD, HIJACK, NETWORK_OF_A_PROFESSOR), 36, Band.CORROBORATED, 1, id="hijacking claim, unbound"),
        pytest.param(inputs(VERIFIED_RECORD, VERIFIED, NETWORK_OF_A_PROFESSOR), 85, Band.VERIFIED, 4, id="verified professor, L4"),
        pytest.param(inputs(VERIFIED_RECORD, FULLY_VERIFIED, NETWORK_OF_A_PROFESSOR), 95, Band.VERIFIED, 5, id="verified professor, L5"),
        pytest.param(inputs(EVERYTHING_FREE, FREE_CLAIM), 24, Band.UNVERIFIED, 2, id="sybil with every free signal"),
        pytest.param(
            inputs(EVERYTHING_FREE, FREE_CLAIM, (voucher(),)), 31, Band.CORROBORATED, 2, id="sybil with one fooled verified co-author"
        ),
        pytest.param(inputs(Record(close_collaborators=0)), 0, Band.UNVERIFIED, 0, id="a name only"),
    ],
)
def test_examples(page, points, band, level):
    result = score(page)
    assert (result.score, result.band, result.level) == (points, band, level)
    assert sum(line.micropoints for line in result.lines) == result.micropoints


def test_lines_of_the_reference_page():
    assert [(line.key, line.micropoints / POINT, line.maximum / POINT) for line in score(inputs(REFERENCE)).lines] == [
        ("identity", 5, 60),
        ("works", 2, 4),
        ("registries", 2, 6),
        ("topics", 2, 2),
        ("collaborators", 2, 2),
        ("affiliation", 0, 2),
        ("orcid", 0, 4),
        ("network", 0, 20),
        ("conduct", 0, 0),
    ]


@pytest.mark.parametrize(("close", "micropoints"), [(None, 0), (0, 0), (1, 500_000), (3, 1_500_000), (4, 2_000_000), (9, 2_000_000)])
def test_close_collaborators_earn_half_a_point_each(close, micropoints):
    assert score(inputs(replace(REFERENCE, close_collaborators=close))).lines[4].micropoints == micropoints


def test_half_points_are_floored_in_the_headline_only():
    result = score(inputs(replace(REFERENCE, close_collaborators=3)))
    assert (result.micropoints, result.score) == (12_500_000, 12)


def test_aggregators_are_no_registries():
    assert score(inputs(replace(REFERENCE, registries=frozenset({"openalex", "dblp", "arxiv"})))).score == 13
    assert score(inputs(replace(REFERENCE, registries=frozenset({"openalex"})))).score == 11


@pytest.mark.parametrize("asserter", ["repository", "aggregator", "converted", "author"])
def test_only_publishers_and_institutions_earn_the_last_two_lines(asserter):
    told = replace(REFERENCE, affiliations=frozenset({(asserter, "A university")}), orcid_works=((asserter, 2),))
    assert score(inputs(told)).score == 13


@pytest.mark.parametrize(
    ("vouchers", "expected"),
    [
        ((), 0),
        ((voucher(level=4),), 7_000_000),
        ((voucher(level=5),), 7_000_000),
        ((voucher(level=2),), 0),
        ((voucher(level=3),), 0),
        ((voucher(is_confirmed=False),), 0),
        ((voucher(authors=26),), 0),
        ((voucher(authors=25),), 560_000),
        ((voucher(authors=3),), 4_666_666),
        ((voucher("a"), voucher("b")), 10_000_000),  # 1 - 0.65^2 = 0.5775, and one institution gives at most one half
        ((voucher("a", UNIVERSITY), voucher("b", INSTITUTE)), 11_550_000),
        ((voucher("a", ""), voucher("b", "")), 10_000_000),
        (NETWORK_OF_A_PROFESSOR, 15_000_000),
        ((replace(voucher(), place=30),), 7_000_000),
        ((replace(voucher(), place=31),), 0),
        ((replace(voucher(level=3), network=10_000_000, place=10),), 1_750_000),  # 0.35 x 1/2 x 1/2 of 20
        ((replace(voucher(level=3), network=10_000_000, place=11),), 0),
        ((replace(voucher(level=3), network=NETWORK_MAXIMUM),), 3_500_000),
    ],
)
def test_network_is_exact(vouchers, expected):
    assert network(vouchers) == expected


def test_joint_works_add_up_to_a_full_weight_and_no_further():
    def with_works(*authors: int) -> Voucher:
        works = tuple(JointWork(work=str(place), authors=number, is_confirmed=True) for place, number in enumerate(authors))
        return Voucher(person="p", institution="i", level=4, joint_works=works)

    assert network((with_works(4),)) == 3_500_000
    assert network((with_works(4, 4),)) == 7_000_000
    assert network((with_works(3, 6),)) == 7_000_000
    assert network((with_works(4, 4, 4, 2),)) == 7_000_000


def test_backings_name_the_institutions_strongest_first():
    first, second = backings((voucher("a", UNIVERSITY, authors=4), voucher("b", INSTITUTE), voucher("c", "elsewhere", level=1)))
    assert (first.institution, first.vouchers, first.works, first.micropoints) == (INSTITUTE, 1, ("joint with b",), 7_000_000)
    assert (second.institution, second.vouchers, second.works, second.micropoints) == (UNIVERSITY, 1, ("joint with a",), 3_500_000)


def finding(key: str, kind: Finding.Kind = Finding.Kind.IDENTITY, *, is_upheld: bool = True) -> Finding:
    return Finding(key=key, kind=kind, is_upheld=is_upheld, found_on=LAST_MONTH)


def test_an_upheld_finding_costs_15_and_caps_the_band():
    page = inputs(VERIFIED_RECORD, VERIFIED, NETWORK_OF_A_PROFESSOR, findings=(finding("1"),))
    result = score(page)
    assert (result.score, result.band) == (70, Band.CORROBORATED)
    assert result.lines[-1].micropoints == -15_000_000
    assert sum(line.micropoints for line in result.lines) == result.micropoints


def test_findings_cost_at_most_60_and_never_more_than_there_is():
    many = tuple(finding(str(number)) for number in range(9))
    assert score(inputs(VERIFIED_RECORD, VERIFIED, NETWORK_OF_A_PROFESSOR, findings=many)).score == 25
    bare = score(inputs(REFERENCE, findings=many))
    assert (bare.score, bare.micropoints, bare.lines[-1].micropoints) == (0, 0, -13_000_000)


def test_honest_retractions_and_open_reports_cost_nothing():
    told = (finding("1", Finding.Kind.RETRACTION), finding("2", is_upheld=False), finding("3", Finding.Kind.AUTHORSHIP, is_upheld=False))
    assert score(inputs(REFERENCE, findings=told)).score == 13


def test_suspension_takes_the_level_and_leaves_the_record():
    assert score(inputs(STUDENTS_RECORD, STUDENT, (voucher(),), is_suspended=True)).score == 5 + 12 + 7


def test_a_person_vouches_once():
    with pytest.raises(ValueError, match="vouches once"):
        inputs(REFERENCE, (), (voucher("a", UNIVERSITY), voucher("a", INSTITUTE)))


def test_bands_need_points_and_level():
    assert score(inputs(ONE_PREPRINT, IN_PERSON)).band is Band.ESTABLISHED
    assert score(inputs(Record(works=1, close_collaborators=0), IN_PERSON)).band is Band.CORROBORATED  # 31 points
    assert score(inputs(Record(works=1, close_collaborators=0), VERIFIED)).band is Band.ESTABLISHED  # 51 points
