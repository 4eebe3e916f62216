"""The short part of the faults, for every run of the tests: the same few each time, so that a failure is never chance."""

from __future__ import annotations

import contextlib
import os
import signal
from random import Random

import pytest
from django.utils import timezone

from graph.actions.collaborations import mark_collaborations_stale
from graph.actions.slices import request_slice
from graph.models import Slice
from graph.tasks import sweep as sweep_graph
from profiles.tasks import sweep as sweep_profiles
from tests.faults import invariants
from tests.faults.site import children_of
from tests.faults.world import is_settled, write_records
from tests.waiting import wait_for
from tests.works.imports.test_runs import many_records
from works.actions.imports import request_import
from works.models import Author, ImportRun
from works.tasks import sweep_task as sweep_record

SEED = 20261127


def kill_a_child(pid: int) -> None:
    children = wait_for(lambda: children_of(pid), "a child of the worker")
    with contextlib.suppress(ProcessLookupError):  # it was about to end
        os.kill(children[0], signal.SIGKILL)


@pytest.mark.django_db(transaction=True)
def test_killed_children_of_a_worker_lose_nothing_and_every_invariant_holds(worker, tmp_path):
    """An import, everybody's collaborations, trust and words, and slices, while children are killed at three moments."""
    rng = Random(SEED)
    print(f"seed {SEED}")
    run = request_import(source="bzpeer", files=[str(write_records(tmp_path / "some.jsonl", many_records(120)))], by="staff")
    for _ in range(2):
        kill_a_child(worker.pid)
    wait_for(lambda: ImportRun.objects.get(pk=run.pk).status == "finished", "the end of the import")
    begun = timezone.now()
    authors = rng.sample(list(Author.objects.standing().with_works().order_by("pk")), 5)
    for author in authors:
        request_slice(author)
    mark_collaborations_stale(author_ids=Author.objects.values_list("pk", flat=True))
    kill_a_child(worker.pid)

    def is_done() -> bool:
        for sweep in (sweep_record, sweep_graph, sweep_profiles):  # what beat would ask for
            sweep()
        return is_settled()

    wait_for(is_done, "the end of what is owed")
    assert Slice.objects.filter(author__in=authors, built_at__gt=begun, error="").count() == len(authors)
    invariants.check()
    assert len(invariants.INVARIANTS) >= 20
