"""Postgres, Redis, the disk: what the site stands on."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from bzpeer.management.examinations.findings import Finding, advice, fault, good

OLDEST_POSTGRES = 150000
GIGABYTE = 1 << 30


def look_at_disk() -> Iterator[Finding]:
    usage = shutil.disk_usage(settings.DATA_DIR)
    free = f"{usage.free / GIGABYTE:.1f} GB of {usage.total / GIGABYTE:.0f} GB are free where {settings.DATA_DIR} lies"
    if usage.free < GIGABYTE:
        yield fault(free, "Free some space: uploads, mails and an embedded Postgres are kept there.")
    elif usage.free < usage.total / 10:
        yield advice(free, "Free some space soon.")
    else:
        yield good(free)


def look_at_postgres() -> Iterator[Finding]:
    start = time.perf_counter()
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), extract(epoch FROM now())"
            )
            version, encoding, clock = cursor.fetchone()
    except DatabaseError as error:
        yield fault(f"Postgres does not answer: {error}", "Check DATABASE_URL and that the server runs.")
        return
    yield good(f"Postgres {version // 10000} answers in {1000 * (time.perf_counter() - start):.0f} ms")
    if version < OLDEST_POSTGRES:
        yield fault(f"Postgres {version // 10000} is too old", "Use 15 or newer.")
    if encoding != "UTF8":
        yield fault(
            f"The database is kept in {encoding}", "Make a new one in UTF8 and restore a backup: most names of people cannot be stored."
        )
    if abs(float(clock) - time.time()) > 5:
        yield fault(
            f"Its clock and ours are {abs(float(clock) - time.time()):.0f} s apart", "Set both by NTP: leases and codes count seconds."
        )
    executor = MigrationExecutor(connection)
    if plan := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield fault(f"{len(plan)} migrations are owed, the first {plan[0][0]}", "Run manage.py migrate.")
    else:
        yield good("The tables are those of this version")
    yield from look_at_tables()
    yield from look_at_sessions()


def look_at_tables() -> Iterator[Finding]:
    if broken := names("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid ORDER BY 1"):
        yield fault(f"Indexes that were never finished: {', '.join(broken)}", "Run REINDEX INDEX CONCURRENTLY for each.")
    unknown = names(
        "SELECT relname FROM pg_stat_user_tables WHERE n_live_tup > 1000 AND last_analyze IS NULL AND last_autoanalyze IS NULL ORDER BY 1"
    )
    if unknown:
        yield advice(f"Postgres knows nothing of what is in {', '.join(unknown)}", "Run ANALYZE: it plans queries by what it knows.")
    if not broken and not unknown:
        yield good("Indexes are whole, statistics are there")


def look_at_sessions() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), current_setting('max_connections')::int, count(*) FILTER (WHERE state = 'idle in transaction'"
            " AND state_change < now() - interval '5 minutes') FROM pg_stat_activity"
        )
        used, most, forgotten = cursor.fetchone()
    if forgotten:
        yield fault(
            f"{forgotten} sessions have left a transaction open for five minutes",
            "Find them in pg_stat_activity: they keep rows from vacuum.",
        )
    if used > 0.8 * most:
        yield advice(
            f"{used} of {most} sessions are taken", "Lower DATABASE_POOL_SIZE or the number of processes, or raise max_connections."
        )
    else:
        yield good(f"{used} of {most} sessions are taken")


def look_at_redis() -> Iterator[Finding]:
    try:
        told = info(settings.REDIS_URL)
    except redis.RedisError as error:
        yield fault(
            f"The broker does not answer: {error}",
            "Check REDIS_URL. Until then workers find by themselves what is owed, some seconds later.",
        )
    else:
        yield good(f"The broker, Redis {told['redis_version']}, answers")
        if told["maxmemory_policy"] != "noeviction":
            yield fault(
                f"The broker's maxmemory-policy is {told['maxmemory_policy']}", "Set noeviction: a full Redis drops messages in silence."
            )
        if not told["aof_enabled"] and settings.BEHIND_TLS:
            yield advice("The broker keeps nothing over a restart", "Set appendonly yes.")
    try:
        told = info(settings.CACHE_URL)
    except redis.RedisError as error:
        yield fault(f"The cache does not answer: {error}", "Check CACHE_URL. Nobody can log in, because attempts are counted there.")
    else:
        yield good(f"The cache, Redis {told['redis_version']}, answers")


def info(address: str) -> dict[str, Any]:
    with redis.Redis.from_url(address, socket_connect_timeout=settings.PATIENCE, socket_timeout=settings.PATIENCE) as client:
        told: dict[str, Any] = client.info()
    return told


def names(statement: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [name for (name,) in cursor.fetchall()]
