"""Undoing a merge or a split: every row that it changed stands again as before, unless people have built on it since."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import connection, transaction
from django.utils import timezone

from works.actions.imports.locks import lock_record
from works.actions.imports.rederive import rederive_works, retie_references
from works.actions.imports.staging import select
from works.actions.journal import Actor, append, event_by
from works.actions.merges.authors import recount
from works.actions.merges.parties import MergeRefused, later_merges, lock_authors, lock_works
from works.actions.merges.rows import NOT_KEPT_COLUMNS, Row, Rows, delete_rows, insert_rows, put_back, rows_now, update_columns
from works.actions.shelves import owe_shelving
from works.models import Author, Authorship, Merge, MovedRow, RegistryRecord
from works.signals import authorships_changed, merge_undone

# What upper floors note in the journal (who followed whom) they put back themselves, when they hear of the undo.
OWN = "works_"


@transaction.atomic
def undo_merge(merge_id: int, *, by: Actor) -> Merge:
    """Put back every row that the merge or split changed. MergeRefused names the later change by a person that stands in the way.

    What imports have changed since stays: new works of the winner stay the winner's, a byline that was printed anew is not printed back.
    Works on which an import has worked since are derived again from their records, which go back to their works. The redirect that a
    split leaves behind stays, since its address was public.
    """
    lock_record()
    merge = Merge.objects.select_for_update().get(pk=merge_id)
    if merge.undone_at:
        raise MergeRefused("This was undone already.")
    lock = lock_authors if merge.is_about == "author" else lock_works
    lock({merge.winner, *merge.others})
    moved = {(row.table, row.row_id): row for row in merge.rows.filter(table__startswith=OWN)}
    if against := [*against_undo(merge), *against_decisions(merge, moved.values())]:
        raise MergeRefused(*against)
    authors, works = touched_by(moved.values()), works_of(moved.values())
    if merge.is_about == "author":
        undo_authors(moved)
    else:
        authors |= undo_works(merge, moved, works)
    leave_redirect(merge)
    merge.undone_at, merge.undone_by, merge.undone_role = timezone.now(), by.account, by.role
    merge.save(update_fields=["undone_at", "undone_by", "undone_role"])
    authors |= set(Authorship.objects.filter(work__in=works, author__isnull=False).values_list("author_id", flat=True))
    recount(authors=authors, works=works)
    owe_shelving(work_ids=works)
    author, work = (merge.winner, None) if merge.is_about == "author" else (None, merge.winner)
    append(event_by(by, "merge-undone", author=author, work=work, merge=merge.pk))
    merge_undone.send(sender=Merge, merge_id=merge.pk, kind=merge.kind)
    authorships_changed.send(sender=Merge, author_ids=sorted(authors))
    return merge


def against_undo(merge: Merge) -> list[str]:
    """Later changes by people that have to be taken back first. Three queries at most."""
    reasons = [
        f"{later.get_kind_display()} on {later.at:%-d %B %Y} (number {later.pk}) changed the same rows: undo that first."
        for later in later_merges(merge)
    ]
    if merge.kind == Merge.Kind.AUTHOR_SPLIT:
        given = MovedRow.objects.filter(merge=merge, table="works_authorship").values("row_id")
        since = Authorship.objects.filter(author__in=merge.others).exclude(pk__in=given).count()
        if since:
            reasons.append(f"The new record has {since} further work{'s' * (since > 1)} since: merge the two records instead.")
        if Author.objects.filter(pk__in=merge.others, is_claimed=True).exists():
            reasons.append("The new record was claimed since: that claim has to end first.")
    if merge.kind == Merge.Kind.WORK_SPLIT:
        since = select(
            """
            SELECT count(*) FROM works_registryrecord record WHERE work_id = ANY(%s) AND NOT EXISTS (
                SELECT FROM works_movedrow row
                WHERE row.merge_id = %s AND row."table" = 'works_registryrecord' AND row.row_id = record.id
            )
            """,
            [merge.others, merge.pk],
        )[0][0]
        if since:
            reasons.append(f"The new work has {since} further registry record{'s' * (since > 1)} since: merge the two works instead.")
    return reasons


def against_decisions(merge: Merge, moved: Iterable[MovedRow]) -> list[str]:
    """Answers that people have given since about the very places that would go back."""
    rows = list(moved)
    own = [row.row_id for row in rows if row.table == "works_authorshipdecision"]
    places = [row.row_id for row in rows if row.table == "works_authorship" and row.after is not None]
    parties = [merge.winner, *merge.others] if merge.is_about == "work" else []
    return [
        f"Place {position} of “{title}” has been answered for since: take that answer back first."
        for position, title in select(
            """
            SELECT DISTINCT decision.decided_position, work.title
            FROM works_authorshipdecision decision JOIN works_work work ON work.id = decision.work_id
            LEFT JOIN works_authorship place ON place.work_id = decision.work_id AND place.position = decision.position
            WHERE decision.decided_at > %s AND decision.id <> ALL(%s) AND (place.id = ANY(%s) OR decision.work_id = ANY(%s))
            ORDER BY 2, 1 LIMIT 3
            """,
            [merge.at, own, places, parties],
        )
    ]


def touched_by(moved: Iterable[MovedRow]) -> set[int]:
    """Every author of whom a row spoke, before or after."""
    found = set()
    for row in moved:
        for values in (row.before, row.after):
            found |= {values[name] for name in ("author_id", "merged_into_id") if row.table != "works_work" and values and values.get(name)}
        if row.table == "works_author":
            found.add(row.row_id)
    return found


def works_of(moved: Collection[MovedRow]) -> set[int]:
    """The works whose bylines are concerned. One query."""
    found = {row.row_id for row in moved if row.table == "works_work"}
    places = [row.row_id for row in moved if row.table == "works_authorship"]
    return found | set(Authorship.objects.filter(pk__in=places).values_list("work_id", flat=True))


def undo_authors(moved: dict[tuple[str, int], MovedRow]) -> None:
    """Each row back, as far as nothing but this merge has given it its place; what an import has moved since stays where it is."""
    now = rows_now(moved)
    made = [key for key, row in moved.items() if row.before is None and row.table != "works_author"]
    gone = {key: row.before for key, row in moved.items() if row.after is None and row.before is not None}
    changed = {
        key: row.before
        for key, row in moved.items()
        if row.before is not None and row.after is not None and key in now and still_holds(row, now[key])
    }
    refuse_second_places(changed, now)
    delete_rows(made)
    update_columns(changed)
    insert_rows(gone, unless_taken=True)


def refuse_second_places(changed: Rows, now: Rows) -> None:
    """MergeRefused where somebody would stand twice on a work, since an import has given them another place of it. One query."""
    back = {key[1]: (row["author_id"], now[key]["work_id"]) for key, row in changed.items() if key[0] == "works_authorship"}
    others = Authorship.objects.filter(author__in={author for author, _ in back.values()}, work__in={work for _, work in back.values()})
    for author, work, name, title in others.exclude(pk__in=back).values_list("author", "work", "author__name", "work__title"):
        if (author, work) in back.values():
            raise MergeRefused(f"An import has given {name} another place of “{title}” since: say first which place is theirs.")


def still_holds(row: MovedRow, now: Row) -> bool:
    """Whether the row is where the merge put it. Why a place is its author's may have changed since: the author is what counts."""
    after = row.after or {}
    if "author_id" in after:
        return bool(now["author_id"] == after["author_id"])
    return all(now[name] == value for name, value in after.items())


