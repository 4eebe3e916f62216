"""Postgres and Redis servers that may be stopped, killed, filled and frozen: nobody else works with them.

They are the embedded ones without their supervisor, which would bring back at once what a fault takes away.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import redis

from bzpeer.embedded.postgres import Postgres
from bzpeer.embedded.redis import Redis
from bzpeer.embedded.server import Server, stop_child, wait_until

START_SECONDS = 60


class Store:
    """One server: its process, which may be away or frozen at the moment."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process = process = self.server.start()
        if not wait_until(lambda: process.poll() is not None or self.server.answers(), START_SECONDS) or process.poll() is not None:
            raise RuntimeError(self.server.complaint())
        self.server.finish_start()

    def stop(self, number: int) -> None:
        """End it by this signal and wait until it has ended."""
        if self.process is not None and self.process.poll() is None:
            stop_child(self.process, number)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """It stays connected and answers nothing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)


class Stores:
    """The three servers in a folder of their own, which goes with them."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bzpeer-faults-"))
        self.folder.chmod(0o711)
        (self.folder / "run").mkdir()
        self.postgres = Store(Postgres("postgres", self.folder))
        self.broker = Store(Redis("broker", self.folder))
        self.cache = Store(Redis("cache", self.folder))

    def start(self) -> None:
        for store in (self.postgres, self.broker, self.cache):
            store.start()

    def close(self) -> None:
        for store, number in ((self.broker, signal.SIGKILL), (self.cache, signal.SIGKILL), (self.postgres, signal.SIGINT)):
            if store.process is not None and store.process.poll() is None:
                store.process.send_signal(signal.SIGCONT)
                store.stop(number)
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- Where they are: for an observer, past every proxy --------------------------------------------------------------

    @property
    def postgres_server(self) -> Postgres:
        assert isinstance(self.postgres.server, Postgres)
        return self.postgres.server

    def redis_server(self, name: str) -> Redis:
        server = {"broker": self.broker, "cache": self.cache}[name].server
        assert isinstance(server, Redis)
        return server

    def environment(self) -> dict[str, str]:
        """What leads a process straight to these servers."""
        return {
            "DATABASE_URL": self.postgres.server.url(),
            "REDIS_URL": self.broker.server.url(),
            "CACHE_URL": self.cache.server.url(),
            "DATA_DIR": str(self.folder / "data"),
        }

    def socket(self) -> Path:
        return self.postgres_server.socket_folder / ".s.PGSQL.5432"

    def client(self, name: str) -> redis.Redis:
        """A client of the broker or the cache."""
        return redis.Redis.from_url(self.redis_server(name).url(), socket_timeout=5)

    def postgres_tool(self, name: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run pg_dump and its like, from where the server comes from."""
        server = self.postgres_server
        command = [str(server.binaries / name), "-h", str(server.socket_folder), "-U", "bzpeer", *arguments]
        return subprocess.run(command, capture_output=True, check=True, cwd="/")


def proxied(url: str, port: int) -> str:
    """The same store, reached through a proxy on this port."""
    if url.startswith("postgres"):
        return f"postgres://bzpeer@127.0.0.1:{port}/{url.rpartition('/')[2]}"
    credentials, _, rest = url.removeprefix("redis://").rpartition("@")
    return f"redis://{quote(credentials, safe=':')}@127.0.0.1:{port}/{rest.rpartition('/')[2]}"


_current: list[Stores] = []


def begin() -> Stores:
    """Start the servers of this process, and lead it to them."""
    stores = Stores()
    _current.append(stores)
    stores.start()
    os.environ.update(stores.environment())
    return stores


def current() -> Stores:
    return _current[-1]
