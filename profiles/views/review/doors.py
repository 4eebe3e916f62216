"""Who is let in."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from profiles.models import User

Params = ParamSpec("Params")
View = Callable[Concatenate[HttpRequest, Params], HttpResponse]


def only_for(may: Callable[[User | AnonymousUser], bool]) -> Callable[[View[Params]], View[Params]]:
    """Ask strangers to log in; tell everybody else who may not that they may not."""

    def door(view: View[Params]) -> View[Params]:
        def guarded(request: HttpRequest, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not may(request.user):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return update_wrapper(guarded, view)  # type: ignore[return-value]  # it gives `guarded` back

    return door
