"""Leaving alone for a while what has just failed, so that a visitor waits for it once and the next ones do without."""

from __future__ import annotations

import threading
import time

REST_SECONDS = 5.0


class Breaker:
    """Whether a service is asked now. One for each service and process.

    After a failure it is left alone for REST_SECONDS. Then one caller asks again, and only that one: the others do without until it has
    been answered. So a silent service costs a process one wait of one visitor in every REST_SECONDS.
    """

    def __init__(self) -> None:
        self.has_failed = False
        self.rests_until = 0.0
        self.lock = threading.Lock()

    def allows(self) -> bool:
        """Whether this caller may ask; whoever may says how it went, by `failed` or `succeeded`."""
        if not self.has_failed:
            return True
        with self.lock:
            now = time.monotonic()
            if now < self.rests_until:
                return False
            self.rests_until = now + REST_SECONDS
            return True

    def failed(self) -> bool:
        """It did not answer. True where that is news: for the log, which need not say it again every few seconds."""
        with self.lock:
            is_news, self.has_failed = not self.has_failed, True
            self.rests_until = time.monotonic() + REST_SECONDS
        return is_news

    def succeeded(self) -> None:
        self.has_failed = False


# The cache, asked by works.remembered and bzpeer.counting; the broker, told by bzpeer.celery.
cache_breaker = Breaker()
broker_breaker = Breaker()
