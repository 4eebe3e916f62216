"""Asking somebody on the way for an introduction, and answering."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from profiles.actions import introductions
from profiles.actions.contact import ContactRefused
from profiles.actions.contact.pairs import quota
from profiles.forms.contact import InvitationForm
from profiles.views.addresses import author_at
from profiles.views.contact.parties import name_of, own_introduction, person
from works.models import Author


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def introduce(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask the researcher `?via=` (the last part of their address) to introduce one to the researcher of this page. Four queries to show."""
    authors = Author.objects.only("name", "public_id", "merged_into")
    author, middle = author_at(slug, authors), author_at(request.GET.get("via", ""), authors)
    by, form, hindrance = person(request), InvitationForm(request.POST or None), ""
    try:
        introductions.possible_middle(middle)
    except ContactRefused as refused:
        hindrance = str(refused)
    if request.method == "POST" and form.is_valid():
        try:
            asked = introductions.ask_for_introduction(author, middle=middle, **form.cleaned_data, by=by)
        except ContactRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{middle.name} is asked.")
            return redirect(asked)
    context = {"author": author, "middle": middle, "form": form, "hindrance": hindrance, "quota": quota(by=by)}
    return render(request, "profiles/contact/introduce.html", context, status=422 if form.errors else 200)


@require_safe
@login_required
def introduction(request: HttpRequest, public_id: str) -> HttpResponse:
    """One introduction, for who asked and who is asked. One query."""
    found = own_introduction(request, public_id)
    context = {
        "introduction": found,
        "is_middle": found.middle_id == person(request).pk,
        "requester": name_of(found.requester),
        "requester_page": getattr(found.requester, "profile", None),
    }
    return render(request, "profiles/contact/introduction.html", context)


DEEDS = {
    "pass-on": (introductions.pass_on, "Passed on, with your name."),
    "refuse": (introductions.refuse, "Refused. Nobody is told."),
    "withdraw": (introductions.withdraw_introduction, "Taken back."),
}


@require_POST
@login_required
def answer(request: HttpRequest, public_id: str, verb: str) -> HttpResponse:
    found = own_introduction(request, public_id)
    if verb not in DEEDS:
        raise Http404("There is no such answer.")
    act, said = DEEDS[verb]
    try:
        act(found, by=person(request))
        messages.success(request, said)
    except ContactRefused as refused:
        messages.error(request, str(refused))
    return redirect(found if verb == "withdraw" else "profiles:messages")
