"""What all readings of the API share: search, filters, chosen fields, known parameters, and addresses that were merged away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from rest_framework import generics
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from works.api.ranking import Ranked
from works.models import Author, Work

M = TypeVar("M", bound=Model)
LONGEST_SEARCH = 300
LONGEST_NAME = 40  # of a parameter or field that is not known, in the answer that says so
MOST_TOLD = 5  # of those
BOUNDED = 2_000  # rows of one filter that others pick theirs of


class Filters(DjangoFilterBackend):
    """Each filter has an index of its own that is read in the order of the list. Several are for what a search found, or where one of them
    leaves no more than BOUNDED rows: of these the others pick theirs."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> Any:
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        given = [name for name in filterset.filters if name in request.query_params]
        if empty := [name for name in given if not request.query_params[name]]:
            raise ValidationError({name: ["It is empty: leave it out, or say by what."] for name in empty})
        if not filterset.is_valid():
            raise ValidationError(filterset.errors)
        if len(given) > 1 and not request.query_params.get("search"):
            return several(filterset, given, queryset, view.ordering)
        return filterset.qs


def several(filterset: FilterSet, given: Sequence[str], queryset: QuerySet[Any], ordering: str | tuple[str, ...]) -> Ranked:
    """What fits all of these filters, in the order of the list: of the rows of the first that has no more than BOUNDED. A statement for
    each that is tried, and one more."""
    order = (ordering,) if isinstance(ordering, str) else ordering
    for name in given:
        rows = filterset.filters[name].filter(queryset, filterset.form.cleaned_data[name])
        ids = list(rows.order_by().values_list("pk", flat=True)[: BOUNDED + 1])
        if len(ids) <= BOUNDED:
            return Ranked(queryset, list(filterset.qs.filter(pk__in=ids).order_by(*order).values_list("pk", flat=True)) if ids else [])
    said = f"Each of {' and '.join(given)} leaves more than {BOUNDED:,}: without a search one of them must leave fewer."
    raise ValidationError({given[1]: [said]})


class Search(BaseFilterBackend):
    """`?search=` finds and ranks as the pages do. A view names in `find` what finds ids, best first, for a text."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> Any:
        text = request.query_params.get("search")
        find = getattr(view, "find", None)
        if find is None or text is None:
            return queryset
        if len(text) > LONGEST_SEARCH or "\0" in text or not text.strip():
            raise ValidationError({"search": [f"From 1 to {LONGEST_SEARCH} characters."]})
        ids = find(text)
        if ids and any(request.query_params.get(name) for name in filter_names(view)):
            fitting = set(queryset.filter(pk__in=ids).order_by().values_list("pk", flat=True))
            ids = [key for key in ids if key in fitting]
        return Ranked(queryset, ids)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        if getattr(view, "find", None) is None:
            return []
        return [
            {
                "name": "search",
                "in": "query",
                "description": "Words to look for, as in the site's search; the best come first.",
                "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_SEARCH, "pattern": r"^[^\x00]*[^\s\x00][^\x00]*$"},
            }
        ]


def filter_names(view: Any) -> list[str]:
    filterset = getattr(view, "filterset_class", None)
    return list(filterset.base_filters) if filterset else []


class KnownParameters:
    """A view that refuses what it would not look at: an unknown parameter, or one that is given twice. Every view of the API is one.

    Whoever misspells a filter learns it, and does not take the whole list for what they asked.
    """

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        known = parameters_of(self) if request.method in SAFE_METHODS else []
        wrong: dict[str, list[str]] = {}
        for name, values in request.query_params.lists():
            if name not in known:
                wrong[shortened(name)] = [f"There is no such parameter here; there {told(known)}."]
            elif len(values) > 1 and name != "fields":
                wrong[name] = ["It can be given once."]
        if wrong:
            raise ValidationError(dict(list(wrong.items())[:MOST_TOLD]))


def refuse_unknown_fields(data: Any, serializer: Serializer[Any]) -> None:
    """Refuse a body with fields that nothing would look at: whoever misspells one learns it."""
    known = list(serializer.fields)
    if isinstance(data, Mapping) and (unknown := [str(name) for name in data if name not in known]):
        said = f"There is no such field here; there {told(known)}."
        raise ValidationError({shortened(name): [said] for name in unknown[:MOST_TOLD]})


def parameters_of(view: Any) -> list[str]:
    """Every parameter of the query that a view reads: what it names itself in `reads`, and what it shares with others."""
    is_list = isinstance(view, generics.ListAPIView)
    known = [*getattr(view, "reads", ()), *filter_names(view), *(["search"] if hasattr(view, "find") else [])]
    return [*known, *(["fields"] if isinstance(view, ChosenFields) else []), *(["limit", "cursor"] if is_list else [])]


def told(known: Sequence[str]) -> str:
    if not known:
        return "is none"
    return f"is {known[0]}" if len(known) == 1 else f"are {', '.join(known[:-1])} and {known[-1]}"


def shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"


class ChosenFields:
    """`?fields=id,title` leaves out all other fields of what a view answers with."""

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        serializer = super().get_serializer(*args, **kwargs)  # type: ignore[misc]
        request: Request | None = getattr(self, "request", None)
        if request is not None and "fields" in request.query_params:
            narrow(getattr(serializer, "child", serializer), request.query_params.getlist("fields"))
        return serializer


def narrow(serializer: Any, given: Sequence[str]) -> None:
    chosen = {name.strip() for part in given for name in part.split(",")}
    if unknown := sorted(chosen - set(serializer.fields)):
        raise ValidationError({"fields": [f"There is no field {', '.join(repr(shortened(name)) for name in unknown[:MOST_TOLD])}."]})
    for name in set(serializer.fields) - chosen:
        serializer.fields.pop(name)


class Listing(KnownParameters, ChosenFields, generics.ListAPIView[M]):
    """A list that everybody may read. `find` is what `?search=` asks; `ordering` has an index that serves it with each filter."""

    filter_backends = [Filters, Search]
    ordering: str | tuple[str, ...] = "-pk"


class Reading(KnownParameters, ChosenFields, generics.RetrieveAPIView[M]):
    """One thing by its public id. That of an author or work which was merged into another redirects (301) to the other's."""

    lookup_field = "public_id"

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response | HttpResponseBase:  # type: ignore[override]
        found = self.get_object()
        merged_into: Model | None = getattr(found, "merged_into", None)
        if merged_into is not None:
            return moved(request, found, merged_into)
        return Response(self.get_serializer(found).data)


def moved(request: Request, old: Any, new: Any) -> HttpResponsePermanentRedirect:
    """To the same address of what the asked one was merged into."""
    address = request.get_full_path().replace(f"/{old.public_id}/", f"/{new.public_id}/", 1)
    return HttpResponsePermanentRedirect(address)


def standing(kind: type[Author | Work], public_id: str) -> Any:
    """The author or work of a public id, or what it was merged into; a 404 where there is none. One query."""
    shown: Any = kind.objects.only("public_id", "merged_into")
    found: Any = get_object_or_404(shown.filter(is_suppressed=False) if kind is Author else shown, public_id=public_id)
    return found.merged_into_id or found.pk
