"""Messages are hints: a broker that fails is left alone for a while, and nothing that is owed hangs on it."""

import socket

import pytest
from celery import Celery
from kombu.exceptions import OperationalError

from bzpeer.celery import HintedTask, app
from works.breaker import REST_SECONDS, Breaker, broker_breaker


@pytest.fixture
def nobody():
    """The address of a port where nobody answers."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))  # taken, so that nobody else comes to listen there
        yield f"redis://127.0.0.1:{trial.getsockname()[1]}/0"


@pytest.fixture
def lonely(nobody):
    """An application like ours whose broker is not there."""
    lonely = Celery("lonely", broker=nobody, task_cls=HintedTask, set_as_current=False)
    lonely.conf.update(broker_transport_options=app.conf.broker_transport_options, task_publish_retry=False)
    yield lonely
    lonely.close()


def test_all_our_tasks_are_hints():
    app.loader.import_default_modules()
    own = [task for name, task in app.tasks.items() if not name.startswith("celery.")]
    assert own
    assert all(isinstance(task, HintedTask) for task in own)


def test_a_broker_that_fails_is_left_alone_for_some_seconds(lonely):
    @lonely.task(name="lonely.nothing")
    def task() -> None:
        """Nothing: it is only sent."""

    with pytest.raises(OperationalError, match="refused"):
        task.delay()
    broker_breaker.rests_until += 600  # however slow this machine is
    with pytest.raises(OperationalError, match="left alone"):
        task.delay()
    broker_breaker.succeeded()
    with pytest.raises(OperationalError, match="refused"):
        task.delay()


def test_of_many_who_could_ask_again_one_does(monkeypatch):
    """However many threads a process has, a silent service costs one visitor a wait each time."""
    now = 100.0
    monkeypatch.setattr("works.breaker.time.monotonic", lambda: now)
    breaker = Breaker()
    assert [breaker.allows() for _ in range(3)] == [True] * 3
    assert [breaker.failed(), breaker.failed()] == [True, False]
    assert not breaker.allows()
    now += REST_SECONDS
    assert [breaker.allows() for _ in range(3)] == [True, False, False]
    breaker.failed()
    now += REST_SECONDS
    assert breaker.allows()
    breaker.succeeded()
    assert [breaker.allows() for _ in range(3)] == [True] * 3
