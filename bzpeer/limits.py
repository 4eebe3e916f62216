"""How many searches a minute are answered to one address and to one account (bzpeer.counting)."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache, wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string

from bzpeer.counting import WINDOW_SECONDS, address_of, counted, network_of

FOR_ACCOUNTS = 10  # times what a visitor may ask

View = Callable[[HttpRequest], HttpResponseBase]


def searches_a_minute(view: View) -> View:
    """Answer a visitor's address no more than SEARCHES_A_MINUTE times in a minute of the clock, over all views of this kind."""
    return limited(view, "search", lambda: settings.SEARCHES_A_MINUTE)


def suggestions_a_minute(view: View) -> View:
    """As `searches_a_minute`, for what is asked with every letter that somebody types."""
    return limited(view, "suggest", lambda: settings.SUGGESTIONS_A_MINUTE)


def limited(view: View, kind: str, visitors: Callable[[], int]) -> View:
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponseBase:
        minute, passed = divmod(int(time.time()), WINDOW_SECONDS)
        if request.user.is_authenticated:
            who, limit = f"account:{request.user.pk}", FOR_ACCOUNTS * visitors()
        else:
            who, limit = f"address:{network_of(address_of(request))}", visitors()
        count = counted(f"{kind}:{who}:{minute}")
        if count is not None and count > limit:
            headers = {"Retry-After": str(WINDOW_SECONDS - passed), "Cache-Control": "no-store"}
            return HttpResponse(refusal(), status=429, headers=headers)
        return view(request)

    return guarded


@cache
def refusal() -> str:
    """The same page for everybody, made once: refusing must cost less than answering."""
    return render_to_string("bzpeer/too_many_searches.html")
