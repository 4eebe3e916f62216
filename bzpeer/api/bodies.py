"""Bodies of requests: JSON of bounded size and depth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class BoundedJson(JSONParser):
    """JSON in UTF-8. At most DATA_UPLOAD_MAX_MEMORY_SIZE bytes are read (413 beyond them), and what is nested too deep is malformed (400),
    where Python's own reader would run out of stack."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as malformed:
            raise ParseError(f"The body is no JSON: {malformed}.") from malformed
