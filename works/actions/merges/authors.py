"""Two author records of one person become one; one record of two people becomes two."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import connection, transaction
from django.utils import timezone

from works.actions.authorships import Answer, decide_authorships
from works.actions.bylines import make_authors, move_orcids, refresh_card_bylines, refresh_other_keys
from works.actions.imports.locks import lock_record
from works.actions.imports.staging import select
from works.actions.journal import Actor, append, event_by
from works.actions.merges.parties import MergeRefused, against_authors, lock_authors, parties_of
from works.actions.merges.rows import AUTHOR_ROWS, differences, journal, newest_ids, read_rows
from works.actions.summaries import refresh_summaries
from works.models import Author, Authorship, AuthorshipDecision, Merge, MergeProposal
from works.signals import author_split, authors_merged, authorships_changed

# In this order, since an answer given twice must not stand twice.
FOLD_ANSWERS = """
    DELETE FROM works_authorshipdecision own USING works_authorshipdecision other
    WHERE own.author_id = ANY(%(losers)s) AND (other.author_id = %(winner)s OR (other.author_id = ANY(%(losers)s) AND other.id < own.id))
        AND other.work_id = own.work_id AND other.position = own.position
"""
FOLD_CORRECTIONS = """
    UPDATE works_correction own SET author_id = %(winner)s WHERE author_id = ANY(%(losers)s) AND NOT EXISTS (
        SELECT FROM works_correction other WHERE other.work_id = own.work_id AND other.reporter_hash = own.reporter_hash
            AND other.state = 'open' AND other.id <> own.id AND (other.author_id = %(winner)s OR other.author_id = ANY(%(losers)s))
    )
"""
# The names of the others are names of the winner, who is found under them from now on; they stand printed in bylines, so they are public.
FOLD_NAMES = """
    INSERT INTO works_authorname (author_id, name, name_key, is_public, is_of_record)
    SELECT DISTINCT ON (name_key) %(winner)s::bigint, name, name_key, is_public, FALSE FROM (
        SELECT id, 0 AS later, name, name_key, TRUE AS is_public FROM works_author WHERE id = ANY(%(losers)s)
        UNION ALL SELECT author_id, 1, name, name_key, is_public FROM works_authorname WHERE author_id = ANY(%(losers)s)
    ) AS given
    WHERE name_key <> (SELECT name_key FROM works_author WHERE id = %(winner)s) AND name_key <> ''
    ORDER BY name_key, is_public, later, id
    ON CONFLICT (author_id, name_key) DO NOTHING
