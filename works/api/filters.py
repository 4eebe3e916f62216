"""What lists of the record may be narrowed by. Every filter is read from an index in the order of the list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import F, Model, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.drainage import set_override

from works.identifiers import normalise
from works.models import Author, Authorship, FormerId, Institution, Shelf, Source, Topic, Work
from works.names import PUBLIC_ID_ALPHABET, PUBLIC_ID_LENGTH

PUBLIC_ID = f"^[{PUBLIC_ID_ALPHABET}]{{{PUBLIC_ID_LENGTH}}}$"
IDENTIFIER = r"^[a-z][a-z0-9_-]{0,15}:[^\x00-\x1f]{1,400}$"
COUNTRY = "^[A-Z]{2}$"
SCHEME = "^[a-z][a-z0-9_-]{0,15}$"
SHELF_KINDS: dict[type[Model], Shelf.Kind] = {
    Topic: Shelf.Kind.TOPIC,
    Institution: Shelf.Kind.INSTITUTION,
    Source: Shelf.Kind.SOURCE,
}


class PatternFilter(filters.CharFilter):
    """A text of one form: the whole of it, where `$` alone would let a line end pass. The API's description says the same."""

    field_class = forms.RegexField

    def __init__(self, *, pattern: str, help_text: str, schema: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(regex=pattern.removesuffix("$") + r"\Z", help_text=help_text, **kwargs)
        set_override(self, "field", {"type": "string", "pattern": pattern, "description": help_text} | (schema or {}))


class PublicIdFilter(PatternFilter):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(pattern=PUBLIC_ID, **kwargs)


class CountryFilter(PatternFilter):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(pattern=COUNTRY, help_text="Two letters after ISO 3166.", **kwargs)


class YearFilter(PatternFilter):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(pattern="^[12][0-9]{3}$", help_text="The year of publication.", **kwargs)
        set_override(self, "field", {"type": "integer", "minimum": 1000, "maximum": 2999, "description": "The year of publication."})


class IdentifierFilter(PatternFilter):
    """ "scheme:value"; a value that cannot be one of the scheme is one that nothing has."""

    example = "doi:10.1000/182"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(pattern=IDENTIFIER, help_text="A scheme, a colon and a value.", schema={"example": self.example}, **kwargs)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        scheme, _, text = value.partition(":")
        try:
            return qs.filter(identifiers__scheme=scheme, identifiers__value=normalise(scheme, text))
        except ValueError:
            return qs.none()


class CodeFilter(IdentifierFilter):
    """A topic's own scheme and code."""

    example = "arxiv:cs.LG"

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        scheme, _, code = value.partition(":")
        return qs.filter(scheme=scheme, code=code) if value else qs


def pk_of(kind: type[Author | Institution | Source | Topic | Work], public_id: str) -> int:
    """The row of a public id, or of what it was merged into; 0, which nothing has, where there is none. One query, or two."""
    columns = ("pk", "merged_into") if hasattr(kind, "merged_into") else ("pk",)
    found = kind.objects.filter(public_id=public_id).values_list(*columns).first()
    if found:
        return int(next(key for key in reversed(found) if key))
    if kind not in SHELF_KINDS:
        return 0
    former: int | None = FormerId.objects.filter(public_id=public_id, kind=SHELF_KINDS[kind]).values_list("subject", flat=True).first()
    return former or 0


def shelf_of(kind: type[Institution | Source | Topic], public_id: str) -> int:
    """The shelf of a topic, an institution or a source; 0, which is none, where nothing stands under it. Two queries, or three."""
    shelf = Shelf.objects.filter(kind=SHELF_KINDS[kind], subject=pk_of(kind, public_id))
    return shelf.values_list("pk", flat=True).first() or 0


class WorkFilters(filters.FilterSet):
    """`key` is the work's id as the index of each filter holds it, so that a page begins to be read where it begins."""

    author = PublicIdFilter(method="by_author", help_text="The public id of one of its authors.")
    topic = PublicIdFilter(method="by_topic", help_text="The public id of a topic.")
    source = PublicIdFilter(method="by_source", help_text="The public id of where it appeared.")
    institution = PublicIdFilter(method="by_institution", help_text="The public id of an institution that one of its authors names.")
    year = YearFilter()
    identifier = IdentifierFilter()

    class Meta:
        model = Work
        fields: list[str] = []

    def by_author(self, queryset: QuerySet[Work], _name: str, value: str) -> Any:
        narrowed = queryset.filter(authorships__author_id=pk_of(Author, value))
        return narrowed.annotate(key=F("authorships__work_id"))

    def by_topic(self, queryset: QuerySet[Work], _name: str, value: str) -> Any:
        return queryset.filter(work_topics__topic_id=pk_of(Topic, value)).annotate(key=F("work_topics__work_id"))

    def by_source(self, queryset: QuerySet[Work], _name: str, value: str) -> Any:
        return queryset.filter(source_id=pk_of(Source, value))

    def by_institution(self, queryset: QuerySet[Work], _name: str, value: str) -> Any:
        return queryset.filter(shelves__shelf_id=shelf_of(Institution, value)).annotate(key=F("shelves__work_id"))


class AuthorshipFilters(filters.FilterSet):
    author = PublicIdFilter(method="by_author", help_text="The public id of an author: the works, the last recorded first.")
    work = PublicIdFilter(method="by_work", help_text="The public id of a work: its byline, in order.")

    class Meta:
        model = Authorship
        fields: list[str] = []

    def by_author(self, queryset: QuerySet[Authorship], _name: str, value: str) -> QuerySet[Authorship]:
        return queryset.filter(author_id=pk_of(Author, value))

    def by_work(self, queryset: QuerySet[Authorship], _name: str, value: str) -> QuerySet[Authorship]:
        return queryset.filter(work_id=pk_of(Work, value))


class TopicFilters(filters.FilterSet):
    identifier = CodeFilter()
    scheme = PatternFilter(pattern=SCHEME, help_text="Whose term it is, such as arxiv.")

    class Meta:
        model = Topic
        fields: list[str] = []


class InstitutionFilters(filters.FilterSet):
    identifier = IdentifierFilter()
    country = CountryFilter(field_name="country_code")

    class Meta:
        model = Institution
        fields: list[str] = []


class SourceFilters(filters.FilterSet):
    identifier = IdentifierFilter()
    kind = filters.ChoiceFilter(choices=Source.Kind.choices, help_text="What it is.")

    class Meta:
        model = Source
        fields: list[str] = []
