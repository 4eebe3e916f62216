"""Middleware of the front door."""

import logging
import re
import secrets
from collections.abc import Callable

import redis
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control

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


class PrivatePagesMiddleware:
    """Keep pages made for somebody who is signed in out of caches that others share, and off the disk. No query of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.session.accessed and request.user.is_authenticated:
            patch_cache_control(response, private=True, no_store=True)
        return response


class UnavailableMiddleware:
    """Say 503 and when to come back where the database cannot be reached, or does not answer within its limits.

    So too where Redis fails a page that cannot do without it: the log-in, which counts attempts there before it looks at a password.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OperationalError | redis.ConnectionError | redis.TimeoutError):
            return None
        logger.warning("Postgres or Redis does not answer: %s", exception)
        page = render_to_string("503.html", {"request_id": request_id.get()})
        return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS), "Cache-Control": "no-store"})
