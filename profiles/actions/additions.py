"""Owners add works to their record: by identifiers, which workers look up, or by a file; shown first, then taken in as by an import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from profiles.actions.record import RecordRefused, fits, name_keys, own_record, owner
from profiles.models import Addition, User
from profiles.signals import addition_due
from works.actions.authorships import Answer, decide_authorships
from works.actions.imports.batch import take_in
from works.actions.imports.locks import lock_record
from works.actions.imports.reading import find_works, read_file, read_live
from works.importers.http import RegistryUnavailable
from works.importers.record import ImportedWork, Rejection, from_json, to_json
from works.models import Author, Authorship, RegistryRecord, Work
from works.names import fold
from works.signals import authorships_changed

MOST_RECORDS = 200
MOST_A_DAY = 30
State = Addition.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One record of an addition: the work that it would be taken in with, if there is one, and the places whose names fit the owner's."""

    number: int
    record: ImportedWork
    work: Work | None
    places: list[tuple[int, str]]
    is_own: bool

    @property
    def likely(self) -> int:
        """The place that is filled in: the only one whose name fits, of a work that is not on the page yet. Else 0."""
        return self.places[0][0] if len(self.places) == 1 and not self.is_own else 0


def check_number(*, by: User) -> None:
    if Addition.objects.filter(user=by, created_at__gt=timezone.now() - timedelta(days=1)).count() >= MOST_A_DAY:
        raise RecordRefused(f"At most {MOST_A_DAY} times in 24 hours works can be added. Please go on tomorrow.")


@transaction.atomic
def ask_for_works(*, source: str, ids: Sequence[str], by: User) -> Addition:
    """Have a worker read what a registry gives for these identifiers."""
    author = own_record(is_lasting=True, by=by)
    check_number(by=by)
    addition = Addition.objects.create(user=by, author=author, source=source, ids=list(ids), label=", ".join(ids)[:300])
    addition_due.send(sender=Addition, addition_id=addition.pk)
    return addition


@transaction.atomic
def read_own_file(*, source: str, stream: BinaryIO, name: str, by: User) -> Addition:
    """Read a file of a bounded size at once; nothing of it is in the record yet."""
    author = own_record(is_lasting=True, by=by)
    check_number(by=by)
    addition = Addition(user=by, author=author, source=source, label=name[:300])
    keep(addition, read_file(source=source, stream=stream, name=name, most=MOST_RECORDS + 1))
    return addition


def keep(addition: Addition, items: Sequence[ImportedWork | Rejection]) -> None:
    """What was read of an addition, good and bad."""
    addition.records = [to_json(item) for item in items[:MOST_RECORDS] if isinstance(item, ImportedWork)]
    addition.rejections = [
        {"place": item.place, "reason": item.reason, "kept": item.is_reservation}
        for item in items[:MOST_RECORDS]
        if isinstance(item, Rejection)
    ]
    if len(items) > MOST_RECORDS:
        more = f"more than {MOST_RECORDS} records: these are the first, add the rest in a further file"
        addition.rejections.append({"place": addition.label, "reason": more, "kept": False})
    addition.state = State.READ
    addition.save()


def lines_of(addition: Addition) -> list[Line]:
    """What would become of each record, as the record of works stands now. Seven queries, however many records."""
    records = [from_json(payload) for payload in addition.records]
    keys = name_keys(addition.author)
    found = find_works(records) if records else []
    works = Work.objects.in_bulk({work for work in found if work})
    own = set(Authorship.objects.filter(author=addition.author, work__in=works).values_list("work", flat=True))
    return [
        Line(
            number=number,
            record=record,
            work=works[work] if work else None,
            places=[
                (place, author.name) for place, author in enumerate(record.authors, start=1) if author.is_person and fits(author.name, keys)
            ],
            is_own=work in own,
        )
        for number, (record, work) in enumerate(zip(records, found, strict=True))
    ]


@transaction.atomic
def choose_works(*, addition_id: int, choices: Mapping[int, int], by: User) -> Addition:
    """Which records to take in, each with the owner's place in its byline. A worker does it."""
    own_record(is_lasting=True, by=by)
    addition = Addition.objects.select_for_update(of=("self",)).select_related("author").filter(pk=addition_id, user=by).first()
    if addition is None or addition.state != State.READ:
        raise RecordRefused("These works were added already, or are not yours to add.")
    possible = {(line.number, place) for line in lines_of(addition) for place, _ in line.places}
    chosen = sorted({(number, place) for number, place in choices.items() if place})
    if not chosen:
        raise RecordRefused("Choose at least one work, and say at which name you stand.")
    if not possible.issuperset(chosen):
        raise RecordRefused("One of the names that were chosen is none of yours.")
    addition.choices, addition.state = [list(choice) for choice in chosen], State.CHOSEN
    addition.save()
    addition_due.send(sender=Addition, addition_id=addition.pk)
    return addition


