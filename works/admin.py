"""The record in Django's admin: to look at, not to edit. What registries say is changed by imports only."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from works.identifiers import NORMALISERS
from works.models import Author, ImportRun, Institution, RejectedRecord, Source, Topic, Work, WorkIdentifier


class FirstRows(Paginator):
    """Pages of the first ten thousand rows: nobody leafs further, and counting every work of a large record takes half a second a page."""

    most = 10_000

    @cached_property
    def count(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # what the admin lists is never a plain list
        return rows.order_by()[: self.most].count()


class ReadOnlyAdmin(admin.ModelAdmin):
    show_full_result_count = False
    paginator = FirstRows

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Author)
class AuthorAdmin(ReadOnlyAdmin):
    list_display = ["name", "public_id", "works_count", "first_year", "last_year"]
    search_fields = ["name_key__startswith", "public_id__exact"]
    exclude = ["name_search", "other_keys"]


@admin.register(Work)
class WorkAdmin(ReadOnlyAdmin):
    list_display = ["title", "public_id", "type", "year", "source"]
    list_select_related = ["source"]
    search_fields = ["public_id__exact"]
    search_help_text = "Public id, DOI or another identifier"
    exclude = ["title_search"]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        """By public id or identifier. The works are found first: joined to identifiers, both tables would be read from end to end."""
        if not (text := search_term.strip()):
            return queryset, False
        known = WorkIdentifier.objects.filter(scheme__in=sorted(NORMALISERS), value=text).values_list("work", flat=True)
        return queryset.filter(Q(public_id=text) | Q(pk__in=list(known))), False


@admin.register(Institution, Topic, Source)
class NamedAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "public_id"]
    search_fields = ["public_id__exact"]


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = ["id", "source", "status", "read", "new", "changed", "merged", "rejected", "requested_by", "created_at"]
    list_filter = ["source", "status"]


@admin.register(RejectedRecord)
class RejectedRecordAdmin(ReadOnlyAdmin):
    list_display = ["place", "key", "reason", "is_reservation"]
    list_filter = ["is_reservation"]
