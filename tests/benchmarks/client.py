"""A load client in a process of its own: keep-alive connections over plain sockets, each asking again as soon as it has its answer.

Every feature that a client does not have costs the server nothing: this one writes requests that were put together before, reads answers
with a Content-Length, and keeps times. `python -m tests.benchmarks.client` reads {"port", "connections", "seconds", "paths", "headers"}
as JSON and writes {"requests", "seconds", "bytes", "failures", "latencies"} (latencies in milliseconds).
"""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, cast

from django.conf import settings


@dataclass(slots=True)
class Tally:
    """What one stretch of load came to."""

    ends_at: float
    latencies: list[float] = field(default_factory=list)
    bytes: int = 0
    failures: int = 0
    last: float = 0.0


class Asker(asyncio.Protocol):
    """One connection: it sends the next request when the answer before is whole, until the time is up."""

    def __init__(self, requests: Iterator[bytes], tally: Tally, done: asyncio.Future[None]) -> None:
        self.requests, self.tally, self.done = requests, tally, done
        self.received = bytearray()
        self.length = -1
        self.sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.ask()

    def ask(self) -> None:
        self.sent = perf_counter()
        self.transport.write(next(self.requests))

    def data_received(self, data: bytes) -> None:
        self.received += data
        if self.length < 0:
            head = self.received.find(b"\r\n\r\n")
            if head < 0:
                return
            self.length = head + 4 + content_length(bytes(self.received[:head]))
        if len(self.received) >= self.length:
            self.answered()

    def answered(self) -> None:
        tally = self.tally
        tally.last = perf_counter()
        tally.latencies.append((tally.last - self.sent) * 1000)
        tally.bytes += len(self.received)
        tally.failures += self.received[9:12] != b"200"
        self.received.clear()
        self.length = -1
        if tally.last < tally.ends_at:
            self.ask()
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)
        if perf_counter() < self.tally.ends_at:
            self.tally.failures += 1


def content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    raise ValueError(f"an answer without a Content-Length: {head[:200]!r}")


async def load(port: int, connections: int, seconds: float, paths: list[str], headers: dict[str, str]) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    requests = itertools.cycle([f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{lines}\r\n".encode() for path in paths])
    start = perf_counter()
    tally = Tally(ends_at=start + seconds)
    done = [loop.create_future() for _ in range(connections)]
    for future in done:
        await loop.create_connection(lambda future=future: Asker(requests, tally, future), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*done)
    return {
        "requests": len(tally.latencies),
        "seconds": tally.last - start,
        "bytes": tally.bytes,
        "failures": tally.failures,
        "latencies": tally.latencies,
    }


def apply_load(port: int, connections: int, seconds: float, paths: list[str], headers: dict[str, str]) -> dict[str, Any]:
    """Load the server on loopback from a process of its own, and return what it saw."""
    order = {"port": port, "connections": connections, "seconds": seconds, "paths": paths, "headers": headers}
    ended = subprocess.run(
        [sys.executable, "-c", "from tests.benchmarks.client import main; main()"],
        input=json.dumps(order).encode(),
        stdout=subprocess.PIPE,
        check=True,
        cwd=settings.BASE_DIR,
        timeout=seconds + 60,
    )
    result: dict[str, Any] = json.loads(ended.stdout)
    return result


def main() -> None:
    print(json.dumps(asyncio.run(load(**json.load(sys.stdin)))))


if __name__ == "__main__":
    main()
