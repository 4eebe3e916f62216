"""The door of the log-in: whoever has tried too often is turned away there, before a form, a session or a password is looked at."""

from __future__ import annotations

import time

from allauth.account.adapter import get_adapter
from allauth.account.views import login as allauth_login
from allauth.core.internal.ratelimit import apply_rate, get_cache_key, get_rates, respond_429
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters

APP = "allauth.account"
# What a log-in is counted under: requests by address, failures by address and by account.
COUNTED = ("login", "login_failed")


@sensitive_post_parameters()
def login(request: HttpRequest) -> HttpResponse:
    """Allauth's page, which counts; but at the limit a page that costs next to nothing."""
    if request.method == "POST" and is_at_limit(request):
        return respond_429(request)  # type: ignore[no-any-return]  # allauth has no types
    response: HttpResponse = allauth_login(request)
    return response


def is_at_limit(request: HttpRequest) -> bool:
    """Whether allauth would refuse this attempt, by the same counts. One look into the cache; nothing is counted."""
    account = get_adapter(request).login_attempts_key(request.POST.get("login", "").strip())
    rates = {
        get_cache_key(request, app=APP, action=action, rate=rate, key=account): rate
        for action in COUNTED
        for rate in get_rates(app=APP, action=action)
    }
    now, counts = time.time(), cache.get_many(rates)
    return not all(apply_rate(history, now, rates[name], dry_run=True)[0] for name, history in counts.items())
