"""People's answers to byline positions: this is mine, this is not. They stand above every import and every matching."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.db import transaction
from django.utils import timezone

from works.actions.bylines import make_authors, reattribute, refresh_card_bylines
from works.actions.imports.locks import lock_record
from works.actions.imports.staging import select
from works.actions.journal import Actor, append, event_by
from works.actions.summaries import refresh_summaries
from works.models import Author, Authorship, AuthorshipDecision
from works.models.decision import Role
from works.names import fold
from works.signals import authorships_changed, authorships_decided

MINE, NOT_MINE = AuthorshipDecision.Answer.MINE, AuthorshipDecision.Answer.NOT_MINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The place `position` of `work` is this author's, or it is not. Ids of rows; an author that was merged stands for its winner.

    `to` says whose it is instead, where that is known and the answer is no; else it goes to a new author of the name printed there.
    """

    work: int
    position: int
    author: int
    is_mine: bool
    to: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the answers: how many changed something, and the ones that could not stand, each with the reason in a sentence."""

    changed: int = 0
    refused: list[tuple[Answer, str]] = field(default_factory=list)


@dataclass(slots=True)
class Bylines:
    """The places and the earlier answers that a batch of answers is about, as they will be left."""

    places: dict[tuple[int, int], Authorship]
    at: dict[tuple[int, int], Authorship]  # by work and author
    decisions: dict[tuple[int, int | None, int], AuthorshipDecision]
    lost: dict[tuple[int, int], list[AuthorshipDecision]]  # by work and author: those whose place was not found again
    claimed: set[int]  # of the places' authors, those whose page somebody holds
    given: dict[int, tuple[int | None, str]] = field(default_factory=dict)
    vacated: list[Authorship] = field(default_factory=list)
    dropped: list[AuthorshipDecision] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)

    def mine(self, work: int) -> Iterable[AuthorshipDecision]:
        return [its for its in self.decisions.values() if its.work_id == work and its.answer == MINE]

    def vacate(self, place: Authorship) -> None:
        """Let the place be nobody's yet: in the end it goes to a new author of the name printed there, unless somebody is given it."""
        self.give(place, None, Authorship.Match.FIRST)
        self.vacated.append(place)

    def give(self, place: Authorship, author: int | None, reason: str) -> None:
        """Let the place be that author's; whoever stood there stands there no more."""
        if place.author_id:
            self.touched.add(place.author_id)
            self.at.pop((place.work_id, place.author_id), None)
        if author:
            self.touched.add(author)
            self.at[place.work_id, author] = place
        place.author_id, place.matched_by = author, reason
        self.given[place.pk] = (author, reason)


@transaction.atomic
def decide_authorships(answers: Sequence[Answer], *, by: Actor) -> Outcome:
    """Keep what a person says of byline positions, and let the record follow. Given twice, the second changes nothing.

    An answer that cannot stand (no such place, or somebody else has confirmed it) is refused with a reason; the others are kept.
    Holds the lock that imports take. About fifteen statements, however many answers.
    """
    lock_record()
    authors = final_authors({one for answer in answers for one in (answer.author, answer.to) if one})
    bylines = load_bylines(answers, authors)
    refused: list[tuple[Answer, str]] = []
    kept: list[AuthorshipDecision] = []
    for answer in answers:
        author = authors.get(answer.author)
        place = bylines.places.get((answer.work, answer.position))
        if author is None or (answer.to and answer.to not in authors):
            refused.append((answer, "There is no such author in the record."))
        elif place is None:
            refused.append((answer, "The work has no such place in its byline."))
        elif reason := overruling(bylines, answer, place, author, by=by) or hindrance(
            bylines, answer, place, author, authors.get(answer.to or 0)
        ):
            refused.append((answer, reason))
        else:
            kept += settle(bylines, answer, place, author, by=by)
            if answer.to:
                kept += settle(bylines, replace(answer, is_mine=True), place, authors[answer.to], by=by)
    write(bylines, kept, by=by)
    return Outcome(changed=len(kept), refused=refused)


