"""What ties a log line to the request or task that caused it."""

import logging
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")


class RequestIdFilter(logging.Filter):
    """Put the current request's id on every log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class NoSweepsFilter(logging.Filter):
    """Leave out that a sweep succeeded: there is one every few seconds, and what it finds owed is told by the task that pays it."""

    def filter(self, record: logging.LogRecord) -> bool:
        name = record.args.get("name") if isinstance(record.args, dict) else None
        return not (record.levelno <= logging.INFO and isinstance(name, str) and name.endswith(".sweep"))
