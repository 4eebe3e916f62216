"""Mail that comes back: the door for bounces and complaints, and the button by which mail goes to one's address again."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from profiles.actions.mail_reports import MailRefused, resume_address, take_report
from profiles.bounces import NoReport
from profiles.models import PausedAddress
from profiles.views.contact.parties import person


@csrf_exempt  # no browser comes here: the token in the header opens it, and no cookie is looked at
@require_POST
def reports(request: HttpRequest) -> HttpResponse:
    """One report as the body, with `Authorization: Bearer <MAIL_REPORTS_TOKEN>`. At most six statements."""
    if not settings.MAIL_REPORTS_TOKEN:
        raise Http404("No token is set for mail reports.")
    wanted = f"Bearer {settings.MAIL_REPORTS_TOKEN}".encode()
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), wanted):
        return JsonResponse({"detail": "The token is missing or wrong."}, status=401, headers={"WWW-Authenticate": "Bearer"})
    try:
        outcome = take_report(request.body)
    except NoReport as reason:
        return JsonResponse({"detail": str(reason)}, status=422)
    return JsonResponse({"outcome": outcome})


@require_POST
@login_required
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Mail goes to one of one's addresses again. Somebody else's is not there."""
    paused = get_object_or_404(PausedAddress, pk=pk)
    try:
        resume_address(paused, by=person(request))
    except MailRefused as refused:
        raise Http404(str(refused)) from refused
    messages.success(request, "Mail goes to this address again.")
    return redirect("profiles:settings")
