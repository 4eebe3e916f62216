"""Locks that the kernel lets go of when their holder ends, in whatever way: flock on files in DATA_DIR/run."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import IO


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def try_lock(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def supervised(run: Path, name: str) -> bool:
    with (run / f"{name}.supervisor").open("a") as handle:
        return not try_lock(handle)
