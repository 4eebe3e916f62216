"""A proxy between the site and a store that behaves as a bad network does: it delays, hangs, cuts and refuses. Loopback only.

A process of its own, so that nothing the tests do slows it down: `python -m tests.faults.proxy TARGET` says its port in a line on its
output and obeys lines on its input, each answered by a line. TARGET is a port of this machine or the path of a Unix socket.

| line | what happens |
|---|---|
| `pass` | everything goes through |
| `delay 0.05` | every piece of data waits so many seconds, each way |
| `hang` | connections stay open and nothing goes through; new ones are accepted and hear nothing |
| `refuse` | connections are cut, and new ones are cut at once |
| `cut` | connections are cut, once; new ones go through |
| `count` | how many connections are open |
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from typing import ClassVar

from django.conf import settings

PIECE = 65536


class Relay:
    """The connections of one proxy and how they are treated now."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.mode = "pass"
        self.delay = 0.0
        self.flows = asyncio.Event()
        self.flows.set()
        self.writers: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode == "refuse":
            abort(writer)
            return
        self.writers.add(writer)
        try:
            await self.flows.wait()
            if self.target.startswith("/"):
                far_reader, far_writer = await asyncio.open_unix_connection(self.target)
            else:
                far_reader, far_writer = await asyncio.open_connection("127.0.0.1", int(self.target))
        except OSError:
            self.drop(writer)
            return
        self.writers.add(far_writer)
        await asyncio.gather(self.pump(reader, far_writer), self.pump(far_reader, writer))
        self.drop(writer)
        self.drop(far_writer)

    async def pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(PIECE):
                if self.delay:
                    await asyncio.sleep(self.delay)
                await self.flows.wait()
                writer.write(data)
                await writer.drain()
        self.drop(writer)

    def drop(self, writer: asyncio.StreamWriter) -> None:
        self.writers.discard(writer)
        writer.close()

    def obey(self, line: str) -> str:
        mode, _, value = line.partition(" ")
        if mode == "count":
            return str(len(self.writers) // 2)
        if mode in {"refuse", "cut"}:
            for writer in list(self.writers):
                abort(writer)
            self.writers.clear()
        self.mode = "pass" if mode == "cut" else mode
        self.delay = float(value) if mode == "delay" else 0.0
        if mode == "hang":
            self.flows.clear()
        else:
            self.flows.set()
        return "done"


def abort(writer: asyncio.StreamWriter) -> None:
    """Cut the connection without a word, as a crash does."""
    writer.transport.abort()


async def main(target: str) -> None:
    relay = Relay(target)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(relay.obey(line.strip()), flush=True)


class Proxy:
    """A running proxy: `proxy("hang")` tells it what to do."""

    modes: ClassVar[str] = "pass delay hang refuse cut count"

    def __init__(self, target: str) -> None:
        command = [sys.executable, "-c", "import asyncio, sys; from tests.faults.proxy import main; asyncio.run(main(sys.argv[1]))", target]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, cwd=settings.BASE_DIR)
        self.port = int(self.hear())

    def __call__(self, line: str) -> str:
        assert self.process.stdin is not None
        assert line.split()[0] in self.modes.split()
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self.hear()

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def close(self) -> None:
        """It ends with its input."""
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()
        self.process.terminate()
        self.process.wait(10)
