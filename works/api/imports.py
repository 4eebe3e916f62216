"""Imports, for programs of the staff: what ran, what is running, and how to start one."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, status
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response

from works.actions.imports.runs import ImportImpossible, request_import
from works.api.reading import KnownParameters, refuse_unknown_fields
from works.models import ImportRun, RejectedRecord
from works.serializers.imports import ImportRequestSerializer, ImportRunSerializer, RejectedRecordSerializer

STAFF = [*generics.GenericAPIView.permission_classes, IsAdminUser]
SCOPES = {"GET": "imports:read", "POST": "imports:write"}


@extend_schema_view(get=extend_schema(operation_id="import_runs", summary="Import runs", tags=["Imports"]))
class ImportRunsView(KnownParameters, generics.ListAPIView[ImportRun]):
    """Import runs, the latest first. For staff."""

    queryset = ImportRun.objects.all()
    serializer_class = ImportRunSerializer
    permission_classes = STAFF
    scopes = SCOPES

    @extend_schema(
        operation_id="import_run_create",
        summary="Start an import",
        request=ImportRequestSerializer,
        responses={202: ImportRunSerializer},
        tags=["Imports"],
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask for an import; a worker does it. While a run for the same request is unfinished, that run is the answer. For staff."""
        asked = ImportRequestSerializer(data=request.data)
        refuse_unknown_fields(request.data, asked)
        asked.is_valid(raise_exception=True)
        try:
            run = request_import(**asked.validated_data, by=str(request.user))
        except ImportImpossible as impossible:
            raise ValidationError(str(impossible)) from impossible
        return Response(
            ImportRunSerializer(run).data, status=status.HTTP_202_ACCEPTED, headers={"Location": f"/api/v1/import-runs/{run.pk}/"}
        )


@extend_schema_view(get=extend_schema(operation_id="import_run", summary="One import run", tags=["Imports"]))
class ImportRunView(KnownParameters, generics.RetrieveAPIView[ImportRun]):
    """One import: what was asked and how far it is. For staff."""

    queryset = ImportRun.objects.all()
    serializer_class = ImportRunSerializer
    permission_classes = STAFF
    scopes = SCOPES


@extend_schema_view(get=extend_schema(operation_id="import_run_rejections", summary="What was not taken in", tags=["Imports"]))
class RejectionsView(KnownParameters, generics.ListAPIView[RejectedRecord]):
    """The records of an import that were rejected, or taken in with a reservation, in the order of reading. For staff."""

    queryset = RejectedRecord.objects.none()
    serializer_class = RejectedRecordSerializer
    permission_classes = STAFF
    scopes = SCOPES
    ordering = "pk"

    def get_queryset(self) -> QuerySet[RejectedRecord]:
        return get_object_or_404(ImportRun, pk=self.kwargs["pk"]).rejections.all()
