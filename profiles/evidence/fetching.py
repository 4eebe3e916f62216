"""Fetching a page that a stranger named, from inside our network: public addresses only, small, timed, and never by name twice.

The name is resolved once and the connection goes to that very address, so that a second answer of the name server changes nothing.
Every redirect is judged like a first address. Nothing is unpacked: a server that compresses unasked is refused.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings

from profiles.evidence.domains import normalised

SECONDS = 3.0
MOST_BYTES = 65_536
REDIRECTS = 3
AGENT = "BZPEER link check"
# Addresses that carry another address inside them: IPv4-mapped and -compatible, NAT64, 6to4, Teredo.
CARRIERS = [ipaddress.ip_network(net) for net in ("::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]

Resolve = Callable[[str, int], list[str]]


class NotFetched(Exception):
    """Why a page could not be read, as a sentence for who named it. It says nothing about our network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page's beginning, as text, and the address that it came from at last."""

    url: str
    text: str
    is_cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where to connect to, decided once."""

    host: str
    address: str
    port: int
    path: str
    is_tls: bool


def resolve(host: str, port: int) -> list[str]:
    """What the name server says now."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet's, and carries no other inside.

    >>> is_public("93.184.215.14"), is_public("2606:2800:21f:cb07:6820:80da:af6b:8b2c")
    (True, True)
    >>> [is_public(one) for one in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "224.0.0.1", "0.0.0.0", "100.64.0.1", "192.0.2.1")]
    [False, False, False, False, False, False, False]
    >>> [is_public(one) for one in ("::1", "fe80::1%eth0", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1", "fd00::1", "x")]
    [False, False, False, False, False, False, False]
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if found.version == 6 and (found.scope_id or any(found in net for net in CARRIERS)):
        return False
    return found.is_global and not (
        found.is_multicast or found.is_reserved or found.is_unspecified or found.is_loopback or found.is_link_local
    )


def fetch(url: str, *, resolve: Resolve = resolve, seconds: float | None = None) -> Page:
    """The page at an address, with at most three redirects, within `seconds` in all: three where PATIENCE is 1. NotFetched says why not."""
    deadline = time.monotonic() + (SECONDS * settings.PATIENCE if seconds is None else seconds)
    for _ in range(REDIRECTS + 1):
        place = within(deadline, partial(place_of, url, resolve))
        answer = ask(place, deadline)
        if isinstance(answer, str):
            url = urljoin(url, answer)
            continue
        text, is_cut = answer
        return Page(url=url, text=text, is_cut=is_cut)
    raise NotFetched(f"The page sends visitors on more than {REDIRECTS} times.")


def place_of(url: str, resolve: Resolve) -> Place:
    """Judge an address and look its name up, once. Every address of the name must be public."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NotFetched("This is not a web address.") from None
    name = normalised(parts.hostname or "")
    if pinned := settings.LINK_PROOF_HOSTS.get(name):
        return pinned_place(parts, name, pinned)
    if parts.scheme != "https":
        raise NotFetched("The address must begin with https://.")
    if not name or parts.username is not None or parts.password is not None:
        raise NotFetched("The address must name a public host, without a user name or a number in its place.")
    if port not in {None, 443}:
        raise NotFetched("The page must be at the ordinary port of https.")
    try:
        addresses = resolve(name, 443)
    except (OSError, UnicodeError):
        raise NotFetched(f"No such host: {name}.") from None
    if not addresses or not all(is_public(address) for address in addresses):
        raise NotFetched(f"{name} is not on the open internet.")
    return Place(host=name, address=addresses[0], port=443, path=path_of(parts), is_tls=True)


def pinned_place(parts: SplitResult, name: str, pinned: str) -> Place:
    """A host that the settings name with its address, for trials on one machine: plain HTTP to exactly there."""
    address, _, port = pinned.rpartition(":")
    return Place(host=name, address=address, port=int(port), path=path_of(parts), is_tls=False)


def path_of(parts: SplitResult) -> str:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii() or any(letter <= " " for letter in path) or len(path) > 2000:
        raise NotFetched("The address holds characters that must be written as %-codes.")
    return path


def within(deadline: float, job: Callable[[], Place]) -> Place:
    """Run what cannot be interrupted (a name server's silence) beside, and wait no longer than is left."""
    found: list[Place | NotFetched] = []

    def run() -> None:
        try:
            found.append(job())
        except NotFetched as failure:
            found.append(failure)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(max(0.0, deadline - time.monotonic()))
    result = found[0] if found else NotFetched("The host’s name could not be looked up in time.")
    if isinstance(result, NotFetched):
        raise result
    return result


def ask(place: Place, deadline: float) -> str | tuple[str, bool]:
    """One request to one address: where it redirects to, or the page's text and whether it was cut."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise NotFetched("The page took longer than three seconds.")
    connection = http.client.HTTPConnection(place.host, place.port, timeout=left)
    bell = Bell()
    try:
        connection.sock = connect(place, left, bell)
        headers = {"Host": place.host, "User-Agent": AGENT, "Accept": "text/html", "Accept-Encoding": "identity"}
        connection.request("GET", place.path, headers=headers)
        answer = read(connection.getresponse())
    except (OSError, http.client.HTTPException, ValueError, NotFetched) as failure:
        if bell.has_rung or isinstance(failure, TimeoutError):
            raise NotFetched("The page took longer than three seconds.") from None
        if isinstance(failure, NotFetched):
            raise
        if isinstance(failure, ssl.SSLError):
            raise NotFetched("The host’s certificate is not valid.") from None
        raise NotFetched("The host did not answer as a web server does.") from None
    finally:
        bell.stop()
        connection.close()
    if bell.has_rung:
        raise NotFetched("The page took longer than three seconds.")
    return answer


class Bell:
    """Ends a connection when its time is up, whatever it is doing: a server that sends a byte a second never meets a socket's time-out."""

    def __init__(self) -> None:
        self.has_rung = False
        self.timer: threading.Timer | None = None
        self.line: socket.socket | None = None

    def set(self, sock: socket.socket, seconds: float) -> None:
        self.line = sock.dup()
        self.timer = threading.Timer(seconds, self.ring)
        self.timer.daemon = True
        self.timer.start()

    def ring(self) -> None:
        self.has_rung = True
        if self.line:
            with suppress(OSError):
                self.line.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        if self.timer:
            self.timer.cancel()
            self.timer.join()
        if self.line:
            self.line.close()


def connect(place: Place, seconds: float, bell: Bell) -> socket.socket:
    """A socket to exactly the address that was judged; the certificate must be for the name."""
    end = time.monotonic() + seconds
    plain = socket.create_connection((place.address, place.port), timeout=seconds)
    try:
        bell.set(plain, max(0.0, end - time.monotonic()))
        return ssl.create_default_context().wrap_socket(plain, server_hostname=place.host) if place.is_tls else plain
    except BaseException:
        plain.close()
        raise


def read(answer: http.client.HTTPResponse) -> str | tuple[str, bool]:
    if answer.status in {301, 302, 303, 307, 308} and (target := answer.getheader("Location")):
        return target
    if answer.status != 200:
        raise NotFetched(f"The page answers with status {answer.status}.")
    kind = (answer.getheader("Content-Type") or "").partition(";")[0].strip().lower()
    if kind != "text/html":
        raise NotFetched("The page is not an HTML page.")
    if (answer.getheader("Content-Encoding") or "identity").strip().lower() != "identity":
        raise NotFetched("The page comes compressed, which was not asked for.")
    body = b""
    while len(body) <= MOST_BYTES and (part := answer.read1(MOST_BYTES + 1 - len(body))):
        body += part
    return body[:MOST_BYTES].decode("utf-8", errors="replace").replace("\0", " "), len(body) > MOST_BYTES
