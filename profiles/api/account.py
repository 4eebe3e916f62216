"""One's own account."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from profiles.models.token import Scope
from profiles.serializers import AccountSerializer
from works.api.reading import KnownParameters


class MeView(KnownParameters, APIView):
    """The account that asks, and by which token. E-mail addresses are in no answer of the API, one's own neither."""

    permission_classes = [*APIView.permission_classes, IsAuthenticated]
    scopes = {"GET": Scope.ACCOUNT_READ}

    @extend_schema(operation_id="me", summary="Own account", responses=AccountSerializer, tags=["Account"])
    def get(self, request: Request) -> Response:
        return Response(AccountSerializer({"user": request.user, "token": request.auth}).data)
