"""Two records of one work become one (a preprint and its article); registry records that were mixed up become two works."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from works.actions.imports.entities import fresh_public_ids
from works.actions.imports.locks import lock_record
from works.actions.imports.rederive import rederive_works
from works.actions.imports.staging import reserve_ids, select
from works.actions.journal import Actor, append, event_by
from works.actions.merges.authors import fold_authors, recount
from works.actions.merges.parties import MergeRefused, against_works, lock_works, parties_of
from works.actions.merges.rows import WORK_ROWS, differences, insert_rows, journal, newest_ids, read_rows, rows_now
from works.actions.proposals import ProposedPair, propose_merges
from works.actions.shelves import owe_shelving
from works.models import Author, Authorship, Merge, MergeProposal, RegistryRecord, Work
from works.names import fold
from works.signals import authors_merged, authorships_changed, work_split, works_merged

SAME_PLACE = "They stood under one name in the bylines of two records of one work."
FOLD_CORRECTIONS = """
    UPDATE works_correction own SET work_id = %(winner)s WHERE work_id = ANY(%(losers)s) AND NOT EXISTS (
        SELECT FROM works_correction other WHERE other.author_id = own.author_id AND other.reporter_hash = own.reporter_hash
            AND other.state = 'open' AND other.id <> own.id AND (other.work_id = %(winner)s OR other.work_id = ANY(%(losers)s))
    )
