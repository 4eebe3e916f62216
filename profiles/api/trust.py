"""Trust, line by line, for programs."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from profiles.serializers import TrustSerializer
from works.api.reading import KnownParameters
from works.models import Author


class AuthorTrustView(KnownParameters, APIView):
    """How much independent evidence ties an author's page to one real person, and why: the lines sum to the figure. Two queries.

    The id of who was merged into another redirects (301) to that other's.
    """

    @extend_schema(operation_id="author_trust", summary="Trust of an author, with every line", responses=TrustSerializer, tags=["Authors"])
    def get(self, request: Request, public_id: str, **_: Any) -> Response | HttpResponseBase:
        authors = Author.objects.select_related("trust").only("name", "public_id", "trust").filter(trust__isnull=False)
        author = authors.filter(public_id=public_id, merged_into__isnull=True, is_suppressed=False).first()
        if author is None:
            winner = get_object_or_404(Author.objects.only("public_id"), absorbed__public_id=public_id)
            return redirect("api:author_trust", public_id=winner.public_id, permanent=True)
        changes = [change for change in author.trust_changes.all()[:20] if change.lines]
        return Response(TrustSerializer({"author": author, "trust": author.trust, "changes": changes}).data)
