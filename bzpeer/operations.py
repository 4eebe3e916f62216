"""What operators and their programs ask: whether this process can serve, and how the site is doing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bzpeer.metrics import registry
from bzpeer.owed import debts

QUEUES = ("default", "imports")
WAIT = 0.2 * settings.PATIENCE  # seconds that Redis has to answer a question of an operator's


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether this process can serve: it reaches Postgres."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


class Migrations:
    """Whether the tables are those of this version. Once they are, they stay so for the life of a process."""

    are_applied = False

    @classmethod
    def check(cls) -> bool:
        if not cls.are_applied:
            executor = MigrationExecutor(connection)
            cls.are_applied = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        return cls.are_applied


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether visitors should be sent here: Postgres answers and has the tables of this version. 503 if not.

    Redis is told of and does not count: without it pages go on, only slower.
    """
    found = {"postgres": "ok", "migrations": "ok"}
    try:
        if not Migrations.check():
            found["migrations"] = "owed"
    except DatabaseError:
        found |= {"postgres": "away", "migrations": "unknown"}
    is_ready = all(state == "ok" for state in found.values())
    found |= {"broker": redis_state(settings.REDIS_URL), "cache": redis_state(settings.CACHE_URL)}
    return JsonResponse({"ready": is_ready} | found, status=200 if is_ready else 503)


def redis_state(address: str) -> str:
    try:
        with redis.Redis.from_url(address, socket_connect_timeout=WAIT, socket_timeout=WAIT) as client:
            client.ping()
    except redis.RedisError:
        return "away"
    return "ok"


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Everything for Prometheus, for who sends the METRICS_TOKEN; nobody else learns that it is there. Three queries."""
    given = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not constant_time_compare(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        raise Http404
    state = CollectorRegistry(auto_describe=False)
    state.register(SiteState())
    return HttpResponse(generate_latest(registry()) + generate_latest(state), content_type=CONTENT_TYPE_LATEST)


class SiteState(Collector):
    """What stands in Postgres and Redis at this moment, whichever process is asked."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        return chain(owed(), imports(), sessions(), messages())


def owed() -> Iterator[GaugeMetricFamily]:
    count = GaugeMetricFamily("bzpeer_owed", "Work that waits for a worker, counted up to 10,000", labels=["kind"])
    age = GaugeMetricFamily("bzpeer_owed_oldest_seconds", "How long the oldest of it waits", labels=["kind"])
    now = timezone.now()
    for debt in debts():
        count.add_metric([debt.name], debt.count)
        age.add_metric([debt.name], max(0.0, (now - debt.oldest).total_seconds()) if debt.oldest else 0.0)
    yield count
    yield age


def imports() -> Iterator[GaugeMetricFamily]:
    since = GaugeMetricFamily("bzpeer_import_age_seconds", "Seconds since the last finished import of a source", labels=["source"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT source, extract(epoch FROM now() - max(finished_at))::float FROM works_importrun"
            " WHERE status = 'finished' GROUP BY source ORDER BY source"
        )
        for source, seconds in cursor.fetchall():
            since.add_metric([source], seconds)
    yield since


def sessions() -> Iterator[GaugeMetricFamily]:
    open_sessions = GaugeMetricFamily("bzpeer_postgres_sessions", "Open sessions of the site's database", labels=["state"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(state, 'unknown'), count(*) FROM pg_stat_activity WHERE datname = current_database() GROUP BY 1 ORDER BY 1"
        )
        for state, count in cursor.fetchall():
            open_sessions.add_metric([state], count)
    yield open_sessions


def messages() -> Iterator[GaugeMetricFamily]:
    """How many messages wait in the broker; none of these figures where it does not answer, and that it does not."""
    waiting = GaugeMetricFamily("bzpeer_messages", "Messages that wait in the broker", labels=["queue"])
    up = GaugeMetricFamily("bzpeer_broker_up", "Whether the broker answers")
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=WAIT, socket_timeout=WAIT) as client:
            for queue in QUEUES:
                waiting.add_metric([queue], int(client.llen(f"{prefix}{queue}")))
        up.add_metric([], 1)
        yield waiting
    except redis.RedisError:
        up.add_metric([], 0)
    yield up
