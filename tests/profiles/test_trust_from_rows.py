"""Stored trust: computed from rows, where and when it is owed."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from graph.actions.collaborations import count_collaborations
from graph.models import Neighbourhood, StaleCollaboration
from profiles import tasks
from profiles.actions import trust
from profiles.actions.trust import computing
from profiles.models import StaleTrust, Trust
from profiles.signals import trust_computed
from tests.factories.registries import register
from tests.factories.works import make_author, make_work
from tests.waiting import PATIENCE
from works.actions.imports.batch import take_in
from works.importers.bzpeer import read_work
from works.models import Author, Work
from works.signals import authorships_changed

NOISY_FACES = "Rethinking Robust Representation Learning Under Fine-grained Noisy Faces"


def record(title: str, authors: list[str], topic: tuple[str, str], *identifiers: tuple[str, str]) -> dict[str, Any]:
    return {
        "title": title,
        "type": "preprint",
        "year": 2022,
        "authors": authors,
        "identifiers": [list(identifier) for identifier in identifiers],
        "topics": [{"scheme": "arxiv", "code": topic[0], "label": topic[1]}],
    }


DISTILLATION = record(
    "Meta Knowledge Distillation",
    ["Jihao Liu", "Boxiao Liu", "Hongsheng Li", "Yu Liu"],
    ("cs.LG", "Machine Learning"),
    ("arxiv", "2202.07940"),
)
FACES = record(
    NOISY_FACES,
    ["Bingqi Ma", "Guanglu Song", "Boxiao Liu", "Yu Liu"],
    ("cs.CV", "Computer Vision and Pattern Recognition"),
    ("arxiv", "2208.04352"),
)
PROCEEDINGS = FACES | {
    "type": "conference-paper",
    "identifiers": [["doi", "10.1007/978-3-031-19775-8_36"]],
    "source": {"name": "European Conference on Computer Vision", "kind": "conference"},
}


def bring_in(*records: dict[str, Any]) -> list[int]:
    """Take the records in as an import does, announcement and all."""
    with transaction.atomic():
        tally = take_in([(str(place), read_work(item)) for place, item in enumerate(records)], run_id=None)
        authorships_changed.send(sender=None, author_ids=sorted(tally.author_ids))
    return sorted(tally.author_ids)


def settle() -> None:
    """Pay everything that is owed, as the workers do."""
    while count_collaborations():
        pass
    tasks.compute_trust()


@pytest.fixture
def reference_page(db) -> Author:
    bring_in(DISTILLATION, FACES)
    settle()
    return Author.objects.get(name="Boxiao Liu")


def test_the_reference_page_reads_trust_13(reference_page):
    stored = Trust.objects.get(author=reference_page)
    assert (stored.score, stored.micropoints, stored.level, stored.band, stored.band_label) == (
        13,
        13_000_000,
        1,
        "unverified",
        "Unverified",
    )
    assert str(stored) == "Trust 13 – Unverified"
    assert stored.formula == "2026-11"
    assert stored.level_meaning.startswith("Imported: ")
    points = {line["key"]: line["micropoints"] / 1_000_000 for line in stored.lines if line["micropoints"]}
    assert points == {"identity": 5, "works": 2, "registries": 2, "topics": 2, "collaborators": 2}
    assert len(stored.lines) == 9
    facts = {line["key"]: (line["fact"], line["asserted_by"]) for line in stored.lines}
    assert facts["registries"] == ("1 registry: arXiv", "arXiv")
    assert facts["collaborators"] == ("5 close collaborators on works of at most 25 authors", "BZPEER, from the bylines")
    assert facts["network"] == ("None of the 5 close collaborators is verified yet", "")
    assert stored.institutions == []
    assert stored.lines[1]["as_of"] == timezone.now().date().isoformat()


def test_the_same_works_from_arxiv_itself_change_nothing_but_the_day(reference_page):
    for item in (DISTILLATION, FACES):
        bring_in(item | {"registry": "arxiv", "key": item["identifiers"][0][1], "asserted_by": "repository"})
    settle()
    assert Work.objects.count() == 2
    assert Trust.objects.get(author=reference_page).score == 13


def test_the_proceedings_version_is_one_more_registry(reference_page):
    bring_in(PROCEEDINGS)
    settle()
    assert Work.objects.count() == 2
    stored = Trust.objects.get(author=reference_page)
    assert (stored.score, stored.band) == (15, "unverified")
    assert stored.lines[2]["fact"] == "2 registries: a DOI registration agency and arXiv"


def test_an_aggregators_copy_changes_no_score(reference_page):
    copy = {"registry": "openalex", "key": "W1", "asserted_by": "aggregator"}
    bring_in(FACES | copy | {"identifiers": [["arxiv", "2208.04352"], ["doi", "10.1000/copied"]]})
    settle()
    stored = Trust.objects.get(author=reference_page)
    assert stored.score == 13
    assert stored.not_counted[0] == "Records from openalex: an aggregator repeats what registries say"


def test_an_author_who_lost_every_work_is_a_name_only(reference_page):
    Work.objects.all().delete()
    authorships_changed.send(sender=None, author_ids=[reference_page.pk])
    settle()
    stored = Trust.objects.get(author=reference_page)
    assert (stored.score, stored.level) == (0, 0)


@pytest.mark.django_db
def test_a_second_computation_writes_nothing_and_tells_nobody(reference_page):
    before = Trust.objects.get(author=reference_page)
    with heard(trust_computed) as told:
        assert trust.compute_trust(author_ids=[reference_page.pk]) == 0
    assert told == []
    assert Trust.objects.get(author=reference_page).computed_at == before.computed_at


def test_another_formula_writes_everything_again(reference_page, monkeypatch):
    monkeypatch.setattr(computing, "FORMULA", "next")
    with heard(trust_computed) as told:
        assert trust.compute_trust(author_ids=[reference_page.pk]) == 1
    assert told == [[reference_page.pk]]
    assert Trust.objects.get(author=reference_page).formula == "next"


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_statements_are_constant(number):
    authors = [make_author(f"Author {place}") for place in range(number)]
    register(make_work("Work", authors=authors), ("arxiv", "1"))
    trust.mark_trust_stale(author_ids=[author.pk for author in authors])
    with CaptureQueriesContext(connection) as queries:
        assert trust.compute_stale() == number
    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == 19


@pytest.mark.django_db
def test_authorships_mark_their_authors_and_wait_for_the_count():
    ids = bring_in(DISTILLATION)
    assert list(StaleTrust.objects.order_by("pk").values_list("pk", flat=True)) == ids
    assert StaleCollaboration.objects.count() == 4
    assert trust.compute_stale() == 0
    assert not Trust.objects.exists()
    count_collaborations()
    assert trust.compute_stale() == 4
    assert not StaleTrust.objects.exists()
    assert Trust.objects.count() == 4


@pytest.mark.django_db
def test_a_count_marks_both_ends(reference_page):
    assert not StaleTrust.objects.exists()
    bring_in(record("A third work", ["Boxiao Liu", "Yu Liu", "New Person"], ("cs.LG", "Machine Learning"), ("arxiv", "2300.00001")))
    settle()
    assert Trust.objects.get(author=reference_page).lines[1]["fact"] == "3 works with an identifier of a registry"
    assert Trust.objects.get(author__name="New Person").score == 10  # 5 + 1 work + 2 registry + 1 topic + 2 halves


@pytest.mark.django_db
def test_the_task_is_enqueued_on_commit_and_only_then(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        bring_in(DISTILLATION)
    assert tasks.compute_trust.delay in callbacks


@pytest.mark.django_db
def test_the_sweep_pays_what_no_message_brought_about():
    author = make_author("Ann Author")
    trust.mark_trust_stale(author_ids=[author.pk])
    StaleTrust.objects.update(marked_at=timezone.now() + timedelta(minutes=10))
    tasks.sweep()
    assert not Trust.objects.exists()  # a message may still be under way
    StaleTrust.objects.update(marked_at=timezone.now() - tasks.SWEEP_AFTER)
    tasks.sweep()
    assert Trust.objects.get().author == author
    assert not trust.is_trust_owed()


@pytest.mark.django_db
def test_marks_for_authors_who_are_gone_are_left_out():
    trust.mark_trust_stale(author_ids=[987_654_321])
    assert not StaleTrust.objects.exists()


@pytest.mark.django_db
def test_an_older_mark_keeps_its_place():
    author = make_author("Ann Author")
    trust.mark_trust_stale(author_ids=[author.pk])
    first = StaleTrust.objects.get().marked_at
    trust.mark_trust_stale(author_ids=[author.pk, author.pk])
    assert StaleTrust.objects.get().marked_at == first


@pytest.mark.django_db
def test_rebuilding_gives_the_rows_of_step_by_step_computing(reference_page):
    bring_in(PROCEEDINGS)
    settle()
    columns = ("author_id", "micropoints", "score", "level", "band", "lines", "not_counted", "input_hash")
    step_by_step = list(Trust.objects.order_by("pk").values(*columns))
    Trust.objects.all().delete()
    assert trust.rebuild_trust(limit=2) == 6
    assert list(Trust.objects.order_by("pk").values(*columns)) == step_by_step


@pytest.mark.django_db
def test_the_command_says_how_many(reference_page, capsys):
    call_command("rebuild_trust")
    assert capsys.readouterr().out.startswith("Computed the trust of 6 authors in ")


@pytest.mark.django_db
def test_before_the_count_the_line_is_unknown_and_says_so():
    author = make_author("Ann Author")
    register(make_work("Work", authors=[author]), ("arxiv", "1"))
    trust.compute_trust(author_ids=[author.pk])
    assert Trust.objects.get().lines[4]["fact"] == "Not counted yet: these points may come once it is"
    Neighbourhood.objects.create(author=author, collaborators_count=0, close_count=0, closest=[])
    assert trust.compute_trust(author_ids=[author.pk]) == 1
    assert Trust.objects.get().lines[4]["fact"] == "No close collaborators on works of at most 25 authors"


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"score": 14}, {"micropoints": 12_999_999}, {"level": 6}, {"band": "famous"}])
def test_postgres_keeps_the_rules(reference_page, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Trust.objects.filter(pk=reference_page.pk).update(**wrong)


@pytest.mark.django_db(transaction=True)
def test_a_mark_under_change_is_left_to_be_paid_after_the_change():
    """A worker must not pay a mark that an import, not yet committed, has just renewed: it could not see what the import wrote."""
    author = make_author("Ann Author")
    trust.mark_trust_stale(author_ids=[author.pk])
    paid: list[int] = []
    with transaction.atomic():
        register(make_work("Work", authors=[author]), ("arxiv", "1"))
        trust.mark_trust_stale(author_ids=[author.pk])
        in_thread(lambda: paid.append(trust.compute_stale()))
    assert paid == [0]
    assert trust.compute_stale() == 1
    assert Trust.objects.get().lines[1]["micropoints"] == 1_000_000


@pytest.mark.django_db(transaction=True)
def test_two_workers_take_different_marks():
    authors = [make_author(f"Author {place}") for place in range(6)]
    trust.mark_trust_stale(author_ids=[author.pk for author in authors])
    paid: list[int] = []
    with transaction.atomic():
        paid.append(trust.compute_stale(limit=4))
        in_thread(lambda: paid.append(trust.compute_stale(limit=4)))
    assert paid == [4, 2]
    assert Trust.objects.count() == 6
    assert not StaleTrust.objects.exists()


def in_thread(work) -> None:
    """Do it on a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result(PATIENCE)


@contextmanager
def heard(signal):
    told: list[list[int]] = []

    def listen(*, author_ids: list[int], **_: object) -> None:
        told.append(author_ids)

    signal.connect(listen)
    try:
        yield told
    finally:
        signal.disconnect(listen)
