"""The Celery application. Tasks live in each app's tasks.py; what they owe is written in Postgres, never only in Redis."""

import os
import time
from typing import Any

from celery import Celery, Task
from celery.signals import setup_logging
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bzpeer.settings")

SILENCE_SECONDS = 5.0


class HintedTask(Task):  # type: ignore[type-arg]  # a class without parameters when the program runs
    """A task whose messages are hints: when Redis fails, this process sends it none for some seconds, so that visitors wait for it once.

    What the message would have said is written in Postgres, and the sweep finds it.
    """

    abstract = True
    silent_until = 0.0

    def apply_async(self, *args: Any, **options: Any) -> Any:
        if time.monotonic() < HintedTask.silent_until:
            raise OperationalError("Redis failed a moment ago and is left alone for some seconds; the sweep finds what is owed.")
        try:
            return super().apply_async(*args, **options)
        except (OperationalError, OSError):
            HintedTask.silent_until = time.monotonic() + SILENCE_SECONDS
            raise


app = Celery("bzpeer", task_cls=HintedTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**_: object) -> None:
    """Leave logging as settings.LOGGING has it (a connected receiver makes Celery keep its hands off)."""