"""
# Without a position: each answer finds its place in the common byline by name.
FOLD_ANSWERS = "UPDATE works_authorshipdecision SET work_id = %(winner)s, position = NULL WHERE work_id = ANY(%(losers)s)"
MOVES = (
    FOLD_ANSWERS,
    FOLD_CORRECTIONS,
    "UPDATE works_registryrecord SET work_id = %(winner)s WHERE work_id = ANY(%(losers)s)",
    "UPDATE works_workidentifier SET work_id = %(winner)s WHERE work_id = ANY(%(losers)s)",
    "DELETE FROM works_worktopic WHERE work_id = ANY(%(losers)s)",
    "DELETE FROM works_reference WHERE work_id = ANY(%(losers)s)",
    """
    UPDATE works_reference SET cited_id = CASE WHEN work_id = %(winner)s THEN NULL ELSE %(winner)s::bigint END
    WHERE cited_id = ANY(%(losers)s)
    """,
    """
    DELETE FROM works_affiliation WHERE authorship_id IN (SELECT id FROM works_authorship WHERE work_id = ANY(%(losers)s))
    """,
    "DELETE FROM works_authorship WHERE work_id = ANY(%(losers)s)",
    "UPDATE works_work SET merged_into_id = %(winner)s WHERE id = ANY(%(losers)s) OR merged_into_id = ANY(%(losers)s)",
)


@transaction.atomic
def merge_works(*, winner_id: int, loser_ids: Collection[int], reason: str, by: Actor) -> Merge:
    """Make the losers redirects to the winner, which is derived again from all their registry records. MergeRefused says why not.

    Where the bylines gave one name to two authors, the place goes to the one with more behind them. An author who stands nowhere any
    more is merged into that one; of one with other works, the merge is proposed.
    """
    lock_record()
    works = lock_works({winner_id, *loser_ids})
    winner, losers = works[winner_id], [works[pk] for pk in sorted(set(loser_ids) - {winner_id})]
    if against := against_works(winner, losers):
        raise MergeRefused(*against)
    everything = sorted(works)
    people = set(Authorship.objects.filter(work__in=everything, author__isnull=False).values_list("author_id", flat=True))
    newest = newest_ids(WORK_ROWS)
    before = read_rows(WORK_ROWS, works=everything, authors=people)
    merge = Merge.objects.create(
        kind=Merge.Kind.WORKS,
        winner=winner.pk,
        others=[loser.pk for loser in losers],
        parties=parties_of(winner, losers, records=sum(key[0] == "works_registryrecord" for key in before)),
        reason=reason,
        actor_id=by.account,
        actor_role=by.role,
        at=timezone.now(),
    )
    pairs = reconcile_people(winner.pk, merge.others)
    with connection.cursor() as cursor:
        for move in MOVES:
            cursor.execute(move, {"winner": winner.pk, "losers": merge.others})
    touched = rederive_works(work_ids=[winner.pk])
    absorbed = absorb(pairs)
    decided = {"decided_by": by.account, "decided_role": by.role, "decided_at": merge.at, "merge": merge}
    ours = MergeProposal.objects.filter(kind=MergeProposal.Kind.WORKS, state=MergeProposal.State.OPEN)
    ours.filter(work_a__in=everything, work_b__in=everything).update(state=MergeProposal.State.ACCEPTED, **decided)
    for side in ("work_a__in", "work_b__in"):
        ours.filter(**{side: merge.others}).update(state=MergeProposal.State.SUPERSEDED, **decided)
    journal(merge.pk, differences(before, read_rows(WORK_ROWS, works=everything, authors=people | touched), newest))
    finish(merge, people | touched, [winner.pk], reason, by=by)
    for author, shell in absorbed:
        authors_merged.send(sender=Merge, merge_id=merge.pk, winner_id=author, loser_ids=[shell])
    works_merged.send(sender=Merge, merge_id=merge.pk, winner_id=winner.pk, loser_ids=merge.others)
    return merge


def reconcile_people(winner: int, losers: Sequence[int]) -> list[tuple[int, int]]:
    """Bring the bylines together before they are derived: names that only a loser prints keep their author, and a name to which they give
    two authors goes to one of them. The pairs (whose place it is, the other). Three statements.
    """
    places = list(Authorship.objects.filter(work__in=[winner, *losers]).select_related("author").order_by("work", "position"))
    own = [place for place in places if place.work_id == winner]
    standing = {place.author_id for place in own}
    by_name: dict[str, list[Authorship]] = {}
    for place in own:
        by_name.setdefault(fold(place.name), []).append(place)
    last = max((place.position for place in own), default=0)
    pairs = []
    carried, given = [], []
    for place in (its for its in places if its.work_id != winner):
        twins = by_name.get(fold(place.name), [])
        if not twins and place.author_id not in standing:
            last += 1
            place.work_id, place.position = winner, last
            standing.add(place.author_id)
            by_name[fold(place.name)] = [place]
            carried.append(place)
        elif len(twins) == 1 and (ours := twins[0].author) and (theirs := place.author) and ours != theirs:
            twin = twins[0]
            keeps, other = sorted((ours, theirs), key=standing_of)
            pairs.append((keeps.pk, other.pk))
            if keeps != twin.author and keeps.pk not in standing:
                standing.add(keeps.pk)
                twin.author, twin.matched_by = keeps, place.matched_by
                given.append(twin)
    Authorship.objects.bulk_update(carried, ["work", "position"])
    Authorship.objects.bulk_update(given, ["author", "matched_by"])
    return pairs


def standing_of(author: Author) -> tuple[bool, int, int]:
    """Who keeps a place that two records have: the claimed one, the one with more works, the older one."""
    return not author.is_claimed, -author.works_count, author.pk


def absorb(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of each pair, merge the second into the first if they stand nowhere any more and nobody claims either; propose it otherwise."""
    idle = {
        author
        for (author,) in select(
            """
            SELECT id FROM works_author author WHERE id = ANY(%s) AND NOT is_claimed AND merged_into_id IS NULL
                AND NOT EXISTS (SELECT FROM works_authorship WHERE author_id = author.id)
            """,
            [[other for _, other in pairs]],
        )
    }
    claimed = set(Author.objects.filter(pk__in=[keeps for keeps, _ in pairs], is_claimed=True).values_list("pk", flat=True))
    absorbed = [(keeps, other) for keeps, other in dict.fromkeys(pairs) if other in idle and keeps not in claimed]
    for keeps, other in absorbed:
        fold_authors(keeps, [other])
    propose_merges(
        authors=[
            ProposedPair(one=keeps, other=other, score=0.9, reasons=[{"says": SAME_PLACE, "feature": "same-place", "value": 1}])
            for keeps, other in dict.fromkeys(pairs)
            if (keeps, other) not in absorbed
        ]
    )
    return absorbed


