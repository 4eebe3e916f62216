"""The proxy that stands for a bad network, tried by itself."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.faults.proxy import Proxy


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """Before a server that sends back whatever it gets."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def echo() -> None:
            with contextlib.suppress(OSError):
                while True:
                    line, _ = server.accept()
                    threading.Thread(target=answer, args=(line,), daemon=True).start()

        def answer(line: socket.socket) -> None:
            with line, contextlib.suppress(OSError):
                while data := line.recv(1024):
                    line.sendall(data)

        threading.Thread(target=echo, daemon=True).start()
        proxy = Proxy(str(server.getsockname()[1]))
        yield proxy
        proxy.close()
        server.shutdown(socket.SHUT_RDWR)


def connect(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=10)


def ask(line: socket.socket) -> bytes:
    line.sendall(b"hello")
    return line.recv(1024)


def test_it_lets_through_delays_and_hangs(proxy):
    with connect(proxy) as line:
        assert ask(line) == b"hello"
        assert proxy("count") == "1"
        proxy("delay 0.2")
        begun = time.monotonic()
        assert ask(line) == b"hello"
        assert time.monotonic() - begun >= 0.4
        proxy("hang")
        line.settimeout(0.3)
        with pytest.raises(TimeoutError):
            ask(line)
        proxy("pass")
        line.settimeout(10)
        assert line.recv(1024) == b"hello"


def test_it_cuts_and_refuses(proxy):
    for mode in ("cut", "refuse"):
        with connect(proxy) as line:
            assert ask(line) == b"hello"
            proxy(mode)
            with pytest.raises(ConnectionError):  # noqa: PT012 — the cut shows at the second word at the latest
                if ask(line) == b"":
                    raise ConnectionResetError
    with pytest.raises(ConnectionError), connect(proxy) as line:  # noqa: PT012
        if ask(line) == b"":
            raise ConnectionResetError
    proxy("pass")
    with connect(proxy) as line:
        assert ask(line) == b"hello"
