"""The Celery application. Tasks live in each app's tasks.py; what they owe is written in Postgres, never only in Redis."""

import os
from typing import Any

from celery import Celery, Task
from celery.signals import setup_logging
from kombu.exceptions import OperationalError

from works.breaker import broker_breaker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bzpeer.settings")


class HintedTask(Task):  # type: ignore[type-arg]  # a class without parameters when the program runs
    """A task whose messages are hints: when Redis fails, this process sends it none for some seconds, so that visitors wait for it once.

    What the message would have said is written in Postgres, and the sweep finds it.

    A message whose reader dies is sent again a second later, three times at most: one that kills every reader, as by needing all the
    memory, would otherwise be read for ever. What it was about stays owed.
    """

    abstract = True
    retry_on_worker_lost = True
    default_retry_delay = 1
    max_retries = 3

    def apply_async(self, *args: Any, **options: Any) -> Any:
        if not broker_breaker.allows():
            raise OperationalError("Redis failed a moment ago and is left alone for some seconds; the sweep finds what is owed.")
        try:
            sent = super().apply_async(*args, **options)
        except (OperationalError, OSError):
            broker_breaker.failed()
            raise
        broker_breaker.succeeded()
        return sent


app = Celery("bzpeer", task_cls=HintedTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**_: object) -> None:
    """Leave logging as settings.LOGGING has it (a connected receiver makes Celery keep its hands off)."""