def are_additions_due() -> bool:
    return Addition.objects.filter(state__in=[State.ASKED, State.CHOSEN]).exists()


def pay_additions(*, limit: int = 20) -> int:
    """Read what was asked for and take in what was chosen, oldest first; how many additions there were."""
    due = list(Addition.objects.filter(state__in=[State.ASKED, State.CHOSEN]).select_related("author").order_by("pk")[:limit])
    for addition in due:
        if addition.state == State.ASKED:
            read(addition)
        else:
            try:
                take_in_chosen(addition.pk)
            except (DataError, IntegrityError) as error:
                Addition.objects.filter(pk=addition.pk).update(state=State.FAILED, error=str(error)[:500])
    return len(due)


def read(addition: Addition) -> None:
    """Ask the registry, outside any transaction. Done twice, the second answer stands, unless the owner has chosen meanwhile."""
    try:
        items = read_live(source=addition.source, ids=addition.ids, most=MOST_RECORDS + 1)
    except RegistryUnavailable as error:
        Addition.objects.filter(pk=addition.pk, state=State.ASKED).update(state=State.FAILED, error=str(error)[:500])
        return
    with transaction.atomic():
        if standing := Addition.objects.select_for_update().filter(pk=addition.pk, state=State.ASKED).first():
            keep(standing, items)


@transaction.atomic
def take_in_chosen(addition_id: int) -> None:
    """The chosen records become works, and the places answers of the owner; nothing if the claim has ended or is objected to by now."""
    lock_record()
    addition = Addition.objects.select_for_update(of=("self",)).select_related("user").filter(pk=addition_id, state=State.CHOSEN).first()
    if addition is None:
        return
    try:
        author = own_record(is_lasting=True, by=addition.user)
        if author.pk != addition.author_id:
            raise RecordRefused("The page is not yours any more.")
    except RecordRefused as refused:
        Addition.objects.filter(pk=addition_id).update(state=State.FAILED, error=str(refused)[:500])
        return
    chosen = [(from_json(addition.records[number]), position) for number, position in addition.choices]
    tally = take_in([(f"{addition.label}: {record.key}", record) for record, _ in chosen], run_id=None)
    authorships_changed.send(sender=Addition, author_ids=sorted(tally.author_ids))
    answers, against = places_of(chosen, author)
    outcome = decide_authorships(answers, by=owner(by=addition.user))
    against += [reason for _, reason in outcome.refused] + [its.reason for its in (*tally.rejections, *tally.reservations)]
    addition.outcome = {
        "new": tally.new,
        "merged": tally.merged,
        "unchanged": tally.unchanged + tally.changed,
        "mine": len(answers) - len(outcome.refused),
        "refused": against,
    }
    addition.state = State.DONE
    addition.save()


def places_of(chosen: Sequence[tuple[ImportedWork, int]], author: Author) -> tuple[list[Answer], list[str]]:
    """The answers that the chosen places come to in the bylines as the record has them now, and why others come to none. Two queries."""
    stored = RegistryRecord.objects.filter(registry__in={its.registry for its, _ in chosen}, key__in={its.key for its, _ in chosen})
    works = {(registry, key): work for registry, key, work in stored.values_list("registry", "key", "work")}
    places: dict[int, list[Authorship]] = {}
    for place in Authorship.objects.filter(work__in=works.values()).select_related("author").order_by("position"):
        places.setdefault(place.work_id, []).append(place)
    answers, refused = [], []
    for record, position in chosen:
        key = fold(record.authors[position - 1].name)
        byline = places.get(works.get((record.registry, record.key), 0), [])
        named = [place for place in byline if fold(place.name) == key] or [place for place in byline if fits(place.name, [key])]
        found = next((its for its in named if its.position == position), named[0] if len(named) == 1 else None)
        if found is None:
            refused.append(f"“{record.title[:200]}”: the byline of the record names {record.authors[position - 1].name} differently.")
        elif found.author and found.author.is_claimed and found.author_id != author.pk:
            refused.append(f"“{record.title[:200]}”: {found.name} there is somebody who has claimed their page.")
        else:
            answers.append(Answer(work=found.work_id, position=found.position, author=author.pk, is_mine=True))
    return answers, refused
