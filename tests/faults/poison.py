"""The site's Celery application with one task more, which kills the process that reads it: `celery -A tests.faults.poison worker`."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from bzpeer.celery import app


@app.task(name="tests.kill")
def kill(readings: str) -> None:
    """Leave a byte in a file, and die."""
    with Path(readings).open("ab") as file:
        file.write(b".")
    os.kill(os.getpid(), signal.SIGKILL)
