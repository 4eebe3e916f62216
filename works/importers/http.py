"""Asking registries over the network, as they wish to be asked: with a name and an address, seldom, one call at a time, and again later
where they are busy.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

import httpx
import orjson
import stamina

VERSION = "0.1.0"
MOST_BYTES = 64 * 1024 * 1024  # of one answer; the fullest page that any registry here gives has under 20 MB
READ_SIZE = 64 * 1024
LONGEST_INTERVAL = 60.0  # seconds between two calls, whatever a header says
BROKEN_PAGES = 3  # calls before a page that is no JSON is believed
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})

# httpx logs every address that it calls, and OpenAlex's key stands in the address.
logging.getLogger("httpx").setLevel(logging.WARNING)


class RegistryUnavailable(RuntimeError):
    """A registry cannot be reached, refuses, or answers what cannot be read. The message names it, says what it said and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often to call and how long to try, in seconds. arXiv asks for one call in three seconds over all its services together.

    ORCID allows 12 calls a second, ROR 2,000 in five minutes. OpenReview names no limit.
    """

    arxiv_interval: float = 3.0
    openalex_interval: float = 0.1
    dblp_interval: float = 1.0
    acl_interval: float = 0.5
    pubmed_interval: float = 0.34
    crossref_interval: float = 0.1
    orcid_interval: float = 1 / 12
    openreview_interval: float = 0.5
    ror_interval: float = 0.15
    attempts: int = 6
    wait_first: float = 2.0
    wait_most: float = 60.0
    jitter: float = 1.0
    longest_retry_after: float = 300.0
    timeout: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who asks (`site_url`, `contact_email`), where the registries are, and at what pace they are asked."""

    site_url: str = ""
    contact_email: str = ""
    arxiv_api_url: str = "https://export.arxiv.org/api/query"
    arxiv_oai_url: str = "https://oaipmh.arxiv.org/oai"
    openalex_api_url: str = "https://api.openalex.org"
    openalex_api_key: str = field(default="", repr=False)
    dblp_api_url: str = "https://dblp.org"
    acl_anthology_url: str = "https://raw.githubusercontent.com/acl-org/acl-anthology/master/data/xml"
    pubmed_api_url: str = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
    pubmed_api_key: str = field(default="", repr=False)
    crossref_api_url: str = "https://api.crossref.org"
    orcid_api_url: str = "https://pub.orcid.org/v3.0"
    openreview_api_url: str = "https://api2.openreview.net"
    ror_api_url: str = "https://api.ror.org/v2"
    pace: Pace = Pace()

    @property
    def user_agent(self) -> str:
        """BZPEER/0.1.0 (+https://bzpeer.example; mailto:records@bzpeer.example)"""
        contact = [f"+{self.site_url}"] if self.site_url else []
        contact += [f"mailto:{self.contact_email}"] if self.contact_email else []
        return f"BZPEER/{VERSION}" + (f" ({'; '.join(contact)})" if contact else "")


class Answer(NamedTuple):
    status: int
    body: bytes


class Busy(Exception):
    """The registry asks to be asked again later, after `seconds` if it says so."""

    def __init__(self, complaint: str, seconds: float | None = None) -> None:
        super().__init__(complaint)
        self.seconds = seconds


