"""Import runs from the outside: files in, counts and rejections out, whatever interrupts them."""

import contextlib
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import orjson
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.conftest import database_environment
from tests.factories.records import make_imported_author, make_record, meta_knowledge_distillation, noisy_faces
from tests.waiting import PATIENCE, is_gone, wait_for
from tests.works.imports.content import content
from works.actions.imports import ImportImpossible, is_under_way, open_run, request_import, run_import
from works.actions.imports.runs import RUN_LOCK
from works.importers.record import ImportedWork, to_json
from works.management.commands import import_works
from works.models import Author, ImportRun, RegistryRecord, RejectedRecord, Source, Topic, Work
from works.signals import authorships_changed
from works.tasks import run_import_task, sweep_task

RECORDS = [meta_knowledge_distillation(registry="bzpeer"), noisy_faces(registry="bzpeer")]


def write_records(path: Path, records: list[ImportedWork]) -> Path:
    path.write_bytes(b"".join(orjson.dumps(to_json(record)) + b"\n" for record in records))
    return path


def many_records(number: int) -> list[ImportedWork]:
    """Works of a few hundred people who often share names and co-authors, so that what one batch decides matters to the next."""
    return [
        make_record(
            f"Work number {at} about subject {at % 17}",
            [f"Given{(at * 7 + place * 13) % 40} Family{(at + place * 5) % 12}" for place in range(1 + at % 5)],
            topics=[f"t{at % 23}"],
            registry="bzpeer",
            key=f"made:{at}",
            asserted_by="converted",
            identifiers=(("made", str(at)),),
            references=(("made", str((at * 31) % number)),),
        )
        for at in range(number)
    ]


def import_file(path: Path, *more: str) -> tuple[int, dict]:
    """The command's exit status and what it prints with --json."""
    out = StringIO()
    try:
        call_command("import_works", "bzpeer", "--file", str(path), "--json", *more, stdout=out)
        status = 0
    except SystemExit as end:
        status = int(end.code or 0)
    return status, json.loads(out.getvalue())


def counts(outcome: dict) -> tuple[int, ...]:
    return tuple(outcome[name] for name in ("read", "new", "changed", "unchanged", "merged", "rejected"))


def empty_the_record() -> None:
    for table in (RegistryRecord, Work, Author, Topic, Source, ImportRun):
        table.objects.all().delete()


@pytest.mark.django_db(transaction=True)
class TestCommand:
    def test_all_well(self, tmp_path):
        path = write_records(tmp_path / "two.jsonl", RECORDS)
        status, outcome = import_file(path)
        assert (status, outcome["status"], counts(outcome)) == (0, "finished", (2, 2, 0, 0, 0, 0))
        assert import_file(path)[1]["unchanged"] == 2
        assert ImportRun.objects.count() == 2

    def test_compressed(self, tmp_path):
        plain = write_records(tmp_path / "two.jsonl", RECORDS)
        path = tmp_path / "two.jsonl.gz"
        path.write_bytes(gzip.compress(plain.read_bytes()))
        assert counts(import_file(path)[1]) == (2, 2, 0, 0, 0, 0)

    def test_some_rejected_and_listed(self, tmp_path):
        path = write_records(tmp_path / "three.jsonl", RECORDS)
        with path.open("ab") as file:
            file.write(b'{"title": ""}\n{not json\n')
        status, outcome = import_file(path)
        assert (status, counts(outcome)) == (1, (4, 2, 0, 0, 0, 2))
        assert [rejection["place"] for rejection in outcome["rejections"]] == ["three.jsonl:3", "three.jsonl:4"]
        assert RejectedRecord.objects.count() == 2
        assert Work.objects.count() == 2

    def test_no_such_file(self, tmp_path):
        status, outcome = import_file(tmp_path / "none.jsonl")
        assert status == 2
        assert outcome["error"] == f"There is no file {tmp_path / 'none.jsonl'}."

    def test_a_file_name_that_nobody_can_read(self, tmp_path):
        path = Path(os.fsdecode(os.fsencode(tmp_path / "two") + b"\xff.jsonl"))
        write_records(path, RECORDS)
        status, outcome = import_file(path)
        assert (status, outcome["error"]) == (2, "A file's name is not UTF-8, or has signs that cannot be shown: rename it.")

    def test_a_database_that_goes_away_is_said_and_gone_on_from(self, tmp_path):
        path = write_records(tmp_path / "many.jsonl", many_records(1200))

        def cut(**_: object) -> None:
            other = connections.create_connection("default")
            with contextlib.closing(other), other.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])

        authorships_changed.connect(cut)
        try:
            status, outcome = import_file(path)
        finally:
            authorships_changed.disconnect(cut)
            connection.close()
        assert status == 2
        assert outcome["error"].startswith("The database failed: ")
        assert Work.objects.count() == 0
        assert counts(import_file(path)[1]) == (1200, 1200, 0, 0, 0, 0)

    def test_uploads_go_when_they_are_taken_in(self, tmp_path, settings):
        settings.MEDIA_ROOT = tmp_path
        (tmp_path / "imports").mkdir()
        upload, own = write_records(tmp_path / "imports" / "a.jsonl", RECORDS), write_records(tmp_path / "own.jsonl", RECORDS[:1])
        import_file(upload)
        import_file(own)
        assert (upload.exists(), own.exists()) == (False, True)

    def test_summary_for_people(self, tmp_path):
        out = StringIO()
        call_command("import_works", "bzpeer", "--file", str(write_records(tmp_path / "two.jsonl", RECORDS)), stdout=out)
        assert out.getvalue().startswith("bzpeer: two.jsonl\n  read 2   new 2   changed 0   unchanged 0   merged 0   rejected 0   in ")

    def test_a_run_under_way_is_left_alone(self, tmp_path, monkeypatch):
        monkeypatch.setattr(import_works, "LOCK_PATIENCE", 0.5)
        path = write_records(tmp_path / "two.jsonl", RECORDS)
        run = open_run(source="bzpeer", files=[str(path)], by="somebody")
        other = connections.create_connection("default")
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(5317002, %s::int)", [run.pk])
            assert is_under_way(run)
            status, outcome = import_file(path)
        finally:
            other.close()
        assert status == 2
        assert outcome["error"] == f"Import {run.pk} of the same records is under way already; wait until it is done."
        assert Work.objects.count() == 0


