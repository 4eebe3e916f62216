"""The form by which anybody objects to a page about them, and the pages of staff."""

from __future__ import annotations

from urllib.parse import urlsplit

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.throttling import BaseThrottle

from profiles.actions.privacy import objections
from profiles.actions.privacy.objections import ObjectionRefused
from profiles.models import Objection
from profiles.roles import may_review
from profiles.views.addresses import author_at
from profiles.views.contact.parties import person
from profiles.views.review.doors import only_for
from works.actions.corrections import Reader
from works.models import Author, Suppression

SHOWN = 100


class ObjectionForm(forms.Form):
    page = forms.CharField(
        label="The address of the page", max_length=600, help_text="As it stands in the browser: …/researchers/name-abcd1234/"
    )
    statement = forms.CharField(
        label="Why you object, and how we can see that it is you", max_length=2000, widget=forms.Textarea({"rows": 6})
    )
    contact = forms.EmailField(label="An e-mail address for our answer", max_length=254, required=False, help_text="It may be left out.")

    def clean_page(self) -> Author:
        """The author at the address."""
        parts = [part for part in urlsplit(self.cleaned_data["page"].strip()).path.split("/") if part]
        slug = parts[parts.index("researchers") + 1] if "researchers" in parts[:-1] else parts[-1] if parts else ""
        try:
            return author_at(slug, Author.objects.only("name", "public_id", "merged_into"))
        except Http404:
            raise forms.ValidationError("No researcher’s page has this address.") from None


@require_http_methods(["GET", "HEAD", "POST"])
def objection(request: HttpRequest) -> HttpResponse:
    """No account is needed; five a day from one sender."""
    form = ObjectionForm(request.POST or None, initial={"page": request.GET.get("page", "")[:600]})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        reader = Reader(account=request.user.pk, address=BaseThrottle().get_ident(request) or "")  # type: ignore[arg-type]  # it reads META
        try:
            objections.object_to(author=given["page"], statement=given["statement"], contact=given["contact"], by=reader)
        except ObjectionRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Received. Staff look at it, and answer if you left an address.")
            return redirect("profiles:about_privacy")
    return render(request, "profiles/privacy/objection.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@only_for(may_review)
def queue(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first, and the entries of the suppression list. Two queries beside the session's."""
    context = {
        "here": "objections",
        "waiting": Objection.objects.filter(status="received").select_related("author")[:SHOWN],
        "suppressions": Suppression.objects.all()[:SHOWN],
    }
    return render(request, "profiles/review/objections.html", context)


@require_POST
@only_for(may_review)
def decide(request: HttpRequest, public_id: str) -> HttpResponse:
    found = get_object_or_404(Objection, public_id=public_id)
    act = objections.grant if request.POST.get("verb") == "grant" else objections.refuse
    try:
        act(found, reason=request.POST.get("reason", "")[:2000], by=person(request))
        messages.success(request, "Decided.")
    except ObjectionRefused as refused:
        messages.error(request, str(refused))
    return redirect("profiles:objections")
