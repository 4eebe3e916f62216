"""Middleware of the front door."""

import errno
import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control, patch_vary_headers

from bzpeer.counting import WINDOW_SECONDS, address_of, counted, network_of
from bzpeer.problems import as_problem, is_api, unavailable
from bzpeer.telemetry import request_id

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 5
ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestIdMiddleware:
    """Give every request an id: the proxy's, if it is a plain one, else a new one. Logs and error pages carry it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        token = request_id.set(given if ACCEPTABLE_ID.fullmatch(given) else secrets.token_hex(8))
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = request_id.get()
            return response
        finally:
            request_id.reset(token)


class OwnResourcesMiddleware:
    """Let no other site load what is answered here as a part of its own pages, but for what says of itself that it is made for that."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class PrivatePagesMiddleware:
    """Keep pages made for somebody who is signed in out of caches that others share, and off the disk. No query of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.session.accessed and request.user.is_authenticated:
            patch_cache_control(response, private=True, no_store=True)
        return response


class ApiAnswersMiddleware(ConditionalGetMiddleware):
    """Give what the API answers an ETag, and 304 to whoever holds the same answer already; keep what a token asked for from others;
    and let every error under its address be a problem, wherever it came about."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not is_api(request):
            return response
        response = as_problem(request, response)
        if "Authorization" in request.headers:
            patch_cache_control(response, private=True)
            patch_vary_headers(response, ["Authorization"])
        return super().process_response(request, response)


class UnavailableMiddleware:
    """Say 503 and when to come back where the database cannot be reached, or does not answer within its limits.

    So too where Redis fails a page that cannot do without it (the log-in, which counts attempts there before it looks at a password), and
    where the process has no file descriptor left.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        is_short_of_files = isinstance(exception, OSError) and exception.errno in {errno.EMFILE, errno.ENFILE}
        if not is_short_of_files and not isinstance(exception, OperationalError | redis.ConnectionError | redis.TimeoutError):
            return None
        logger.warning("Postgres or Redis does not answer, or there are too few files: %s", exception)
        if is_api(request):
            return unavailable(request)
        try:
            page = str(render_to_string("503.html", {"request_id": request_id.get()}))
        except OSError:  # the template is a file as well
            page = f"The site has too much to do right now. Please come back in {RETRY_AFTER_SECONDS} seconds. ({request_id.get()})"
        return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS), "Cache-Control": "no-store"})


class CostlyPagesMiddleware:
    """Let a visitor who is not signed in ask for a costly page so many times a minute (`COSTLY_PAGES_A_MINUTE`), by network; for the
    explorer's files, which its map is made from too, as often as for the API; for people, while a name is typed, as often as for
    suggestions; and for pictures of shared links, some of which have to be drawn, `PICTURES_A_MINUTE` of each kind.

    Which pages these are is said by the names of their routes. One that was refused costs next to nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        limits = {
            "graph:path": settings.COSTLY_PAGES_A_MINUTE if request.GET else None,
            "graph:path_people": settings.SUGGESTIONS_A_MINUTE,
            "graph:explorer": settings.API_VISITORS_A_MINUTE if request.GET.keys() & {"format", "part"} else None,
            "profiles:picture": settings.PICTURES_A_MINUTE,
            "works:work_picture": settings.PICTURES_A_MINUTE,
            "profiles:snapshot": settings.API_VISITORS_A_MINUTE if "format" in request.GET else None,
        }
        limit = limits.get(match.view_name) if match else None
        if match is None or limit is None or request.user.is_authenticated:
            return None
        minute, passed = divmod(int(time.time()), WINDOW_SECONDS)
        count = counted(f"costly:{match.view_name}:{network_of(address_of(request))}:{minute}")
        if count is None or count <= limit:
            return None
        headers = {"Retry-After": str(WINDOW_SECONDS - passed), "Cache-Control": "no-store"}
        return HttpResponse(render_to_string("429.html"), status=429, headers=headers)
