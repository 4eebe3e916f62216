"""The API described for programs, in the terms of OpenAPI 3.1: made of the views and serializers, with what they share added."""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson
from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from bzpeer.problems import CONTENT_TYPE
from profiles.api.authentication import needed_scope
from works.api.filters import PUBLIC_ID
from works.api.reading import BOUNDED, ChosenFields, filter_names

METHODS = ("get", "post", "put", "patch", "delete")
PROBLEM_SCHEMA = {
    "type": "object",
    "description": "What is wrong, after RFC 9457.",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "The kind of problem: an address in the documentation."},
        "title": {"type": "string", "description": "The kind of problem, in words."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What is wrong with this request."},
        "instance": {"type": "string", "format": "uri-reference", "description": "The address that was asked."},
        "request_id": {"type": "string", "description": "By which the site's operator finds this request."},
        "errors": {
            "type": "array",
            "description": "What is wrong with each field.",
            "items": {"type": "object", "properties": {"field": {"type": "string"}, "message": {"type": "string"}}},
        },
    },
}


class Describing(AutoSchema):
    """Say of each operation which scope it asks of a token, and which fields may be chosen of its answer."""

    def get_override_parameters(self) -> list[Any]:
        given: list[Any] = super().get_override_parameters()
        if not isinstance(self.view, ChosenFields):
            return given
        names = list(self.view.get_serializer_class()().fields)  # type: ignore[attr-defined]
        schema = {"type": "array", "items": {"type": "string", "enum": names}, "minItems": 1}
        text = "Only these fields, separated by commas. Such an answer has no others, whatever its schema says."
        return [*given, OpenApiParameter("fields", schema, style="form", explode=False, description=text)]

    def get_operation(self, *args: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args)
        if operation and (scope := needed_scope(self.view, self.method)):
            operation["x-scope"] = str(scope)
        if operation and len(names := filter_names(self.view)) > 1 and self.method == "GET":
            operation["description"] += f"\n\n{told_of_filters(self.view, names)}"
        return operation


def told_of_filters(view: Any, names: list[str]) -> str:
    listed = ", ".join(f"`{name}`" for name in names[:-1]) + f" or `{names[-1]}`"
    with_search = "with `search`, or " if hasattr(view, "find") else ""
    return f"It is narrowed by {listed}, along an index; by several {with_search}where one of them leaves no more than {BOUNDED:,}."


def with_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Say of every operation what it answers when something is wrong (a hook of drf-spectacular)."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    wrong = {"description": "A problem", "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for _, _, operation in operations_of(result):
        operation["responses"]["default"] = wrong
        for parameter in operation.get("parameters", ()):
            if parameter["name"] == "public_id":
                parameter |= {"schema": {"type": "string", "pattern": PUBLIC_ID}, "description": "Eight letters and digits."}
    return result


def operations_of(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, item[method]) for path, item in described["paths"].items() for method in METHODS if method in item]


@cache
def description() -> dict[str, Any]:
    """The API in OpenAPI's terms. It depends on the code alone, so it is made once in a process."""
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-any-return, no-untyped-call]


@cache
def description_bytes() -> bytes:
    return orjson.dumps({**description(), "servers": [{"url": settings.SITE_URL}]}, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