def final_authors(ids: Collection[int]) -> dict[int, int]:
    """Each of these authors, and who they stand for: themselves, or into whom they were merged. One query."""
    return dict(
        select(
            """
            WITH RECURSIVE chain (asked, id, next) AS (
                SELECT id, id, merged_into_id FROM works_author WHERE id = ANY(%s)
                UNION ALL
                SELECT chain.asked, author.id, author.merged_into_id FROM chain JOIN works_author author ON author.id = chain.next
            )
            SELECT asked, id FROM chain WHERE next IS NULL
            """,
            [sorted(ids)],
        )
    )


def load_bylines(answers: Sequence[Answer], authors: dict[int, int]) -> Bylines:
    """Three queries: the places that are asked about or held by one of the authors, every earlier answer of the works, who is claimed."""
    works = sorted({answer.work for answer in answers})
    rows = Authorship.objects.raw(
        """
        SELECT place.* FROM works_authorship place
        JOIN unnest(%s::bigint[], %s::int[]) AS wanted (work, position) ON place.work_id = wanted.work AND place.position = wanted.position
        UNION
        SELECT * FROM works_authorship WHERE work_id = ANY(%s) AND author_id = ANY(%s)
        """,
        [[answer.work for answer in answers], [answer.position for answer in answers], works, sorted(set(authors.values()))],
    )
    places = list(rows)
    decisions: dict[tuple[int, int | None, int], AuthorshipDecision] = {}
    lost: dict[tuple[int, int], list[AuthorshipDecision]] = defaultdict(list)
    for decision in AuthorshipDecision.objects.filter(work__in=works):
        if decision.needs_a_look:
            lost[decision.work_id, decision.author_id].append(decision)
        else:
            decisions[decision.work_id, decision.position, decision.author_id] = decision
    return Bylines(
        places={(place.work_id, place.position): place for place in places},
        at={(place.work_id, place.author_id): place for place in places if place.author_id},
        decisions=decisions,
        lost=lost,
        claimed=set(Author.objects.filter(pk__in={place.author_id for place in places}, is_claimed=True).values_list("pk", flat=True)),
    )


def hindrance(bylines: Bylines, answer: Answer, place: Authorship, author: int, to: int | None) -> str:
    """Why the answer cannot stand; "" if it can."""
    if answer.is_mine:
        if any(its.position == answer.position and its.author_id != author for its in bylines.mine(answer.work)):
            return f"{place.name} was confirmed as somebody else’s here; that answer has to be taken back first."
        return ""
    if to is None:
        return ""
    if to == author:
        return "The place cannot be given to the person whose it is not."
    if (work_place := bylines.at.get((answer.work, to))) and work_place is not place:
        return f"That person stands in this byline already, at place {work_place.position}."
    ruled_out = bylines.decisions.get((answer.work, answer.position, to))
    if ruled_out and ruled_out.answer == NOT_MINE:
        return "It was decided before that the place is not that person’s; that answer has to be taken back first."
    return ""


def overruling(bylines: Bylines, answer: Answer, place: Authorship, author: int, *, by: Actor) -> str:
    """Why an owner's "mine" cannot stand against what staff decided or what is on somebody else's page; "" if it can.

    Between the tick and the approval of a claim staff may have split the record: the tick does not bring back what was taken out.
    """
    if by.role != Role.OWNER or not answer.is_mine or place.author_id == author:
        return ""
    ruled_out = bylines.decisions.get((answer.work, answer.position, author))
    if ruled_out and ruled_out.answer == NOT_MINE and ruled_out.role == Role.STAFF:
        return f"Staff decided that {place.name} is somebody else here; that answer has to be taken back first."
    if place.author_id in bylines.claimed:
        return f"{place.name} stands on somebody else’s page here; report it as a correction."
    return ""


