"""What must hold at every moment at which nothing is under way: asked of the database itself after every fault.

`broken()` gives what does not hold. Each invariant is a function that gives the rows that break it, as text; those that compare what is
stored with what a rebuild gives do the rebuild in a transaction that is rolled back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby, zip_longest
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from bzpeer.owed import debts
from graph.actions.collaborations import rebuild_graph
from graph.models import BUILT, SLICE_VERSION
from profiles.actions.trust import compute_trust
from profiles.claiming import HOLDING, state_after
from profiles.models import Claim, ClaimEvent
from works.actions.audit import broken_seals, event_models
from works.actions.search import rebuild_search
from works.actions.shelves import rebuild_shelves
from works.actions.summaries import refresh_summaries
from works.models import Author

Found = Iterator[str]
INVARIANTS: dict[str, Callable[[], Found]] = {}
MOST_SHOWN = 5


def broken() -> dict[str, list[str]]:
    """The invariants that do not hold, each with its first offenders."""
    found = {name: list(check())[:MOST_SHOWN] for name, check in INVARIANTS.items()}
    return {name: offenders for name, offenders in found.items() if offenders}


def check() -> None:
    """Fail with everything that does not hold."""
    found = broken()
    assert not found, "\n".join(f"{name}:\n    " + "\n    ".join(offenders) for name, offenders in found.items())


def invariant(check: Callable[[], Found]) -> Callable[[], Found]:
    INVARIANTS[check.__name__] = check
    return check


def rows(statement: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def selected(name: str, statement: str) -> None:
    """An invariant that a statement finds offenders of."""

    def check() -> Found:
        return (str(row) for row in rows(f"{statement} LIMIT {MOST_SHOWN}"))

    INVARIANTS[name] = check


def difference(before: list[tuple[Any, ...]], after: list[tuple[Any, ...]]) -> Found:
    """What stands on one side only."""
    kept, made = {str(row) for row in before}, {str(row) for row in after}
    for one, other in zip_longest(sorted(kept - made), sorted(made - kept)):
        yield f"stored: {one}; as rebuilt: {other}"


def as_rebuilt(rebuild: Callable[[], object], *statements: str) -> Found:
    """Whether these statements, whose rows are texts, say the same before and after a rebuild."""
    with transaction.atomic():
        before = [rows(statement) for statement in statements]
        rebuild()
        after = [rows(statement) for statement in statements]
        transaction.set_rollback(True)
    for kept, made in zip(before, after, strict=True):
        yield from difference(kept, made)


def everybody() -> list[int]:
    return list(Author.objects.values_list("pk", flat=True))


# --- The record ----------------------------------------------------------------------------------------------------------

selected(
    "works_count_is_the_authorships",
    "SELECT a.id, a.works_count FROM works_author a"
    " WHERE a.works_count <> (SELECT count(*) FROM works_authorship s WHERE s.author_id = a.id)",
)
selected(
    "authors_count_is_the_byline",
    "SELECT w.id, w.authors_count FROM works_work w WHERE NOT w.is_byline_cut"
    " AND w.authors_count <> (SELECT count(*) FROM works_authorship s WHERE s.work_id = w.id)",
)
selected(
    "bylines_have_no_gaps",
    "SELECT work_id, count(*), max(position) FROM works_authorship GROUP BY work_id HAVING count(*) <> max(position)",
)
selected(
    "authorships_repeat_the_year_of_their_work",
    "SELECT s.id FROM works_authorship s JOIN works_work w ON w.id = s.work_id WHERE s.year IS DISTINCT FROM w.year",
)
selected(
    "every_standing_work_is_told_of_by_a_registry",
    "SELECT w.id FROM works_work w WHERE w.merged_into_id IS NULL"
    " AND NOT EXISTS (SELECT FROM works_registryrecord r WHERE r.work_id = w.id)",
)
selected(
    "nothing_hangs_on_what_was_merged_away",
    "SELECT a.id FROM works_author a WHERE a.merged_into_id IS NOT NULL"
    " AND (EXISTS (SELECT FROM works_authorship s WHERE s.author_id = a.id)"
    " OR EXISTS (SELECT FROM works_authoridentifier i WHERE i.author_id = a.id)) UNION ALL"
    " SELECT w.id FROM works_work w WHERE w.merged_into_id IS NOT NULL AND (EXISTS (SELECT FROM works_authorship s WHERE s.work_id = w.id)"
    " OR EXISTS (SELECT FROM works_workidentifier i WHERE i.work_id = w.id))",
)
selected(
    "redirects_lead_to_what_stands",
    "SELECT 'author', a.id FROM works_author a JOIN works_author b ON b.id = a.merged_into_id WHERE b.merged_into_id IS NOT NULL"
    " UNION ALL SELECT 'work', a.id FROM works_work a JOIN works_work b ON b.id = a.merged_into_id WHERE b.merged_into_id IS NOT NULL",
)
selected(
    "references_know_the_works_that_are_here",
    "SELECT r.id FROM works_reference r JOIN works_workidentifier i ON i.scheme = r.scheme AND i.value = r.value"
    " WHERE i.work_id <> r.work_id AND r.cited_id IS DISTINCT FROM i.work_id",
)
selected(
    "imports_have_ended_and_add_up",
    "SELECT id, status, read FROM works_importrun"
    " WHERE status NOT IN ('finished', 'failed') OR read <> new + changed + unchanged + merged + rejected",
)


@invariant
def summaries_are_as_made_anew() -> Found:
    statement = "SELECT id, works_count, topics_count, first_year, last_year, summary::text FROM works_author WHERE merged_into_id IS NULL"
    return as_rebuilt(lambda: refresh_summaries(author_ids=everybody()), statement)


@invariant
def no_row_points_at_nothing() -> Found:
    """Every foreign key of every model, those without a constraint in Postgres too."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey):
                own, other = model._meta.db_table, field.related_model._meta.db_table
                target = field.target_field.column
                lost = rows(
                    f'SELECT count(*) FROM "{own}" own WHERE own."{field.column}" IS NOT NULL'
                    f' AND NOT EXISTS (SELECT FROM "{other}" o WHERE o."{target}" = own."{field.column}")'
                )[0][0]
                if lost:
                    yield f"{own}.{field.column}: {lost} rows"


