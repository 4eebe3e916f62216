"""Processes that run side by side under one command: their lines told apart, restarted when they die, ended together."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping
from typing import IO

from bzpeer.embedded.server import dies_with_parent

GRACE = 8.0  # seconds that a process has to finish what it is doing; a task cut short is delivered again
RESTARTS = 3  # within RESTART_WINDOW; more means that restarting does not help
RESTART_WINDOW = 60.0


class EndedError(Exception):
    """A process keeps dying. `status` is what the whole command should end with."""

    def __init__(self, name: str, status: int) -> None:
        super().__init__(f"{name} ended with status {status}, again and again.")
        self.status = status if status > 0 else 1


class Child:
    """One process, in a session of its own so that a Ctrl-C reaches only the command that minds it."""

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self.command = command
        self.environment = dict(environment)
        self.deaths: deque[float] = deque(maxlen=RESTARTS + 1)
        self.unfinished = b""
        self.start()

    def start(self) -> None:
        read_end, write_end = os.pipe()
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=write_end,
            stderr=write_end,
            start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )
        os.close(write_end)
        os.set_blocking(read_end, False)
        self.output: IO[bytes] = open(read_end, "rb", buffering=0)  # noqa: SIM115, PTH123 — open for as long as the process runs

    def signal(self, number: int) -> None:
        """Reach the process and all that it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


class Household:
    """All the children of one command."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.selector = selectors.DefaultSelector()

    def add(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        child = Child(name, command, environment)
        self.children.append(child)
        self.selector.register(child.output, selectors.EVENT_READ, child)

    def mind(self, seconds: float) -> None:
        """Pass on what the children say, for a while, and start again whichever died. Raises EndedError when that does not help."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for key, _ in self.selector.select(min(left, 0.25)):
                self.pass_on(key.data)
            for child in self.children:
                if child.process.poll() is not None:
                    self.revive(child)

    def pass_on(self, child: Child) -> None:
        """Print a child's finished lines with its name before each."""
        said = child.output.read(65536)
        if said is None:
            return
        if not said:
            self.selector.unregister(child.output)
            said, child.unfinished = child.unfinished + b"\n" if child.unfinished else b"", b""
        *lines, child.unfinished = (child.unfinished + said).split(b"\n")
        for line in lines:
            with contextlib.suppress(BrokenPipeError):
                print(f"{child.name:<6} | {line.decode(errors='replace')}", flush=True)

    def revive(self, child: Child) -> None:
        status = child.process.returncode
        child.signal(signal.SIGKILL)  # what it had started
        self.drain(child)
        now = time.monotonic()
        child.deaths.append(now)
        if len(child.deaths) > RESTARTS and now - child.deaths[0] < RESTART_WINDOW:
            raise EndedError(child.name, status)
        print(f"{child.name} ended with status {status}: starting it again.", file=sys.stderr, flush=True)
        child.start()
        self.selector.register(child.output, selectors.EVENT_READ, child)

    def drain(self, child: Child) -> None:
        while child.output in {key.fileobj for key in self.selector.get_map().values()} and self.readable(child):
            self.pass_on(child)
        with contextlib.suppress(KeyError):
            self.selector.unregister(child.output)
        child.output.close()

    def readable(self, child: Child) -> bool:
        return any(key.data is child for key, _ in self.selector.select(0))

    def stop(self) -> None:
        """Ask every child to finish; after GRACE seconds end what is left, with all that it started."""
        for child in self.children:
            child.process.terminate()  # it alone: web and worker tell their own processes, and in which order
        end = time.monotonic() + GRACE
        while any(child.process.poll() is None for child in self.children) and time.monotonic() < end:
            for key, _ in self.selector.select(0.1):
                self.pass_on(key.data)
        for child in self.children:
            child.signal(signal.SIGKILL)
            child.process.wait()
            if not child.output.closed:
                self.drain(child)
        self.children.clear()
        self.selector.close()
