"""What trust costs: everybody's network part at once, one person's whole figure, and how many are computed again after an event."""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from profiles.actions.trust.spreading import COAUTHORS, LIFTED_BY_LEVEL_3, ids
from profiles.loading import load_inputs
from profiles.loading.network import load_network
from profiles.trust.score import JOINT_WORK_UNIT, LIFTS_A_YEAR, NETWORK_MAXIMUM, network, score
from tests.benchmarks.conftest import ROUNDS
from tests.benchmarks.databases import own_database
from tests.benchmarks.population import middling_person, random_people
from tests.benchmarks.report import figure, table
from works.models import Author

AUTHORS = int(os.environ.get("BENCH_TRUST_AUTHORS", "500000"))
ASKED = 200

# Half a million authors, a twentieth at level 4, three twentieths at level 3, who have each confirmed works with some twenty others.
PEOPLE = """
    INSERT INTO works_author (id, public_id, name, name_key, works_count, topics_count, summary, created_at)
    SELECT n, lpad(to_hex(n), 8, '0'), 'Author ' || n, 'author ' || n, 1, 0, '{}', now() FROM generate_series(1, %(authors)s) n
"""
VERIFIED = """
    INSERT INTO profiles_trust (author_id, micropoints, score, level, own_level, band, lines, not_counted, institution, institution_name,
        formula, input_hash, computed_at)
    SELECT n, 0, 0, CASE WHEN n %% 20 = 0 THEN 4 WHEN n %% 20 < 4 THEN 3 ELSE 1 END, 0, 'unverified', '[]', '[]', 'i' || n / 200, '', '',
        '', now()
    FROM generate_series(1, %(authors)s) n
"""
CONFIRMED = """
    INSERT INTO profiles_vouching (voucher_id, author_id, works, units, year, place)
    SELECT DISTINCT ON (1, 2) v, 1 + (v + (random() * 400)::bigint) %% %(authors)s, '{}'::bigint[],
        2 * %(unit)s / (2 + (random() * 6)::bigint), 2020, 1 + (random() * 34)::int
    FROM generate_series(1, %(authors)s) v, generate_series(1, 20) WHERE v %% 20 < 4
"""
# Everybody's network part in one statement, in floating point. A voucher of level 3 counts all its own vouchers here, also the one who is
# lifted, if that person is of level 4 and vouches back: an upper bound for these few.
EVERYBODY = f"""
    WITH pairs AS MATERIALIZED (
        SELECT v.author_id, v.voucher_id, t.institution, t.level, 0.35::float8 * v.units / {JOINT_WORK_UNIT} AS p
        FROM profiles_vouching v JOIN profiles_trust t ON t.author_id = v.voucher_id AND t.level >= 3
        WHERE v.place <= CASE WHEN t.level = 3 THEN {LIFTS_A_YEAR[3]} ELSE {LIFTS_A_YEAR[4]} END
    ),
    strong AS (
        SELECT author_id, 1 - exp(sum(ln(doubt))) AS n FROM (
            SELECT author_id, greatest(0.5, exp(sum(ln(1 - p)))) AS doubt FROM pairs WHERE level >= 4 GROUP BY author_id, institution
        ) each GROUP BY author_id
    ),
    whole AS (
        SELECT p.author_id, greatest(0.5, exp(sum(ln(1 - CASE WHEN p.level >= 4 THEN p.p ELSE p.p / 2 * coalesce(s.n, 0) END)))) AS doubt
        FROM pairs p LEFT JOIN strong s ON p.level = 3 AND s.author_id = p.voucher_id GROUP BY p.author_id, p.institution
    )
    SELECT author_id, 1 - exp(sum(ln(doubt))) AS n FROM whole GROUP BY author_id
"""
SCAN = "SELECT count(*), sum(units), sum(author_id), sum(voucher_id) FROM profiles_vouching"
TAKE_PART = """
    UPDATE profiles_trust SET level = CASE WHEN author_id % 20 = 0 THEN 4 WHEN author_id % 20 < 4 THEN 3 ELSE level END;
"""
CONFIRM_ALL = f"""
    INSERT INTO profiles_vouching (voucher_id, author_id, works, units, year, place)
    SELECT a.author_id, b.author_id, array_agg(w.id), least(sum(2 * {JOINT_WORK_UNIT} / w.authors_count), {JOINT_WORK_UNIT}), 2020, 1
    FROM works_authorship a
    JOIN profiles_trust t ON t.author_id = a.author_id AND t.level >= 3
    JOIN works_work w ON w.id = a.work_id AND w.authors_count BETWEEN 2 AND 25
    JOIN works_authorship b ON b.work_id = a.work_id AND b.author_id <> a.author_id
    GROUP BY 1, 2
"""
TEAM = "SELECT DISTINCT author_id FROM profiles_vouching WHERE voucher_id = ANY(%(authors)s) AND works && %(work)s::bigint[]"


