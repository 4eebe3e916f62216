"""Reports and findings: the reader's form, what the owner sees and may appeal, and the pages of staff."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from profiles.actions import findings, moderation
from profiles.actions.findings import FindingRefused
from profiles.forms.findings import AppealForm, DecisionForm, ReportForm, SuspensionForm
from profiles.models import Finding, ModerationEntry, Suspension, User
from profiles.roles import may_review
from profiles.views.addresses import author_at
from profiles.views.review.doors import only_for
from works.models import Author

SHOWN = 100
FOR_STAFF = {
    "take": lambda finding, form, by: findings.take_case(finding=finding, by=by),
    "uphold": lambda finding, form, by: findings.decide(finding=finding, is_upheld=True, decision=form["decision"], by=by),
    "dismiss": lambda finding, form, by: findings.decide(finding=finding, is_upheld=False, decision=form["decision"], by=by),
}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """A reader with an account reports a page to staff. One query, and what the report itself takes."""
    author = author_at(slug, Author.objects.only("name", "public_id", "merged_into"))
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            findings.report(author=author, **form.cleaned_data, by=person(request))
        except FindingRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Thank you. Staff look at it; until they decide, this page’s trust cannot rise.")
            return redirect(author)
    return render(request, "profiles/report.html", {"author": author, "form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def finding(request: HttpRequest, public_id: str) -> HttpResponse:
    """A finding, for staff and for the owner of the record; to everybody else it does not exist. Four queries."""
    found = get_object_or_404(Finding.objects.select_related("author__profile", "work", "decided_by", "reporter"), public_id=public_id)
    by = person(request)
    is_owner = getattr(getattr(found.author, "profile", None), "user_id", None) == by.pk
    is_owner = is_owner and not found.is_open and found.status != Finding.Status.DISMISSED
    if not (may_review(by) or is_owner):
        raise Http404("There is no such finding.")
    form: forms.Form = DecisionForm() if may_review(by) else AppealForm()
    if request.method == "POST":
        form, answer = act(request, found, by)
        if answer:
            return answer
    context: dict[str, Any] = {"finding": found, "author": found.author, "form": form, "is_owner": is_owner, "is_reviewer": may_review(by)}
    if may_review(by):
        context["conflict"] = findings.conflict_of_interest(found.author_id, reporter_id=found.reporter_id, by=by)
        context["events"] = found.events.order_by("pk")
    return render(request, "profiles/finding.html", context, status=422 if form.errors else 200)


def act(request: HttpRequest, found: Finding, by: User) -> tuple[forms.Form, HttpResponse | None]:
    """Do what the pressed button says; the form with its errors where that cannot be done."""
    verb = request.POST.get("verb", "")
    form: forms.Form = AppealForm(request.POST) if verb == "appeal" else DecisionForm(request.POST)
    if verb not in {*FOR_STAFF, "appeal"}:
        raise Http404("There is nothing like that to do.")
    if verb != "take" and not form.is_valid():
        return form, None
    try:
        if verb == "appeal":
            findings.appeal(finding=found, **form.cleaned_data, by=by)
        else:
            FOR_STAFF[verb](found, getattr(form, "cleaned_data", {}), by)
    except FindingRefused as refused:
        form.full_clean()
        form.add_error(None, str(refused))
        return form, None
    messages.success(request, "Done.")
    return form, redirect(found)


@require_safe
@only_for(may_review)
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for staff: reports and appeals, the oldest first; suspensions that stand; what the weekly look found. Three queries."""
    return render(
        request,
        "profiles/findings.html",
        {
            "waiting": Finding.objects.waiting().select_related("author", "taken_by")[:SHOWN],
            "suspensions": Suspension.objects.filter(ended_at=None).select_related("author", "began_by")[:SHOWN],
            "entries": ModerationEntry.objects.filter(outcome="").select_related("author__trust").defer("author__trust__lines")[:SHOWN],
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@only_for(may_review)
def suspend(request: HttpRequest, public_id: str) -> HttpResponse:
    """Suspend a record, after saying why."""
    author = get_object_or_404(Author.objects.only("name", "public_id"), public_id=public_id)
    form = SuspensionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            findings.suspend(author=author, **form.cleaned_data, by=person(request))
        except FindingRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{author.name} is suspended.")
            return redirect("profiles:findings")
    return render(request, "profiles/suspend.html", {"author": author, "form": form}, status=422 if form.errors else 200)


@require_POST
@only_for(may_review)
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        findings.lift(suspension=get_object_or_404(Suspension, pk=pk), by=person(request))
    except FindingRefused as refused:
        messages.error(request, str(refused))
    return redirect("profiles:findings")


@require_POST
@only_for(may_review)
def look(request: HttpRequest, pk: int) -> HttpResponse:
    outcome = request.POST.get("outcome", "")
    if outcome not in {ModerationEntry.Outcome.FINE, ModerationEntry.Outcome.CASE}:
        raise Http404("There is nothing like that to do.")
    try:
        case = moderation.look(entry=get_object_or_404(ModerationEntry, pk=pk), outcome=outcome, by=person(request))
    except FindingRefused as refused:
        messages.error(request, str(refused))
        return redirect("profiles:findings")
    return redirect(case or "profiles:findings")


def person(request: HttpRequest) -> User:
    return cast("User", request.user)