"""
MOVES = (
    """
    UPDATE works_authorship SET author_id = %(winner)s,
        matched_by = CASE WHEN matched_by IN ('identifier', 'decided') THEN matched_by ELSE 'merged' END
    WHERE author_id = ANY(%(losers)s)
    """,
    "UPDATE works_authoridentifier SET author_id = %(winner)s WHERE author_id = ANY(%(losers)s)",
    FOLD_ANSWERS,
    "UPDATE works_authorshipdecision SET author_id = %(winner)s WHERE author_id = ANY(%(losers)s)",
    FOLD_CORRECTIONS,
    FOLD_NAMES,
    # Former redirects come along, so that every old address is one step from the page.
    "UPDATE works_author SET merged_into_id = %(winner)s WHERE id = ANY(%(losers)s) OR merged_into_id = ANY(%(losers)s)",
)


@transaction.atomic
def merge_authors(*, winner_id: int, loser_ids: Collection[int], reason: str, by: Actor) -> Merge:
    """Make the losers redirects to the winner, who gets all that hung on them. MergeRefused says why not.

    Their works, iDs, names, answers and reports move; what upper floors hold follows by signal. Every row is journalled.
    """
    lock_record()
    authors = lock_authors({winner_id, *loser_ids})
    winner, losers = authors[winner_id], [authors[pk] for pk in sorted(set(loser_ids) - {winner_id})]
    if against := against_authors(winner, losers):
        raise MergeRefused(*against)
    everyone = sorted(authors)
    newest = newest_ids(AUTHOR_ROWS)
    before = read_rows(AUTHOR_ROWS, authors=everyone)
    places = Authorship.objects.filter(author__in=losers)
    works = sorted(set(places.values_list("work_id", flat=True)))
    merge = Merge.objects.create(
        kind=Merge.Kind.AUTHORS,
        winner=winner.pk,
        others=[loser.pk for loser in losers],
        parties=parties_of(winner, losers, works=len(works), identifiers=sum(key[0] == "works_authoridentifier" for key in before)),
        reason=reason,
        actor_id=by.account,
        actor_role=by.role,
        at=timezone.now(),
    )
    fold_authors(winner.pk, [loser.pk for loser in losers])
    settle_proposals(merge, everyone, by=by)
    journal(merge.pk, differences(before, read_rows(AUTHOR_ROWS, authors=everyone), newest))
    recount(authors=everyone, works=works)
    append(
        event_by(by, "authors-merged", author=winner.pk, text=reason, merge=merge.pk, others=merge.others),
        *(event_by(by, "author-became-redirect", author=loser.pk, merge=merge.pk, to=winner.public_id) for loser in losers),
    )
    authors_merged.send(sender=Merge, merge_id=merge.pk, winner_id=winner.pk, loser_ids=merge.others)
    authorships_changed.send(sender=Merge, author_ids=everyone)
    return merge


def fold_authors(winner: int, losers: Sequence[int]) -> None:
    """Move all that hangs on the losers. Seven statements."""
    with connection.cursor() as cursor:
        for move in MOVES:
            cursor.execute(move, {"winner": winner, "losers": list(losers)})


def recount(*, authors: Collection[int], works: Collection[int]) -> None:
    """Everything that repeats what has moved: cards, summaries, the names that the search knows."""
    refresh_other_keys(author_ids=authors)
    refresh_card_bylines(work_ids=works)
    refresh_summaries(author_ids=authors)


def settle_proposals(merge: Merge, parties: Sequence[int], *, by: Actor) -> None:
    """The proposals that this merge fulfils are accepted; others about who is a redirect now have lost their object."""
    ours = MergeProposal.objects.filter(kind=MergeProposal.Kind.AUTHORS, state=MergeProposal.State.OPEN)
    decided = {"decided_by": by.account, "decided_role": by.role, "decided_at": merge.at}
    ours.filter(author_a__in=parties, author_b__in=parties).update(state=MergeProposal.State.ACCEPTED, merge=merge, **decided)
    for side in ("author_a__in", "author_b__in"):
        ours.filter(**{side: merge.others}).update(state=MergeProposal.State.SUPERSEDED, merge=merge, **decided)


@transaction.atomic
def split_author(*, author_id: int, authorship_ids: Collection[int], reason: str, by: Actor) -> Merge:
    """Give some of an author's places to a new author of the name printed there most often. MergeRefused says why not.

    That the places are not the first author's is kept as an answer of who split, so that no import gives them back, and that the
    two are two people as a declined proposal, so that matching does not ask again.
    """
    lock_record()
    author = lock_authors({author_id})[author_id]
    own = Authorship.objects.filter(author=author)
    chosen = list(own.filter(pk__in=authorship_ids).order_by("pk"))
    if against := against_split(author, chosen, own.count()):
        raise MergeRefused(*against)
    newest = newest_ids(AUTHOR_ROWS)
    before = read_rows(AUTHOR_ROWS, authors=[author.pk])
    names = [place.name for place in chosen]
    name = max(sorted(set(names)), key=names.count)
    new = make_authors([(f"split {author.public_id} {chosen[0].work_id} {chosen[0].position}", name)])[0]
    merge = Merge.objects.create(
        kind=Merge.Kind.AUTHOR_SPLIT,
        winner=author.pk,
        others=[new.pk],
        parties=parties_of(author, [new], works=len(chosen)),
        reason=reason,
        actor_id=by.account,
        actor_role=by.role,
        at=timezone.now(),
    )
    Authorship.objects.filter(pk__in=[place.pk for place in chosen]).update(author=new, matched_by=Authorship.Match.SPLIT)
    move_orcids([(place.pk, author.pk, new.pk) for place in chosen])
    decide_authorships([Answer(work=its.work_id, position=its.position, author=author.pk, is_mine=False) for its in chosen], by=by)
    MergeProposal.objects.create(
        kind=MergeProposal.Kind.AUTHORS,
        author_a=min(author, new, key=lambda its: its.pk),
        author_b=max(author, new, key=lambda its: its.pk),
        score=0,
        reasons=[{"says": "They were one record, and a person split it.", "feature": "split", "value": merge.pk}],
        state=MergeProposal.State.DECLINED,
        proposed_at=merge.at,
        decided_by=by.account,
        decided_role=by.role,
        decided_at=merge.at,
        merge=merge,
    )
    journal(merge.pk, differences(before, read_rows(AUTHOR_ROWS, authors=[author.pk, new.pk]), newest))
    recount(authors=[author.pk, new.pk], works={place.work_id for place in chosen})
    append(event_by(by, "author-split", author=author.pk, text=reason, merge=merge.pk, others=[new.pk]))
    author_split.send(sender=Merge, merge_id=merge.pk, author_id=author.pk, new_id=new.pk)
    authorships_changed.send(sender=Merge, author_ids=[author.pk, new.pk])
    return merge


def against_split(author: Author, chosen: Sequence[Authorship], of: int) -> list[str]:
    """Why these places cannot be taken from the author. One query at most."""
    if author.merged_into_id:
        return ["This record was merged into another: split that one."]
    if not chosen:
        return ["Choose at least one work of this author."]
    if len(chosen) == of:
        return ["Leave at least one work: if none of them is this person’s, merge or correct instead."]
    confirmed = select(
        """
        SELECT work.title FROM works_authorshipdecision yes
        JOIN works_authorship place ON place.work_id = yes.work_id AND place.position = yes.position
        JOIN works_work work ON work.id = yes.work_id
        WHERE yes.author_id = %s AND yes.answer = %s AND place.id = ANY(%s) ORDER BY work.id LIMIT 3
        """,
        [author.pk, AuthorshipDecision.Answer.MINE, [place.pk for place in chosen]],
    )
    return [f"{author.name} was confirmed for “{title}”: take that answer back first." for (title,) in confirmed]
