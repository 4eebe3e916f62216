"""What an event recomputes: whatever happens in whatever order, the rows are those of computing everything anew.

BZPEER_SEQUENCES=10 tries ten sequences of events instead of one.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from profiles.actions.findings import decide, lift, report, suspend
from profiles.actions.trust import mark_overnight, rebuild_trust
from profiles.models import Evidence, Finding, Profile, StaleTrust, Suspension, Trust, Vouching
from profiles.tasks import nightly
from tests.factories.people import make_user
from tests.factories.verified import K, bring_in, claimed, confirm, figure, identity_checked, person, prove, record, revoke, settle, staff
from works.actions.authorships import withdraw_decisions
from works.actions.journal import Actor
from works.models import Author, Authorship, AuthorshipDecision
from works.models.decision import Role

pytestmark = pytest.mark.django_db

COLUMNS = (
    "author_id", "micropoints", "score", "level", "own_level", "band", "institution", "institution_name", "lines", "not_counted",
    "changes_on", "input_hash",
)  # fmt: skip
RORS = ("05591te55", "04kyh2m11", "")
PEOPLE, HOLDERS, EVENTS = 320, 18, 45
SEQUENCES = range(1, 1 + int(os.environ.get("BZPEER_SEQUENCES", "1")))
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va", "we", "zi")


def name_of(number: int) -> str:
    first, rest = divmod(number, 18 * 18)
    return f"{SYLLABLES[first]}{SYLLABLES[rest // 18]}ra {SYLLABLES[rest % 18]}{SYLLABLES[rest // 18]}ti{SYLLABLES[number % 7]}".title()


def stored() -> list[dict[str, Any]]:
    return list(Trust.objects.order_by("pk").values(*COLUMNS))


class Motion:
    """Things that happen to a small world of works and people, at random."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.reached: list[int] = []
        teams = [[name_of((start + rng.randrange(14)) % PEOPLE) for _ in range(rng.randint(2, 5))] for start in range(0, PEOPLE, 1)]
        teams += [[name_of(place), name_of((place + 1) % PEOPLE)] for place in range(0, PEOPLE, 2)]
        bring_in(*(record(f"Work {place} of the world", list(dict.fromkeys(team))) for place, team in enumerate(teams)))
        settle()
        holders = [person(name_of(number)) for number in rng.sample(range(60), HOLDERS)]
        for place, author in enumerate(holders):
            kind = place % 3
            if kind == 0:
                identity_checked(author, ror=rng.choice(RORS))
            elif kind == 1:
                claimed(author, K.INSTITUTION_LOGIN, ror=rng.choice(RORS[:2]))
            else:
                claimed(author)
            if place % 4:
                confirm(author)
        settle()

    def holder(self) -> Profile:
        return self.rng.choice(list(Profile.objects.select_related("author", "user").order_by("pk")))

    def confirms(self) -> None:
        author = self.holder().author
        works = list(Authorship.objects.filter(author=author).order_by("work").values_list("work", flat=True))
        confirm(author, *self.rng.sample(works, min(2, len(works))))

    def takes_back(self) -> None:
        if found := list(AuthorshipDecision.objects.filter(answer="mine").order_by("pk")):
            one = self.rng.choice(found)
            withdraw_decisions([one.pk], by=Actor(account=one.decided_by, role=Role.OWNER))

    def proves(self) -> None:
        profile = self.holder()
        kind = self.rng.choice([K.INSTITUTION_LOGIN, K.IDENTITY_CHECK, K.INSTITUTION_EMAIL])
        giver = staff(self.rng.randint(1, 4)) if kind == K.IDENTITY_CHECK else None
        prove(
            profile.author,
            profile.user,
            kind,
            ror="" if giver else self.rng.choice(RORS[:2]),
            given_by=giver,
            source=f"{self.rng.random()}",
        )

    def attests(self) -> None:
        giver, taker = self.holder(), self.holder()
        if giver.pk != taker.pk:
            kind = self.rng.choice([K.COAUTHOR_ATTESTATION, K.IDENTITY_VOUCH])
            prove(taker.author, taker.user, kind, given_by=giver.user, source=f"{giver.pk} {self.rng.random()}")

    def loses(self) -> None:
        if found := list(Evidence.objects.filter(status="proved").exclude(kind=K.ORCID_ON_WORK).order_by("pk")):
            revoke(self.rng.choice(found))

    def runs_out(self) -> None:
        if found := list(Evidence.objects.filter(status="proved", expires_on=None).order_by("pk")):
            Evidence.objects.filter(pk=self.rng.choice(found).pk).update(expires_on=timezone.now().date())
            mark_overnight()

    def suspends(self) -> None:
        author = self.holder().author
        if standing := Suspension.objects.filter(author=author, ended_at=None).first():
            lift(suspension=standing, by=staff(8))
        else:
            suspend(author=author, reason="To be looked at.", by=staff(8))

    def reports(self) -> None:
        found = report(author=self.holder().author, kind="identity", statement="Odd.", by=make_user(f"{self.rng.random()}@r.example"))
        if self.rng.random() < 0.7:
            decide(finding=Finding.objects.get(pk=found.pk), is_upheld=self.rng.random() < 0.3, decision="Looked.", by=staff(8))

    def imports(self) -> None:
        start = self.rng.randrange(60)
        team = [name_of(start + place) for place in range(self.rng.randint(2, 4))]
        bring_in(record(f"A further work, {self.rng.random()}", team))

    def something(self) -> None:
        events: list[Callable[[], None]] = [
            self.confirms, self.confirms, self.confirms, self.takes_back, self.proves, self.proves, self.attests, self.loses,
            self.runs_out, self.suspends, self.reports, self.imports,
        ]  # fmt: skip
        self.rng.choice(events)()


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_incremental_equals_full_recompute(sequence):
    motion = Motion(Random(sequence))
    assert Author.objects.with_works().count() >= 300
    for _ in range(EVENTS):
        motion.something()
        if motion.rng.random() < 0.5:  # sometimes several things happen before a worker comes
            settle()
    settle()
    assert not StaleTrust.objects.exists()
    step_by_step = stored()
    assert {row["level"] for row in step_by_step} >= ({1, 2, 3, 4} if sequence == 1 else {1, 2})
    assert sum(row["lines"][7]["micropoints"] > 0 for row in step_by_step) > (10 if sequence == 1 else 0)
    Trust.objects.all().delete()
    Vouching.objects.all().delete()
    rebuild_trust(limit=37)
    assert stored() == step_by_step


