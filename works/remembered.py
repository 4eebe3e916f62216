"""Answers kept in the cache for a while. While the cache does not answer, nothing is remembered (works.breaker)."""

from __future__ import annotations

import logging
from typing import Any

import redis
from django.core.cache import cache

from works.breaker import cache_breaker

logger = logging.getLogger(__name__)


def recall(key: str) -> Any:
    """What was kept under this key; None where there is nothing, or no cache."""
    return attempt(cache.get, key)


def keep(key: str, value: Any, *, seconds: int) -> None:
    attempt(cache.set, key, value, seconds)


def attempt(call: Any, *arguments: Any) -> Any:
    if not cache_breaker.allows():
        return None
    try:
        answer = call(*arguments)
    except (redis.RedisError, OSError) as failure:
        if cache_breaker.failed():
            logger.warning("The cache does not answer, so nothing is remembered: %s", failure)
        return None
    cache_breaker.succeeded()
    return answer