# --- What is computed of it ----------------------------------------------------------------------------------------------


@invariant
def collaborations_are_as_counted_anew() -> Found:
    return as_rebuilt(
        rebuild_graph,
        "SELECT author_a_id, author_b_id, works_count, strength_units, first_year, last_year FROM graph_collaboration",
        "SELECT author_id, collaborators_count, close_count, closest::text FROM graph_neighbourhood",
    )


@invariant
def shelves_are_as_filled_anew() -> Found:
    return as_rebuilt(
        rebuild_shelves,
        "SELECT kind, subject, works_count, people_count FROM works_shelf WHERE works_count + people_count > 0",
        "SELECT s.kind, s.subject, y.year, y.works FROM works_shelfyear y JOIN works_shelf s ON s.id = y.shelf_id",
        "SELECT s.kind, s.subject, p.work_id, p.year FROM works_shelvedwork p JOIN works_shelf s ON s.id = p.shelf_id",
        "SELECT s.kind, s.subject, p.author_id, p.works_count, p.first_year, p.last_year"
        " FROM works_shelvedperson p JOIN works_shelf s ON s.id = p.shelf_id",
    )


@invariant
def search_is_as_indexed_anew() -> Found:
    """Words of names and titles. (Completions may lack an eleventh, and the vocabulary forgets nothing: works.actions.search.)"""
    return as_rebuilt(
        rebuild_search,
        "SELECT author_id, word, weight FROM works_authorword",
        "SELECT work_id, word, year FROM works_titleword",
    )


@invariant
def trust_is_as_computed_anew() -> Found:
    """From nothing, for everybody: so that a hash that should have changed and did not is found too."""

    def compute() -> None:
        rows("DELETE FROM profiles_trust")
        while compute_trust(author_ids=everybody()):
            pass

    return as_rebuilt(
        compute,
        "SELECT author_id, micropoints, score, level, own_level, band, institution, lines::text, changes_on, formula, input_hash"
        " FROM profiles_trust",
        "SELECT voucher_id, author_id, works, units, year, place FROM profiles_vouching",
    )


@invariant
def no_slice_is_being_built_or_failed() -> Found:
    for kind, model in BUILT.items():
        for built in model.rows():
            if built.requested_at is not None or built.error or built.built_at is None:
                yield f"{kind} {built.pk}: requested {built.requested_at}, built {built.built_at}, {built.error!r}"


@invariant
def slices_are_of_this_version_and_show_who_is_there() -> Found:
    known = dict.fromkeys(public_id for (public_id,) in rows("SELECT public_id FROM works_author WHERE NOT is_suppressed"))
    for kind, model in BUILT.items():
        for built in model.rows().filter(built_at__isnull=False):
            if built.version != SLICE_VERSION:
                yield f"{kind} {built.pk} has version {built.version}"
            named = [node["id"].partition(":") for node in (built.payload or {}).get("nodes", ())]
            yield from (f"{kind} {built.pk} shows {name}" for what, _, name in named if what == "person" and name not in known)


# --- People --------------------------------------------------------------------------------------------------------------

