"""A database as a worker leaves it: the synthetic corpus, counted, with trust and slices; and who and what of it is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from urllib.parse import urlencode

from django.db import connection
from django.utils import timezone

from graph.actions.builds import build_slice
from graph.actions.collaborations import rebuild_graph
from graph.models import Neighbourhood, Slice
from profiles.actions.trust import rebuild_trust
from tests.benchmarks.generator import HUB, SyntheticCorpus, load
from works.actions.search import rebuild_search
from works.actions.shelves import rebuild_shelves
from works.models import Author, Work

ANYBODY = 150
SEARCHES = 200
WHOLE_PAGE = 20  # works


@dataclass(frozen=True, slots=True)
class Scene:
    """One kind of request: a name for the table, and the addresses asked in turn."""

    name: str
    paths: list[str]
    headers: dict[str, str]


def populate(works: int) -> None:
    """Load a corpus of so many works, and derive from it what workers derive; statistics are up to date at the end."""
    load(SyntheticCorpus(works))
    derive()


def derive() -> None:
    """Count the collaborations, fill the shelves, compute the trust, index the words."""
    rebuild_graph()
    rebuild_shelves()
    rebuild_trust()
    rebuild_search()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def middling_person() -> Author:
    """Of the authors with just enough works to fill a page, the one with a middling number of collaborators."""
    enough = Neighbourhood.objects.filter(author__works_count=WHOLE_PAGE).order_by("collaborators_count", "pk")
    return Author.objects.get(pk=list(enough.values_list("pk", flat=True))[enough.count() // 2])


def at_share(share: float) -> Author:
    """The author below whom this share of all authors with works has fewer collaborators."""
    ranked = Neighbourhood.objects.filter(author__works_count__gt=0).order_by("collaborators_count", "pk")
    return Author.objects.get(pk=ranked[int(share * (ranked.count() - 1))].pk)


def random_people(count: int = ANYBODY, *, seed: int = 7) -> list[Author]:
    ids = list(Author.objects.with_works().order_by("pk").values_list("pk", flat=True))
    return list(Author.objects.filter(pk__in=Random(seed).sample(ids, min(count, len(ids)))).order_by("pk"))


def build_slices(authors: list[Author]) -> None:
    """Ask for these people's slices and build them, in this process."""
    Slice.objects.bulk_create([Slice(author=author, requested_at=timezone.now()) for author in authors], ignore_conflicts=True)
    for author in authors:
        build_slice(author_id=author.pk)


# Only plain addresses are kept for strangers (works/views/strangers.py).
ANEW = "?made=anew"


def searches(count: int = SEARCHES, *, seed: int = 7) -> list[str]:
    """What people type: a whole name, a name's beginnings, one word of a title, three of them, in equal parts and mixed."""
    rng = Random(seed)
    names = [author.name for author in random_people(count, seed=seed)]
    titles = [
        title.split()
        for title in Work.objects.filter(pk__in=rng.sample(range(1, Work.objects.count() + 1), count // 2)).values_list("title", flat=True)
    ]
    found = []
    for n in range(count):
        words = titles[n // 2 % len(titles)]
        name = names[n % len(names)]
        found.append((name, " ".join(word[:3] for word in name.split()), words[3].rstrip(":"), " ".join(words[:4]))[n % 4])
    return found


def scenes() -> list[Scene]:
    """What is measured, hello first."""
    person, hub, anybody = middling_person(), Author.objects.get(pk=HUB), random_people()
    build_slices([person, hub, *anybody])
    works = list(Work.objects.order_by("pk").values_list("public_id", flat=True))
    htmx = {"HX-Request": "true"}
    packed = {"Accept-Encoding": "gzip"}

    def at(authors: list[Author], rest: str = "") -> list[str]:
        return [author.get_absolute_url() + rest for author in authors]

    return [
        Scene("hello", ["/hello/"], {}),
        Scene(f"researcher page, {person.works_count} works", at([person], ANEW), {}),
        Scene("researcher page, anybody", at(anybody, ANEW), {}),
        Scene(f"researcher page, the busiest ({hub.works_count} works)", at([hub], ANEW), {}),
        Scene(f"researcher page, {person.works_count} works, kept", at([person]), packed),
        Scene("researcher page, anybody, kept", at(anybody), packed),
        Scene("stored slice, HTML part", at([person], f"graph/{ANEW}"), htmx),
        Scene("stored slice, HTML part, anybody", at(anybody, f"graph/{ANEW}"), htmx),
        Scene("stored slice, HTML part, anybody, kept", at(anybody, "graph/"), htmx | packed),
        Scene("stored slice, JSON", at([person], "graph/?format=json"), {}),
        Scene("search, people and works", [f"/search/?{urlencode({'q': text})}" for text in searches()], {}),
        Scene("work page", [f"/works/{works[place]}/" for place in Random(7).sample(range(len(works)), ANYBODY)], {}),
    ]
