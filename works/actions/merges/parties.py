"""Who may be merged with whom: the reasons against it, asked before a preview and again, under locks, before it is done."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from works.actions.imports.staging import select
from works.models import Author, Merge, Work

SHOWN = 3  # of places that stand in the way; one is enough to say no


class MergeRefused(ValueError):
    """What was asked for cannot be done. `reasons` are sentences for the person who asked."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)


def lock_authors(ids: Collection[int]) -> dict[int, Author]:
    """These authors' rows, locked in the order of their ids."""
    found = Author.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",)).in_bulk()
    if len(found) < len(set(ids)):
        raise MergeRefused("One of the authors is not in the record.")
    return found


def lock_works(ids: Collection[int]) -> dict[int, Work]:
    """These works' rows, locked in the order of their ids."""
    found = Work.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",)).in_bulk()
    if len(found) < len(set(ids)):
        raise MergeRefused("One of the works is not in the record.")
    return found


def against_authors(winner: Author, losers: Sequence[Author]) -> list[str]:
    """Why these author records cannot become one. Three queries at most."""
    reasons = []
    if not losers or winner in losers:
        return ["Choose two different authors."]
    reasons += [f"{its.name} ({its.public_id}) was merged into another record already." for its in (winner, *losers) if its.merged_into_id]
    for loser in losers:
        if loser.is_claimed:
            reasons.append(
                f"Both {winner.name} and {loser.name} are claimed, by two accounts: one of the claims has to end first."
                if winner.is_claimed
                else f"{loser.name} ({loser.public_id}) is claimed: merge the others into that record, not it into another."
            )
    ids = [winner.pk, *(loser.pk for loser in losers)]
    reasons += [
        f"Both stand in the byline of “{title}” (at {', '.join(map(str, positions))}): two people, unless that byline is wrong."
        for title, positions in select(
            """
            SELECT work.title, array_agg(place.position ORDER BY place.position)
            FROM works_authorship place JOIN works_work work ON work.id = place.work_id
            WHERE place.author_id = ANY(%s) GROUP BY work.id HAVING count(*) > 1 ORDER BY work.id LIMIT %s
            """,
            [ids, SHOWN],
        )
    ]
    reasons += [
        f"A person decided that place {position} of “{title}” is not {name}’s, and it would become so: take that answer back first."
        for title, position, name in select(
            """
            SELECT work.title, no.position, author.name
            FROM works_authorshipdecision no
            JOIN works_work work ON work.id = no.work_id JOIN works_author author ON author.id = no.author_id
            WHERE no.author_id = ANY(%(ids)s) AND no.answer = 'not-mine' AND (
                EXISTS (SELECT FROM works_authorship place WHERE place.work_id = no.work_id AND place.position = no.position
                    AND place.author_id = ANY(%(ids)s) AND place.author_id <> no.author_id)
                OR EXISTS (SELECT FROM works_authorshipdecision yes WHERE yes.work_id = no.work_id AND yes.position = no.position
                    AND yes.answer = 'mine' AND yes.author_id = ANY(%(ids)s) AND yes.author_id <> no.author_id)
            )
            ORDER BY no.id LIMIT %(shown)s
            """,
            {"ids": ids, "shown": SHOWN},
        )
    ]
    return reasons


def against_works(winner: Work, losers: Sequence[Work]) -> list[str]:
    """Why these works cannot become one. One query at most."""
    if not losers or winner in losers:
        return ["Choose two different works."]
    reasons = [f"“{its.title}” ({its.public_id}) was merged into another work already." for its in (winner, *losers) if its.merged_into_id]
    told = {
        work for (work,) in select("SELECT DISTINCT work_id FROM works_registryrecord WHERE work_id = ANY(%s)", [ids_of(winner, losers)])
    }
    reasons += [
        f"No registry record tells of “{its.title}” ({its.public_id})." for its in (winner, *losers) if its.pk not in told and not reasons
    ]
    return reasons


def ids_of(winner: Work, losers: Sequence[Work]) -> list[int]:
    return [winner.pk, *(loser.pk for loser in losers)]


def parties_of(winner: Author | Work, others: Sequence[Author | Work], **moved: int) -> dict[str, object]:
    """What the journal shows of a merge: names and addresses as they were, and how much moved."""
    return {"winner": named(winner), "others": [named(its) for its in others], "moved": moved}


def named(party: Author | Work) -> list[str]:
    return [str(party)[:300], party.get_absolute_url()]


def later_merges(merge: Merge) -> list[Merge]:
    """Merges and splits that stand, are younger, and changed the same rows: they have to be undone first. One query."""
    return list(
        Merge.objects.raw(
            """
            SELECT later.* FROM works_merge later
            WHERE later.id > %s AND later.undone_at IS NULL AND EXISTS (
                SELECT FROM works_movedrow theirs JOIN works_movedrow own USING ("table", row_id)
                WHERE theirs.merge_id = later.id AND own.merge_id = %s
            )
            ORDER BY later.id
            """,
            [merge.pk, merge.pk],
        )
    )
