"""Imports, for staff: what ran, what is running, and the form that starts one."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import update_wrapper
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_safe

from works.actions.imports.runs import ImportImpossible, request_import
from works.forms import ImportForm
from works.models import ImportRun

RUNS_ON_A_PAGE = 25
REJECTIONS_ON_A_PAGE = 50

Params = ParamSpec("Params")


def staff_only(view: Callable[Concatenate[HttpRequest, Params], HttpResponse]) -> Callable[Concatenate[HttpRequest, Params], HttpResponse]:
    """Ask strangers to log in; tell everybody else who is not staff that they may not."""

    def guarded(request: HttpRequest, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.user.is_staff:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return update_wrapper(guarded, view)  # type: ignore[return-value]  # it gives `guarded` back


def curators_only(
    view: Callable[Concatenate[HttpRequest, Params], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Params], HttpResponse]:
    """As `staff_only`, for those of the staff who may merge, split and correct the record."""

    def guarded(request: HttpRequest, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponse:
        if not request.user.has_perm("works.curate_record"):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return staff_only(update_wrapper(guarded, view))  # type: ignore[arg-type]  # it gives `guarded` back


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def import_runs(request: HttpRequest) -> HttpResponse:
    given = {name: request.GET[name] for name in ("source", "ids", "query") if name in request.GET}
    form = ImportForm(request.POST or None, request.FILES or None, initial=given)
    if request.method == "POST" and form.is_valid():
        try:
            run = request_import(
                source=form.cleaned_data["source"],
                files=[str(keep(file)) for file in form.cleaned_data["files"]],
                ids=form.cleaned_data["ids"],
                query=form.cleaned_data["query"],
                by=str(request.user),
            )
        except ImportImpossible as impossible:
            form.add_error(None, str(impossible))
        else:
            messages.success(request, "The import is on its way.")
            return redirect(run)
    runs = Paginator(ImportRun.objects.all(), RUNS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "works/import_runs.html", {"form": form, "runs": runs}, status=422 if form.errors else 200)


@require_safe
@staff_only
def import_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """One import: its figures, live while it runs, and what it could not take in. Its progress alone for HTMX."""
    run = get_object_or_404(ImportRun, pk=run_id)
    context: dict[str, object] = {"run": run, "is_live": run.status in {ImportRun.Status.WAITING, ImportRun.Status.RUNNING}}
    if request.headers.get("HX-Request"):
        response = render(request, "works/import_progress.html", context)
        if not context["is_live"]:
            response["HX-Refresh"] = "true"  # the page beside the figures, what was not taken in above all, is of the time before
    else:
        context["rejections"] = Paginator(run.rejections.all(), REJECTIONS_ON_A_PAGE).get_page(request.GET.get("page"))
        response = render(request, "works/import_run.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def keep(file: UploadedFile[Any]) -> Path:
    """Store an uploaded file where the workers find it, under a name that nobody else chose; its endings stay, for they tell the format."""
    folder = Path(settings.MEDIA_ROOT) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    endings = "".join(part for part in Path(file.name or "").suffixes[-2:] if part[1:].isalnum() and len(part) <= 8)
    path = folder / f"{secrets.token_hex(12)}{endings.lower()}"
    with path.open("xb") as target:
        for chunk in file.chunks():
            target.write(chunk)
    return path
