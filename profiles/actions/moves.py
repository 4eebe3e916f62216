"""What people hold of a record follows it through merges and redirects: follows, open claims with their evidence, findings, suspensions.
So do the works that they put first on their pages or ticked in their claims.

Every row that moves is noted in the merge's journal, and goes back when the merge is undone, as far as its owner left it where it was put.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from django.db import connection, transaction

from profiles.actions.profiles import refresh_profiles
from works.actions.imports.staging import select
from works.actions.merges.rows import Row, delete_rows, insert_rows, journal, rows_now, update_columns
from works.models import Merge, MovedRow

OWN = "profiles_"
# Rows of the losers, and whether one of the winner's (or an earlier one of the losers') stands for the same already.
HELD = {
    "profiles_follow": (  # of who holds the winner, none: nobody follows a page of their own
        "SELECT own.id, row_number() OVER (PARTITION BY own.user_id ORDER BY own.id) > 1 OR EXISTS ("
        "SELECT FROM profiles_follow other WHERE other.author_id = %(winner)s AND other.user_id = own.user_id)"
        " OR EXISTS (SELECT FROM profiles_profile WHERE author_id = %(winner)s AND user_id = own.user_id)"
        " FROM profiles_follow own WHERE own.author_id = ANY(%(losers)s)"
    ),
    "profiles_claim": (
        "SELECT own.id, row_number() OVER (PARTITION BY own.user_id ORDER BY own.id) > 1 OR EXISTS ("
        "SELECT FROM profiles_claim other WHERE other.author_id = %(winner)s AND other.user_id = own.user_id)"
        " FROM profiles_claim own WHERE own.author_id = ANY(%(losers)s) AND own.status IN ('draft', 'evidence', 'review', 'needs_info')"
    ),
    "profiles_evidence": (
        "SELECT own.id, EXISTS (SELECT FROM profiles_evidence other WHERE other.author_id <> own.author_id AND other.user_id = own.user_id"
        " AND (other.author_id = %(winner)s OR other.author_id = ANY(%(losers)s) AND other.id < own.id)"
        " AND (other.kind, other.source, other.value) = (own.kind, own.source, own.value))"
        " FROM profiles_evidence own WHERE own.author_id = ANY(%(losers)s)"
    ),
    "profiles_finding": (
        "SELECT own.id, own.status IN ('reported', 'case') AND EXISTS (SELECT FROM profiles_finding other"
        " WHERE other.reporter_id = own.reporter_id AND other.status IN ('reported', 'case')"
        " AND (other.author_id = %(winner)s OR other.author_id = ANY(%(losers)s) AND other.id < own.id))"
        " FROM profiles_finding own WHERE own.author_id = ANY(%(losers)s)"
    ),
    "profiles_suspension": (
        "SELECT own.id, own.ended_at IS NULL AND EXISTS (SELECT FROM profiles_suspension other WHERE other.ended_at IS NULL"
        " AND (other.author_id = %(winner)s OR other.author_id = ANY(%(losers)s) AND other.id < own.id))"
        " FROM profiles_suspension own WHERE own.author_id = ANY(%(losers)s)"
    ),
    "profiles_invitation": (
        "SELECT own.id, own.status IN ('held', 'waiting', 'later') AND EXISTS (SELECT FROM profiles_invitation other"
        " WHERE other.sender_id = own.sender_id AND other.status IN ('held', 'waiting', 'later')"
        " AND (other.author_id = %(winner)s OR other.author_id = ANY(%(losers)s) AND other.id < own.id))"
        " FROM profiles_invitation own WHERE own.author_id = ANY(%(losers)s)"
    ),
    "profiles_introduction": (
        "SELECT own.id, own.middle_author_id = %(winner)s OR own.status IN ('asked', 'declined') AND EXISTS ("
        "SELECT FROM profiles_introduction other WHERE (other.requester_id, other.middle_id) = (own.requester_id, own.middle_id)"
        " AND other.status IN ('asked', 'declined')"
        " AND (other.author_id = %(winner)s OR other.author_id = ANY(%(losers)s) AND other.id < own.id))"
        " FROM profiles_introduction own WHERE own.author_id = ANY(%(losers)s)"
    ),
}
# The same of what is held of works: a pin is its profile's, an answer its claim's.
HELD_OF_WORKS = {
    "profiles_pinnedwork": (
        "SELECT own.id, row_number() OVER (PARTITION BY own.profile_id ORDER BY own.place) > 1 OR EXISTS ("
        "SELECT FROM profiles_pinnedwork other WHERE other.work_id = %(winner)s AND other.profile_id = own.profile_id)"
        " FROM profiles_pinnedwork own WHERE own.work_id = ANY(%(losers)s)"
    ),
    "profiles_claimanswer": (
        "SELECT own.id, row_number() OVER (PARTITION BY own.claim_id, own.position ORDER BY own.id) > 1 OR EXISTS ("
        "SELECT FROM profiles_claimanswer other WHERE other.work_id = %(winner)s"
        " AND (other.claim_id, other.position) = (own.claim_id, own.position))"
        " FROM profiles_claimanswer own WHERE own.work_id = ANY(%(losers)s)"
    ),
    "profiles_invitationwork": (
        "SELECT own.id, row_number() OVER (PARTITION BY own.invitation_id ORDER BY own.id) > 1 OR EXISTS ("
        "SELECT FROM profiles_invitationwork other WHERE other.work_id = %(winner)s AND other.invitation_id = own.invitation_id)"
        " FROM profiles_invitationwork own WHERE own.work_id = ANY(%(losers)s)"
    ),
}
HOLDERS = " UNION ".join(f"SELECT author_id FROM {table} WHERE author_id = ANY(%(authors)s)" for table in HELD)
# What somebody has twice now is taken away where it says no more than the other; a claim or a proof stays where it was made.
TAKEN_AWAY = ("profiles_follow", "profiles_pinnedwork", "profiles_invitationwork")
PINNED_BY = """
    SELECT DISTINCT profile.author_id FROM profiles_pinnedwork pin JOIN profiles_profile profile ON profile.id = pin.profile_id
    WHERE pin.work_id = ANY(%s)
