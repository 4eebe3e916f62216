"""How carefully a claim wants to be looked at: the signals, and the rows that they come from."""

import pytest
from django.utils import timezone

from graph.actions.collaborations import rebuild_graph
from profiles.loading.cases import distance_to_verified, load_facts
from profiles.models import Claim, Trust, Weighing
from profiles.risk import Facts, risk, signals
from tests.factories.claims import claim_in_review
from tests.factories.people import make_user
from tests.factories.works import make_author, make_work

pytestmark = pytest.mark.django_db


@pytest.fixture
def author():
    ada = make_author("Ada Lovelace", works_count=1)
    make_work("Note G", 1843, [ada, make_author("Mary Somerville")])
    return ada


@pytest.fixture
def claim(author) -> Claim:
    return claim_in_review(author, by=make_user("ada@example.org"))


def test_every_point_of_risk_is_a_line():
    facts = Facts(
        name_key="ada lovelace", mailbox="xx", domain="tmp.example", domain_kind="disposable", rivals=1, works=200, seconds_to_claim=30
    )
    found = signals(facts)
    assert risk(found) == min(100, 20 + sum(signal.weight for signal in found)) == 100
    assert found[0].says == "Mail at tmp.example (disposable)"
    safe = Facts(
        name_key="ada lovelace",
        mailbox="ada.lovelace",
        domain_kind="academic",
        account_days=400,
        seconds_to_claim=9_000,
        strong=1,
        pieces=1,
    )
    assert risk(signals(safe)) == 0


def test_the_way_to_somebody_verified_is_walked_two_steps(author):
    mary = author.authorships.get().work.authorships.get(position=2).author
    third, fourth = make_author("Third"), make_author("Fourth")
    make_work("Two", 1844, [mary, third])
    make_work("Three", 1845, [third, fourth])
    rebuild_graph()
    assert distance_to_verified(author.pk) is None
    for person, steps in ((fourth, None), (third, 2), (mary, 1)):
        Trust.objects.create(
            author=person,
            micropoints=0,
            score=0,
            level=4,
            band="unverified",
            lines=[],
            formula="t",
            input_hash="",
            computed_at=timezone.now(),
        )
        assert distance_to_verified(author.pk) == steps


def test_facts_come_from_rows(claim):
    facts = load_facts(Claim.objects.select_related("author", "user").get())
    assert (facts.mailbox, facts.domain, facts.strong, facts.pieces, facts.says_mine, facts.rivals) == ("ada", "example.org", 1, 1, 1, 0)
    assert facts.identifier_days is None
    assert Weighing.objects.count() == 0
