"""The digest: how often it comes, and the one click that ends it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from profiles.actions.digests import UnknownChoice, choose_digest, stop_digest, user_of_word
from profiles.views.contact.parties import person


@require_POST
@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """Off, daily or weekly, and the clock it goes by."""
    try:
        choose_digest(rhythm=request.POST.get("rhythm", ""), time_zone=request.POST.get("time_zone", ""), by=person(request))
        messages.success(request, "Saved.")
    except UnknownChoice as refused:
        messages.error(request, str(refused))
    return redirect(f"{reverse('profiles:settings')}#digest")


@csrf_exempt  # mail programs post here (RFC 8058), with no cookie and no page of ours before; the signed word says whose digest it is
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, word: str) -> HttpResponse:
    """A visit shows a button and changes nothing: programs open every link of a mail. The post ends the digest, however often it comes."""
    user = user_of_word(word)
    if user is None:
        raise Http404("This link does not end any digest: it was cut, or the account is gone.")
    if request.method == "POST":
        stop_digest(by=user)
    response = render(request, "profiles/stop_digest.html", {"is_done": request.method == "POST"})
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"  # the address is a key
    return response
