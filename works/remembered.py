"""Answers kept in the cache for a while. While the cache does not answer, nothing is remembered, and for some seconds it is not asked."""

from __future__ import annotations

import logging
import time
from typing import Any

import redis
from django.core.cache import cache

logger = logging.getLogger(__name__)

REST_AFTER_FAILURE_SECONDS = 5.0


class Breaker:
    """Until when the cache is left alone."""

    until = 0.0


def recall(key: str) -> Any:
    """What was kept under this key; None where there is nothing, or no cache."""
    return attempt(cache.get, key)


def keep(key: str, value: Any, *, seconds: int) -> None:
    attempt(cache.set, key, value, seconds)


def attempt(call: Any, *arguments: Any) -> Any:
    if time.monotonic() < Breaker.until:
        return None
    try:
        return call(*arguments)
    except (redis.RedisError, OSError) as failure:
        Breaker.until = time.monotonic() + REST_AFTER_FAILURE_SECONDS
        logger.warning("The cache does not answer, so nothing is remembered: %s", failure)
        return None
