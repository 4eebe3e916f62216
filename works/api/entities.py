"""Topics, institutions and sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db.models import Model, OuterRef, Prefetch, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from works.api.filters import InstitutionFilters, SourceFilters, TopicFilters
from works.api.reading import Listing, Reading, moved
from works.models import (
    FormerId,
    Institution,
    InstitutionIdentifier,
    InstitutionName,
    Shelf,
    Source,
    SourceIdentifier,
    Topic,
)
from works.models.finding import find_subject_ids
from works.serializers.record import InstitutionSerializer, SourceSerializer, TopicSerializer

E = TypeVar("E", bound=Model)


def counted(rows: QuerySet[E], kind: Shelf.Kind) -> Any:
    """With how many works and people stand under each, as counted for the pages; read from an index within the one query."""
    shelf = Shelf.objects.filter(kind=kind, subject=OuterRef("pk"))
    return rows.annotate(
        works_count=Coalesce(Subquery(shelf.values("works_count")), Value(0)),
        people_count=Coalesce(Subquery(shelf.values("people_count")), Value(0)),
    )


TOPICS = counted(Topic.objects.all(), Shelf.Kind.TOPIC)
INSTITUTIONS = counted(Institution.objects.all(), Shelf.Kind.INSTITUTION).prefetch_related(
    Prefetch("identifiers", queryset=InstitutionIdentifier.objects.order_by("scheme", "value")),
    Prefetch("names", queryset=InstitutionName.objects.order_by("pk")),
)
SOURCES = counted(Source.objects.all(), Shelf.Kind.SOURCE).prefetch_related(
    Prefetch("identifiers", queryset=SourceIdentifier.objects.order_by("scheme", "value"))
)


class Entities(Listing[E]):
    """A list of one of the three kinds, with the search among their names as the site's own search has it."""

    kind: Shelf.Kind

    def find(self, text: str) -> Sequence[int]:
        return find_subject_ids(self.kind, text)


class Entity(Reading[E]):
    """One of them. The id of one that became part of another redirects (301) to that other's, for two queries more."""

    kind: Shelf.Kind

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response | HttpResponseBase:  # type: ignore[override]
        try:
            return super().get(request, *args, **kwargs)
        except Http404:
            former = get_object_or_404(FormerId, public_id=kwargs["public_id"], kind=self.kind)
            return moved(request, former, get_object_or_404(self.get_queryset(), pk=former.subject))


def described(operation_id: str, summary: str) -> Any:
    return extend_schema_view(get=extend_schema(operation_id=operation_id, summary=summary, tags=["Topics, institutions, sources"]))


@described("topics", "Topics")
class TopicsView(Entities[Topic]):
    """Topics, the last recorded first; with `search` those whose labels hold the words, the shortest first. One query, two for a search."""

    kind = Shelf.Kind.TOPIC
    queryset = TOPICS
    serializer_class = TopicSerializer
    filterset_class = TopicFilters


@described("topic", "One topic")
class TopicView(Entity[Topic]):
    """One topic. Its works: `/api/v1/works/?topic=`; its people: `/api/v1/authors/?topic=`."""

    kind = Shelf.Kind.TOPIC
    queryset = TOPICS
    serializer_class = TopicSerializer


@described("institutions", "Institutions")
class InstitutionsView(Entities[Institution]):
    """Institutions, the last recorded first; with `search` those that have the words in any of their names, the shortest first.

    Three queries, four for a search.
    """

    kind = Shelf.Kind.INSTITUTION
    queryset = INSTITUTIONS
    serializer_class = InstitutionSerializer
    filterset_class = InstitutionFilters


@described("institution", "One institution")
class InstitutionView(Entity[Institution]):
    """One institution, with every name that a registry has for it. Its works: `/api/v1/works/?institution=`; its people:
    `/api/v1/authors/?institution=`.
    """

    kind = Shelf.Kind.INSTITUTION
    queryset = INSTITUTIONS
    serializer_class = InstitutionSerializer


@described("sources", "Sources")
class SourcesView(Entities[Source]):
    """Journals, proceedings, repositories: the last recorded first; with `search` those with the words in their name, the shortest first.

    Two queries, three for a search.
    """

    kind = Shelf.Kind.SOURCE
    queryset = SOURCES
    serializer_class = SourceSerializer
    filterset_class = SourceFilters


@described("source", "One source")
class SourceView(Entity[Source]):
    """One source. Its works: `/api/v1/works/?source=`; who published there: `/api/v1/authors/?source=`."""

    kind = Shelf.Kind.SOURCE
    queryset = SOURCES
    serializer_class = SourceSerializer
