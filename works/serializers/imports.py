"""The record as the API shows it, and what may be asked of it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from works.forms import IDS_AT_ONCE
from works.models import ImportRun, RejectedRecord


class ImportRunSerializer(serializers.ModelSerializer[ImportRun]):
    """An import: what was asked, how far it is, what came of it. Who asked is not in it, nor where files lie."""

    query = serializers.CharField(source="request.query", help_text="The query, in the source's own words; empty if there was none.")
    ids = serializers.ListField(source="request.ids", child=serializers.CharField(), help_text="The identifiers that were asked for.")
    files = serializers.SerializerMethodField(help_text="How many files it reads.")
    url = serializers.CharField(source="get_absolute_url", help_text="Its page.")

    class Meta:
        model = ImportRun
        fields = [
            "id",
            "source",
            "status",
            "query",
            "ids",
            "files",
            "read",
            "new",
            "changed",
            "unchanged",
            "merged",
            "rejected",
            "error",
            "created_at",
            "started_at",
            "finished_at",
            "url",
        ]

    def get_files(self, run: ImportRun) -> int:
        return len(run.request["files"])


class RejectedRecordSerializer(serializers.ModelSerializer[RejectedRecord]):
    """A record that was not taken in, or was with a reservation."""

    class Meta:
        model = RejectedRecord
        fields = ["id", "place", "key", "reason", "excerpt", "is_reservation"]


class ImportRequestSerializer(serializers.Serializer[dict[str, Any]]):
    """What to import: from one source, by a query or by identifiers. Files go through the site's page or `manage.py import_works`."""

    source = serializers.ChoiceField(  # type: ignore[assignment]  # the stubs take the field's attribute of that name for it
        choices=["arxiv", "openalex"], help_text="The registry to ask."
    )
    query = serializers.CharField(required=False, default="", max_length=1000, help_text="In the source's own words.")
    ids = serializers.ListField(
        required=False,
        default=list,
        max_length=IDS_AT_ONCE,
        child=serializers.CharField(max_length=200),
        help_text="arXiv ids, DOIs or OpenAlex ids.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs["query"]) == bool(attrs["ids"]):
            raise serializers.ValidationError("Say what to import in exactly one way: query, or ids.")
        return attrs