def killed_once_it_has_read(number: int, path: Path) -> bool:
    """Import in a process of its own and kill it; whether that came before its end."""
    command = [sys.executable, "manage.py", "import_works", "bzpeer", "--file", str(path), "--json"]
    environment = database_environment() | {"PGAPPNAME": "killed"}
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: process.poll() is not None or ImportRun.objects.filter(read__gte=number).exists(), "so many records")
    time.sleep(0.05)
    process.kill()
    was_killed = process.wait() == -signal.SIGKILL
    wait_for(lambda: is_gone("killed"), "the end of its session")
    return was_killed


@pytest.mark.django_db(transaction=True)
class TestInterruption:
    def test_a_stopped_run_goes_on_where_it_stopped(self, tmp_path):
        path = write_records(tmp_path / "many.jsonl", many_records(2500))
        run = open_run(source="bzpeer", files=[str(path)], by="somebody")
        run = run_import(run_id=run.pk, seconds=1e-9)
        assert (run.status, run.read, run.cursor) == ("running", 1000, {"piece": 0, "items": 1000})

        status, outcome = import_file(path)
        assert (status, outcome["run"], counts(outcome)) == (0, run.pk, (2500, 2500, 0, 0, 0, 0))

    def test_killed_at_any_moment_it_ends_with_the_same_rows(self, tmp_path):
        path = write_records(tmp_path / "many.jsonl", many_records(3000))
        import_file(path)
        undisturbed = content()
        empty_the_record()

        for _ in range(10):
            if all(killed_once_it_has_read(number, path) for number in (0, 1000)):
                break
            empty_the_record()
        else:
            pytest.fail("the import was ten times too fast to be killed")

        status, outcome = import_file(path)
        assert (status, counts(outcome), ImportRun.objects.count()) == (0, (3000, 3000, 0, 0, 0, 0), 1)
        assert content() == undisturbed

    def test_two_imports_of_the_same_works_at_once_make_each_work_once(self, tmp_path):
        records = many_records(1500)
        halves = [write_records(tmp_path / "one.jsonl", records), write_records(tmp_path / "other.jsonl", list(reversed(records)))]
        processes = [
            subprocess.Popen(
                [sys.executable, "manage.py", "import_works", "bzpeer", "--file", str(path), "--json"],
                cwd=settings.BASE_DIR, env=database_environment(), stdout=subprocess.PIPE,
            )
            for path in halves
        ]  # fmt: skip
        outcomes = [json.loads(process.communicate(timeout=5 * PATIENCE)[0]) for process in processes]
        assert [process.returncode for process in processes] == [0, 0]
        assert sum(outcome["new"] for outcome in outcomes) == Work.objects.count() == 1500
        assert sum(outcome["unchanged"] for outcome in outcomes) == 1500


@pytest.mark.django_db(transaction=True)
def test_a_worker_imports_what_staff_ask_for(worker, tmp_path):
    path = write_records(tmp_path / "two.jsonl", RECORDS)
    run = request_import(source="bzpeer", files=[str(path)], by="staff@example.org")
    wait_for(lambda: ImportRun.objects.get(pk=run.pk).status == "finished", "the import's end")
    run.refresh_from_db()
    assert (run.requested_by, run.read, run.new) == ("staff@example.org", 2, 2)


