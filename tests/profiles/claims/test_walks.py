"""Random walks over everything that can be done to claims, by claimants, rivals, owners and reviewers, in any order.

No path leads to two owners, to approval without evidence, or to an effect without its event; rows and events tell the same story.
BZPEER_WALKS=200 goes further.
"""

import os
from datetime import timedelta
from itertools import count

import pytest
from django.db.models import F
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from profiles.actions import claims
from profiles.actions.claims import ClaimRefused, pieces_of
from profiles.claiming import STEPS, is_enough
from profiles.models import Claim, ClaimEvent, ClaimNotice, Evidence, Profile
from tests.factories.claims import make_claimable, make_person, make_reviewer, make_submitted, prove, tick

numbers = count()
WALKS = int(os.environ.get("BZPEER_WALKS", "10"))
people = st.integers(0, 2)
places = st.integers(0, 20)
STARTS = ("nothing", "rivals", "owner", "dispute", "upheld")


class Walk(RuleBasedStateMachine):
    """Two records, three people, three reviewers. The last person is a reviewer as well."""

    def __init__(self):
        super().__init__()
        walk = next(numbers)
        self.authors = [make_claimable(f"Author {walk} {side}", works=1) for side in "ab"]
        self.people = [make_person(f"person{walk}-{place}", is_staff=place == 2) for place in range(3)]
        self.reviewers = [*(make_reviewer(f"reviewer{walk}-{place}") for place in range(2)), self.people[2]]

    def claims(self):
        return Claim.objects.filter(author__in=self.authors).order_by("pk")

    def claim(self, place):
        found = list(self.claims())
        return found[place % len(found)]

    def holding(self, place):
        """A claim that holds a record, where there is one."""
        found = list(self.claims().holding()) or list(self.claims())
        return found[place % len(found)]

    def attempt(self, action, *given, **named):
        """Do it; a refusal must leave everything as it was."""
        before = self.picture()
        try:
            return action(*given, **named)
        except ClaimRefused as refused:
            said = (refused.code, str(refused))
        assert all(said)
        assert self.picture() == before
        return None

    def picture(self):
        return (
            list(self.claims().values_list("pk", "status", "contests", "frozen_at", "decided_by", "seconded_by")),
            ClaimEvent.objects.filter(claim__author__in=self.authors).count(),
            sorted(Profile.objects.filter(author__in=self.authors).values_list("author", "user")),
        )

    def has_claims(self):
        return self.claims().exists()

    @initialize(start=st.sampled_from(STARTS))
    def start(self, start):
        """Begin where it gets interesting: with rivals in review, with an owner and a rival who has evidence, in a dispute or after it."""
        author, (one, other, _) = self.authors[0], self.people
        if start == "nothing":
            return
        first, second = make_submitted(author, one), tick(claims.begin_claim(author, by=other), by=other)
        prove(other, author, "link", source="other.example")
        if start == "rivals":
            claims.submit_claim(second, by=other)
            return
        claims.approve_claim(first, by=self.reviewers[0])
        if start in {"dispute", "upheld"}:
            claims.dispute(second, statement="Mine.", by=other)
        if start == "upheld":
            claims.uphold(first, by=self.reviewers[1])

    @rule(person=people, author=st.integers(0, 1))
    def begin(self, person, author):
        self.attempt(claims.begin_claim, self.authors[author], by=self.people[person])

    @precondition(has_claims)
    @rule(place=places)
    def answer_works(self, place):
        claim = self.claim(place)
        self.attempt(tick, claim, by=claim.user)

    @precondition(has_claims)
    @rule(place=places, kind=st.sampled_from(["orcid-on-work", "institution-email", "link"]))
    def gather(self, place, kind):
        """Evidence turns up for a claimant. Two weak pieces are enough, one is not."""
        claim = self.claim(place)
        if not Evidence.objects.filter(user=claim.user, author=claim.author, kind=kind).exists():
            prove(claim.user, claim.author, kind, source=f"{kind}.example")

    @precondition(has_claims)
    @rule(place=places)
    def lose_evidence(self, place):
        claim = self.claim(place)
        Evidence.objects.filter(user=claim.user, author=claim.author).exclude(kind="staff-binding").delete()

    @precondition(has_claims)
    @rule(place=places, statement=st.sampled_from(["", "Ask my institute."]))
    def submit(self, place, statement):
        claim = self.claim(place)
        self.attempt(claims.submit_claim, claim, statement=statement, by=claim.user)

    @precondition(has_claims)
    @rule(place=places, reviewer=people)
    def ask(self, place, reviewer):
        self.attempt(claims.ask_for_more, self.claim(place), question="Where?", by=self.reviewers[reviewer])

    @precondition(has_claims)
    @rule(place=places)
    def reply(self, place):
        claim = self.claim(place)
        self.attempt(claims.answer_question, claim, text="There.", by=claim.user)

    @precondition(has_claims)
    @rule(place=places, reviewer=people)
    def approve(self, place, reviewer):
        claim, by = self.claim(place), self.reviewers[reviewer]
        found = list(Evidence.objects.proved().filter(user=claim.user, author=claim.author))
        if self.attempt(claims.approve_claim, claim, by=by):
            assert is_enough(pieces_of(found), reviewer=by.pk)
            assert by != claim.user
            assert not (claim.appealed_at and claim.decided_by == by)
            assert claim.contests_id is None or claim.seconded_by not in {None, by}

    @precondition(has_claims)
    @rule(place=places, reviewer=people)
    def second(self, place, reviewer):
        self.attempt(claims.second_claim, self.claim(place), by=self.reviewers[reviewer])

    @precondition(has_claims)
    @rule(place=places, reviewer=people)
    def bind(self, place, reviewer):
        self.attempt(claims.bind_by_staff, self.claim(place), note="Seen by video.", by=self.reviewers[reviewer])

    @precondition(has_claims)
    @rule(place=places, reviewer=people)
    def reject(self, place, reviewer):
        self.attempt(claims.reject_claim, self.claim(place), reason="other-person", by=self.reviewers[reviewer])

    @precondition(has_claims)
    @rule(place=places, step=st.sampled_from(["withdraw_claim", "release_claim"]))
    def leave(self, place, step):
        claim = self.claim(place)
        self.attempt(getattr(claims, step), claim, by=claim.user)

    @precondition(has_claims)
    @rule(place=places)
    def appeal(self, place):
        claim = self.claim(place)
        self.attempt(claims.appeal_claim, claim, text="Look again.", by=claim.user)

    @precondition(has_claims)
    @rule(place=places)
    def dispute(self, place):
        claim = self.claim(place)
        self.attempt(claims.dispute, claim, statement="Mine.", by=claim.user)

    @precondition(has_claims)
    @rule(place=places, reviewer=people)
    def uphold(self, place, reviewer):
        self.attempt(claims.uphold, self.holding(place), by=self.reviewers[reviewer])

    @precondition(has_claims)
    @rule(place=places, reviewer=people)
    def revoke(self, place, reviewer):
        self.attempt(claims.revoke_claim, self.holding(place), reason="evidence-false", by=self.reviewers[reviewer])

    @precondition(has_claims)
    @rule(place=places)
    def freeze(self, place):
        self.attempt(claims.freeze_claim, self.holding(place))

    @rule(days=st.sampled_from([15, 31]))
    def time_passes(self, days):
        past = timedelta(days=days)
        self.claims().update(created_at=F("created_at") - past, status_at=F("status_at") - past)
        claims.expire_claims()

    @invariant()
    def each_record_has_one_owner_and_each_owner_one_record(self):
        holding = {claim.author_id: claim.user_id for claim in self.claims() if claim.is_holding}
        assert sum(claim.is_holding for claim in self.claims()) == len(holding) == len(set(holding.values()))
        assert dict(Profile.objects.filter(author__in=self.authors).values_list("author", "user")) == holding
        assert {author.pk for author in self.authors if type(author).objects.get(pk=author.pk).is_claimed} == set(holding)

    @invariant()
    def a_claim_is_disputed_as_long_as_somebody_contests_it(self):
        for claim in self.claims():
            contested = claim.rivals.filter(status__in=Claim.LIVE).exists()
            if claim.is_holding:
                assert (claim.status == "disputed") == (contested or claim.frozen_at is not None)

    @invariant()
    def events_and_rows_tell_the_same_story(self):
        for claim in self.claims():
            state = ""
            for event in claim.events.order_by("pk"):
                if event.kind == "begun":
                    assert (state, event.after) == ("", "draft")
                elif event.kind in STEPS:
                    assert event.before == state
                    assert state in STEPS[event.kind].sources
                    assert event.after == (STEPS[event.kind].target or state)
                else:
                    continue
                state = event.after
            assert state == claim.status

    @invariant()
    def who_is_concerned_is_told(self):
        told = ClaimNotice.objects.filter(event__claim__author__in=self.authors).values_list("event__kind", flat=True)
        decided = ClaimEvent.objects.filter(claim__author__in=self.authors, kind__in=["approved", "rejected", "superseded", "revoked"])
        assert sorted(kind for kind in told if kind in {"approved", "rejected", "superseded", "revoked"}) == sorted(
            decided.values_list("kind", flat=True)
        )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "states"),
    list(zip(STARTS, [[], ["review", "review"], ["approved", "superseded"], ["disputed", "review"], ["upheld", "rejected"]], strict=True)),
)
def test_walks_begin_in_every_kind_of_case(start, states):
    walk = Walk()
    walk.start(start)
    assert [claim.status for claim in walk.claims()] == states
    walk.each_record_has_one_owner_and_each_owner_one_record()
    walk.events_and_rows_tell_the_same_story()


@pytest.mark.django_db
def test_what_was_upheld_is_disputed_again_and_upheld_again():
    """The way from upheld goes on: somebody freezes the claim, and whoever did not approve it upholds it once more."""
    walk = Walk()
    walk.start("upheld")
    walk.freeze(0)
    walk.uphold(0, 0)  # by who approved it: refused
    assert walk.claim(0).status == "disputed"
    walk.uphold(0, 1)
    assert [claim.status for claim in walk.claims()] == ["upheld", "rejected"]
    assert list(walk.claim(0).events.filter(kind="upheld").values_list("before", flat=True)) == ["disputed", "disputed"]
    walk.revoke(0, 0)
    assert walk.claim(0).status == "revoked"


@pytest.mark.django_db
def test_no_walk_leads_astray():
    run_state_machine_as_test(
        Walk,
        settings=settings(max_examples=WALKS, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)),
    )