def execute(query: str, given: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return cursor.fetchall() if cursor.description else []


def seconds(call: Any) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start


@pytest.fixture
def half_a_million(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), own_database("trust"):
        given = {"authors": AUTHORS, "unit": JOINT_WORK_UNIT}
        execute("SET session_replication_role = replica")  # foreign keys hold by construction
        for query in (PEOPLE, VERIFIED, CONFIRMED):
            execute(query, given)
        execute("SET session_replication_role = DEFAULT")
        execute("VACUUM ANALYZE profiles_vouching, profiles_trust, works_author")
        execute("SET work_mem = '256MB'")
        yield


def test_trust_of_everybody(benchmark, report, half_a_million):
    """T1: the network part of all authors, beside a bare scan of the edges."""

    def measure() -> list[tuple[float, float]]:
        whole = f"SELECT count(*), sum(n) FROM ({EVERYBODY}) everybody"
        return [(seconds(lambda: execute(SCAN)), seconds(lambda: execute(whole))) for _ in range(ROUNDS)]

    rounds = benchmark.pedantic(measure, rounds=1)
    edges = execute("SELECT count(*) FROM profiles_vouching")[0][0]
    scan, whole = median(scan for scan, _ in rounds), median(whole for _, whole in rounds)
    report(
        "trust of everybody",
        f"{AUTHORS:,} authors, {edges:,} edges between a voucher and whom they lift; median of {ROUNDS} rounds, interleaved.\n\n"
        + table(
            ["", "time", "of the scan"],
            [
                ["bare scan of the edges", f"{figure(scan)} s", "1.0×"],
                ["network part of everybody, in SQL", f"{figure(whole)} s", f"{whole / scan:.1f}×"],
            ],
        ),
    )
    assert whole <= 5.0


def one(author_id: int) -> None:
    score(load_inputs([author_id], on=timezone.now().date())[author_id])


@pytest.mark.usefixtures("populated")
def test_trust_of_one(benchmark, report):
    """T2 and the fan-out: one person's figure from rows, and how many people an event touches."""
    execute(TAKE_PART)
    execute(CONFIRM_ALL)
    execute("VACUUM ANALYZE profiles_vouching, profiles_trust")
    people = [author.pk for author in random_people(ASKED)]
    in_sql = {pk: NETWORK_MAXIMUM * part for pk, part in execute(EVERYBODY)}
    exact = load_network(people).vouchers
    assert sum(bool(exact[pk]) for pk in people) > ASKED // 4
    assert all(network(exact[pk]) <= in_sql.get(pk, 0) + 2 for pk in people)  # and equal, but for the few who vouch back
    assert sum(abs(network(exact[pk]) - in_sql.get(pk, 0)) <= 2 for pk in people) > ASKED * 0.8

    def measure() -> list[tuple[float, float, float]]:
        found = []
        for pk in people:
            key = seconds(lambda pk=pk: Author.objects.values_list("pk", "name").get(pk=pk))
            network_part = seconds(lambda pk=pk: network(load_network([pk]).vouchers[pk]) <= NETWORK_MAXIMUM)
            found.append((key, network_part, seconds(lambda pk=pk: one(pk))))
        return found

    measure()  # plans are made
    rounds = benchmark.pedantic(measure, rounds=1)
    key, network_part, whole = (median(column) for column in zip(*rounds, strict=True))
    slowest = quantiles([row[2] for row in rounds], n=20)[-1]
    busy = middling_person().pk
    fan = fan_out(Random(7))
    assert slowest <= 0.05
    assert all(quantiles(sizes, n=20)[-1] <= 200 for sizes in fan.values())
    report(
        "trust of one",
        f"{ASKED} people of {Author.objects.count():,}, a fifth of all verified and every work of theirs confirmed.\n\n"
        + table(
            ["", "median", "p95", "of a look-up by key"],
            [
                ["look-up by key", f"{key * 1000:.2f} ms", "–", "1.0×"],
                ["network part from rows", f"{network_part * 1000:.2f} ms", "–", f"{network_part / key:.1f}×"],
                ["whole figure from rows", f"{whole * 1000:.2f} ms", f"{slowest * 1000:.2f} ms", f"{whole / key:.1f}×"],
                ["whole figure, 20 works", f"{median(seconds(lambda: one(busy)) for _ in range(9)) * 1000:.2f} ms", "–", "–"],
            ],
        )
        + "\n\n"
        + table(
            ["computed again after", "median", "p95", "most"],
            [[event, f"{median(sizes):,.0f}", f"{quantiles(sizes, n=20)[-1]:,.0f}", f"{max(sizes):,}"] for event, sizes in fan.items()],
        ),
    )


def fan_out(rng: Random) -> dict[str, list[int]]:
    """How many authors are marked after each kind of event, for people at random."""
    verified = [pk for (pk,) in execute("SELECT author_id FROM profiles_trust WHERE level >= 3 ORDER BY 1")]
    fan: dict[str, list[int]] = {"a level crosses 3": [], "a level crosses 4, or a suspension": [], "a work is confirmed": []}
    for pk in rng.sample(verified, min(ASKED, len(verified))):
        near = ids(COAUTHORS, {pk})
        fan["a level crosses 3"].append(len({pk} | near))
        fan["a level crosses 4, or a suspension"].append(len({pk} | near | ids(LIFTED_BY_LEVEL_3, near)))
        works = execute("SELECT works FROM profiles_vouching WHERE voucher_id = %(pk)s ORDER BY author_id LIMIT 1", {"pk": pk})
        if works:
            team = {author for (author,) in execute(TEAM, {"authors": [pk], "work": works[0][0][:1]})}
            fan["a work is confirmed"].append(len({pk} | team | ids(LIFTED_BY_LEVEL_3, team)))
    return fan