@pytest.mark.django_db
class TestRequests:
    @pytest.mark.parametrize(
        ("request_", "message"),
        [
            ({"source": "nowhere", "query": "x"}, "There is no source 'nowhere'; there are arxiv, openalex, "),
            ({"source": "arxiv"}, "Nothing to import: name files, ids or a query."),
            ({"source": "bzpeer", "query": "x"}, "bzpeer has no live service; name files."),
        ],
    )
    def test_impossible_ones_say_why(self, request_, message):
        with pytest.raises(ImportImpossible, match=message):
            request_import(**request_, by="somebody")
        assert not ImportRun.objects.exists()

    def test_an_unreachable_registry_fails_the_run_and_says_what_to_do(self, settings):
        settings.REGISTRY_ATTEMPTS = 1
        settings.ARXIV_API_URL = "http://127.0.0.1:9/api/query"
        run = open_run(source="arxiv", ids=["2202.07940"], by="somebody")
        run = run_import(run_id=run.pk)
        assert run.status == "failed"
        assert "arXiv" in run.error

    def test_the_same_ids_in_another_order_are_another_request(self):
        """The cursor of an interrupted run counts them."""
        ids = ["2202.07940", "2208.04352"]
        one = open_run(source="arxiv", ids=ids, by="somebody")
        other = open_run(source="arxiv", ids=ids[::-1], by="somebody")
        assert one.pk != other.pk


@pytest.mark.django_db(transaction=True)
class TestWorkers:
    def test_a_run_that_another_process_has_in_hand_is_not_handed_on(self, redis):
        run = open_run(source="bzpeer", files=[__file__], by_worker=True, by="staff@example.org")
        ImportRun.objects.filter(pk=run.pk).update(status="running")
        other = connections.create_connection("default")
        other.cursor().execute("SELECT pg_advisory_lock(%s, %s)", [RUN_LOCK, run.pk])
        try:
            run_import_task(run.pk)
        finally:
            other.close()
        assert redis.llen(settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] + "imports") == 0

    def test_the_sweep_does_not_ask_again_for_what_it_has_just_asked_for(self, redis):
        run = open_run(source="bzpeer", files=[__file__], by_worker=True, by="staff@example.org")
        ImportRun.objects.filter(pk=run.pk).update(created_at="2026-01-01T00:00:00Z")
        for _ in range(5):
            sweep_task()
        assert redis.llen(settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] + "imports") == 1


NAMES = st.sampled_from(["Wei Wang", "W. Wang", "Ada Lovelace", "Emmy Noether", "Mausam", "江常皓", "José García", "Jose Garcia"])


@st.composite
def records(draw) -> ImportedWork:
    number = draw(st.integers(1, 6))
    registry = draw(st.sampled_from(["arxiv", "openalex", "crossref"]))
    identifiers = draw(st.sets(st.sampled_from([("doi", "10.1000/1"), ("doi", "10.1000/2"), ("arxiv", f"2201.0000{number}")]), max_size=2))
    authors = [
        make_imported_author(name, identifiers=draw(st.sampled_from([(), (), (("orcid", "0000-0002-1825-0097"),)])))
        for name in draw(st.lists(NAMES, max_size=4))
    ]
    return make_record(
        f"A title that tells works apart, number {draw(st.integers(1, 4))}",
        authors,
        topics=draw(st.lists(st.sampled_from(["cs.LG", "cs.CV"]), unique=True)),
        registry=registry,
        key=str(number),
        year=draw(st.sampled_from([None, 2021, 2022, 2023])),
        asserted_by={"arxiv": "repository", "openalex": "aggregator", "crossref": "publisher"}[registry],
        identifiers=tuple(sorted(identifiers)),
        references=tuple(sorted(identifiers)),
    )


@pytest.mark.django_db(transaction=True)
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(sequence=st.lists(records(), min_size=1, max_size=12), cut=st.integers(0, 12))
def test_whatever_comes_the_record_stays_whole_and_repeating_it_changes_nothing(sequence, cut):
    from django.db import transaction

    from works.actions.imports.batch import take_in

    def take(batch):
        with transaction.atomic():
            return take_in([("here", record) for record in batch], run_id=None)

    empty_the_record()
    take(sequence[:cut])
    take(sequence[cut:])
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM works_author a WHERE a.works_count <> (SELECT count(*) FROM works_authorship s WHERE s.author_id = a.id)
            """
        )
        assert cursor.fetchone()[0] == 0
        cursor.execute("SELECT count(*) FROM works_work w WHERE NOT EXISTS (SELECT 1 FROM works_registryrecord r WHERE r.work_id = w.id)")
        assert cursor.fetchone()[0] == 0
        cursor.execute(
            "SELECT count(*) FROM works_work w WHERE w.authors_count <> (SELECT count(*) FROM works_authorship s WHERE s.work_id = w.id)"
        )
        assert cursor.fetchone()[0] == 0
    before = content()
    tally = take(sequence)
    assert (tally.new, tally.changed, tally.merged) == (0, 0, 0)
    assert content() == before
