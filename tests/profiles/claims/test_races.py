"""Two people do two things to one record at the same moment, in real transactions. BZPEER_ROUNDS=200 goes round more often."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from profiles.actions import claims
from profiles.actions.claims import ClaimRefused
from profiles.models import Claim, ClaimAnswer, ClaimEvent, Evidence, Profile, User
from tests.factories.claims import make_person, make_reviewer, make_submitted, prove, tick
from tests.factories.works import make_author, make_work
from tests.waiting import PATIENCE
from works.models import Author

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = int(os.environ.get("BZPEER_ROUNDS", "20"))


def at_once(*jobs):
    """Run the jobs in threads with a connection each, released by one barrier; their results, refusals among them."""
    barrier = Barrier(len(jobs))

    def run(job):
        try:
            connection.ensure_connection()
            barrier.wait(PATIENCE)
            return job()
        except ClaimRefused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def rivals(number: int) -> list[tuple[Claim, Claim]]:
    """Pairs of claims in review to one record each, by different people, made in bulk."""
    people = User.objects.bulk_create(User(email=f"{side}{place}@mail.example") for place in range(number) for side in "ab")
    pairs = []
    for place in range(number):
        author = make_author(f"Author {place}", works_count=1)
        work = make_work(f"Work {place}", authors=[author])
        pair = Claim.objects.bulk_create(
            Claim(user=user, author=author, status="review", submitted_at=timezone.now()) for user in people[2 * place : 2 * place + 2]
        )
        ClaimAnswer.objects.bulk_create(ClaimAnswer(claim=claim, work=work, position=1, is_mine=True) for claim in pair)
        now = timezone.now()
        Evidence.objects.bulk_create(
            Evidence(
                user=claim.user, author=author, kind="orcid-on-work", source="crossref", status="proved", dated=now.date(), proved_at=now
            )
            for claim in pair
        )
        pairs.append((pair[0], pair[1]))
    return pairs


def test_two_reviewers_approve_two_rivals_at_the_same_moment():
    """Always one owner, the other superseded, no other error, and an event for each change."""
    reviewers = make_reviewer("one"), make_reviewer("two")
    pairs = rivals(ROUNDS)
    for first, second in pairs:
        said = at_once(
            lambda first=first: claims.approve_claim(first, by=reviewers[0]).status,
            lambda second=second: claims.approve_claim(second, by=reviewers[1]).status,
        )
        assert sorted(said) == ["approved", "superseded"]
    for first, second in pairs:
        found = {claim.status: claim for claim in Claim.objects.filter(pk__in=[first.pk, second.pk])}
        assert set(found) == {"approved", "superseded"}
        profile = Profile.objects.get(author=first.author)
        assert profile.user_id == found["approved"].user_id
        told = ClaimEvent.objects.filter(claim__author=first.author).values_list("claim", "kind", "before", "after").order_by("pk")
        assert list(told) == [
            (found["approved"].pk, "approved", "review", "approved"),
            (found["superseded"].pk, "superseded", "review", "superseded"),
        ]


def test_one_person_gets_one_of_two_records():
    """Two reviewers approve two claims of one person to two records: the account holds one, and the other claim is superseded."""
    reviewers = make_reviewer("one"), make_reviewer("two")
    for place in range(max(1, ROUNDS // 10)):
        person = make_person(f"person{place}")
        pair = []
        for side in "ab":
            author = make_author(f"Author {place}{side}", works_count=1)
            make_work(f"Work {place}{side}", authors=[author])
            pair.append(make_submitted(author, person))
        said = at_once(
            lambda pair=pair: claims.approve_claim(pair[0], by=reviewers[0]).status,
            lambda pair=pair: claims.approve_claim(pair[1], by=reviewers[1]).status,
        )
        assert sorted(said) == ["approved", "superseded"]
        assert Profile.objects.filter(user=person).count() == 1


def test_beginning_twice_at_once_makes_one_claim_and_no_race_gets_round_the_limit():
    person = make_person("hasty")
    authors = [make_author(f"Author {place}", works_count=1) for place in range(6)]
    twice = at_once(*[lambda: claims.begin_claim(authors[0], by=person).pk] * 4)
    assert len(set(twice)) == 1
    said = at_once(*[lambda author=author: claims.begin_claim(author, by=person).pk for author in authors])
    assert said.count("too-many-open") == 3
    assert Claim.objects.filter(user=person).count() == 3
    assert ClaimEvent.objects.filter(kind="begun").count() == 3


def test_withdrawing_and_approving_at_once_leaves_one_story():
    reviewer = make_reviewer()
    for place in range(max(1, ROUNDS // 10)):
        author = make_author(f"Author {place}", works_count=1)
        make_work(f"Work {place}", authors=[author])
        person = make_person(f"person{place}")
        claim = make_submitted(author, person)
        said = at_once(
            lambda claim=claim: claims.approve_claim(claim, by=reviewer).status,
            lambda claim=claim, person=person: claims.withdraw_claim(claim, by=person).status,
        )
        claim.refresh_from_db()
        assert claim.status in said
        assert sum(one in {"approved", "withdrawn"} for one in said) == 1
        assert Profile.objects.filter(author=author).exists() is (claim.status == "approved")


def test_a_dispute_opened_while_the_last_rival_withdraws_is_not_lost():
    """The disputed claim is disputed exactly as long as somebody contests it, whoever comes first."""
    reviewer = make_reviewer()
    for place in range(max(1, ROUNDS // 10)):
        author = make_author(f"Author {place}", works_count=1)
        make_work(f"Work {place}", authors=[author])
        owner = claims.approve_claim(make_submitted(author, make_person(f"owner{place}")), by=reviewer)
        first, second = make_person(f"first{place}"), make_person(f"second{place}")
        one, other = (begun(author, person) for person in (first, second))
        one = claims.dispute(one, statement="It is mine.", by=first)
        at_once(
            lambda one=one, first=first: claims.withdraw_claim(one, by=first).status,
            lambda other=other, second=second: claims.dispute(other, statement="It is mine.", by=second).status,
        )
        owner.refresh_from_db()
        assert owner.status == "disputed"
        assert Author.objects.filter(claims__status="disputed", pk=author.pk).exists()


def begun(author: Author, user: User) -> Claim:
    claim = tick(claims.begin_claim(author, by=user), by=user)
    prove(user, author)
    return claim
