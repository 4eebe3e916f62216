"""A payload as a file: the response that slices, the explorer and its snapshots share."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response

from graph.exports import FORMATS


def asked_format(request: HttpRequest) -> str:
    """The format that the query asks for, or "" for a page."""
    name = request.GET.get("format", "")
    return name if name in FORMATS else ""


def download(request: HttpRequest, name: str, payload: dict[str, Any] | str, *, etag: str, filename: str, kept: str) -> HttpResponseBase:
    """The payload in this format, or 304. `payload` may be the contract as it is stored, which then is sent as it stands.

    `etag` names the payload's state; `kept` is its Cache-Control. JSON is shown by browsers; the others are saved under `filename`.
    """
    format_ = FORMATS[name]
    tag = f'"{etag}"' if name == "json" else f'"{etag}-{name}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag=tag)
    if response is None:
        body = payload if isinstance(payload, str) else format_.write(payload, settings.SITE_URL)
        response = HttpResponse(body, content_type=format_.media_type)
        if name != "json":
            response["Content-Disposition"] = f'attachment; filename="{filename}.{name}"'
    response["ETag"] = tag
    response["Cache-Control"] = kept
    return response
