"""Abstracts that readers miss: asked of arXiv for works that somebody looks at, where this site may reach it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from works.actions.imports.runs import open_run, run_import
from works.models import ImportRun, Work, WorkIdentifier
from works.signals import abstracts_missed

ASK_AGAIN_AFTER = timedelta(days=1)
REST_AFTER_FAILURE = timedelta(minutes=10)
BY_A_VISIT = "a reader's visit"
MOST_AT_ONCE = 100


def request_abstracts(works: Iterable[Work]) -> None:
    """Announce that somebody looks at these works, as far as arXiv may have their abstracts and was not asked lately. No query."""
    lately = timezone.now() - ASK_AGAIN_AFTER
    missed = [
        work.pk
        for work in works
        if not work.abstract
        and (work.abstract_sought_at is None or work.abstract_sought_at < lately)
        and any(scheme == "arxiv" for scheme, _ in work.card.get("identifiers", ()))
    ]
    if missed and settings.FETCH_ABSTRACTS:
        abstracts_missed.send(sender=Work, work_ids=missed)


def fetch_missing_abstracts(*, work_ids: Sequence[int]) -> ImportRun | None:
    """Import from arXiv those of the works that have an arXiv id and no abstract, and were not asked for within a day; the run, if any.

    That is an import like any other: it may bring what else arXiv knows of the work. Where arXiv has just failed to answer, nobody asks it
    again for some minutes, since each attempt holds a worker for about one; the works stay due.
    """
    if not settings.FETCH_ABSTRACTS or is_resting():
        return None
    due = Work.objects.filter(
        Q(abstract_sought_at=None) | Q(abstract_sought_at__lt=timezone.now() - ASK_AGAIN_AFTER), pk__in=work_ids, abstract=""
    )
    ids = list(WorkIdentifier.objects.filter(scheme="arxiv", work__in=due).order_by("value").values_list("value", flat=True)[:MOST_AT_ONCE])
    if not ids:
        return None
    due.update(abstract_sought_at=timezone.now())
    run = open_run(source="arxiv", ids=ids, by=BY_A_VISIT)
    return run_import(run_id=run.pk)


def is_resting() -> bool:
    """Whether the last fetch that came to an end failed, minutes ago. One query."""
    ended = ImportRun.objects.filter(requested_by=BY_A_VISIT, finished_at__isnull=False).first()
    return bool(
        ended and ended.status == ImportRun.Status.FAILED and ended.finished_at and ended.finished_at > timezone.now() - REST_AFTER_FAILURE
    )
