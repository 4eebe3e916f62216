"""Reports about what somebody wrote: the form of who received it, and the pages of staff."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from profiles.actions import abuse
from profiles.actions.contact import ContactRefused
from profiles.forms.contact import AbuseDecisionForm, AbuseForm
from profiles.models import AbuseEvent, AbuseReport
from profiles.roles import may_review
from profiles.views.contact.parties import own_conversation, own_invitation, person
from profiles.views.review.doors import only_for

ON_A_PAGE = 30


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def report(request: HttpRequest, kind: str, public_id: str) -> HttpResponse:
    """Report an invitation that one received, or the other of a conversation. Reporting blocks as well."""
    subject: dict[str, Any] = (
        {"conversation": own_conversation(request, public_id)}
        if kind == "conversation"
        else {"invitation": own_invitation(request, public_id)}
    )
    form = AbuseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            abuse.report_abuse(**subject, **form.cleaned_data, by=person(request))
        except ContactRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Thank you. Staff read what was written to you; its writer is blocked, and not told.")
            return redirect("profiles:messages")
    context = {"form": form, "kind": kind, "back": next(iter(subject.values())).get_absolute_url()}
    return render(request, "profiles/contact/report.html", context, status=422 if form.errors else 200)


@require_safe
@only_for(may_review)
def queue(request: HttpRequest) -> HttpResponse:
    """Reports that wait, the oldest first; decided ones on request. Two queries beside the session's."""
    is_decided = request.GET.get("decided") == "1"
    found = AbuseReport.objects.exclude(status="reported") if is_decided else AbuseReport.objects.filter(status="reported").order_by("pk")
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "is_decided": is_decided, "here": "abuse", "address": "decided=1" if is_decided else ""}
    return render(request, "profiles/review/abuse.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@only_for(may_review)
def case(request: HttpRequest, public_id: str) -> HttpResponse:
    """One report with what was written, and the decision. Three queries."""
    found = get_object_or_404(AbuseReport.objects.select_related("about__profile__author", "decided_by"), public_id=public_id)
    form = AbuseDecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            abuse.decide_abuse(
                found, is_upheld=request.POST.get("verb") == "uphold", decision=form.cleaned_data["decision"], by=person(request)
            )
        except ContactRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Decided.")
            return redirect("profiles:abuse_reports")
    context = {
        "report": found,
        "form": form,
        "here": "abuse",
        "is_party": person(request).pk in {found.reporter_id, found.about_id},
        "before": AbuseReport.objects.filter(about=found.about_id, status="upheld").exclude(pk=found.pk).count() if found.about_id else 0,
        "events": AbuseEvent.objects.filter(report=found.pk),
        "days": abuse.BAR.days,
    }
    return render(request, "profiles/review/abuse_case.html", context, status=422 if form.errors else 200)
