"""Imports from a live service, played by a local server: by ids, by query page by page, and for a reader who misses an abstract."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories.records import meta_knowledge_distillation, noisy_faces
from tests.works.importers.samples import atom_entry, atom_feed
from tests.works.importers.server import Registry, Reply, serving
from tests.works.imports.test_batch import take
from works.actions.abstracts import fetch_missing_abstracts, request_abstracts
from works.actions.imports import open_run, run_import
from works.models import ImportRun, Work
from works.signals import abstracts_missed

ENTRY = atom_entry("2202.07940v1")


@pytest.fixture
def arxiv(settings):
    """Lets the site find the played registry where arXiv would be."""
    settings.FETCH_ABSTRACTS = True
    settings.REGISTRY_ATTEMPTS = 1

    def at(registry: Registry) -> Registry:
        settings.ARXIV_API_URL = f"{registry.url}/api/query"
        return registry

    return at


@pytest.mark.django_db(transaction=True)
class TestAbstracts:
    def test_a_missing_abstract_is_fetched_and_joins_its_work(self, arxiv):
        take(meta_knowledge_distillation(registry="bzpeer", asserted_by="converted"))
        work = Work.objects.get()
        with serving(atom_feed(ENTRY)) as registry:
            arxiv(registry)
            run = fetch_missing_abstracts(work_ids=[work.pk])
        assert (run.status, run.merged, run.requested_by) == ("finished", 1, "a reader's visit")
        work.refresh_from_db()
        assert work.abstract
        assert work.abstract_from == "arxiv"
        assert Work.objects.count() == 1

    def test_what_was_sought_today_is_not_asked_again(self, arxiv):
        take(meta_knowledge_distillation())
        work = Work.objects.get()
        with serving(Reply(status=404)) as registry:
            arxiv(registry)
            assert fetch_missing_abstracts(work_ids=[work.pk]).status == "failed"
            ImportRun.objects.all().delete()
            assert fetch_missing_abstracts(work_ids=[work.pk]) is None
        assert len(registry.calls) == 1

    def test_after_a_failure_nobody_asks_for_some_minutes_and_then_again(self, arxiv):
        take(meta_knowledge_distillation(), noisy_faces())
        first, second = Work.objects.order_by("pk")
        with serving(Reply(status=404), atom_feed(ENTRY)) as registry:
            arxiv(registry)
            assert fetch_missing_abstracts(work_ids=[first.pk]).status == "failed"
            assert fetch_missing_abstracts(work_ids=[second.pk]) is None
            assert len(registry.calls) == 1
            ImportRun.objects.update(finished_at=timezone.now() - timedelta(minutes=11))
            assert fetch_missing_abstracts(work_ids=[second.pk]).status == "finished"
        assert len(registry.calls) == 2

    def test_a_visit_announces_what_is_missing_once_a_day(self, arxiv, django_assert_num_queries):
        take(meta_knowledge_distillation(), meta_knowledge_distillation(registry="other", key="x", identifiers=(), abstract=""))
        heard: list[list[int]] = []

        def hear(*, work_ids: list[int], **_: object) -> None:
            heard.append(work_ids)

        abstracts_missed.connect(hear, weak=True)
        work = Work.objects.get(identifiers__scheme="arxiv")
        with django_assert_num_queries(0):
            request_abstracts([work])
        assert heard == [[work.pk]]


@pytest.mark.django_db(transaction=True)
def test_a_query_goes_on_with_the_page_after_the_last_that_was_taken_in(arxiv):
    entries = [atom_entry(f"2202.{number:05d}v1") for number in range(1, 4)]
    with serving(atom_feed(*entries, total=4), Reply(status=404)) as registry:
        arxiv(registry)
        run = open_run(source="arxiv", query="cat:cs.LG", by="somebody")
        run = run_import(run_id=run.pk)
    assert (run.status, run.read, run.cursor["after"] != "") == ("failed", 3, True)

    with serving(atom_feed(atom_entry("2202.00009v1"), total=4)) as registry:
        arxiv(registry)
        again = open_run(source="arxiv", query="cat:cs.LG", by="somebody")
        assert again.pk == run.pk
        again = run_import(run_id=again.pk)
    assert (again.status, again.read, again.new) == ("finished", 4, 4)
    assert registry.calls[0].params["start"] == run.cursor["after"]
    assert ImportRun.objects.count() == 1
