"""What operators ask: is it ready, what are its figures, and what does the doctor say."""

import contextlib
import json
import logging
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from bzpeer.metrics import TASKS, task_begins, task_ended
from bzpeer.operations import Migrations
from bzpeer.owed import QUEUES, debts
from bzpeer.telemetry import JsonFormatter, RequestIdFilter
from profiles.models import StaleTrust
from tests.factories.people import make_user
from tests.factories.works import make_author
from works.actions.audit import seal_events
from works.actions.journal import Actor, append, event_by
from works.models import ImportRun
from works.models.decision import Role

pytestmark = pytest.mark.django_db

TOKEN = "t" * 40
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def unasked():
    """No process has found out yet whether the tables are those of this version."""
    Migrations.are_applied = False
    yield
    Migrations.are_applied = False


def figures(client: Any) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def doctor(*only: str) -> dict[str, list[dict[str, str]]]:
    """What it finds, whatever it ends with."""
    said = StringIO()
    with contextlib.suppress(SystemExit):
        call_command("doctor", *only, "--json", stdout=said)
    found: dict[str, list[dict[str, str]]] = json.loads(said.getvalue())
    return found


class TestReadiness:
    def test_ready_with_everything_in_place(self, client, unasked):
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()) == (
            200,
            {"ready": True, "postgres": "ok", "migrations": "ok", "broker": "ok", "cache": "ok"},
        )
        assert "no-store" in answer.headers["Cache-Control"]

    def test_not_ready_while_tables_are_of_another_version(self, client, unasked):
        MigrationRecorder.Migration.objects.filter(app="profiles").order_by("-pk").first().delete()
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json() | {"ready": False, "migrations": "owed"} == answer.json()

    def test_redis_is_told_of_and_does_not_count(self, client, unasked, settings):
        settings.REDIS_URL = NOWHERE
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["broker"], answer.json()["cache"]) == (200, "away", "ok")


