"""The rules of claims, without a database: they hold together, and the model speaks of the same states."""

import doctest
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles import claiming
from profiles.claiming import HOLDING, LIVE, STEPS, Piece, is_enough, state_after, still_missing
from profiles.evidence import domains
from profiles.models import Claim, Evidence

VOICES = ("example.edu", "orcid", "wei.example", "user:7", "user:8")
# Every piece there can be, made once: drawing one costs a single number.
pieces = st.sampled_from(
    [
        Piece(kind=kind, voice=voice, giver=giver, is_backed=is_backed)
        for kind, voice, giver, is_backed in product(Evidence.Kind.values, VOICES, (None, 7, 8), (False, True))
    ]
)


@pytest.mark.parametrize("module", [claiming, domains])
def test_examples_in_docstrings(module):
    assert doctest.testmod(module).failed == 0


def test_the_table_and_the_model_know_the_same_states():
    states = {state for step in STEPS.values() for state in (*step.sources, step.target) if state}
    assert states == set(Claim.Status.values)
    assert not set(LIVE) & set(HOLDING)


def test_ownership_begins_by_approval_alone():
    into_holding = {
        (name, step.sources) for name, step in STEPS.items() if step.target in HOLDING and not set(step.sources) <= set(HOLDING)
    }
    assert into_holding == {("approved", ("review",))}


def test_what_is_final_stays_final():
    ends = ("withdrawn", "expired", "revoked", "released")
    assert [(step, end) for step, end in product(STEPS, ends) if state_after(step, end)] == []


@given(st.lists(pieces, max_size=5), st.lists(pieces, max_size=2))
def test_more_evidence_never_counts_for_less(some, more):
    assert is_enough([*some, *more], reviewer=7) >= is_enough(some, reviewer=7)


@given(st.lists(pieces, max_size=5))
def test_what_one_reviewer_gave_never_carries_their_own_decision(found):
    mine = [piece for piece in found if piece.giver == 7]
    assert not is_enough(mine, reviewer=7)
    assert is_enough(found, reviewer=7) == is_enough([piece for piece in found if piece.giver != 7], reviewer=7)


@given(st.lists(pieces, max_size=5))
def test_the_claimant_is_told_of_what_is_missing_exactly_when_something_is(found):
    assert bool(still_missing(found)) is not is_enough(found)


@given(st.sampled_from(VOICES), st.lists(pieces, max_size=5))
def test_one_weak_voice_is_not_enough_however_often_it_speaks(voice, found):
    said = [Piece(kind=piece.kind, voice=voice) for piece in found if piece.kind not in claiming.STRONG]
    assert not is_enough(said)


def test_lookalike_domains_lie_under_what_they_end_in():
    assert domains.parents("university.edu.evil.com") == ["university.edu.evil.com", "edu.evil.com", "evil.com", "com"]
    assert domains.normalised("university.edu\u3002evil.com") == "university.edu.evil.com"
    assert domains.normalised("xn--a.") == domains.normalised("exa mple.edu") == domains.normalised("-a.edu") == ""
