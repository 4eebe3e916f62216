"""How many requests a minute the API answers: by address for visitors, by account for those who say who they are, and for a token that
staff raised to the plan of partners by that token."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from bzpeer.counting import WINDOW_SECONDS, counted, network_of
from profiles.models.token import ApiToken, Plan


class ByMinute(BaseThrottle):
    """At most so many requests in each minute of the clock. The answer's headers say how many are left.

    A view whose answers take more work than others counts each as so many (`counts_as`).
    """

    def __init__(self) -> None:
        self.seconds_left = 0

    def allow_request(self, request: Request, view: Any) -> bool:
        who, limit = self.plan_of(request)
        minute, passed = divmod(int(time.time()), WINDOW_SECONDS)
        self.seconds_left = WINDOW_SECONDS - passed
        count = counted(f"api:{who}:{minute}", getattr(view, "counts_as", 1))
        if count is None:
            return True
        view.headers |= {
            "RateLimit-Limit": str(limit),
            "RateLimit-Remaining": str(max(0, limit - count)),
            "RateLimit-Reset": str(self.seconds_left),
        }
        return count <= limit

    def plan_of(self, request: Request) -> tuple[str, int]:
        """Whose requests are counted together, and how many of them are answered in a minute."""
        if isinstance(request.auth, ApiToken) and request.auth.plan == Plan.PARTNER:
            return f"token:{request.auth.pk}", settings.API_PARTNERS_A_MINUTE
        if request.user.is_authenticated:
            return f"account:{request.user.pk}", settings.API_ACCOUNTS_A_MINUTE
        return f"address:{network_of(self.get_ident(request) or '')}", settings.API_VISITORS_A_MINUTE

    def wait(self) -> float:
        return self.seconds_left