def test_evidence_that_runs_out_lowers_level_and_network_on_its_day():
    bring_in(record("With the advisor", ["Sami Student", "Anna Advisor"]))
    settle()
    student, advisor = person("Sami Student"), person("Anna Advisor")
    user = identity_checked(advisor)
    confirm(advisor)
    settle()
    assert figure(student)[0] == 5 + 1 + 2 + 1 + 7  # and half a point for a close collaborator
    check = Evidence.objects.filter(user=user, kind=K.IDENTITY_CHECK).first()
    Evidence.objects.filter(pk=check.pk).update(expires_on=timezone.now().date())
    nightly()
    assert figure(advisor)[2] == 2
    assert figure(student)[0] == 5 + 1 + 2 + 1


def test_the_day_of_the_next_change_is_known_and_indexed():
    bring_in(record("Alone", ["Sami Student"]))
    settle()
    student = person("Sami Student")
    claimed(student, K.INSTITUTION_LOGIN, ror=RORS[0])
    settle()
    dated = Evidence.objects.get(kind=K.INSTITUTION_LOGIN).dated
    assert Trust.objects.get(author=student).changes_on == dated.replace(year=dated.year + 1)


def test_nobody_stands_on_the_word_of_somebody_who_stands_on_a_word():
    """No chains: who is at level 4 by others' vouches lifts co-authors, and may not attest anybody."""
    bring_in(
        record("First", ["Vera One", "Mid Person"]),
        record("Second", ["Vik Two", "Mid Person"]),
        record("Third", ["Mid Person", "Last Person"]),
    )
    settle()
    one, two, middle, last = (person(name) for name in ("Vera One", "Vik Two", "Mid Person", "Last Person"))
    givers = [identity_checked(one, ror=RORS[0]), identity_checked(two, ror=RORS[1])]
    settle()
    owner = claimed(middle)
    for giver in givers:
        prove(middle, owner, K.IDENTITY_VOUCH, given_by=giver)
    prove(middle, owner, K.STAFF_DECISION, given_by=staff(1))
    settle()
    assert figure(middle)[2] == 4
    assert Trust.objects.get(author=middle).own_level == 2
    user = claimed(last, K.INSTITUTION_EMAIL, ror=RORS[0])
    prove(last, user, K.COAUTHOR_ATTESTATION, given_by=owner)
    settle()
    assert figure(last)[2] == 2  # an address and an attestation would be level 3
    with transaction.atomic():
        for number in (1, 2):
            prove(middle, owner, K.IDENTITY_CHECK, given_by=staff(number))
    settle()
    assert figure(last)[2] == 3
    suspension = suspend(author=middle, reason="To be looked at.", by=staff(8))
    settle()
    assert figure(last)[2] == 2
    lift(suspension=suspension, by=staff(8))
    settle()
    assert figure(last)[2] == 3


def test_a_voucher_lifts_thirty_new_collaborators_of_a_year():
    names = [name_of(number) for number in range(35)]
    bring_in(*(record(f"Pair {place}", ["Vera Verified", name]) for place, name in enumerate(names)))
    settle()
    verified = person("Vera Verified")
    identity_checked(verified)
    confirm(verified)
    settle()
    lifted = [line["lines"][7]["micropoints"] for line in stored() if line["author_id"] != verified.pk]
    assert sorted(lifted) == [0] * 5 + [7_000_000] * 30
    assert sum(lifted) <= 210_000_000
    beyond = Trust.objects.filter(lines__7__micropoints=0).exclude(author=verified).first()
    assert beyond.not_counted[0].startswith("1 verified co-author who lifted others first")
