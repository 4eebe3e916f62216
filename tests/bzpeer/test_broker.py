"""Messages are hints: a broker that fails is left alone for a while, and nothing that is owed hangs on it."""

import socket
import time

import pytest
from celery import Celery
from kombu.exceptions import OperationalError

from bzpeer.celery import SILENCE_SECONDS, HintedTask, app


@pytest.fixture
def nobody():
    """The address of a port where nobody answers."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{trial.getsockname()[1]}/0"


@pytest.fixture
def lonely(nobody):
    """An application like ours whose broker is not there."""
    before = HintedTask.silent_until
    lonely = Celery("lonely", broker=nobody, task_cls=HintedTask, set_as_current=False)
    lonely.conf.update(broker_transport_options=app.conf.broker_transport_options, task_publish_retry=False)
    yield lonely
    HintedTask.silent_until = before
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
    assert HintedTask.silent_until == pytest.approx(time.monotonic() + SILENCE_SECONDS, abs=1)
    with pytest.raises(OperationalError, match="left alone"):
        task.delay()
    HintedTask.silent_until = 0.0
    with pytest.raises(OperationalError, match="refused"):
        task.delay()
