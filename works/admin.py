"""The record in Django's admin: to look at, not to edit. What registries say is changed by imports only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from works.models import Author, ImportRun, Institution, RejectedRecord, Source, Topic, Work


class ReadOnlyAdmin(admin.ModelAdmin):
    show_full_result_count = False

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
    search_fields = ["public_id__exact", "identifiers__value__exact"]
    exclude = ["title_search"]


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
