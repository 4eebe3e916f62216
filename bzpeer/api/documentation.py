"""The API's description for programs (OpenAPI 3.1) and the page made of it for people: plain HTML, nothing loaded from elsewhere."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from bzpeer.api.description import description, description_bytes, operations_of
from bzpeer.problems import KINDS, NOTHING_HERE, problem_response
from profiles.models.token import Scope

SCHEMA_TYPE = "application/vnd.oai.openapi+json"


class Field(NamedTuple):
    """A line of a table: a parameter, or a field of a body."""

    name: str
    type: str
    is_required: bool
    text: str


class Operation(NamedTuple):
    """One method at one address, as the page shows it."""

    id: str
    method: str
    path: str
    summary: str
    text: str
    scope: str
    parameters: list[Field]
    body: list[Field]
    status: str
    is_paged: bool
    answer: list[Field]


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1, in JSON."""
    return HttpResponse(description_bytes(), content_type=SCHEMA_TYPE)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The documentation: how to ask, page, and read errors; then every operation."""
    context = {
        "groups": groups(),
        "scopes": Scope.choices,
        "problems": [(status, kind, title) for status, (kind, title) in KINDS.items()],
        "site_url": settings.SITE_URL,
        "visitors_a_minute": settings.API_VISITORS_A_MINUTE,
        "accounts_a_minute": settings.API_ACCOUNTS_A_MINUTE,
        "partners_a_minute": settings.API_PARTNERS_A_MINUTE,
    }
    response = render(request, "bzpeer/api.html", context)
    response["Link"] = f'</api/v1/schema/>; rel="service-desc"; type="{SCHEMA_TYPE}"'
    return response


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """A problem for addresses that the API does not have."""
    return problem_response(request, 404, NOTHING_HERE)


@cache
def groups() -> list[tuple[str, str, list[Operation]]]:
    """(tag, its anchor, its operations), in the order of the addresses."""
    found: dict[str, list[Operation]] = {}
    for path, method, operation in operations_of(description()):
        found.setdefault(operation["tags"][0], []).append(shown(path, method, operation))
    return [(tag, re.sub(r"\W+", "-", tag.lower()), operations) for tag, operations in found.items()]


def shown(path: str, method: str, operation: dict[str, Any]) -> Operation:
    status, answer = next((status, answer) for status, answer in operation["responses"].items() if status.startswith("2"))
    answered = resolved(body_of(answer))
    is_paged = set(answered.get("properties", {})) == {"next", "previous", "results"}
    if is_paged:
        answered = resolved(answered["properties"]["results"]["items"])
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", operation["operationId"]),
        text=operation.get("description", ""),
        scope=operation.get("x-scope", ""),
        parameters=[
            Field(parameter["name"], type_of(parameter["schema"]), parameter.get("required", False), parameter.get("description", ""))
            for parameter in operation.get("parameters", [])
        ],
        body=fields_of(resolved(body_of(operation.get("requestBody", {})))),
        status=status,
        is_paged=is_paged,
        answer=fields_of(answered),
    )


def body_of(part: dict[str, Any]) -> dict[str, Any]:
    """The schema of a request's or an answer's body; empty where there is none."""
    content: list[dict[str, Any]] = list(part.get("content", {}).values())
    return content[0].get("schema", {}) if content else {}


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """The schema itself where only its name stands; the items' of a list."""
    if "items" in part:
        return resolved(part["items"])
    for reference in (part, *part.get("allOf", ()), *part.get("oneOf", ())):
        if "$ref" in reference:
            return description()["components"]["schemas"][reference["$ref"].rpartition("/")[2]]  # type: ignore[no-any-return]
    return part


def fields_of(part: dict[str, Any]) -> list[Field]:
    required = part.get("required", ())
    return [Field(name, type_of(field), name in required, resolved_text(field)) for name, field in part.get("properties", {}).items()]


def resolved_text(field: dict[str, Any]) -> str:
    return str(field.get("description") or field.get("title", "") or "")


def type_of(field: dict[str, Any]) -> str:
    """A field's type in a word or two: "integer", "list of string", "one of waiting, running", "Token or null"."""
    if "$ref" in field:
        target = resolved(field)
        return type_of(target) if "enum" in target else field["$ref"].rpartition("/")[2]
    if "enum" in field:
        return "one of " + ", ".join(str(value) for value in field["enum"] if value is not None)
    alternatives = field.get("oneOf") or field.get("anyOf") or field.get("allOf")
    if alternatives:
        return " or ".join(dict.fromkeys(type_of(alternative) for alternative in alternatives))
    if field.get("type") == "array":
        return f"list of {type_of(field['items'])}"
    types = field.get("type", "any")
    word = field.get("format") if field.get("format") in {"date", "date-time", "uri", "uuid"} else None
    if isinstance(types, list):
        return " or ".join((word or name) if name != "null" else name for name in types)
    return str(word or types)
