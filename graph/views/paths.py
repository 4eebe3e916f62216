"""The page of a path: how two people are connected, over whom they wrote with. Both ends are chosen by typing or stand in the address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from graph.loading.paths import connect
from graph.views.slices import PUBLIC_ID_AT_END
from works.models import Author, Authorship
from works.models.completion import complete
from works.models.finding import find_people
from works.names import fold

LABELS = {"from": "From", "to": "To"}
CANDIDATES = 12
LONGEST = 300
NOBODY = "Nobody in the record has this address."
NOBODY_FOUND = "Nobody in the record has this name."


@dataclass(slots=True)
class End:
    """One end of a path: who it is, or what was typed and who may be meant. `name` is that of its parameter."""

    name: str
    author: Author | None = None
    text: str = ""
    candidates: list[Author] = field(default_factory=list)
    problem: str = ""
    is_unknown: bool = False

    @property
    def label(self) -> str:
        return LABELS[self.name]

    @property
    def state(self) -> dict[str, str]:
        """This end in the address of a choice at the other one."""
        if self.author:
            return {self.name: self.author.slug}
        return {f"{self.name}_name": self.text} if self.text else {}

    def choices(self, other: End) -> list[tuple[Author, str]]:
        """Who may be meant, each with the address that says so."""
        return [(author, address({self.name: author.slug} | other.state)) for author in self.candidates]


def address(state: dict[str, str]) -> str:
    ordered = {name: state[name] for end in LABELS for name in (end, f"{end}_name") if name in state}
    return f"{reverse('graph:path')}?{urlencode(ordered)}"


@require_safe
def path(request: HttpRequest) -> HttpResponse:
    """At most eleven queries with two known ends, of bounded cost; typed names cost up to eleven more each."""
    source, target = ends_of(request)
    authors = [end.author for end in (source, target) if end.author]
    context: dict[str, Any] = {
        "source": source, "target": target, "is_asked": bool(request.GET), "choices": [],
        "title": " and ".join(author.name for author in authors),
    }  # fmt: skip
    if len(authors) == 2:
        if asked := canonical(request, source, target):
            return redirect(asked)
        context["is_same"] = authors[0].pk == authors[1].pk
        if not context["is_same"]:
            context["connection"] = connect(*authors)
    context["choices"] = [(end, end.choices(other)) for end, other in ((source, target), (target, source)) if end.candidates]
    response = render(request, "graph/path.html", context, status=404 if source.is_unknown or target.is_unknown else 200)
    response["Cache-Control"] = "no-cache"
    return response


def canonical(request: HttpRequest, source: End, target: End) -> str:
    """The one address of this path, where another was asked for."""
    wanted = source.state | target.state
    return "" if request.GET.dict() == wanted else address(wanted)


def ends_of(request: HttpRequest) -> tuple[End, End]:
    """Both ends: whom their addresses name, unless something else was typed. One query for both, and those of a search for each name."""
    given = {name: request.GET.get(name, "")[:LONGEST].replace("\0", "") for name in LABELS}
    ids = {name: value.rpartition("-")[2] for name, value in given.items() if PUBLIC_ID_AT_END.search(value)}
    known = {author.public_id: author for author in rows(set(ids.values()))} if ids else {}
    ends = []
    for name in LABELS:
        author = stands(known.get(ids.get(name, "")))
        typed = request.GET.get(f"{name}_name")
        if typed is None and name not in ids:
            typed = given[name]
        if typed is None or (author and typed.strip() == author.name):
            ends.append(End(name, author, author.name) if author else End(name, problem=NOBODY, is_unknown=True))
        else:
            ends.append(end_by_name(name, typed[:LONGEST].replace("\0", "").strip()))
    return ends[0], ends[1]


def rows(ids: set[str]) -> Any:
    fields = ("public_id", "name", "works_count", "is_suppressed")
    return Author.objects.filter(public_id__in=ids).select_related("merged_into").only(*fields, *(f"merged_into__{one}" for one in fields))


def stands(author: Author | None) -> Author | None:
    """The author, or whom it was merged into; None where the page was removed."""
    found = author.merged_into or author if author else None
    return found if found and not found.is_suppressed else None


def end_by_name(name: str, text: str) -> End:
    """Who may be meant by a name; one who alone has just this name is."""
    if not text:
        return End(name)
    ids = find_people(text).ids[:CANDIDATES]
    newest = Authorship.objects.filter(author=OuterRef("pk")).newest_first().values("work__title")[:1]
    people = Author.objects.only("public_id", "name", "works_count", "summary").annotate(recent_title=Subquery(newest)).in_bulk(ids)
    found = [people[pk] for pk in ids if pk in people]
    if len(found) == 1 and fold(found[0].name) == fold(text):
        return End(name, found[0], found[0].name)
    return End(name, None, text, found, "" if found else NOBODY_FOUND)


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Whom a name that somebody is typing into one of the boxes may become, for HTMX; opened alone, the page. One query."""
    name = next((end for end in LABELS if f"{end}_name" in request.GET), "from")
    text = request.GET.get(f"{name}_name", "")[:LONGEST].replace("\0", "")
    if not request.headers.get("HX-Request"):
        return redirect(address({f"{name}_name": text}))
    found = [(one, one.href.strip("/").rpartition("/")[2]) for one in complete(text) if one.kind == "person"]
    response = render(request, "graph/path_people.html", {"name": name, "people": found})
    patch_vary_headers(response, ["HX-Request"])
    return response