def finish(merge: Merge, people: Collection[int], works: Sequence[int], reason: str, *, by: Actor) -> None:
    """Counts, the event, the announcement."""
    recount(authors=people, works=works)
    owe_shelving(work_ids={merge.winner, *merge.others})
    append(event_by(by, merge.kind, work=merge.winner, text=reason, merge=merge.pk, others=merge.others))
    authorships_changed.send(sender=Merge, author_ids=sorted(people))


@transaction.atomic
def split_work(*, work_id: int, record_ids: Collection[int], reason: str, by: Actor) -> Merge:
    """Give some of a work's registry records to a new work; both are derived again. MergeRefused says why not.

    A later copy of a record stays with the work that it stands at; names that stand in both bylines keep their authors in both.
    """
    lock_record()
    work = lock_works({work_id})[work_id]
    records = RegistryRecord.objects.filter(work=work)
    chosen = list(records.filter(pk__in=record_ids).order_by("registry", "key"))
    if against := against_split(work, len(chosen), records.count()):
        raise MergeRefused(*against)
    people = set(Authorship.objects.filter(work=work, author__isnull=False).values_list("author_id", flat=True))
    newest = newest_ids(WORK_ROWS)
    before = read_rows(WORK_ROWS, works=[work.pk], authors=people)
    new = copy_work(work, chosen[0])
    merge = Merge.objects.create(
        kind=Merge.Kind.WORK_SPLIT,
        winner=work.pk,
        others=[new.pk],
        parties=parties_of(work, [new], records=len(chosen)),
        reason=reason,
        actor_id=by.account,
        actor_role=by.role,
        at=timezone.now(),
    )
    RegistryRecord.objects.filter(pk__in=[record.pk for record in chosen]).update(work=new)
    touched = rederive_works(work_ids=[work.pk, new.pk])
    drop_lost_copies(work.pk, new.pk)
    MergeProposal.objects.create(
        kind=MergeProposal.Kind.WORKS,
        work_a=work,
        work_b=new,
        score=0,
        reasons=[{"says": "They were one work, and a person split it.", "feature": "split", "value": merge.pk}],
        state=MergeProposal.State.DECLINED,
        proposed_at=merge.at,
        decided_by=by.account,
        decided_role=by.role,
        decided_at=merge.at,
        merge=merge,
    )
    after = read_rows(WORK_ROWS, works=[work.pk, new.pk], authors=people | touched)
    journal(merge.pk, differences(before, after, newest))
    finish(merge, people | touched, [work.pk, new.pk], reason, by=by)
    work_split.send(sender=Merge, merge_id=merge.pk, work_id=work.pk, new_id=new.pk)
    return merge


def against_split(work: Work, chosen: int, of: int) -> list[str]:
    if work.merged_into_id:
        return ["This work was merged into another: split that one."]
    if of < 2:
        return ["One registry record alone tells of this work: there is nothing to split."]
    if not chosen:
        return ["Choose at least one registry record."]
    return ["Leave at least one registry record."] if chosen == of else []


def copy_work(work: Work, record: RegistryRecord) -> Work:
    """A new work like this one, with the same people at the same names and the same answers, to be derived from its own records."""
    new = Work.objects.get(pk=work.pk)
    new.pk = None
    new.public_id = fresh_public_ids("works_work", [("work", record.registry, record.key)])[0]
    new.save(force_insert=True)
    for table in ("works_authorship", "works_authorshipdecision"):
        ids = [row for (row,) in select(f"SELECT id FROM {table} WHERE work_id = %s ORDER BY id", [work.pk])]
        fresh = reserve_ids(table, len(ids))
        rows: dict[tuple[str, int], dict[str, Any]] = rows_now((table, row) for row in ids)
        insert_rows({(table, copy): {**rows[table, row], "work_id": new.pk} for row, copy in zip(ids, fresh, strict=True)})
    return new


def drop_lost_copies(work: int, new: int) -> None:
    """Of an answer that was copied, the copy whose byline has no such name goes, as long as the other found its place."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM works_authorshipdecision lost USING works_authorshipdecision found
            WHERE lost.work_id = ANY(%(both)s) AND found.work_id = ANY(%(both)s) AND lost.work_id <> found.work_id
                AND lost.author_id = found.author_id AND lost.name_key = found.name_key AND lost.answer = found.answer
                AND lost.position IS NULL AND found.position IS NOT NULL
            """,
            {"both": [work, new]},
        )
