"""API tokens of one's own account: made, seen once, revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from profiles.actions.tokens import TokenImpossible, create_token, revoke_token
from profiles.forms.tokens import TokenForm
from profiles.models import ApiToken, User


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(app="allauth.account")  # type: ignore[untyped-decorator]  # allauth has no types
def tokens(request: HttpRequest) -> HttpResponse:
    """The account's tokens and the form for another. A new one is shown in the answer to the form, and never after."""
    assert isinstance(request.user, User)  # noqa: S101  (the decorator saw to it)
    form = TokenForm(request.POST or None, for_staff=request.user.is_staff)
    secret = None
    if request.method == "POST" and form.is_valid():
        given: dict[str, Any] = form.cleaned_data
        ends = timezone.now() + timedelta(days=given["days"]) if given["days"] else None
        try:
            row, token = create_token(name=given["name"], scopes=given["scopes"], expires_at=ends, by=request.user)
        except TokenImpossible as impossible:
            form.add_error(None, str(impossible))
        else:
            secret, form = {"name": row.name, "token": token}, TokenForm(for_staff=request.user.is_staff)
    own = ApiToken.objects.filter(user=request.user)[:100]
    return render(request, "profiles/tokens.html", {"form": form, "tokens": own, "secret": secret}, status=422 if form.errors else 200)


@require_POST
@login_required
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke a token of one's own; somebody else's is not there. It needs no password again: it takes nothing from anybody."""
    assert isinstance(request.user, User)  # noqa: S101  (the decorator saw to it)
    revoke_token(get_object_or_404(ApiToken, pk=pk, user=request.user), by=request.user)
    return redirect("profiles:tokens")