def undo_works(merge: Merge, moved: dict[tuple[str, int], MovedRow], works: set[int]) -> set[int]:
    """The works as they were, row by row; derived again from their records where an import has changed them since. Who was touched."""
    now = rows_now(moved)
    told_since = RegistryRecord.objects.filter(work__in=[merge.winner, *merge.others], retrieved_at__gt=merge.at)
    if not told_since.exists() and all(is_untouched(row, now) for row in moved.values()):
        delete_rows(key for key, row in moved.items() if row.before is None and row.table not in {"works_author", "works_work"})
        put_back({key: row.before for key, row in moved.items() if row.before is not None and row.after is not None})
        insert_rows({key: row.before for key, row in moved.items() if row.after is None and row.before is not None})
        retie_references(work_ids=works)
        return set()
    return undo_by_records(merge, moved, now)


def is_untouched(row: MovedRow, now: Rows) -> bool:
    present = now.get((row.table, row.row_id))
    if row.after is None:
        return present is None
    kept = {name: value for name, value in row.after.items() if name not in NOT_KEPT_COLUMNS}
    return present is not None and all(present[name] == value for name, value in kept.items())


def undo_by_records(merge: Merge, moved: dict[tuple[str, int], MovedRow], now: Rows) -> set[int]:
    """Give the records back to their works and derive these again; people keep the places they had before, name by name."""
    structure = ("works_registryrecord", "works_author", "works_authoridentifier", "works_correction", "works_mergeproposal")
    undo_authors({key: row for key, row in moved.items() if row.table in {*structure, "works_authorname"}})
    update_columns({key: {"merged_into_id": row.before["merged_into_id"]} for key, row in moved.items() if row.before and is_redirect(row)})
    parties = [merge.winner, *merge.others]
    answers = {key: row for key, row in moved.items() if row.table == "works_authorshipdecision"}
    delete_rows(key for key, row in answers.items() if row.before is None)
    update_columns(
        {key: {"position": None} | row.before for key, row in answers.items() if row.before is not None and row.after is not None}
    )
    delete_rows(key for key, row in moved.items() if row.table == "works_authorship" and row.before is None)
    places = {key: row.before for key, row in moved.items() if row.table == "works_authorship" and row.before is not None}
    put_back({key: before for key, before in places.items() if key in now and "work_id" not in before and "position" not in before})
    insert_rows({key: before for key, before in places.items() if key not in now and "raw_name" in before}, unless_taken=True)
    told = [work for (work,) in select("SELECT DISTINCT work_id FROM works_registryrecord WHERE work_id = ANY(%s)", [parties])]
    clear_bylines([work for work in parties if work not in told])
    return rederive_works(work_ids=told)


def is_redirect(row: MovedRow) -> bool:
    return row.table == "works_work" and row.before is not None and row.after is not None and "merged_into_id" in row.after


def clear_bylines(works: Collection[int]) -> None:
    """Take away what hangs on works that no record tells of any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM works_affiliation WHERE authorship_id IN (SELECT id FROM works_authorship WHERE work_id = ANY(%s))", [list(works)]
        )
        for table in ("works_authorship", "works_worktopic", "works_reference", "works_authorshipdecision"):
            cursor.execute(f"DELETE FROM {table} WHERE work_id = ANY(%s)", [list(works)])


def leave_redirect(merge: Merge) -> None:
    """The new record of a split leads back to the one that it was taken from."""
    table = {Merge.Kind.AUTHOR_SPLIT: "works_author", Merge.Kind.WORK_SPLIT: "works_work"}.get(Merge.Kind(merge.kind))
    if table:
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET merged_into_id = %s WHERE id = ANY(%s)", [merge.winner, merge.others])
