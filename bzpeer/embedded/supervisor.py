"""The process beside each embedded server: starts it, restarts it when it dies, stops it when nobody is attached any more.

Started by `bzpeer.embedded.attach()` as `python -m bzpeer.embedded.supervisor NAME DATA_DIR`.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from bzpeer.embedded.locks import try_lock
from bzpeer.embedded.postgres import Postgres
from bzpeer.embedded.redis import Redis
from bzpeer.embedded.server import POLL, START_TIMEOUT, Server, UnavailableError, sentences, stop_child, wait_until, write_private


def supervise(name: str, data_dir: Path) -> None:
    """Keep one server running for as long as any process is attached to it; then stop it."""
    run = data_dir / "run"
    state = run / f"{name}.json"
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: stopping.append(received))
    with (run / f"{name}.attached").open("a") as attached:
        process = None
        try:
            with sentences(data_dir):
                current = server_named(name, data_dir)
                process = bring_up(current)
                failures: list[float] = []
                write_private(state, json.dumps({"url": current.url(), "pid": process.pid, "notes": current.notes}))
                while not stopping and not try_lock(attached):  # the lock, once had, makes newcomers wait until this process has ended
                    time.sleep(POLL)
                    if process.poll() is not None:
                        failures = [moment for moment in failures if moment > time.monotonic() - 60] + [time.monotonic()]
                        if len(failures) > 5:
                            raise UnavailableError(current.complaint())
                        print(f"The {name} server ended with status {process.returncode}: starting it again.", file=sys.stderr, flush=True)
                        process = bring_up(current)
                        write_private(state, json.dumps({"url": current.url(), "pid": process.pid}))
        except UnavailableError as error:
            write_private(state, json.dumps({"failed": str(error)}))
        else:
            state.unlink(missing_ok=True)
        finally:
            if process is not None and process.poll() is None:
                stop_child(process, signal.SIGINT if name == "postgres" else signal.SIGTERM)


def bring_up(current: Server) -> "subprocess.Popen[bytes]":
    current.stop_leftover()
    process = current.start()
    if not wait_until(lambda: process.poll() is not None or current.answers(), START_TIMEOUT) or process.poll() is not None:
        stop_child(process, signal.SIGTERM)
        raise UnavailableError(current.complaint())
    current.finish_start()
    return process


def main(name: str, data_dir: Path) -> None:
    """Become the supervisor: take its lock, and let go of whoever started it, who need not wait for us to end."""
    with (data_dir / "run" / f"{name}.supervisor").open("a") as own:
        fcntl.flock(own, fcntl.LOCK_EX)
        if os.fork() == 0:
            supervise(name, data_dir)


def server_named(name: str, data_dir: Path) -> Server:
    return Postgres(name, data_dir) if name == "postgres" else Redis(name, data_dir)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