def settle(bylines: Bylines, answer: Answer, place: Authorship, author: int, *, by: Actor) -> list[AuthorshipDecision]:
    """Take the answer in: the decision to be stored, and what follows for the byline. Nothing where it was so already."""
    given = MINE if answer.is_mine else NOT_MINE
    key = (answer.work, answer.position, author)
    decision = bylines.decisions.get(key)
    if decision and decision.answer == given and (place.author_id == author) == answer.is_mine:
        return []
    bylines.dropped += bylines.lost.pop((answer.work, author), [])
    if answer.is_mine:
        for other in bylines.mine(answer.work):
            if other.author_id == author and other.position != answer.position:
                bylines.dropped.append(bylines.decisions.pop((other.work_id, other.position, author)))
        if (elsewhere := bylines.at.get((answer.work, author))) and elsewhere is not place:
            bylines.vacate(elsewhere)
        bylines.give(place, author, Authorship.Match.DECIDED)
    elif place.author_id == author:
        bylines.vacate(place)
    if decision is None:
        decision = AuthorshipDecision(work_id=answer.work, position=answer.position, author_id=author)
    decision.answer, decision.decided_position = given, answer.position
    decision.raw_name, decision.name_key = place.raw_name, fold(place.name)
    decision.decided_by, decision.role, decision.decided_at = by.account, by.role, timezone.now()
    bylines.decisions[key] = decision
    return [decision]


def write(bylines: Bylines, kept: Sequence[AuthorshipDecision], *, by: Actor) -> None:
    """The answers, then the byline, then all that is counted from it, then the announcements."""
    if not kept:
        return
    AuthorshipDecision.objects.filter(pk__in=[its.pk for its in bylines.dropped if its.pk]).delete()
    once = list({id(its): its for its in kept if its not in bylines.dropped}.values())
    standing = [its for its in once if its.pk]
    fields = ["answer", "decided_position", "raw_name", "name_key", "decided_by", "role", "decided_at"]
    for answer in (NOT_MINE, MINE):  # in this order: a place has one owner at any moment
        AuthorshipDecision.objects.bulk_update([its for its in standing if its.answer == answer], fields)
    AuthorshipDecision.objects.bulk_create(its for its in once if not its.pk)
    vacated = [place for place in dict.fromkeys(bylines.vacated) if place.author_id is None]
    seeds = [(f"place {place.work_id} {place.position} {place.name}", place.name) for place in vacated]
    for place, author in zip(vacated, make_authors(seeds), strict=True):
        bylines.give(place, author.pk, Authorship.Match.FIRST)
    reattribute(bylines.given)
    works = sorted({its.work_id for its in kept})
    refresh_card_bylines(work_ids=works)
    refresh_summaries(author_ids=bylines.touched)
    append(
        *(
            event_by(by, f"authorship-{its.answer}", author=its.author_id, work=its.work_id, position=its.position, name=its.raw_name)
            for its in once
        )
    )
    people = sorted(bylines.touched | {its.author_id for its in kept})
    authorships_decided.send(sender=AuthorshipDecision, author_ids=people, work_ids=works)
    authorships_changed.send(sender=AuthorshipDecision, author_ids=people)


@transaction.atomic
def withdraw_decisions(decision_ids: Sequence[int], *, by: Actor) -> int:
    """Take answers back: the places stay as they are, and matching may speak of them again. How many were taken back."""
    lock_record()
    decisions = list(AuthorshipDecision.objects.filter(pk__in=decision_ids).select_for_update().order_by("pk"))
    if not decisions:
        return 0
    own = [
        (its.work_id, its.position, its.author_id) for its in decisions if its.answer == MINE and its.position
    ]  # what was matched by the answer has, for now, nothing but its name to go by
    places = Authorship.objects.filter(work__in=[work for work, *_ in own], matched_by=Authorship.Match.DECIDED)
    orphaned = [place.pk for place in places if (place.work_id, place.position, place.author_id) in own]
    Authorship.objects.filter(pk__in=orphaned).update(matched_by=Authorship.Match.FIRST)
    append(
        *(
            event_by(by, "authorship-withdrawn", author=its.author_id, work=its.work_id, position=its.position, answer=its.answer)
            for its in decisions
        )
    )
    AuthorshipDecision.objects.filter(pk__in=[its.pk for its in decisions]).delete()
    people = sorted({its.author_id for its in decisions})
    authorships_decided.send(sender=AuthorshipDecision, author_ids=people, work_ids=sorted({its.work_id for its in decisions}))
    authorships_changed.send(sender=AuthorshipDecision, author_ids=people)
    return len(decisions)
