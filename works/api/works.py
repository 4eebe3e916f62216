"""Works, their bylines, what they cite and what cites them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema, extend_schema_view

from works.api.filters import AuthorshipFilters, WorkFilters
from works.api.reading import Listing, Reading, standing
from works.models import (
    Affiliation,
    AuthorName,
    Authorship,
    Notice,
    Reference,
    RegistryRecord,
    Work,
    WorkIdentifier,
    WorkTopic,
)
from works.models.finding import find_works
from works.serializers.record import AuthorshipOfWorkSerializer, ReferenceSerializer, WorkInShortSerializer, WorkSerializer

BYLINE = 100
IN_SHORT = ("public_id", "type", "title", "year", "notice", "authors_count", "card")


def with_affiliations() -> Any:
    return Prefetch("affiliations", queryset=Affiliation.objects.select_related("institution").order_by("place"))


def bylines() -> QuerySet[Authorship]:
    """Byline positions with all that is said of them. Two queries."""
    hidden = AuthorName.objects.filter(author=OuterRef("author"), is_public=False).values("name_key")
    shown = ("name", "orcid", "orcid_asserted_by", "matched_by", "confidence", "author__name", "author__public_id")
    return (
        Authorship.objects.select_related("author")
        .only("position", "work", *shown)
        .annotate(hidden=ArraySubquery(hidden))
        .prefetch_related(with_affiliations())
    )


@extend_schema_view(get=extend_schema(operation_id="works", summary="Works", tags=["Works"]))
class WorksView(Listing[Work]):
    """Works, the last recorded first; with `search` those whose titles hold the words, best first."""

    queryset = Work.objects.standing().only(*IN_SHORT).annotate(key=F("pk"))
    serializer_class = WorkInShortSerializer
    filterset_class = WorkFilters
    ordering = "-key"

    def find(self, text: str) -> Sequence[int]:
        return find_works(text).ids


@extend_schema_view(get=extend_schema(operation_id="work", summary="One work", tags=["Works"]))
class WorkView(Reading[Work]):
    """One work: byline with reasons and affiliations, abstract, identifiers, topics, versions. Seven queries, however long the byline.

    The id of a work that was merged into another redirects (301) to that other's.
    """

    serializer_class = WorkSerializer

    def get_queryset(self) -> QuerySet[Work]:
        known = Reference.objects.filter(work=OuterRef("pk")).order_by().values("work")
        citing = Reference.objects.filter(cited=OuterRef("pk")).order_by().values("cited")
        return (
            Work.objects.select_related("source", "merged_into")
            .defer("title_search", "title_key", "merged_into__title_search", "merged_into__card", "merged_into__abstract")
            .annotate(
                references_count=Coalesce(Subquery(known.annotate(n=Count("pk")).values("n")), 0),
                references_here=Coalesce(Subquery(known.annotate(n=Count("pk", filter=Q(cited__isnull=False))).values("n")), 0),
                citations_count=Coalesce(Subquery(citing.annotate(n=Count("work", distinct=True)).values("n")), 0),
            )
            .prefetch_related(
                Prefetch("work_topics", queryset=WorkTopic.objects.select_related("topic").order_by("place")),
                Prefetch("identifiers", queryset=WorkIdentifier.objects.order_by("scheme", "value")),
                Prefetch("records", queryset=RegistryRecord.objects.order_by("registry", "key")),
                Prefetch("authorships", queryset=bylines().filter(position__lte=BYLINE).order_by("position"), to_attr="first_authorships"),
            )
        )

    def get_object(self) -> Work:
        work = super().get_object()
        vars(work)["all_notices"] = list(Notice.objects.about(work))
        return work


@extend_schema_view(get=extend_schema(operation_id="work_references", summary="What a work cites", tags=["Works"]))
class ReferencesView(Listing[Reference]):
    """The references of a work, by scheme and value; each with the work that it names, where the record has that. Two queries."""

    serializer_class = ReferenceSerializer
    queryset = Reference.objects.none()
    ordering = ("scheme", "value")

    def get_queryset(self) -> QuerySet[Reference]:
        cited = Prefetch("cited", queryset=Work.objects.only(*IN_SHORT))
        return Reference.objects.filter(work=standing(Work, self.kwargs["public_id"])).prefetch_related(cited)


@extend_schema_view(get=extend_schema(operation_id="work_citations", summary="What cites a work", tags=["Works"]))
class CitationsView(Listing[Reference]):
    """The works of this record that cite a work, the last recorded first. Two queries."""

    serializer_class = WorkInShortSerializer  # type: ignore[assignment]  # of the works that the rows lead to
    queryset = Reference.objects.none()
    ordering = "-work_id"

    def get_queryset(self) -> QuerySet[Reference]:
        # One that names it by two identifiers cites it once.
        earlier = Reference.objects.filter(work=OuterRef("work"), cited=OuterRef("cited"), pk__lt=OuterRef("pk"))
        shown = ["work__" + name for name in IN_SHORT]
        citing = Reference.objects.filter(~Exists(earlier), cited=standing(Work, self.kwargs["public_id"]))
        return citing.select_related("work").only("work", *shown)

    def paginate_queryset(self, queryset: Any) -> list[Any]:
        return [reference.work for reference in super().paginate_queryset(queryset) or ()]


@extend_schema_view(get=extend_schema(operation_id="authorships", summary="Authorships", tags=["Works"]))
class AuthorshipsView(Listing[Authorship]):
    """Byline positions, each with the reason why it is taken for this author's, and how sure that is: of an author, or of a work."""

    queryset = Authorship.objects.none()
    serializer_class = AuthorshipOfWorkSerializer
    filterset_class = AuthorshipFilters

    @property
    def ordering(self) -> tuple[str, ...]:  # type: ignore[override]
        """Along the index of what the list is narrowed by."""
        if self.request.query_params.get("work"):
            return ("position",)
        return ("-work_id",) if self.request.query_params.get("author") else ("-pk",)

    def get_queryset(self) -> QuerySet[Authorship]:
        return bylines().prefetch_related(Prefetch("work", queryset=Work.objects.only(*IN_SHORT)))
