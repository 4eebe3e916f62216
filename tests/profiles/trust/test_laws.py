"""What must hold of every input, found by searching for one of which it does not."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.trust.explain import explain
from profiles.trust.levels import BINDINGS, FREE, Evidence, Kind, level
from profiles.trust.score import NETWORK_MAXIMUM, POINT, Band, Finding, Inputs, JointWork, Record, Voucher, network, score
from tests.profiles.trust.examples import TODAY

thousand = settings(max_examples=1_000, deadline=None)

days = st.dates(min_value=date(2022, 1, 1), max_value=TODAY + timedelta(days=60))
sources = st.sampled_from(["", "a", "b", "c"])
evidences = st.builds(Evidence, kind=st.sampled_from(Kind), dated=days, source=sources, institution=sources, expires=st.none() | days)
counts = st.integers(0, 8)
asserters = st.sampled_from(["publisher", "institution", "repository", "aggregator", "converted"])
registries = st.frozensets(st.sampled_from(["arxiv", "doi", "pubmed", "hal", "acl", "openalex", "dblp", "whatever"]))
records = st.builds(
    Record,
    works=counts,
    registries=registries,
    topics=counts,
    close_collaborators=st.none() | counts,
    affiliations=st.frozensets(st.tuples(asserters, st.sampled_from(["A university", "An institute"])), max_size=3),
    orcid_works=st.lists(st.tuples(asserters, counts), max_size=3).map(tuple),
)
joint_works = st.builds(JointWork, work=st.integers(0, 999).map(str), authors=st.integers(2, 40), is_confirmed=st.booleans())
vouchers = st.builds(
    Voucher,
    person=st.integers(0, 10**9).map(str),
    institution=sources,
    level=st.integers(0, 5),
    network=st.integers(0, NETWORK_MAXIMUM),
    place=st.integers(1, 40),
    joint_works=st.lists(joint_works, max_size=4).map(tuple),
)
networks = st.lists(vouchers, max_size=6, unique_by=lambda voucher: voucher.person).map(tuple)
findings = st.builds(
    Finding, key=st.integers(0, 99).map(str), kind=st.sampled_from(Finding.Kind), is_upheld=st.booleans(), found_on=st.just(TODAY)
)
pages = st.builds(
    Inputs,
    record=records,
    on=st.just(TODAY),
    evidence=st.lists(evidences, max_size=8).map(tuple),
    vouchers=networks,
    findings=st.lists(findings, max_size=3).map(tuple),
    is_suspended=st.booleans(),
)


@thousand
@given(pages, evidences)
def test_more_evidence_never_lowers_trust_or_level(page, more):
    before, after = score(page), score(replace(page, evidence=(*page.evidence, more)))
    assert after.micropoints >= before.micropoints
    assert after.level >= before.level


@thousand
@given(pages, vouchers, joint_works)
def test_a_further_voucher_or_joint_work_never_lowers_trust(page, more, work):
    page = replace(page, vouchers=tuple(voucher for voucher in page.vouchers if voucher.person != more.person))
    lifted = score(replace(page, vouchers=(*page.vouchers, more))).micropoints
    stronger = replace(more, joint_works=(*more.joint_works, work))
    assert score(page).micropoints <= lifted <= score(replace(page, vouchers=(*page.vouchers, stronger))).micropoints


@thousand
@given(pages, records)
def test_a_fuller_record_never_lowers_trust(page, more):
    record = page.record
    fuller = Record(
        works=record.works + more.works,
        registries=record.registries | more.registries,
        topics=record.topics + more.topics,
        close_collaborators=(record.close_collaborators or 0) + (more.close_collaborators or 0),
        affiliations=record.affiliations | more.affiliations,
        orcid_works=record.orcid_works + more.orcid_works,
    )
    assert score(replace(page, record=fuller)).micropoints >= score(page).micropoints


@thousand
@given(pages, findings)
def test_a_finding_never_raises_trust_or_band(page, more):
    order = list(Band)
    before, after = score(page), score(replace(page, findings=(*page.findings, more)))
    assert after.micropoints <= before.micropoints
    assert order.index(after.band) <= order.index(before.band)


@thousand
@given(pages, st.randoms(use_true_random=False))
def test_the_order_of_inputs_is_irrelevant(page, random):
    def shuffled(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(random.sample(items, len(items)))

    mixed = replace(
        page,
        record=replace(page.record, orcid_works=shuffled(page.record.orcid_works)),
        evidence=shuffled(page.evidence),
        findings=shuffled(page.findings),
        vouchers=shuffled(tuple(replace(voucher, joint_works=shuffled(voucher.joint_works)) for voucher in page.vouchers)),
    )
    assert score(mixed) == score(page)
    assert explain(mixed, score(mixed)) == explain(page, score(page))


free_evidence = st.builds(Evidence, kind=st.sampled_from(sorted(FREE)), dated=days, source=sources, institution=sources)
free_records = st.builds(
    Record,
    works=st.integers(0, 10_000),
    registries=registries,
    topics=st.integers(0, 10_000),
    close_collaborators=st.integers(0, 10_000),
    affiliations=st.frozensets(st.tuples(st.sampled_from(["repository", "aggregator", "converted"]), sources)),
    orcid_works=st.lists(st.tuples(st.just("repository"), st.integers(0, 10_000)), max_size=3).map(tuple),
)
unverified_vouchers = st.builds(
    Voucher,
    person=st.integers(0, 10**9).map(str),
    institution=sources,
    level=st.integers(0, 2),
    network=st.integers(0, NETWORK_MAXIMUM),
    joint_works=st.lists(joint_works, max_size=4).map(tuple),
)


@thousand
@given(
    free_records, st.lists(free_evidence, max_size=20), st.lists(unverified_vouchers, max_size=6, unique_by=lambda voucher: voucher.person)
)
def test_free_evidence_alone_stays_unverified(record, evidence, ring):
    result = score(Inputs(record=record, on=TODAY, evidence=tuple(evidence), vouchers=tuple(ring)))
    assert result.score <= 24
    assert result.band is Band.UNVERIFIED


@thousand
@given(st.lists(vouchers, max_size=60, unique_by=lambda voucher: voucher.person))
def test_one_institution_gives_at_most_half_of_the_network(group):
    assert network(replace(voucher, institution="one") for voucher in group) <= 10 * POINT


@thousand
@given(networks, vouchers)
def test_a_voucher_gives_at_most_7_points(others, more):
    others = tuple(voucher for voucher in others if voucher.person != more.person)
    assert network((*others, more)) - network(others) <= 7 * POINT


@thousand
@given(pages, st.lists(evidences.filter(lambda item: item.kind not in BINDINGS), max_size=8))
def test_an_unbound_claim_changes_nothing(page, claim):
    unclaimed = replace(page, evidence=())
    assert score(replace(page, evidence=tuple(claim))) == score(unclaimed)


@thousand
@given(pages)
def test_the_rows_sum_exactly_to_the_headline_and_stay_within_their_maxima(page):
    result = score(page)
    rows = explain(page, result)
    assert sum(row.micropoints for row in rows) == result.micropoints
    assert result.score == result.micropoints // POINT
    assert 0 <= result.score <= 100
    assert all(row.micropoints <= row.maximum for row in rows)
    assert all(row.fact for row in rows)


@thousand
@given(st.lists(evidences, max_size=8), st.integers(0, 2), st.booleans())
def test_levels_3_and_higher_stand_on_a_claim(evidence, works, is_suspended):
    reached = level(evidence, registry_works=works, on=TODAY, is_suspended=is_suspended)
    live = {item.kind for item in evidence if item.is_live(on=TODAY)}
    if reached >= 2:
        assert works
        assert not is_suspended
        assert Kind.ACCOUNT in live
        assert live & BINDINGS
