"""Corrections: the form behind "Not this person?" and "Wrong work?", and the list that staff answer."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.throttling import BaseThrottle

from works.actions.corrections import CorrectionRefused, Reader, accept_correction, dismiss_correction, report_correction
from works.forms import AnswerForm, CorrectionForm
from works.models import Authorship, Correction
from works.models.decision import Role
from works.views.curation import staff
from works.views.imports import curators_only

ON_A_PAGE = 20
QUEUES = ((Role.STAFF, "For staff"), (Role.OWNER, "For owners"))


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """One byline position of one work: what is wrong with who it is given to. Two queries to show."""
    places = Authorship.objects.select_related("work", "author").filter(author__isnull=False)
    place = get_object_or_404(places, pk=pk)
    form = CorrectionForm(request.POST or None, initial={"kind": request.GET.get("kind", "")})
    if request.method == "POST" and form.is_valid():
        address = BaseThrottle().get_ident(request) or ""  # type: ignore[arg-type]  # it reads nothing but META
        reader = Reader(account=request.user.pk, address=address)
        try:
            correction = report_correction(place=place, kind=form.cleaned_data["kind"], note=form.cleaned_data["note"], by=reader)
        except CorrectionRefused as refused:
            form.add_error(None, str(refused))
        else:
            who = "The author, who has claimed this page," if correction.goes_to == Role.OWNER else "Staff"
            messages.success(request, f"Thank you. {who} will look at it.")
            return redirect(place.work)
    return render(request, "works/correct.html", {"form": form, "place": place}, status=422 if form.errors else 200)


@require_safe
@curators_only
def corrections(request: HttpRequest) -> HttpResponse:
    """What readers have said, the oldest first. Those about claimed records are their owners' to answer, and shown on request."""
    goes_to = request.GET.get("for", Role.STAFF)
    if goes_to not in Role.values:
        raise Http404("Corrections wait for staff or for owners.")
    waiting = Correction.objects.filter(state=Correction.State.OPEN)
    found = waiting.filter(goes_to=goes_to).select_related("work", "author").order_by("pk")
    context = {
        "goes_to": goes_to,
        "choices": [(role, label, waiting.filter(goes_to=role).count()) for role, label in QUEUES],
        "corrections": Paginator(found, ON_A_PAGE).get_page(request.GET.get("page")),
        "form": AnswerForm(),
    }
    return render(request, "works/corrections.html", context)


@require_POST
@curators_only
def answer_correction(request: HttpRequest, pk: str, verb: str) -> HttpResponse:
    """Accept: the place goes to a new author, or to the one whose address was given. Dismiss: all stays."""
    correction = get_object_or_404(Correction, pk=pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    else:
        try:
            if verb == "accept":
                to = form.cleaned_data["to"]
                accept_correction(correction.pk, to=to.pk if to else None, answer=form.cleaned_data["answer"], by=staff(request))
                messages.success(request, "Accepted: the place is somebody else’s now, and no import gives it back.")
            else:
                dismiss_correction(correction.pk, answer=form.cleaned_data["answer"], by=staff(request))
                messages.success(request, "Dismissed: the record stays as it is.")
        except CorrectionRefused as refused:
            messages.error(request, str(refused))
    return redirect(f"{reverse('works:corrections')}?{urlencode({'for': correction.goes_to})}")
