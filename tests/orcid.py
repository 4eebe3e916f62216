"""A server that speaks as ORCID does when somebody logs in there: consent, the exchange of the code, the public record.

After ORCID's documentation of its OAuth service and its API 3.0; only what a log-in touches. It holds everybody's log-in as `orcid`.
"""

from __future__ import annotations

import html
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

JOSIAH = "0000-0002-1825-0097"
CLIENT_ID, CLIENT_SECRET = "APP-TESTTESTTESTTEST", "a secret of the client's"
REGISTERED_MS = 1_350_000_000_000


class OrcidServer(ThreadingHTTPServer):
    """What it says can be changed between requests: who is logged in, whether the record answers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.start_anew()

    def start_anew(self) -> None:
        self.orcid: object = JOSIAH
        self.has_records = True
        self.codes: dict[str, str] = {}  # a code that was given out, and the address it was given to
        self.exchanges: list[dict[str, str]] = []

    def grant(self, redirect_uri: str) -> str:
        code = secrets.token_urlsafe(5)
        self.codes[code] = redirect_uri
        return code


class Answers(BaseHTTPRequestHandler):
    server: OrcidServer

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  (the base class's word)
        """Say nothing."""

    def answer(self, status: int, body: str, content_type: str = "application/json", **headers: str) -> None:
        content = body.encode()
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        asked = dict(parse_qsl(address.query))
        if address.path == "/oauth/authorize":
            buttons = "".join(
                f'<form method="post"><input type="hidden" name="asked" value="{html.escape(urlencode(asked))}">'
                f'<button name="answer" value="{value}">{label}</button></form>'
                for value, label in (("grant", "Authorize access"), ("deny", "Deny access"))
            )
            self.answer(200, f"<!doctype html><title>ORCID</title><h1>ORCID</h1>{buttons}", "text/html")
        elif address.path == f"/v3.0/{self.server.orcid}/record" and self.server.has_records:
            record = {
                "orcid-identifier": {"uri": f"https://orcid.org/{self.server.orcid}", "path": self.server.orcid, "host": "orcid.org"},
                "history": {"creation-method": "DIRECT", "submission-date": {"value": REGISTERED_MS}, "claimed": True},
                "person": {"name": {"given-names": {"value": "Josiah"}, "family-name": {"value": "Carberry"}}},
            }
            self.answer(200, json.dumps(record))
        elif address.path == "/favicon.ico":
            self.answer(204, "")
        else:
            self.answer(404, '{"response-code": 404}')

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        given = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
        if urlsplit(self.path).path == "/oauth/token":
            self.exchange(given)
            return
        asked = dict(parse_qsl(given["asked"]))
        back = {"state": asked["state"]}
        if given["answer"] == "grant":
            back["code"] = self.server.grant(asked["redirect_uri"])
        else:
            back |= {"error": "access_denied", "error_description": "User denied access"}
        self.answer(302, "", Location=f"{asked['redirect_uri']}?{urlencode(back)}")

    def exchange(self, given: dict[str, str]) -> None:
        self.server.exchanges.append(given)
        if (given.get("client_id"), given.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            self.answer(401, json.dumps({"error": "invalid_client", "error_description": "Client not found"}))
        elif self.server.codes.pop(given.get("code", ""), None) != given.get("redirect_uri"):
            self.answer(400, json.dumps({"error": "invalid_grant", "error_description": f"Reused authorization code: {given.get('code')}"}))
        else:
            token = {"access_token": secrets.token_hex(16), "token_type": "bearer", "refresh_token": secrets.token_hex(16)}
            who = {"expires_in": 631138518, "scope": "/authenticate", "orcid": self.server.orcid, "name": "Josiah Carberry"}
            self.answer(200, json.dumps(token | who))


@contextmanager
def running_orcid() -> Iterator[OrcidServer]:
    """The server, on a free port of this machine."""
    with OrcidServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
