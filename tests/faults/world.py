"""A small site with everything on it: the sample corpus, people who claim, follow and wait for digests; and more of the same to do."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random

import orjson
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from bzpeer.management.commands.serve import SAMPLE
from bzpeer.owed import debts
from graph.actions.slices import request_slice
from graph.models import Slice
from profiles.actions import claims
from profiles.actions.follows import follow
from profiles.models import DigestPlan, Profile, User
from tests.factories.claims import make_person, make_reviewer, make_submitted
from tests.factories.digests import owe
from tests.factories.records import make_record
from tests.faults.site import wait_until
from works.actions.audit import event_models
from works.actions.imports import request_import
from works.importers.record import ImportedWork, to_json
from works.models import Author, ImportRun

PEOPLE = 30


def populate() -> None:
    """The sample corpus; PEOPLE accounts, of whom a third hold their page; what follows from all that is owed to the workers."""
    call_command("migrate", interactive=False, verbosity=0)
    with contextlib.suppress(SystemExit), Path("/dev/null").open("w") as nowhere:
        call_command("import_works", "bzpeer", "--file", str(SAMPLE), stdout=nowhere)
    reviewer = make_reviewer("reviewer")
    authors = known_authors()
    for number in range(PEOPLE):
        person = make_person(f"person{number}")
        for author in authors[number : number + 5]:
            follow(author, by=person)
        if number % 3 == 0:
            claims.approve_claim(make_submitted(authors[-1 - number], person), by=reviewer)
    DigestPlan.objects.update(due_at=timezone.now() + timedelta(days=1))


def known_authors() -> list[Author]:
    return list(Author.objects.standing().with_works().order_by("-works_count", "pk"))


def readers() -> list[User]:
    return list(User.objects.filter(email__startswith="person").order_by("pk"))


def write_records(path: Path, records: Sequence[ImportedWork]) -> Path:
    path.write_bytes(b"".join(orjson.dumps(to_json(record)) + b"\n" for record in records))
    return path


class Deeds:
    """What visitors and staff do to the site, in an order that a seed decides. All of it ends in work for the workers."""

    def __init__(self, seed: str, folder: Path) -> None:
        self.rng = Random(seed)
        self.folder = folder
        self.number = 0

    def ask_for_slices(self, number: int) -> list[int]:
        """Ask for the slices of so many people; their ids."""
        chosen = self.rng.sample(known_authors(), number)
        Slice.objects.filter(pk__in=[author.pk for author in chosen]).update(stale_at=timezone.now())
        for author in chosen:
            request_slice(author)
        return [author.pk for author in chosen]

    def import_some(self, number: int = 120) -> ImportRun:
        """Staff ask for an import of new works by people who are there already and some who are not."""
        self.number += 1
        names = [author.name for author in known_authors()]
        records = [
            make_record(
                f"Fault {self.number} and what became of it, part {place} of {self.rng.randrange(10**9)}",
                self.rng.sample([*names, *(f"Newcomer{at} Family{at % 7}" for at in range(40))], 1 + place % 5),
                topics=[f"t{place % 9}"],
                registry="bzpeer",
                key=f"fault:{self.number}:{place}:{self.rng.randrange(10**9)}",
                asserted_by="converted",
                year=2000 + place % 25,
            )
            for place in range(number)
        ]
        path = write_records(self.folder / f"fault-{self.number}-{self.rng.randrange(10**9)}.jsonl", records)
        return request_import(source="bzpeer", files=[str(path)], by="staff")

    def claim_one(self) -> None:
        """Somebody claims a page that nobody holds, and a reviewer approves."""
        taken = set(Profile.objects.values_list("author_id", flat=True))
        author = self.rng.choice([author for author in known_authors() if author.pk not in taken])
        self.number += 1
        person = make_person(f"claimant{self.number}-{self.rng.randrange(10**9)}")
        reviewer = User.objects.get(email="reviewer@mail.example")
        claims.approve_claim(make_submitted(author, person), by=reviewer)

    def owe_digests(self, number: int = 3) -> None:
        for user in self.rng.sample(readers(), number):
            owe(user)

    def everything(self) -> None:
        """Some of all."""
        self.import_some()
        self.claim_one()
        self.ask_for_slices(10)
        self.owe_digests()
        for user, author in zip(self.rng.sample(readers(), 5), self.rng.sample(known_authors(), 5), strict=True):
            follow(author, by=user)


def is_settled() -> bool:
    """Whether nothing is owed, and every event is sealed."""
    return not any(debt.count for debt in debts()) and not any(
        model._default_manager.filter(place__isnull=True).exists() for model in event_models()
    )


def settle(seconds: float = 90) -> float:
    """Seconds until the workers have done all that is owed."""
    try:
        return wait_until(is_settled, seconds, "the end of what is owed")
    except AssertionError as late:
        left = [f"{debt.name} {debt.count}" for debt in debts() if debt.count]
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, status, error FROM works_importrun WHERE status <> 'finished'")
            raise AssertionError(f"{late}: {left}, {cursor.fetchall()}") from late
