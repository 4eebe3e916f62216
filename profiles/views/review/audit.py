"""The audit: everything that anybody decided, over all tables of events, and whether their chains hold."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from profiles.forms.review import AuditForm
from profiles.models import User
from profiles.roles import may_read_audit
from profiles.views.review.doors import only_for
from works.actions.audit import broken_seals, event_models
from works.models.audit import Event

ON_A_PAGE = 50


class Chain(NamedTuple):
    """A table of events: how many are sealed, how many wait for it, and the broken places where somebody asked for them."""

    name: str
    label: str
    sealed: int
    waiting: int
    broken: list[int] | None


class Row(NamedTuple):
    """An event with the table it stands in and what it is about."""

    table: str
    event: Event
    about: str


@require_safe
@only_for(may_read_audit)
def audit(request: HttpRequest) -> HttpResponse:
    """The latest events first, fifty a page. Two queries a table; `check` reads every event once and reckons its seal again."""
    form = AuditForm(request.GET)
    form.is_valid()
    chosen = form.cleaned_data
    tables = {model._meta.model_name or "": model for model in event_models()}  # noqa: SLF001 -- the one way to a model's name
    wanted = {name: model for name, model in tables.items() if not chosen.get("table") or chosen["table"] == name}
    rows, following = page_of(wanted, chosen, cursor_of(request.GET.get("after", "")))
    actors = User.objects.filter(pk__in={row.event.actor_id for row in rows if row.event.actor_id}).in_bulk()
    context = {
        "here": "audit",
        "form": form,
        "tables": {name: label_of(model) for name, model in tables.items()},
        "rows": [(row, actors.get(row.event.actor_id or 0)) for row in rows],
        "chains": [chain_of(name, model, is_checked="check" in request.GET) for name, model in tables.items()],
        "is_checked": "check" in request.GET,
        "next": urlencode({**filters_of(request), "after": following}) if following else "",
        "filters": urlencode(filters_of(request)),
    }
    return render(request, "profiles/review/audit.html", context)


def page_of(tables: dict[str, type[Event]], chosen: dict[str, Any], after: dict[str, int]) -> tuple[list[Row], str]:
    """The newest events before the places `after` (by table, the key of the last one seen), and the places to go on from."""
    found = [
        Row(name, event, about(event))
        for name, model in tables.items()
        for event in narrowed(model._default_manager.all(), chosen, after.get(name))[: ON_A_PAGE + 1]  # noqa: SLF001
    ]
    found.sort(key=lambda row: (row.event.at, row.event.pk), reverse=True)
    shown = found[:ON_A_PAGE]
    places = after | {row.table: row.event.pk for row in shown}
    return shown, ",".join(f"{name}:{key}" for name, key in sorted(places.items())) if len(found) > ON_A_PAGE else ""


def narrowed(events: QuerySet[Event], chosen: dict[str, Any], before: int | None) -> QuerySet[Event]:
    if before:
        events = events.filter(pk__lt=before)
    if kind := chosen.get("kind"):
        events = events.filter(kind=kind.replace("\0", ""))
    if actor := chosen.get("actor"):
        events = events.filter(actor_id=actor)
    if since := chosen.get("since"):
        events = events.filter(at__gte=datetime.combine(since, time.min, UTC))
    if until := chosen.get("until"):
        events = events.filter(at__lte=datetime.combine(until, time.max, UTC))
    related = ["claim"] if any(field.name == "claim" for field in events.model._meta.fields) else []  # noqa: SLF001
    return events.select_related(*related).order_by("-pk") if related else events.order_by("-pk")


def cursor_of(text: str) -> dict[str, int]:
    """The places that an address carries; anything else is nothing."""
    pairs = (part.partition(":") for part in text.split(",")[:20])
    return {name: int(key) for name, _, key in pairs if key.isascii() and key.isdigit() and len(key) < 19}


def about(event: Event) -> str:
    """The address of what an event is about, where it has one."""
    claim = getattr(event, "claim", None)
    return f"/review/{claim.public_id}/" if claim else ""


def chain_of(name: str, model: type[Event], *, is_checked: bool) -> Chain:
    counted = model._default_manager.aggregate(sealed=Max("place"), waiting=Count("pk", filter=Q(place=None)))  # noqa: SLF001
    broken = broken_seals(model) if is_checked else None
    return Chain(name, label_of(model), counted["sealed"] or 0, counted["waiting"], broken)


def label_of(model: type[Event]) -> str:
    return str(model._meta.verbose_name).capitalize() + "s"  # noqa: SLF001


def filters_of(request: HttpRequest) -> dict[str, str]:
    return {name: value for name in ("table", "kind", "actor", "since", "until") if (value := request.GET.get(name, ""))}
