"""One's own data: taken along, deleted; and the page that says what is kept, why and how long."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from profiles.actions import mails
from profiles.actions.digests.sending import KEPT
from profiles.actions.privacy import keeping
from profiles.actions.privacy.deletion import GRACE, request_deletion
from profiles.actions.privacy.export import export_account
from profiles.models.snapshot import SNAPSHOT_KEPT
from profiles.views.contact.parties import person

PRIVATE = {"Cache-Control": "private, no-store"}


class GoodbyeForm(forms.Form):
    """Typing one's address keeps a slip of the finger from deleting anything."""

    email = forms.CharField(label="Type the e-mail address of this account", max_length=254)


@require_safe
@login_required
def export(request: HttpRequest) -> HttpResponse:
    """Everything about the account: to read, or with `?format=json` as a file. A query a table, however many rows."""
    found = export_account(person(request))
    if request.GET.get("format") == "json":
        answer = JsonResponse(found, json_dumps_params={"indent": 1, "ensure_ascii": False})
        answer["Content-Disposition"] = 'attachment; filename="bzpeer-account.json"'
        return answer
    readable = [(title_of(table), kept["rows"], kept["hands"]) for table, kept in found["tables"].items()]
    events = [(title_of(table), rows) for table, rows in found["events"].items() if rows]
    context = {"export": found, "tables": readable, "events": events}
    return render(request, "profiles/privacy/export.html", context)


def title_of(table: str) -> str:
    """ "profiles_apitoken" as people read it."""
    from django.apps import apps

    named = {model._meta.db_table: str(model._meta.verbose_name_plural) for model in apps.get_models(include_auto_created=True)}  # noqa: SLF001
    return named.get(table, table).capitalize()


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete(request: HttpRequest) -> HttpResponse:
    """Say what goes and what stays; and, the address typed, begin the fourteen days."""
    by, form = person(request), GoodbyeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["email"].strip().lower() == by.email.lower():
            deletion = request_deletion(by=by)
            logout(request)
            messages.success(request, f"Your account is deleted on {deletion.due_at:%-d %B %Y}. To keep it, log in before.")
            return redirect("home")
        form.add_error("email", "That is not the address of this account.")
    context: dict[str, Any] = {"form": form, "days": GRACE.days}
    return render(request, "profiles/privacy/delete.html", context, status=422 if form.errors else 200)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What is stored, why, how long, in plain words. No query of its own."""
    context = {
        "grace": GRACE.days,
        "invitations": keeping.ENDED_INVITATIONS.days,
        "reports": keeping.DECIDED_REPORTS.days,
        "views": keeping.VIEWS.days,
        "digests": KEPT.days,
        "mails": mails.KEPT.days,
        "objections": keeping.ANSWERED_OBJECTIONS.days,
        "snapshots": SNAPSHOT_KEPT.days,
    }
    return render(request, "profiles/privacy/about.html", context)
