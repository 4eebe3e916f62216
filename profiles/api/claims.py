"""One's own claims. Nobody else's are in any answer, and no code, address or reviewer is."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from profiles.models import Claim, Evidence
from profiles.models.token import Scope
from profiles.serializers import ClaimSerializer
from works.api.reading import KnownParameters


class MyClaimsView(KnownParameters, ListAPIView[Claim]):
    """The claims of the account that asks, newest first, each with its state and evidence. Three queries."""

    permission_classes = [*ListAPIView.permission_classes, IsAuthenticated]
    scopes = {"GET": Scope.CLAIMS_READ}
    serializer_class = ClaimSerializer
    queryset = Claim.objects.none()

    @extend_schema(operation_id="my_claims", summary="Own claims", tags=["Account"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Claim]:
        shown = Evidence.objects.exclude(kind__in=[Evidence.Kind.STAFF_NOTE, Evidence.Kind.STAFF_BINDING]).order_by("pk")
        own = Claim.objects.filter(user=self.request.user.pk).select_related("author")
        return own.prefetch_related(Prefetch("evidence", queryset=shown))
