"""Authors: the record's figures, what a person says of themselves, and trust in short."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Prefetch, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view

from profiles.models.follow import followers_count
from profiles.serializers import AuthorSerializer
from works.api.filters import IdentifierFilter, PublicIdFilter, shelf_of
from works.api.reading import Listing, Reading
from works.models import Author, AuthorIdentifier, AuthorName, Institution, Source, Topic
from works.models.finding import find_people

UNUSED = (
    "name_key", "name_search", "other_keys", "profile__biography", "trust__lines", "trust__not_counted",
    "merged_into__summary", "merged_into__name_search", "merged_into__other_keys",
)  # fmt: skip
SHELVES = ("topic", "institution", "source")


class AuthorFilters(filters.FilterSet):
    identifier = IdentifierFilter()
    claimed = filters.ChoiceFilter(method="by_claim", choices=[("true", "true")], help_text="Only those for whose record a person answers.")
    topic = PublicIdFilter(method="by_topic", help_text="The public id of a topic: those with most works about it first.")
    institution = PublicIdFilter(method="by_institution", help_text="The public id of an institution: those with most works there first.")
    source = PublicIdFilter(method="by_source", help_text="The public id of a source: those with most works there first.")

    class Meta:
        model = Author
        fields: list[str] = []

    def by_claim(self, queryset: QuerySet[Author], _name: str, _value: str) -> QuerySet[Author]:
        return queryset.filter(is_claimed=True)

    def by_topic(self, queryset: QuerySet[Author], _name: str, value: str) -> Any:
        return on_shelf(queryset, shelf_of(Topic, value))

    def by_institution(self, queryset: QuerySet[Author], _name: str, value: str) -> Any:
        return on_shelf(queryset, shelf_of(Institution, value))

    def by_source(self, queryset: QuerySet[Author], _name: str, value: str) -> Any:
        return on_shelf(queryset, shelf_of(Source, value))


def on_shelf(queryset: QuerySet[Author], shelf: int) -> Any:
    """`here` and `key` are what the index of a shelf's people holds, so that a page begins to be read where it begins."""
    return queryset.filter(shelves__shelf_id=shelf).annotate(here=F("shelves__works_count"), key=F("shelves__author_id"))


def authors() -> QuerySet[Author]:
    """With all that is said of them, in three queries: the followers' number is counted on an index within the first."""
    return (
        Author.objects.filter(is_suppressed=False)
        .select_related("trust", "neighbourhood", "profile", "merged_into")
        .defer(*UNUSED)
        .annotate(followers_count=followers_count())
        .prefetch_related(
            Prefetch("identifiers", queryset=AuthorIdentifier.objects.order_by("scheme", "value")),
            Prefetch("other_names", queryset=AuthorName.objects.filter(is_public=True), to_attr="public_names"),
        )
    )


@extend_schema_view(get=extend_schema(operation_id="authors", summary="Authors", tags=["Authors"]))
class AuthorsView(Listing[Author]):
    """Authors with works, the last recorded first; with `search` those whose names hold the words, as the site's search ranks them.

    Near spellings are tried where nobody has the words as they stand. Those of a topic, an institution or a source come with most works
    there first. Three queries for a page, and a few more for a search or a filter.
    """

    serializer_class = AuthorSerializer
    filterset_class = AuthorFilters
    queryset = Author.objects.none()

    @property
    def ordering(self) -> tuple[str, ...]:  # type: ignore[override]
        """Along the index of what the list is narrowed by."""
        return ("-here", "key") if any(self.request.query_params.get(name) for name in SHELVES) else ("-pk",)

    def get_queryset(self) -> QuerySet[Author]:
        return authors().standing().with_works()  # type: ignore[attr-defined,no-any-return]

    def find(self, text: str) -> Sequence[int]:
        return find_people(text).ids


@extend_schema_view(get=extend_schema(operation_id="author", summary="One author", tags=["Authors"]))
class AuthorView(Reading[Author]):
    """One author. The id of who was merged into another redirects (301) to that other's. Three queries."""

    serializer_class = AuthorSerializer
    queryset = Author.objects.none()

    def get_queryset(self) -> QuerySet[Author]:
        return authors()