"""
LEFT_BEHIND = """
    SELECT pin.id FROM profiles_pinnedwork pin JOIN profiles_profile profile ON profile.id = pin.profile_id
    WHERE pin.work_id = %(work)s
      AND NOT EXISTS (SELECT FROM works_authorship WHERE work_id = %(work)s AND author_id = profile.author_id)
      AND EXISTS (SELECT FROM works_authorship WHERE work_id = %(new)s AND author_id = profile.author_id)
      AND NOT EXISTS (SELECT FROM profiles_pinnedwork WHERE work_id = %(new)s AND profile_id = profile.id)
"""


@transaction.atomic
def follow_merge(*, merge_id: int, winner_id: int, loser_ids: Sequence[int]) -> None:
    """Let everything that people hold of the losers be the winner's, once. Three statements for each kind."""
    for table, query in HELD.items():
        move(merge_id, table, "author_id", query, winner_id, loser_ids)


@transaction.atomic
def follow_redirects(*, redirects: Mapping[int, int]) -> None:
    """The same for authors whom matching found to be others; nothing of it is undone. One statement where nobody holds anything."""
    for winner, losers in groupby(
        sorted((redirects[held], held) for (held,) in select(HOLDERS, {"authors": list(redirects)})), itemgetter(0)
    ):
        loser_ids = [loser for _, loser in losers]
        for table, query in HELD.items():
            move(None, table, "author_id", query, winner, loser_ids)


@transaction.atomic
def follow_work_merge(*, merge_id: int, winner_id: int, loser_ids: Sequence[int]) -> None:
    """Let what people hold of works that are redirects now be the winner's; and the pages of those who put one of them first show it."""
    for table, query in HELD_OF_WORKS.items():
        move(merge_id, table, "work_id", query, winner_id, loser_ids)
    refresh_profiles(author_ids=[author for (author,) in select(PINNED_BY, [[winner_id]])])


@transaction.atomic
def follow_work_split(*, merge_id: int, work_id: int, new_id: int) -> None:
    """A work that somebody put first is the new one if that is theirs now and the old one is not."""
    rows = rows_now(("profiles_pinnedwork", row_id) for (row_id,) in select(LEFT_BEHIND, {"work": work_id, "new": new_id}))
    moved = {key: {"work_id": new_id} for key in rows}
    journal(merge_id, [(key, {"work_id": work_id}, dict(after)) for key, after in moved.items()])
    update_columns(moved)
    refresh_profiles(author_ids=[author for (author,) in select(PINNED_BY, [[work_id, new_id]])])


