"""The front door: home, search, about, and what the site says when something is wrong."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from bzpeer.telemetry import request_id
from profiles.trust.levels import MEANINGS
from works.forms import MAX_PAGE, SearchForm
from works.models import Author, AuthorIdentifier, Authorship, ImportRun, Topic, Work, WorkIdentifier, WorkTopic
from works.models.corpus import corpus_size

NEWEST = 5_000  # rows that the home page looks at, of however many there are
TOGETHER = 8  # results of each kind where both kinds are shown
ON_A_PAGE = 20
COUNTED_UP_TO = MAX_PAGE * ON_A_PAGE


class Results(NamedTuple):
    """A page of what was found, and how many there are; `is_capped` where there are more than anybody pages through."""

    found: list[Any]
    total: int
    is_capped: bool
    page: int
    pages: int


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the record holds and where to begin. It reads the newest rows, never the whole record. Five queries."""
    newest_authors = Author.objects.order_by("-pk").values("pk")[:NEWEST]
    newest_topics = WorkTopic.objects.order_by("-pk").values("pk")[:NEWEST]
    return render(
        request,
        "bzpeer/home.html",
        {
            "size": corpus_size(),
            "run": ImportRun.objects.filter(status=ImportRun.Status.FINISHED).only("source", "finished_at", "new").first(),
            "authors": for_list(Author.objects.filter(pk__in=newest_authors).with_works().order_by("-works_count", "name_key", "pk"))[:9],
            "topics": Topic.objects.filter(work_topics__in=newest_topics)
            .annotate(works=Count("work_topics"))
            .order_by("-works", "label")[:14],
            "works": for_cards(Work.objects.order_by("-pk"))[:4],
        },
    )


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """People and works for one text; an identifier that is known leads straight to its page. At most five queries."""
    form = SearchForm(request.GET)
    form.is_valid()  # what is not valid is left out of cleaned_data; the template shows why
    identifier = form.identifier()
    if identifier and (target := named_by(*identifier)):
        return redirect(target)
    data = form.cleaned_data
    topic = Topic.objects.filter(public_id=form.topic_id()).first() if data.get("topic") else None
    kind, page = data.get("kind", ""), data.get("page") or 1
    words = "" if identifier else form.words()
    people = results(found_people(words, topic), shown=kind in {"", "people"}, alone=bool(kind), page=page)
    works = results(found_works(words, topic), shown=kind in {"", "works"}, alone=bool(kind), page=page)
    state = {name: value for name in ("q", "topic") if (value := data.get(name))}
    return render(
        request,
        "bzpeer/search.html",
        {
            "form": form,
            "query": data.get("q", ""),
            "identifier": identifier,
            "topic": topic,
            "is_topic_unknown": bool(data.get("topic")) and topic is None,
            "kind": kind,
            "people": people,
            "works": works,
            "state": urlencode(state),
            "without_topic": urlencode({"q": data.get("q", "")}),
            "topics": [] if topic else topics_of(people.found, works.found),
        },
    )


def named_by(scheme: str, value: str) -> Author | Work | None:
    """The author or work that an identifier names. One query."""
    if scheme == "orcid":
        person = AuthorIdentifier.objects.select_related("author").filter(scheme=scheme, value=value).first()
        return person.author if person else None
    work = WorkIdentifier.objects.select_related("work").filter(scheme=scheme, value=value).first()
    return work.work if work else None


def found_people(words: str, topic: Topic | None) -> QuerySet[Author]:
    people = for_list(Author.objects.matching_name(words))
    return people.filter(summary__topics__contains=[{"slug": topic.slug}]) if topic else people


def found_works(words: str, topic: Topic | None) -> Any:
    """Works with these words in the title; without words, the topic's works, newest first among those last imported."""
    works = for_cards(Work.objects.all())
    if words:
        works = works.matching_title(words)
        return works.filter(work_topics__topic=topic) if topic else works
    if topic is None:
        return works.none()
    return works.filter(work_topics__in=topic.work_topics.order_by("-pk").values("pk")[:COUNTED_UP_TO]).newest_first()


def for_list(authors: QuerySet[Author]) -> QuerySet[Author]:
    """With what a list shows of each author, the title of the newest work included; no query more."""
    newest = Authorship.objects.filter(author=OuterRef("pk")).newest_first()
    return authors.only("public_id", "name", "works_count", "first_year", "last_year", "summary").annotate(
        recent_title=Subquery(newest.values("work__title")[:1])
    )


def for_cards(works: Any) -> Any:
    return works.only("public_id", "type", "title", "year", "notice", "authors_count", "card")


def results(rows: QuerySet[Any], *, shown: bool, alone: bool, page: int) -> Results:
    """A page of `rows`: a few beside the other kind, or twenty alone. It counts no further than anybody can page. Two queries."""
    count = rows.order_by()[: COUNTED_UP_TO + 1].count()
    is_capped = count > COUNTED_UP_TO
    count = min(count, COUNTED_UP_TO)
    pages = max(1, -(-count // ON_A_PAGE))
    if not shown or not count:
        return Results([], count, is_capped, 1, pages)
    if not alone:
        return Results(list(rows[:TOGETHER]), count, is_capped, 1, pages)
    page = min(page, pages)
    return Results(list(rows[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]), count, is_capped, page, pages)


def topics_of(people: list[Author], works: list[Work]) -> list[dict[str, str]]:
    """The topics that the shown results have most often, to narrow the search by."""
    seen: dict[str, list[Any]] = {}
    for item in (
        topic for source in (*(author.topics for author in people), *(work.card.get("topics", []) for work in works)) for topic in source
    ):
        seen.setdefault(item["slug"], [0, item["label"]])[0] += 1
    most = sorted(seen.items(), key=lambda pair: (-pair[1][0], pair[1][1]))
    return [{"slug": slug, "label": label} for slug, (_, label) in most[:8]]


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "bzpeer/about.html", {"meanings": MEANINGS, "contact": settings.CONTACT_EMAIL})


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether this process can serve: it reaches Postgres."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return render(request, "bzpeer/robots.txt", content_type="text/plain")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", {"request_id": request_id.get()}, status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", {"request_id": request_id.get()}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    reason = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    return render(request, "404.html", {"request_id": request_id.get(), "reason": reason}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Made without the request, so that neither the session nor anything else asks a database that may be what failed."""
    return HttpResponse(render_to_string("500.html", {"request_id": request_id.get()}), status=500)