selected(
    "one_owner_for_each_profile",
    "SELECT p.id FROM profiles_profile p WHERE 1 <> (SELECT count(*) FROM profiles_claim c"
    f" WHERE c.author_id = p.author_id AND c.user_id = p.user_id AND c.status IN {HOLDING})"
    f" UNION ALL SELECT c.id FROM profiles_claim c WHERE c.status IN {HOLDING} AND NOT EXISTS"
    " (SELECT FROM profiles_profile p WHERE p.author_id = c.author_id AND p.user_id = c.user_id)"
    f" UNION ALL SELECT author_id FROM profiles_claim WHERE status IN {HOLDING} GROUP BY author_id HAVING count(*) > 1"
    f" UNION ALL SELECT user_id FROM profiles_claim WHERE status IN {HOLDING} GROUP BY user_id HAVING count(*) > 1",
)
selected(
    "claimed_marks_are_the_profiles",
    "SELECT a.id FROM works_author a WHERE a.is_claimed <> EXISTS (SELECT FROM profiles_profile p WHERE p.author_id = a.id)",
)
selected(
    "nobody_follows_twice_or_themselves",
    "SELECT f.id FROM profiles_follow f JOIN profiles_profile p ON p.author_id = f.author_id AND p.user_id = f.user_id"
    " UNION ALL SELECT min(id) FROM profiles_follow GROUP BY user_id, author_id, topic_id, institution_id, search HAVING count(*) > 1",
)
selected(
    "each_thing_is_notified_once",
    "SELECT recipient_id, kind, key FROM profiles_notification GROUP BY 1, 2, 3 HAVING count(*) > 1",
)
selected(
    "each_digest_leaves_once",
    "SELECT user_id, period::text FROM profiles_digest GROUP BY 1, 2 HAVING count(*) > 1"
    " UNION ALL SELECT user_id, count(*)::text FROM profiles_sentmail m WHERE kind = 'digest' AND outcome = 'sent' GROUP BY user_id"
    " HAVING count(*) > (SELECT count(*) FROM profiles_digest d WHERE d.user_id = m.user_id AND d.state IN ('sent', 'uncertain'))",
)


@invariant
def claims_stand_where_their_events_lead() -> Found:
    events = ClaimEvent.objects.order_by("claim_id", "pk").values_list("claim_id", "kind", "before", "after")
    states = dict(Claim.objects.values_list("pk", "status"))
    for claim, told in groupby(events, key=lambda event: event[0]):
        state = None
        for _, kind, before, after in told:
            if state is not None and before != state:
                yield f"claim {claim}: {kind} begins at {before}, and it stood at {state}"
            if before != after and before and state_after(kind, before) not in {after, None}:
                yield f"claim {claim}: {kind} does not lead from {before} to {after}"
            state = after
        if state != states[claim]:
            yield f"claim {claim} is {states[claim]}, and its events lead to {state}"


@invariant
def chains_of_events_are_whole() -> Found:
    for model in event_models():
        yield from (f"{model.__name__} {place}" for place in broken_seals(model))


@invariant
def every_event_is_sealed() -> Found:
    for model in event_models():
        if waiting := model._default_manager.filter(place__isnull=True).count():
            yield f"{model.__name__}: {waiting}"


# --- Work, and the database itself ---------------------------------------------------------------------------------------


@invariant
def nothing_is_owed() -> Found:
    return (f"{debt.name}: {debt.count}" for debt in debts() if debt.count)


selected("no_lease_outlives_its_worker", "SELECT id FROM profiles_digest WHERE state = 'sending' AND leased_until < now()")
selected(
    "nobody_holds_a_lock_or_sleeps_in_a_transaction",
    "SELECT a.pid, a.application_name, a.state, left(a.query, 100) FROM pg_stat_activity a WHERE a.datname = current_database()"
    " AND a.pid <> pg_backend_pid() AND a.state_change < now() - interval '5 seconds' AND (a.state LIKE 'idle in transaction%'"
    " OR EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.locktype = 'advisory'))",
)
selected(
    "constraints_and_indexes_are_valid",
    "SELECT conname FROM pg_constraint WHERE NOT convalidated UNION ALL"
    " SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid",
)


@invariant
def no_number_is_given_twice() -> Found:
    """Every sequence is past the largest number that its table has."""
    for model in apps.get_models():
        key, table = model._meta.pk, model._meta.db_table
        if isinstance(key, models.BigAutoField | models.AutoField):
            sequence, largest = rows(f"SELECT pg_get_serial_sequence(%s, %s), max({key.column}) FROM {table}", [table, key.column])[0]
            if largest and rows(f"SELECT last_value FROM {sequence}")[0][0] < largest:
                yield table