@transaction.atomic
def follow_union(*, kind: str, former: Mapping[int, int]) -> None:
    """Let what points at institutions that a registry united (`former`: from each that goes to what it became) point at what they became.

    Five statements. Of sources nothing is held.
    """
    if kind != "institution":
        return
    given = {"old": list(former), "new": list(former.values())}
    told = "unnest(%(old)s::bigint[], %(new)s::bigint[]) AS told (old, new)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            DELETE FROM profiles_follow own USING {told} WHERE own.institution_id = told.old AND EXISTS (
                SELECT FROM profiles_follow other WHERE other.user_id = own.user_id AND (
                    other.institution_id = told.new OR other.id < own.id AND other.institution_id IN (
                        SELECT also.old FROM unnest(%(old)s::bigint[], %(new)s::bigint[]) AS also (old, new) WHERE also.new = told.new
                    )
                )
            )
            """,
            given,
        )
        for table in ("profiles_follow", "profiles_evidence", "profiles_profileaffiliation", "profiles_emaildomain"):
            cursor.execute(f"UPDATE {table} SET institution_id = told.new FROM {told} WHERE institution_id = told.old", given)


def move(merge_id: int | None, table: str, column: str, query: str, winner: int, losers: Sequence[int]) -> None:
    """Let the rows that `query` finds point at the winner, but for those of which somebody would have two. A merge keeps a journal."""
    held = select(query, {"winner": winner, "losers": list(losers)})
    rows = rows_now((table, row_id) for row_id, _ in held)
    doubled = {row_id for row_id, is_doubled in held if is_doubled}
    moved = {key: {column: winner} for key in rows if key[1] not in doubled}
    gone = [key for key in rows if key[1] in doubled and table in TAKEN_AWAY]
    if merge_id is not None:
        journal(merge_id, [(key, {column: rows[key][column]}, dict(moved[key])) for key in moved])
        journal(merge_id, [(key, whole(rows[key]), None) for key in gone])
    delete_rows(gone)
    update_columns(moved)


def whole(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "id"}


@transaction.atomic
def follow_undo(*, merge_id: int) -> None:
    """Give back what moved with a merge, as far as it is where the merge put it and whose it was is still there.

    The new record of a split is a redirect now: what people have come to hold of it since is held of the one it leads to.
    """
    moved = {(row.table, row.row_id): row for row in MovedRow.objects.filter(merge=merge_id, table__startswith=OWN)}
    now = rows_now(moved)
    update_columns(
        {
            key: row.before
            for key, row in moved.items()
            if row.before and row.after and key in now and all(now[key][name] == value for name, value in row.after.items())
        }
    )
    gone = {key: row.before for key, row in moved.items() if row.before and row.after is None}
    accounts = ids_there("profiles_user", (row["user_id"] for row in gone.values() if "user_id" in row))
    profiles = ids_there("profiles_profile", (row["profile_id"] for row in gone.values() if "profile_id" in row))
    insert_rows(
        {key: row for key, row in gone.items() if row.get("user_id") in accounts or row.get("profile_id") in profiles}, unless_taken=True
    )
    works = {row.before["work_id"] for row in moved.values() if row.before and "work_id" in row.before}
    refresh_profiles(author_ids=[author for (author,) in select(PINNED_BY, [sorted(works)])])
    merge = Merge.objects.get(pk=merge_id)
    if merge.kind == Merge.Kind.AUTHOR_SPLIT:
        follow_redirects(redirects=dict.fromkeys(merge.others, merge.winner))
    elif merge.kind == Merge.Kind.WORK_SPLIT:
        for table, query in HELD_OF_WORKS.items():
            move(None, table, "work_id", query, merge.winner, merge.others)
        refresh_profiles(author_ids=[author for (author,) in select(PINNED_BY, [[merge.winner]])])


def ids_there(table: str, ids: Iterable[int]) -> set[int]:
    """Those of the ids that the table still has. One query."""
    return {found for (found,) in select(f"SELECT id FROM {table} WHERE id = ANY(%s)", [sorted(set(ids))])}
