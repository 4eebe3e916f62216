"""Collaborations and slices, for programs."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from graph.actions.slices import ask_if_needed
from graph.loading.alike import lists_of
from graph.loading.paths import connect
from graph.models import KIND_OF, Built, Collaboration, SimilarPeople, SliceState
from graph.serializers import CollaborationSerializer, ConnectionSerializer, SimilarPeopleSerializer, SliceSerializer
from works.api.reading import KnownParameters, Listing, moved, standing
from works.models import Author, FormerId, Institution, Topic, Work
from works.names import PUBLIC_ID_ALPHABET, PUBLIC_ID_LENGTH

OF_SLICE = tuple(f"slice__{name}" for name in ("version", "built_at", "stale_at", "requested_at", "error"))
OF_SIMILAR = tuple(f"similar__{name}" for name in ("payload", "version", "built_at", "stale_at", "requested_at", "error"))
SHOWN = ("public_id", "merged_into__public_id", *OF_SLICE)
SHOWN_OF_SUBJECTS = ("public_id", *OF_SLICE)


class NotBuilt(NotFound):
    """A slice that a worker has still to build."""

    default_detail = "This slice is not built yet. It has been asked for: try again in a few seconds."
    wait = 2  # seconds, which Django REST framework says in Retry-After


@extend_schema_view(get=extend_schema(operation_id="author_collaborations", summary="Collaborations of an author", tags=["Graph"]))
class CollaborationsView(Listing[Collaboration]):
    """Whom an author has written with, the strongest tie first. Four queries, however many there are."""

    queryset = Collaboration.objects.none()
    serializer_class = CollaborationSerializer
    ordering = ("-strength_units", "-works_count", "other_id")

    def get_queryset(self) -> Any:
        """Each half is the range of an index; the list puts them together. One query for who asked."""
        author = standing(Author, self.kwargs["public_id"])
        return [half(author, "author_a", "author_b"), half(author, "author_b", "author_a")]

    def filter_queryset(self, queryset: Any) -> Any:
        return queryset

    def paginate_queryset(self, queryset: Any) -> list[Any]:
        rows = list(super().paginate_queryset(queryset) or ())
        people = Author.objects.only("public_id", "name").in_bulk([row.other_id for row in rows])
        for row in rows:
            row.other = people[row.other_id]
        return rows


def half(author: int, own: str, other: str) -> QuerySet[Collaboration]:
    return Collaboration.objects.filter(**{own: author}).annotate(other_id=F(f"{other}_id"))


class SliceReading(KnownParameters, APIView):
    """One query."""

    centres: QuerySet[Any]
    can_move = True  # authors and works know what they were merged into

    def get(self, request: Request, public_id: str, **_: Any) -> HttpResponseBase:
        joined = ("slice", "merged_into") if self.can_move else ("slice",)
        fields = SHOWN if self.can_move else SHOWN_OF_SUBJECTS
        shown = self.centres.select_related(*joined).annotate(payload=Cast("slice__payload", TextField())).only(*fields)
        centre = shown.filter(public_id=public_id).first()
        if centre is None:
            return self.elsewhere(request, public_id)
        if self.can_move and centre.merged_into:
            return moved(request, centre, centre.merged_into)
        kept: Built | None = getattr(centre, "slice", None)
        ask_if_needed(centre, kept)
        if kept is None or kept.built_at is None:
            raise NotBuilt(kept.error if kept and kept.error else None)
        etag = f'"{kept.version}-{kept.built_at.timestamp():.6f}"'
        response = get_conditional_response(request, etag=etag) or HttpResponse(vars(centre)["payload"], content_type="application/json")
        response["ETag"] = etag
        response["Cache-Control"] = "public, max-age=60"
        return response

    def elsewhere(self, request: Request, public_id: str) -> HttpResponseBase:
        """A topic or an institution that a registry united with another redirects; two queries more."""
        former = get_object_or_404(FormerId, public_id=public_id, kind=KIND_OF[self.centres.model])
        return moved(request, former, get_object_or_404(self.centres, pk=former.subject))


def described(operation_id: str, summary: str) -> Any:
    return extend_schema_view(get=extend_schema(operation_id=operation_id, summary=summary, responses=SliceSerializer, tags=["Graph"]))


@described("author_slice", "The graph around an author")
class AuthorSliceView(SliceReading):
    """The graph around an author, as the page draws it: people, works, topics, institutions and what connects them. One query.

    One that was never built is asked for, and the answer is 404 with `Retry-After` until a worker has built it, which takes milliseconds.
    """

    centres = Author.objects.filter(is_suppressed=False)


@described("work_slice", "The graph around a work")
class WorkSliceView(SliceReading):
    """The graph around a work: its people, what it cites, what cites it, and what the same people wrote. One query.

    One that was never built is asked for, and the answer is 404 with `Retry-After` until a worker has built it.
    """

    centres = Work.objects.all()


@described("topic_slice", "The graph around a topic")
class TopicSliceView(SliceReading):
    """The graph around a topic: the people with most works on it, its newest works, and what ties them. One query.

    One that was never built is asked for, and the answer is 404 with `Retry-After` until a worker has built it.
    """

    centres = Topic.objects.all()
    can_move = False


@described("institution_slice", "The graph around an institution")
class InstitutionSliceView(SliceReading):
    """The graph around an institution: the people with most works there, its newest works, and what ties them. One query.

    One that was never built is asked for, and the answer is 404 with `Retry-After` until a worker has built it.
    """

    centres = Institution.objects.all()
    can_move = False


class SimilarPeopleView(KnownParameters, APIView):
    """Who resembles an author without having written with them, and bridges to other circles, each with the reasons. Two queries.

    A worker compares. A list that was never made is asked for, and the answer is 404 with `Retry-After` until it is there; one that is
    behind the record or older than a week is given, says so in `is_stale`, and is made anew.
    """

    @extend_schema(operation_id="author_similar", summary="Similar people and bridges", responses=SimilarPeopleSerializer, tags=["Graph"])
    def get(self, request: Request, public_id: str, **_: Any) -> HttpResponseBase:
        known = Author.objects.filter(is_suppressed=False).select_related("similar", "merged_into")
        author = get_object_or_404(known.only("public_id", "name", "merged_into__public_id", *OF_SIMILAR), public_id=public_id)
        if author.merged_into:
            return moved(request, author, author.merged_into)
        kept: SimilarPeople | None = getattr(author, "similar", None)
        ask_if_needed(author, kept, kind="similar")
        if kept is None or kept.built_at is None:
            raise NotBuilt(
                kept.error if kept and kept.error else "This list is not made yet. It has been asked for: try again in a few seconds."
            )
        similar, bridges = lists_of(kept)
        told = {"built_at": kept.built_at, "is_stale": kept.state is SliceState.STALE, "similar": similar, "bridges": bridges}
        return Response(SimilarPeopleSerializer(told).data)


AN_ID = {"type": "string", "pattern": f"^[{PUBLIC_ID_ALPHABET}]{{{PUBLIC_ID_LENGTH}}}$"}
ENDS = {"from": "The id of one author.", "to": "The id of the other."}


class PathsView(KnownParameters, APIView):
    """How two authors are connected over those whom they wrote with: at most three of the shortest paths, the strongest first.

    The ids of merged authors stand for whom they were merged into. A request counts as three, since each is a search of its own.
    """

    counts_as = 3
    reads = tuple(ENDS)

    @extend_schema(
        operation_id="paths",
        summary="Paths between two authors",
        parameters=[OpenApiParameter(name, AN_ID, required=True, description=said) for name, said in ENDS.items()],
        responses=ConnectionSerializer,
        tags=["Graph"],
    )
    def get(self, request: Request, **_: Any) -> Response:
        source, target = ends(request)
        if source.pk == target.pk:
            from graph.paths import LIMITS  # networkx is no part of an ordinary web process

            told: dict[str, Any] = {"outcome": "same", "paths": (), "looked_at": 0, "is_cut": False, "limits": LIMITS, "hops": None}
        else:
            found = connect(source, target)
            names = ("outcome", "paths", "looked_at", "is_cut", "limits")
            told = {name: getattr(found, name) for name in names} | {"hops": found.hops or None}
        return Response(ConnectionSerializer(told | {"source": source, "target": target}).data)


def ends(request: Request) -> tuple[Author, Author]:
    """The two authors that are asked about. One query. ValidationError for what is no id, NotFound for an id of nobody."""
    ids = {name: request.query_params.get(name, "") for name in ENDS}
    if wrong := {name: [f"An author's id has {PUBLIC_ID_LENGTH} letters and digits."] for name, one in ids.items() if not is_id(one)}:
        raise ValidationError(wrong)
    fields = ("public_id", "name", "works_count", "is_suppressed")
    rows = Author.objects.filter(public_id__in=ids.values()).select_related("merged_into")
    known = {row.public_id: row.merged_into or row for row in rows.only(*fields, *(f"merged_into__{one}" for one in fields))}
    for name, one in ids.items():
        if one not in known or known[one].is_suppressed:
            raise NotFound(f"There is no author with the id that {name} gives.")
    return known[ids["from"]], known[ids["to"]]


def is_id(text: str) -> bool:
    return len(text) == PUBLIC_ID_LENGTH and set(text) <= set(PUBLIC_ID_ALPHABET)
