"""What ties a log line to the request or task that caused it."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="-")


class RequestIdFilter(logging.Filter):
    """Put the current request's id on every log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line, for programs that read logs: time (UTC), level, logger, request id, message, and the traceback if any."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request_id": getattr(record, "request_id", "-"),
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class NoSweepsFilter(logging.Filter):
    """Leave out that a sweep succeeded: there is one every few seconds, and what it finds owed is told by the task that pays it."""

    def filter(self, record: logging.LogRecord) -> bool:
        name = record.args.get("name") if isinstance(record.args, dict) else None
        return not (record.levelno <= logging.INFO and isinstance(name, str) and name.endswith(".sweep"))
