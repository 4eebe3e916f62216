"""Figures for Prometheus: how many requests and tasks, how long they took, how they ended.

Several processes answer requests and do tasks. Where PROMETHEUS_MULTIPROC_DIR names a folder that they share, each keeps its figures in
files there, and `/metrics` adds them up; without it a process tells its own. Names of views and tasks are the only labels that come from
anywhere, so that no visitor can make series.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from celery.signals import task_postrun, task_prerun
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
REQUESTS = Counter("bzpeer_requests", "Requests answered", ["view", "method", "status"])
REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
REQUEST_SECONDS = Histogram("bzpeer_request_seconds", "Seconds from a request to its answer", ["view"], buckets=REQUEST_BUCKETS)
TASKS = Counter("bzpeer_tasks", "Tasks done, by how they ended", ["task", "state"])
TASK_BUCKETS = (0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 300)
TASK_SECONDS = Histogram("bzpeer_task_seconds", "Seconds that a task took", ["task"], buckets=TASK_BUCKETS)


class MeasuringMiddleware:
    """Count every request and its seconds, by the name of its view. No query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = time.perf_counter()
        response = self.get_response(request)
        view = request.resolver_match.view_name if request.resolver_match else "none"
        REQUEST_SECONDS.labels(view).observe(time.perf_counter() - start)
        REQUESTS.labels(view, request.method if request.method in METHODS else "other", response.status_code).inc()
        return response


@task_prerun.connect(weak=False)
def task_begins(task: Any = None, **_: object) -> None:
    task.request.began_at = time.perf_counter()


@task_postrun.connect(weak=False)
def task_ended(task: Any = None, state: str | None = None, **_: object) -> None:
    # A task that ended before it began (revoked, or cut by a signal) has no beginning.
    with suppress(AttributeError):
        TASK_SECONDS.labels(task.name).observe(time.perf_counter() - task.request.began_at)
    TASKS.labels(task.name, state or "unknown").inc()


def registry() -> CollectorRegistry:
    """What all processes have counted, where they share a folder; else what this one has."""
    if not settings.METRICS_DIR:
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together
