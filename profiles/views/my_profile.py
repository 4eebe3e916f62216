"""My profile: what the person who claimed a page says on it. Always the page of whoever is signed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from profiles.actions import profiles
from profiles.actions.profiles import ProfileRefused
from profiles.biography import to_html
from profiles.forms.profile import AboutForm, AffiliationForm, LinkForm, NameForm, OtherNameForm
from profiles.models import Claim, Profile, User
from profiles.views.researcher import researcher
from works.models import AuthorName, Authorship, Institution
from works.names import fold

WORKS_TO_CHOOSE_FROM = 200

Given = Mapping[str, Any]


def own_page(request: HttpRequest) -> Profile | None:
    return Profile.objects.select_related("author").filter(user=request.user.pk).first()


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def my_profile(request: HttpRequest) -> HttpResponse:
    """Everything that can be said, each part a form of its own. Seven queries. A POST saves the part "About you", or previews it."""
    profile = own_page(request)
    if profile is None:
        return render(
            request, "profiles/no_profile.html", {"claims": Claim.objects.live().filter(user=person(request)).select_related("author")}
        )
    if request.method != "POST":
        return page(request, profile)
    form = AboutForm(request.POST)
    if not form.is_valid():
        return page(request, profile, about=form, status=422)
    if "preview" in request.POST:
        return page(request, profile, about=form, preview=form.cleaned_data | {"html": to_html(form.cleaned_data["biography"])})
    try:
        profiles.describe_oneself(**form.said(), by=person(request))
    except ProfileRefused as refused:
        form.add_error(None, str(refused))
        return page(request, profile, about=form, status=422)
    messages.success(request, "Saved. Your page shows it now.")
    return redirect("profiles:my_profile")


def page(
    request: HttpRequest, profile: Profile, *, status: int = 200, preview: dict[str, Any] | None = None, **forms_given: Any
) -> HttpResponse:
    author = profile.author
    newest = Authorship.objects.filter(author=author).newest_first().values_list("work__public_id", "work__title", "work__year")
    pins = list(profile.pins.select_related("work").filter(work__authorships__author=author))
    pinned = {pin.work.public_id for pin in pins}
    choices = [(id_, f"{year or 'no year'}: {title[:110]}") for id_, title, year in newest[:WORKS_TO_CHOOSE_FROM] if id_ not in pinned]
    context = {
        "profile": profile,
        "author": author,
        "pins": pins,
        "affiliations": profile.affiliations.select_related("institution"),
        "links": profile.links.all(),
        "names": AuthorName.objects.filter(author=author),
        "printed": [item["name"] for item in author.summary.get("affiliations", [])],
        "preview": preview,
        "about": AboutForm(initial=AboutForm.initial_of(profile)),
        "name": NameForm(initial={"name": author.name}),
        "other_name": OtherNameForm(),
        "affiliation": AffiliationForm(),
        "link": LinkForm(),
        "choices": choices,
        **forms_given,
    }
    return render(request, "profiles/my_profile.html", context, status=status)


@require_safe
@login_required
def preview(request: HttpRequest) -> HttpResponseBase:
    """One's own page as a stranger sees it."""
    profile = own_page(request)
    if profile is None:
        return redirect("profiles:my_profile")
    request.user = AnonymousUser()
    response = researcher(request, slug=profile.author.slug)
    response["Cache-Control"] = "private, no-store"  # it looks like the public page, and stands at an address that is everybody's
    return response


# --- The small changes: each a form with a button, an action, and back to its part of the page -----------------------------------------


def add_affiliation(given: Given, by: User) -> None:
    """The institution of the record that goes by this name alone; otherwise the name as typed."""
    known = list(Institution.objects.filter(name_key=fold(given["institution"]))[:2])
    profiles.add_affiliation(
        name=given["institution"],
        role=given["role"],
        from_year=given["from_year"],
        to_year=given["to_year"],
        institution=known[0] if len(known) == 1 else None,
        by=by,
    )


FORMS: dict[str, tuple[type[forms.Form], str, str, Callable[[Given, User], object]]] = {
    "name": (NameForm, "name", "names", lambda given, by: profiles.choose_name(name=given["name"], by=by)),
    "add-name": (
        OtherNameForm,
        "other_name",
        "names",
        lambda given, by: profiles.add_other_name(name=given["other_name"], is_public=given["is_public"], by=by),
    ),
    "add-affiliation": (AffiliationForm, "affiliation", "affiliations", add_affiliation),
    "add-link": (LinkForm, "link", "links", lambda given, by: profiles.add_link(url=given["url"], label=given["label"], by=by)),
}
BUTTONS: dict[str, tuple[str, Callable[[str, User], object]]] = {
    "show-name": ("names", lambda value, by: profiles.show_other_name(name_id=number(value), is_public=True, by=by)),
    "hide-name": ("names", lambda value, by: profiles.show_other_name(name_id=number(value), is_public=False, by=by)),
    "remove-name": ("names", lambda value, by: profiles.remove_other_name(name_id=number(value), by=by)),
    "remove-affiliation": ("affiliations", lambda value, by: profiles.remove_affiliation(affiliation_id=number(value), by=by)),
    "remove-link": ("links", lambda value, by: profiles.remove_link(link_id=number(value), by=by)),
    "check-link": ("links", lambda value, by: profiles.check_link_again(link_id=number(value), by=by)),
    "pin": ("pins", lambda value, by: profiles.pin_work(public_id=value, by=by)),
    "unpin": ("pins", lambda value, by: profiles.unpin_work(public_id=value, by=by)),
    "up": ("pins", lambda value, by: profiles.move_pin(public_id=value, is_up=True, by=by)),
    "down": ("pins", lambda value, by: profiles.move_pin(public_id=value, is_up=False, by=by)),
}


@require_POST
@login_required
def change(request: HttpRequest, verb: str) -> HttpResponse:
    """One change. What is refused stays in its form with the reason."""
    profile = own_page(request)
    if profile is None:
        return redirect("profiles:my_profile")
    if verb in BUTTONS:
        part, press = BUTTONS[verb]
        try:
            press(request.POST.get("value", "").replace("\0", ""), person(request))
        except ProfileRefused as refused:
            messages.error(request, str(refused))
        return redirect(f"{reverse('profiles:my_profile')}#{part}")
    if verb not in FORMS:
        raise Http404("There is nothing of this name to change.")
    kind, name, part, act = FORMS[verb]
    form = kind(request.POST)
    if form.is_valid():
        try:
            act(form.cleaned_data, person(request))
        except ProfileRefused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect(f"{reverse('profiles:my_profile')}#{part}")
    given: dict[str, Any] = {name: form}
    return page(request, profile, status=422, **given)


def person(request: HttpRequest) -> User:
    """The account of a request that passed login_required."""
    return cast("User", request.user)


def number(text: str) -> int:
    """The id that a button carries; 0, which names nothing, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
