"""Counting what visitors ask for, by the minute of the clock.

Counts lie in the cache. Where it does not answer, nobody is refused: the limits guard the site's speed, and without Redis reading is
still allowed. After a failure the cache is left alone for some seconds (works.breaker).
"""

from __future__ import annotations

import ipaddress
import logging

import redis
from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.throttling import BaseThrottle

from works.breaker import cache_breaker

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60


def counted(key: str, number: int = 1) -> int | None:
    """So many more for `key`, and how many that makes; None where the cache does not answer."""
    if not cache_breaker.allows():
        return None
    count = None
    try:
        cache.add(key, 0, timeout=WINDOW_SECONDS * 2)
        count = cache.incr(key, number)
    except (redis.RedisError, OSError) as failure:
        if cache_breaker.failed():
            logger.warning("The cache does not count requests, so none is refused: %s", failure)
        return None
    except ValueError:  # it was evicted between the two
        logger.info("A count of requests was evicted")
    cache_breaker.succeeded()
    return count


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, as the API sees it: behind a proxy, what that proxy says."""
    return BaseThrottle().get_ident(request) or ""  # type: ignore[arg-type]  # it reads META alone


def network_of(address: str) -> str:
    """The address, or of one of IPv6 the network that a household or a server has: it could ask from a new address each time.

    >>> network_of("192.0.2.7"), network_of("2001:db8:1:2:3::4"), network_of("::ffff:192.0.2.7"), network_of("unix:")
    ('192.0.2.7', '2001:db8:1:2::/64', '192.0.2.7', 'unix:')
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address) or found.ipv4_mapped:
        return str(getattr(found, "ipv4_mapped", None) or found)
    return str(ipaddress.ip_network((found, 64), strict=False))
