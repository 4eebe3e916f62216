"""Adding works to one's own record: say which, look at what was found, take in what is chosen."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from profiles.actions import additions
from profiles.actions.record import RecordRefused
from profiles.forms.additions import FileForm, IdentifiersForm
from profiles.models import Addition
from profiles.views.my_profile import number, own_page, person

SHOWN = 10


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def add(request: HttpRequest) -> HttpResponse:
    """Two forms: identifiers, which a worker looks up, and a file, which is read at once."""
    profile = own_page(request)
    if profile is None:
        return redirect("profiles:my_profile")
    is_file = request.method == "POST" and "by-file" in request.POST
    typed = request.POST if request.method == "POST" and not is_file else None
    by_ids = IdentifiersForm(typed, initial={"ids": request.GET.get("ids", "")})
    by_file = FileForm(request.POST, request.FILES) if is_file else FileForm()
    form = by_file if is_file else by_ids
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            if is_file:
                return redirect(
                    additions.read_own_file(source=data["source"], stream=data["file"], name=data["file"].name, by=person(request))
                )
            return redirect(additions.ask_for_works(source=data["source"], ids=data["values"], by=person(request)))
        except RecordRefused as refused:
            form.add_error(None, str(refused))
    earlier = Addition.objects.filter(user=person(request)).defer("records", "rejections", "choices")[:SHOWN]
    context = {"by_ids": by_ids, "by_file": by_file, "earlier": earlier, "author": profile.author}
    return render(request, "profiles/add_works.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def addition(request: HttpRequest, pk: int) -> HttpResponse:
    """What was read, to be chosen from; while a worker is busy its state alone for HTMX, and then the page anew."""
    found = get_object_or_404(Addition.objects.select_related("author"), pk=pk, user=person(request))
    if request.method == "POST":
        choices = {line: number(request.POST.get(f"place-{line}", "")) for line in range(len(found.records))}
        try:
            additions.choose_works(addition_id=found.pk, choices=choices, by=person(request))
        except RecordRefused as refused:
            messages.error(request, str(refused))
        return redirect(found)
    if request.headers.get("HX-Request"):
        response = render(request, "profiles/addition_state.html", {"addition": found})
        if not found.is_waiting:
            response["HX-Refresh"] = "true"
    else:
        lines = additions.lines_of(found) if found.state == Addition.State.READ else []
        response = render(request, "profiles/addition.html", {"addition": found, "lines": lines, "author": found.author})
    patch_vary_headers(response, ["HX-Request"])
    return response
