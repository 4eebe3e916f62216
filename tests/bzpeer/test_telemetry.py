"""What a request's id and a database that does not answer lead to; which log lines are left out."""

import logging

import pytest
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse

from bzpeer.middleware import UnavailableMiddleware
from bzpeer.telemetry import NoSweepsFilter


@pytest.mark.django_db
class TestRequestId:
    def test_every_answer_has_one(self, client):
        one, other = (client.get("/healthz").headers["X-Request-Id"] for _ in range(2))
        assert len(one) == 16
        assert one != other

    def test_a_proxy_s_is_kept_if_it_is_plain(self, client):
        assert client.get("/healthz", headers={"X-Request-Id": "abcd-1234-ef"}).headers["X-Request-Id"] == "abcd-1234-ef"
        assert client.get("/healthz", headers={"X-Request-Id": "a b<script>"}).headers["X-Request-Id"] != "a b<script>"


@pytest.mark.django_db
def test_a_database_that_does_not_answer_in_time_is_503_with_a_time_to_come_back(rf):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '500ms'")
        with pytest.raises(OperationalError) as late, transaction.atomic():
            cursor.execute("SELECT pg_sleep(600)")
    response = UnavailableMiddleware(lambda request: HttpResponse()).process_exception(rf.get("/"), late.value)
    assert (response.status_code, response.headers["Retry-After"], response.headers["Cache-Control"]) == (503, "5", "no-store")
    assert "does not answer in time" in response.content.decode()


def test_other_faults_are_not_called_busy(rf):
    assert UnavailableMiddleware(lambda request: HttpResponse()).process_exception(rf.get("/"), ValueError("no")) is None


@pytest.mark.parametrize(
    ("level", "name", "is_kept"),
    [(logging.INFO, "graph.sweep", False), (logging.ERROR, "graph.sweep", True), (logging.INFO, "graph.build_slice", True)],
)
def test_sweeps_that_succeed_are_not_logged(level, name, is_kept):
    record = logging.LogRecord("celery.app.trace", level, "", 0, "Task %(name)s", ({"name": name},), None)
    assert NoSweepsFilter().filter(record) is is_kept
