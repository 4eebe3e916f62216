"""Every list of the API with as many rows as a test wants: a new list that is not here fails the tests that walk all of them."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone
from rest_framework.generics import ListAPIView

from bzpeer.api.urls import urlpatterns
from graph.models import Collaboration, Neighbourhood
from profiles.models import Claim, Trust, User
from tests.factories.people import make_user
from tests.factories.works import make_author, make_institution, make_topic, make_work
from works.models import (
    AuthorIdentifier,
    AuthorName,
    ImportRun,
    InstitutionIdentifier,
    InstitutionName,
    Reference,
    RejectedRecord,
    Source,
    SourceIdentifier,
)
from works.names import public_id

ADDRESS = "/api/v1/"


def list_views() -> dict[str, type]:
    """The name of each address in the API that answers with a list, and its view."""
    found = {pattern.name: getattr(pattern.callback, "view_class", None) for pattern in urlpatterns if pattern.name}
    return {name: view for name, view in found.items() if view and issubclass(view, ListAPIView)}


def some_authors(rows: int) -> str:
    for number in range(rows):
        author = make_author(f"Author Number{number}", works_count=1, summary={"topics": [], "affiliations": [], "years": [[2022, 1]]})
        AuthorIdentifier.objects.create(author=author, scheme="openalex", value=f"A{number:04}")
        AuthorName.objects.create(author=author, name=f"Other {number}", name_key=f"other {number}", is_public=True)
        Neighbourhood.objects.create(author=author, collaborators_count=2, close_count=1, closest=[])
        trust = {
            "micropoints": 1_000_000,
            "score": 1,
            "band": "unverified",
            "level": 1,
            "lines": [],
            "not_counted": [],
            "formula": "1",
            "computed_at": timezone.now(),
        }
        Trust.objects.update_or_create(author=author, defaults=trust)
    return "authors/"


def some_works(rows: int) -> str:
    for number in range(rows):
        make_work(f"Work number {number}", authors=[make_author(f"Writer {number}")], topics=["matter"])
    return "works/"


def some_references(rows: int) -> str:
    citing = make_work("A survey")
    cited = [make_work(f"Cited {number}") for number in range(rows)]
    Reference.objects.bulk_create(
        Reference(work=citing, scheme="doi", value=f"10.1/{number:03}", cited=work) for number, work in enumerate(cited)
    )
    return f"works/{citing.public_id}/references/"


def some_citations(rows: int) -> str:
    cited = make_work("A classic")
    citing = [make_work(f"Citing {number}") for number in range(rows)]
    Reference.objects.bulk_create(
        Reference(work=work, scheme=scheme, value="1", cited=cited) for work in citing for scheme in ("doi", "pmid")
    )
    return f"works/{cited.public_id}/citations/"


def some_authorships(rows: int) -> str:
    authors = [make_author(f"Writer {number}") for number in range(rows)]
    work = make_work("A long byline", authors=authors, institutions={author: f"Institute {n}" for n, author in enumerate(authors)})
    return f"authorships/?work={work.public_id}"


def some_collaborations(rows: int) -> str:
    """Half of them on either side, some of equal strength."""
    others = [make_author(f"Other {number}") for number in range(rows // 2)]
    centre = make_author("The Centre")
    others += [make_author(f"Other {number}") for number in range(rows // 2, rows)]
    Collaboration.objects.bulk_create(
        Collaboration(
            author_a=min(centre, other, key=lambda author: author.pk),
            author_b=max(centre, other, key=lambda author: author.pk),
            works_count=1 + number % 3,
            strength_units=number // 4,
        )
        for number, other in enumerate(others)
    )
    return f"authors/{centre.public_id}/collaborations/"


def some_topics(rows: int) -> str:
    for number in range(rows):
        make_topic(f"Topic {number}")
    return "topics/"


def some_institutions(rows: int) -> str:
    for number in range(rows):
        made = make_institution(f"Institute {number}")
        InstitutionIdentifier.objects.create(institution=made, scheme="ror", value=f"0{number:08}")
        InstitutionName.objects.create(institution=made, registry="ror", kind="alias", name=f"I{number}", name_key=f"i{number}")
    return "institutions/"


def some_sources(rows: int) -> str:
    for number in range(rows):
        name = f"Journal {number}"
        made = Source.objects.create(public_id=public_id("source", name), name=name, name_key=name.lower(), kind="journal")
        SourceIdentifier.objects.create(source=made, scheme="issn", value=f"{number:04}-0000")
    return "sources/"


def some_claims(rows: int) -> str:
    """Of the account that `reader` signs in."""
    user = reader()
    for number in range(rows):
        Claim.objects.create(user=user, author=make_author(f"Claimed {number}"), status=Claim.Status.WITHDRAWN)
    return "me/claims/"


def some_runs(rows: int) -> str:
    for number in range(rows):
        ImportRun.objects.create(source="arxiv", request={"files": [], "ids": [], "query": "q"}, fingerprint=str(number))
    return "import-runs/"


def some_rejections(rows: int) -> str:
    run = ImportRun.objects.create(source="arxiv", request={"files": [], "ids": [], "query": "q"}, fingerprint="x")
    RejectedRecord.objects.bulk_create(RejectedRecord(run=run, place=f"line {number}", reason="no title") for number in range(rows))
    return f"import-runs/{run.pk}/rejections/"


LISTS: dict[str, Callable[[int], str]] = {
    "authors": some_authors,
    "author_collaborations": some_collaborations,
    "works": some_works,
    "work_references": some_references,
    "work_citations": some_citations,
    "authorships": some_authorships,
    "topics": some_topics,
    "institutions": some_institutions,
    "sources": some_sources,
    "my_claims": some_claims,
    "import_runs": some_runs,
    "import_run_rejections": some_rejections,
}


def reader() -> User:
    """A member of staff, who may read every list."""
    return User.objects.filter(email="walker@example.org").first() or make_user("walker@example.org", is_staff=True)
