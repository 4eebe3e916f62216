"""People who want the same thing at the same moment, in real transactions: one gets it. Constraints in Postgres decide."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from threading import Barrier

from django.db import connection
from django.utils import timezone

from profiles.actions import claims
from profiles.actions.claims import ClaimRefused
from profiles.actions.follows import follow, unfollow
from profiles.models import Claim, Evidence, Follow, Profile, User
from tests.factories.claims import make_person, make_reviewer
from tests.faults import invariants
from tests.faults.databases import own_database
from tests.faults.figures import scale
from works.actions.audit import seal_events
from works.models import Author
from works.names import fold, public_id

RIVALS = 4


ABOUT_PEOPLE = {
    "one_owner_for_each_profile",
    "claimed_marks_are_the_profiles",
    "claims_stand_where_their_events_lead",
    "chains_of_events_are_whole",
    "every_event_is_sealed",
    "nobody_follows_twice_or_themselves",
    "each_thing_is_notified_once",
}


def test_raced_claims_have_one_winner(stores, figures):
    """Four people claim one page, four reviewers approve them at the same moment: of each race one owner comes out."""
    races = 100 * scale() // RIVALS if scale() >= 10 else 25
    with own_database("claims"), ThreadPoolExecutor(RIVALS) as pool:
        reviewers = [make_reviewer(f"reviewer{place}") for place in range(RIVALS)]
        wrong = approvals = 0
        for race in range(races):
            rivals = make_rivals(race)
            barrier = Barrier(RIVALS)

            def approve(pair, barrier=barrier):
                claim, reviewer = pair
                connection.ensure_connection()
                barrier.wait(30)
                try:
                    return claims.approve_claim(claim, by=reviewer).status
                except ClaimRefused as refused:
                    return refused.code

            said = list(pool.map(approve, zip(rivals, reviewers, strict=True)))
            approvals += len(said)
            wrong += said.count("approved") != 1 or Profile.objects.filter(author_id=rivals[0].author_id).count() != 1
        list(pool.map(lambda _: connection.close(), range(RIVALS * 4)))
        while seal_events():
            pass
        broken = {name: found for name, found in invariants.broken().items() if name in ABOUT_PEOPLE}
    figures.put("R1", f"raced claims with other than one winner, of {approvals}", str(wrong), "0 of 10,000", is_reached=wrong == 0)
    assert wrong == 0
    assert broken == {}


def make_rivals(race: int) -> list[Claim]:
    """Claims in review to one record by several people, each with a proved piece of evidence."""
    name = f"Raced Author {race}"
    author = Author.objects.create(name=name, name_key=fold(name), public_id=public_id("author", name))
    people = User.objects.bulk_create(User(email=f"rival{race}-{place}@mail.example") for place in range(RIVALS))
    now = timezone.now()
    found = Claim.objects.bulk_create(Claim(user=user, author=author, status="review", submitted_at=now) for user in people)
    Evidence.objects.bulk_create(
        Evidence(user=user, author=author, kind="orcid-on-work", source="crossref", status="proved", dated=now.date(), proved_at=now)
        for user in people
    )
    return list(found)


def test_raced_follows_end_where_the_last_press_wanted(stores, rng, figures):
    """Presses of follow and unfollow by several people from ten threads, double clicks among them; counts are rows."""
    presses = 200 * scale()
    with own_database("follows"):
        pages = [
            Author.objects.create(name=f"Page {place}", name_key=f"page {place}", public_id=public_id("author", f"Page {place}"))
            for place in range(10)
        ]
        people = [make_person(f"presser{place}") for place in range(20)]
        wanted = {(person.pk, page.pk): rng.choice([follow, unfollow]) for person in people for page in pages}
        work = [(person, page) for person in people for page in pages] * max(1, presses // 200)
        rng.shuffle(work)

        def press(own):
            try:
                for person, page in own:
                    wanted[person.pk, page.pk](page, by=person)
            finally:
                connection.close()

        with ThreadPoolExecutor(10) as pool:
            list(pool.map(press, [list(islice(work, place, None, 10)) for place in range(10)]))
        kept = Counter(Follow.objects.values_list("user_id", "author_id"))
    wrong = set(kept) ^ {pair for pair, verb in wanted.items() if verb is follow}
    wrong |= {pair for pair, number in kept.items() if number > 1}
    figures.put("R1", f"raced follows that end wrong, of {len(work)} presses", str(len(wrong)), "0 of 10,000", is_reached=not wrong)
    assert not wrong
