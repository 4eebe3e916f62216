"""Pages for strangers, kept ready: whoever has no account sees the same page, until something that stands on it changes.

What is kept is asked for by address, and served only if the rows that the page is made of are still those that it was made of. Postgres
says so by their `xmin` and `ctid`, the transaction that wrote a row and the place where it stands: one short query on indexes. So nothing
has to be told that a page is out of date, and a lost message or an empty cache costs speed alone. Ages on a page ("3 hours ago") are right
within KEPT_SECONDS.

A page is kept from its second visit on, so that a crawler that walks everything once does not fill the cache.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers

from works.remembered import keep, recall

View = Callable[..., HttpResponseBase]

KEPT_SECONDS = 120
SIGNED_IN = (settings.SESSION_COOKIE_NAME, "messages")
HTMX = ("HX-Request", "HX-Boosted", "HX-History-Restore-Request")
VARIES_BY = ["Cookie", "Accept-Encoding", *HTMX]
SEEN_ONCE = b""
MADE_OF = {".py", ".html", ".css", ".js"}


def kept_for_strangers(rows: str | Callable[..., str]) -> Callable[[View], View]:
    """Keep what a view answers to strangers. `rows` is a statement that says in one text which rows the page stands on, or gives one for
    the view's arguments.

    The statement gets these by their names, and answers NULL or nothing where there is no page to keep. A view may be decorated if, for who
    is not signed in, its answer depends on nothing but the address, what HTMX asks for and those rows. A kept page costs that one query.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
            if not is_stranger(request):
                return view(request, **arguments)
            asked = (request.headers.get(name, "") for name in HTMX)
            key = f"page:{digest(EDITION, request.scheme or '', request.get_host(), request.path, *asked)}"
            kept: bytes | None = recall(key)
            if kept is None:
                keep(key, SEEN_ONCE, seconds=KEPT_SECONDS)
                return view(request, **arguments)
            version = version_of(rows if isinstance(rows, str) else rows(**arguments), arguments)
            if version and kept.startswith(version):
                return served(request, version, kept.removeprefix(version))
            response = view(request, **arguments)
            if version and isinstance(response, HttpResponse) and response.status_code == 200 and not is_personal(request, response):
                # Read before the page was made: what changed meanwhile makes it a page of an older version, which is not served.
                body = gzip.compress(response.content, compresslevel=6, mtime=0)
                keep(key, version + body, seconds=KEPT_SECONDS)
                return served(request, version, body)
            return response

        return answer

    return decorate


def is_stranger(request: HttpRequest) -> bool:
    """Whether this is a plain request by somebody of whom nothing is known."""
    return (
        request.method == "GET"
        and not request.META.get("QUERY_STRING")
        and not any(name in request.COOKIES for name in SIGNED_IN)
        and "HTTP_AUTHORIZATION" not in request.META
    )


def is_personal(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether the answer has something in it for this visitor alone: a cookie, or a form with the token against forged requests."""
    return bool(response.cookies) or bool(request.META.get("CSRF_COOKIE_NEEDS_UPDATE"))


def version_of(rows: str, arguments: dict[str, Any]) -> bytes | None:
    with connection.cursor() as cursor:
        cursor.execute(rows, arguments)
        found = cursor.fetchone()
    return digest(found[0]).encode() if found and found[0] else None


def served(request: HttpRequest, version: bytes, body: bytes) -> HttpResponseBase:
    etag = f'W/"{version.decode()}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response = HttpResponse(body, headers={"Content-Encoding": "gzip"})
        else:
            response = HttpResponse(gzip.decompress(body))
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"  # keep it, and ask whether it still holds
    patch_vary_headers(response, VARIES_BY)
    return response


def digest(*parts: str) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()


def edition() -> str:
    """What pages are made with: code, templates, the static files that they name. Another edition of the site keeps pages of its own."""
    folders = ("works", "graph", "profiles", "bzpeer", "templates", "static")
    files = sorted(path for folder in folders for path in (settings.BASE_DIR / folder).rglob("*.*") if path.suffix in MADE_OF)
    return digest(*(f"{path} {path.stat().st_mtime_ns}" for path in files))


EDITION = edition()
