"""What the API says when something is wrong: problem details after RFC 9457, with the request's id and never a stack, SQL or path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import redis
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.encoding import escape_uri_path
from rest_framework.exceptions import APIException, AuthenticationFailed, NotAuthenticated, PermissionDenied, Throttled
from rest_framework.response import Response
from rest_framework.views import exception_handler

from bzpeer.telemetry import request_id

CONTENT_TYPE = "application/problem+json"
API_PREFIX = "/api/"
RETRY_AFTER_SECONDS = 5
NOTHING_HERE = "The API has nothing at this address; /api/v1/ lists what it has, each with a slash at its end."

# Each kind of problem has an address in the API's own documentation, and these words.
KINDS: dict[int, tuple[str, str]] = {
    400: ("invalid", "The request cannot be understood as it stands"),
    401: ("unauthenticated", "This needs a valid token or a log-in"),
    403: ("forbidden", "This account or token may not do that"),
    404: ("not-found", "There is nothing at this address"),
    405: ("method-not-allowed", "This address does not answer to that method"),
    406: ("not-acceptable", "There is no answer in the asked for format"),
    409: ("conflict", "What is there already speaks against it"),
    413: ("too-large", "The body is larger than what is read here"),
    415: ("unsupported-media-type", "The body's format is not one that is read here"),
    429: ("too-many-requests", "Too many requests in a short time"),
    500: ("error", "Something went wrong on this side"),
    503: ("unavailable", "The site cannot answer at the moment"),
}


def is_api(request: HttpRequest) -> bool:
    """Whether the request asks the API, which answers in problems rather than pages."""
    return request.path.startswith(API_PREFIX)


def problem(status: int, detail: str, *, instance: str = "", errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """The members of a problem. `errors` says for each field of the request what is wrong with it."""
    kind, title = KINDS.get(status, KINDS[500] if status >= 500 else KINDS[400])
    return {
        "type": f"/api/v1/#problem-{kind}",
        "title": title,
        "status": status,
        "detail": detail,
        **({"instance": escape_uri_path(instance)} if instance else {}),
        "request_id": request_id.get(),
        **({"errors": errors} if errors else {}),
    }


def problem_response(request: HttpRequest, status: int, detail: str, *, headers: dict[str, str] | None = None) -> JsonResponse:
    """A problem as an answer of Django's own, for where the request never came as far as a view of the API."""
    body = problem(status, detail, instance=request.path)
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store", **(headers or {})})


def as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """What went wrong before or beside the API's views (an unknown address, host or method), told as a problem too."""
    if response.status_code < 400 or response.get("Content-Type") == CONTENT_TYPE:
        return response
    allowed = response.get("Allow", "")
    detail = {404: NOTHING_HERE, 405: f"This address answers to {allowed} only."}.get(response.status_code, "The request is not answered.")
    return problem_response(request, response.status_code, detail, headers={"Allow": allowed} if allowed else None)


def unavailable(request: HttpRequest) -> JsonResponse:
    """The problem while Postgres or Redis does not answer."""
    return problem_response(
        request, 503, "The database does not answer. Try again in a few seconds.", headers={"Retry-After": str(RETRY_AFTER_SECONDS)}
    )


def answer(raised: Exception, context: dict[str, Any]) -> Response | JsonResponse | None:
    """Turn what a view of the API raised into a problem; None for what nobody foresaw, which is logged and becomes a 500."""
    if isinstance(raised, OperationalError | redis.ConnectionError | redis.TimeoutError):
        return unavailable(context["request"])
    if isinstance(raised, RequestDataTooBig):
        return problem_response(context["request"], 413, f"A body holds at most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes.")
    if isinstance(raised, NotAuthenticated | AuthenticationFailed | PermissionDenied):
        raised = counted_as_a_request(raised, context)
    response = exception_handler(raised, context)
    if response is None:
        return None
    detail, errors = told(response.data)
    if isinstance(raised, Throttled):
        detail = f"Try again in {response.headers.get('Retry-After', RETRY_AFTER_SECONDS)} seconds."
    response.data = problem(response.status_code, detail, instance=context["request"].path, errors=errors)
    response.content_type = CONTENT_TYPE
    response["Cache-Control"] = "no-store"
    return response


def counted_as_a_request(refused: APIException, context: dict[str, Any]) -> APIException:
    """What to say to somebody who is refused: that, or that they asked too often.

    Django REST framework counts a request only after it knows who asks, so a wrong token could be tried without end. Who sent one counts as
    a visitor.
    """
    try:
        context["view"].check_throttles(context["request"])
    except Throttled as too_often:
        return too_often
    return refused


def told(data: Any) -> tuple[str, list[dict[str, str]]]:
    """One sentence and the errors by field, from the nested lists and dictionaries in which Django REST framework says them."""
    if isinstance(data, dict) and set(data) <= {"detail", "code", "messages"} and "detail" in data:
        return str(data["detail"]), []
    errors = list(by_field(data))
    general = [error["message"] for error in errors if not error["field"]]
    named = [error for error in errors if error["field"]]
    if general:
        return " ".join(general), named
    return f"{len(named)} field{'s are' if len(named) != 1 else ' is'} not right: {', '.join(error['field'] for error in named)}.", named


def by_field(data: Any, field: str = "") -> Iterator[dict[str, str]]:
    if isinstance(data, dict):
        for name, inner in data.items():
            inside = "" if name == "non_field_errors" else name
            yield from by_field(inner, f"{field}.{inside}".strip("."))
    elif isinstance(data, list):
        for place, inner in enumerate(data):
            yield from by_field(inner, f"{field}.{place}".strip(".") if isinstance(inner, dict) else field)
    else:
        yield {"field": field, "message": str(data)}