class TestMetrics:
    def test_without_a_token_nobody_learns_that_they_are_there(self, client, settings):
        assert client.get("/metrics").status_code == 404
        settings.METRICS_TOKEN = TOKEN
        for given in ("", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", "Bearer \xe9"):
            assert client.get("/metrics", headers={"Authorization": given}).status_code == 404

    def test_requests_are_counted_by_view_and_status(self, client, settings):
        settings.METRICS_TOKEN = TOKEN
        key = ("bzpeer_requests_total", (("method", "GET"), ("status", "200"), ("view", "healthz")))
        before = figures(client).get(key, 0)
        client.get("/healthz")
        after = figures(client)
        assert after[key] == before + 1
        client.generic("BREW", "/nowhere-at-all/")
        assert figures(client)["bzpeer_requests_total", (("method", "other"), ("status", "404"), ("view", "none"))] >= 1

    def test_tasks_are_counted_by_how_they_ended(self):
        class Task:
            name = "tests.something"

            class request:  # noqa: N801 — as Celery has it
                pass

        task_begins(task=Task)
        task_ended(task=Task, state="SUCCESS")
        task_ended(task=Task, state="FAILURE")
        assert [TASKS.labels(Task.name, state)._value.get() for state in ("SUCCESS", "FAILURE")] == [1, 1]

    def test_what_is_owed_and_how_old_it_is(self, client, settings, redis):
        settings.METRICS_TOKEN = TOKEN
        now = timezone.now()
        for number in range(3):
            StaleTrust.objects.update_or_create(
                author=make_author(f"Ada {number}"), defaults={"marked_at": now - timedelta(seconds=100 * number)}
            )
        ImportRun.objects.create(source="ror", request={}, fingerprint="1", status="finished", finished_at=now - timedelta(hours=1))
        found = figures(client)
        assert found["bzpeer_owed", (("kind", "trust"),)] == 3
        assert 200 <= found["bzpeer_owed_oldest_seconds", (("kind", "trust"),)] < 3600
        assert 3600 <= found["bzpeer_import_age_seconds", (("source", "ror"),)] < 7200
        assert found["bzpeer_postgres_sessions", (("state", "active"),)] >= 1
        assert found["bzpeer_broker_up", ()] == 1
        assert found["bzpeer_messages", (("queue", "default"),)] == 0

    def test_without_a_broker_the_rest_is_told(self, client, settings):
        settings.METRICS_TOKEN, settings.REDIS_URL = TOKEN, NOWHERE
        found = figures(client)
        assert found["bzpeer_broker_up", ()] == 0
        assert not [name for name, _ in found if name == "bzpeer_messages"]

    def test_three_queries_whatever_is_owed(self, client, settings):
        settings.METRICS_TOKEN = TOKEN
        with CaptureQueriesContext(connection) as queries:
            figures(client)
        assert len(queries) == 3, [query["sql"] for query in queries]


def test_every_queue_is_asked_in_one_query():
    with CaptureQueriesContext(connection) as queries:
        assert [debt.name for debt in debts()] == [queue.name for queue in QUEUES]
    assert len(queries) == 1


class TestDoctor:
    def test_a_site_that_is_well(self):
        author = make_author("Ada Lovelace")
        found = doctor("static files", "postgres", "redis", "audit", "pages")
        assert [finding["what"] for findings in found.values() for finding in findings if finding["weight"] == "fault"] == []
        assert [finding["what"].partition(":")[0] for finding in found["pages"]] == [
            "The home page, /",
            f"The researcher page, {author.get_absolute_url()}",
            "The search page, /search/?q=Ada+Lovelace",
        ]

    def test_work_that_nobody_does_and_nobody_to_do_it(self):
        StaleTrust.objects.create(author=make_author("Ada Lovelace"), marked_at=timezone.now() - timedelta(minutes=6))
        found = doctor("work owed", "workers")
        [late] = found["work owed"]
        assert (late["weight"], late["what"].partition(",")[0]) == ("fault", "1 of trust owed")
        assert [finding["weight"] for finding in found["workers"]] == ["fault", "fault"]

    def test_stores_that_do_not_answer(self, settings):
        settings.REDIS_URL = settings.CACHE_URL = NOWHERE
        assert [finding["weight"] for finding in doctor("redis")["redis"]] == ["fault", "fault"]

    def test_tables_of_another_version(self):
        MigrationRecorder.Migration.objects.filter(app="profiles").order_by("-pk").first().delete()
        [owed] = [finding for finding in doctor("postgres")["postgres"] if finding["weight"] == "fault"]
        assert (owed["what"].partition(",")[0], owed["remedy"]) == ("1 migrations are owed", "Run manage.py migrate.")

    def test_an_event_that_was_changed_by_hand(self):
        append(event_by(Actor(account=make_user("staff@example.org").pk, role=Role.STAFF), "merge-undone", author=make_author("Ada").pk))
        seal_events()
        assert [finding["weight"] for finding in doctor("audit")["audit"]] == ["good"]
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE works_recordevent DISABLE TRIGGER USER")
            cursor.execute("UPDATE works_recordevent SET kind = 'authors-merged'")
        [broken] = doctor("audit")["audit"]
        assert (broken["weight"], broken["what"]) == ("fault", "The chain of RecordEvent is broken at 1")

    def test_a_public_site_that_is_badly_set_up(self, settings):
        settings.BEHIND_TLS, settings.SITE_HOST, settings.ALLOWED_HOSTS = True, "bzpeer.example", ["localhost"]
        found = doctor("settings")["settings"]
        assert ("fault", "SITE_URL names bzpeer.example, which ALLOWED_HOSTS does not") in [(its["weight"], its["what"]) for its in found]
        assert any(finding["what"].startswith("security.") for finding in found)

    def test_for_people_it_says_what_to_do(self, settings):
        settings.REDIS_URL = NOWHERE
        said = StringIO()
        with pytest.raises(SystemExit):
            call_command("doctor", "redis", stdout=said)
        lines = said.getvalue().splitlines()
        assert lines[0] == "redis"
        assert lines[1].startswith("  FAULT   The broker does not answer")
        assert lines[2].strip().startswith("Check REDIS_URL.")
        assert lines[-1] == "1 faults, 0 pieces of advice."


def test_log_lines_as_json():
    record = logging.LogRecord("works", logging.WARNING, "", 0, "Name %s", ("Zoë",), None)
    RequestIdFilter().filter(record)
    line = json.loads(JsonFormatter().format(record))
    assert {key: line[key] for key in ("level", "logger", "message", "request_id")} == {
        "level": "WARNING", "logger": "works", "message": "Name Zoë", "request_id": "-",
    }  # fmt: skip
    assert line["time"].endswith("+00:00")
    assert site_settings.LOGGING["formatters"]["json"] == {"()": "bzpeer.telemetry.JsonFormatter"}
