"""A registry that answers what a test tells it to: a real HTTP server on a free port, in a thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from works.importers.http import Client, Pace


@dataclass
class Reply:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None  # what Content-Length claims, where it is not the truth


@dataclass
class Call:
    path: str
    params: dict[str, str]
    headers: dict[str, str]


@dataclass
class Registry:
    """Gives its replies in order, and remembers the calls."""

    replies: list[Reply]
    url: str = ""
    calls: list[Call] = field(default_factory=list)

    def client(self, *, arxiv_interval: float = 0) -> Client:
        """A client of this registry that does not wait long."""
        pace = Pace(
            arxiv_interval=arxiv_interval,
            openalex_interval=0,
            crossref_interval=0,
            orcid_interval=0,
            openreview_interval=0,
            ror_interval=0,
            dblp_interval=0,
            acl_interval=0,
            pubmed_interval=0,
            wait_first=0.01,
            wait_most=0.02,
            jitter=0,
            attempts=3,
        )
        return Client(
            site_url="https://bzpeer.example",
            contact_email="records@bzpeer.example",
            arxiv_api_url=f"{self.url}/api/query",
            arxiv_oai_url=f"{self.url}/oai",
            openalex_api_url=self.url,
            openalex_api_key="a-secret-key",
            crossref_api_url=self.url,
            orcid_api_url=f"{self.url}/v3.0",
            openreview_api_url=self.url,
            ror_api_url=f"{self.url}/v2",
            dblp_api_url=self.url,
            acl_anthology_url=self.url,
            pubmed_api_url=self.url,
            pace=pace,
        )


@contextmanager
def serving(*replies: Reply | bytes) -> Iterator[Registry]:
    registry = Registry([reply if isinstance(reply, Reply) else Reply(reply) for reply in replies])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            registry.calls.append(Call(address.path, dict(parse_qsl(address.query)), dict(self.headers)))
            reply = registry.replies.pop(0) if registry.replies else Reply(b"no more replies", 410)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None:
            """Nothing: the test looks at `calls`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    registry.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
