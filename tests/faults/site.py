"""The site as `manage.py serve` runs it, with a proxy before each store; and its readers, who note every answer they get."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
from django.conf import settings

from bzpeer.embedded.server import dies_with_parent
from bzpeer.management.commands.serve import task_commands, web_command
from tests.faults.proxy import Proxy
from tests.faults.stores import Stores, proxied

# A page's third request is served from the cache: what is asked with this is made anew each time.
ANEW = "?made=anew"


class Site:
    """Web, workers and beat, each a process that this one minds."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores
        self.proxies = {
            "postgres": Proxy(str(stores.socket())),
            "broker": Proxy(str(stores.redis_server("broker").port)),
            "cache": Proxy(str(stores.redis_server("cache").port)),
        }
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.folder = stores.folder / "data"
        (self.folder / "beat").mkdir(parents=True, exist_ok=True)
        urls = stores.environment()
        for name, store in (("DATABASE_URL", "postgres"), ("REDIS_URL", "broker"), ("CACHE_URL", "cache")):
            urls[name] = proxied(urls[name], self.proxies[store].port)
        self.environment = {**os.environ, **urls, "PYTHONUNBUFFERED": "1", "SITE_URL": self.address, "DATABASE_POOL_SIZE": "0"}
        self.environment |= {"SEARCHES_A_MINUTE": "1000000", "API_VISITORS_A_MINUTE": "1000000", "FETCH_ABSTRACTS": "0"}
        web, more = web_command(self.port)
        self.commands = {"web": (web, self.environment | more)}
        for name, command in task_commands(self.folder / "beat" / "schedule").items():
            self.commands[name] = command, self.environment
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        """Start these processes, or all of them, where they do not run."""
        for name in names or self.commands:
            if name not in self.processes or self.processes[name].poll() is not None:
                command, environment = self.commands[name]
                with self.log(name).open("ab") as log:
                    self.processes[name] = subprocess.Popen(
                        command,
                        env=environment,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                        cwd=settings.BASE_DIR,
                        preexec_fn=dies_with_parent(signal.SIGTERM),
                    )

    def log(self, name: str) -> Path:
        return self.stores.folder / "run" / f"{name}.log"

    def stop(self, *names: str) -> None:
        """Ask these, or all, to finish; kill what has not after ten seconds."""
        stopping = [self.processes.pop(name) for name in names or list(self.processes) if name in self.processes]
        for process in stopping:
            process.terminate()
        for process in stopping:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def kill(self, name: str) -> None:
        """SIGKILL to a process and all that it has started."""
        process = self.processes[name]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def children(self, name: str) -> list[int]:
        """The processes that one of ours has started, the oldest first."""
        return sorted(children_of(self.processes[name].pid))

    def is_healthy(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.address}/healthz", timeout=5, trust_env=False).is_success
        return False

    def close(self) -> None:
        self.stop()
        for proxy in self.proxies.values():
            proxy.close()


def children_of(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            after_name = stat.read_text().rpartition(")")[2].split()
            if int(after_name[1]) == pid and after_name[0] != "Z":
                found.append(int(stat.parent.name))
    return found


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class Answer:
    """What one reader got for one request. `status` 0: the connection was cut, or nothing came within the patience of a browser."""

    at: float
    seconds: float
    status: int
    path: str

    @property
    def is_failure(self) -> bool:
        return self.status == 0 or self.status >= 500


@dataclass
class Readers:
    """Several people who read page after page over one kept connection each, as browsers do; who is told to come back later does so."""

    port: int
    paths: Sequence[str]
    number: int = 4
    pause: float = 0.005
    answers: list[Answer] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.going = threading.Event()
        self.going.set()
        self.threads = [threading.Thread(target=self.read, args=(place,)) for place in range(self.number)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.going.clear()
        for thread in self.threads:
            thread.join()

    def read(self, place: int) -> None:
        start = place * len(self.paths) // self.number
        line: http.client.HTTPConnection | None = None
        for path in itertools.islice(itertools.cycle(self.paths), start, None):
            if not self.going.is_set():
                break
            line = line or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            begun, status, wait = time.monotonic(), 0, self.pause
            try:
                line.request("GET", path)
                response = line.getresponse()
                response.read()
                status = response.status
                wait = float(response.headers.get("Retry-After", self.pause)) if status == 503 else self.pause
            except (OSError, http.client.HTTPException):
                line.close()
                line, wait = None, 0.2
            self.answers.append(Answer(begun, time.monotonic() - begun, status, path))
            end = time.monotonic() + wait
            while self.going.is_set() and (left := end - time.monotonic()) > 0:
                time.sleep(min(left, 0.05))
        if line:
            line.close()

    def since(self, moment: float) -> list[Answer]:
        return [answer for answer in self.answers if answer.at >= moment]

    @property
    def failures(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.is_failure]


def percentile(answers: Sequence[Answer], share: float) -> float:
    """The time, in seconds, within which this share of the answers came."""
    times = sorted(answer.seconds for answer in answers)
    return times[min(len(times) - 1, int(len(times) * share))]


def rate(answers: Sequence[Answer], begin: float, seconds: float) -> float:
    """Answers without failure a second, of those that were asked for in this stretch."""
    return sum(begin <= answer.at < begin + seconds and not answer.is_failure for answer in answers) / seconds


def recovered_after(readers: Readers, moment: float, usual: float, *, window: float = 1.0, share: float = 0.7) -> float:
    """Seconds from `moment` until the readers first get a window of answers at a good share of the usual rate, without a failure."""
    last = max(answer.at for answer in readers.answers)
    start = moment
    while start + window <= last:
        inside = [answer for answer in readers.answers if start <= answer.at < start + window]
        if len(inside) / window >= share * usual and not any(answer.is_failure for answer in inside):
            return start - moment
        start += 0.1
    return float("inf")


def wait_until(condition: Callable[[], Any], seconds: float, what: str) -> float:
    """Seconds until the condition is first true, asked ten times a second; an AssertionError when `seconds` have passed."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        if condition():
            return time.monotonic() - begun
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come about within {seconds:.0f} s")


@contextlib.contextmanager
def every(seconds: float, act: Callable[[], object]) -> Iterator[None]:
    """Do something again and again, in another thread, until the block ends."""
    going = threading.Event()

    def repeat() -> None:
        while not going.wait(seconds):
            act()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        going.set()
        thread.join()