class PoliteClient:
    """Calls of one registry, in one connection. A context manager.

    At least `interval` seconds lie between two calls to one host, over all clients of this process.
    """

    slots: dict[str, float] = {}
    slots_lock = threading.Lock()

    def __init__(self, registry: str, client: Client, *, interval: float) -> None:
        self.registry = registry
        self.pace = client.pace
        self.interval = interval
        self.session = httpx.Client(
            headers={"User-Agent": client.user_agent},
            timeout=client.pace.timeout,
            limits=httpx.Limits(max_connections=1),
            follow_redirects=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.session.close()

    def get(
        self,
        url: str,
        params: Mapping[str, str],
        *,
        also: Collection[int] = (),
        ends_with: tuple[bytes, ...] = (),
        accept: str = "*/*",
    ) -> Answer:
        """The answer, with status 200 or one of `also`; RegistryUnavailable after bounded attempts at anything else.

        An answer that does not end with one of `ends_with` (where given) was cut on its way, and is asked for again.
        """
        pace = self.pace
        try:
            for attempt in stamina.retry_context(
                on=self.wait_before_retry,
                attempts=pace.attempts,
                timeout=None,
                wait_initial=pace.wait_first,
                wait_max=pace.wait_most,
                wait_jitter=pace.jitter,
            ):
                with attempt:
                    return self.get_once(url, params, also, ends_with, accept)
        except Busy as error:
            raise self.unavailable(f"{error}, also after {pace.attempts} attempts" if error.seconds is None else str(error)) from error
        except httpx.HTTPError as error:
            raise self.unavailable(f"cannot be reached at {host(url)} ({type(error).__name__}: {error})") from error
        raise self.unavailable("was not asked")  # not reached: the context either returns or raises

    def wait_before_retry(self, error: Exception) -> bool | float:
        """What stamina asks: whether to try again, and after how long where the registry says so."""
        if isinstance(error, Busy):
            if error.seconds is None:
                return True
            return error.seconds <= self.pace.longest_retry_after and error.seconds + random.uniform(0, self.pace.jitter)  # noqa: S311
        return isinstance(error, httpx.TransportError)

    def get_once(self, url: str, params: Mapping[str, str], also: Collection[int], ends_with: tuple[bytes, ...], accept: str) -> Answer:
        self.wait_for_slot(host(url))
        with self.session.stream("GET", url, params=dict(params), headers={"Accept": accept}) as response:
            self.interval = max(self.interval, allowed_interval(response.headers))
            body = self.read(response)
            status = response.status_code
            if status in BUSY:
                seconds = retry_after(response.headers.get("Retry-After", ""))
                asks = "" if seconds is None else f" and asks to come back in {seconds:.0f} s"
                raise Busy(f"answers {status}{asks}", seconds)
        if status != httpx.codes.OK and status not in also:
            raise self.unavailable(f"answers {status}: {said(body)}")
        if ends_with and not body.rstrip().endswith(ends_with):
            raise Busy(f"answers with {len(body):,} bytes that break off")
        return Answer(status, body)

    def read(self, response: httpx.Response) -> bytes:
        body = bytearray()
        for piece in response.iter_bytes(READ_SIZE):
            body += piece
            if len(body) > MOST_BYTES:
                raise self.unavailable(f"answers with more than {MOST_BYTES // 2**20} MB, which no page of it has")
        return bytes(body)

    def wait_for_slot(self, name: str) -> None:
        """Wait until this host may be called again. The slot is taken before the wait, so that two threads do not take the same one."""
        with self.slots_lock:
            now = time.monotonic()
            slot = max(now, self.slots.get(name, 0.0))
            self.slots[name] = slot + self.interval
        if slot > now:
            time.sleep(slot - now)

    def unavailable(self, complaint: str) -> RegistryUnavailable:
        return RegistryUnavailable(f"{self.registry} {complaint}. Start the import again later: it goes on where it stopped.")


def host(url: str) -> str:
    return urlsplit(url).netloc


def allowed_interval(headers: Mapping[str, str]) -> float:
    """The seconds between two calls that an answer's rate limit headers allow ("50" calls in "1s"); 0 where it has none.

    >>> allowed_interval({"x-rate-limit-limit": "5", "x-rate-limit-interval": "1s"}), allowed_interval({})
    (0.2, 0.0)
    """
    calls, seconds = headers.get("x-rate-limit-limit", ""), headers.get("x-rate-limit-interval", "").removesuffix("s")
    if not (calls.isdecimal() and seconds.isdecimal() and int(calls)):
        return 0.0
    return min(int(seconds) / int(calls), LONGEST_INTERVAL)


def json_object(polite: PoliteClient, url: str, params: Mapping[str, str]) -> tuple[bytes, dict[str, Any]]:
    """The JSON object at `url`, as it came and read; {} where there is none (404). What is no JSON object is asked for again."""
    for _ in range(BROKEN_PAGES):
        answer = polite.get(url, params, also={httpx.codes.NOT_FOUND}, accept="application/json")
        if answer.status == httpx.codes.NOT_FOUND:
            return b"", {}
        try:
            value = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            continue
        if isinstance(value, dict):
            return answer.body, value
    raise RegistryUnavailable(
        f"{polite.registry} answers {BROKEN_PAGES} times with what is no JSON object. "
        "Start the import again later: it goes on where it stopped."
    )


def retry_after(text: str) -> float | None:
    """The seconds of a Retry-After header, which gives seconds or a date (RFC 9110, 10.2.3); None where it gives neither."""
    if text.strip().isdigit():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(0.0, (date.astimezone(dt.UTC) - dt.datetime.now(tz=dt.UTC)).total_seconds())


def said(body: bytes) -> str:
    """The beginning of an error page, for a message."""
    return " ".join(body[:300].decode(errors="replace").split()) or "nothing"
