"""People whose pages are claimed and verified, made by the same actions that the site takes; and the record that they stand in."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from django.db import transaction
from django.utils import timezone

from graph.actions.collaborations import count_collaborations
from profiles import tasks
from profiles.actions.claims import answer_works, approve_claim, begin_claim, submit_claim
from profiles.models import Evidence, Profile, Trust, User
from profiles.signals import evidence_changed
from tests.factories.people import make_user
from works.actions.authorships import Answer, decide_authorships
from works.actions.imports.batch import take_in
from works.actions.journal import Actor
from works.importers.bzpeer import read_work
from works.importers.checks import checked
from works.models import Author, Authorship, Institution, InstitutionIdentifier
from works.models.decision import Role
from works.names import fold, public_id
from works.signals import authorships_changed

numbers = count(1)
K = Evidence.Kind


def record(title: str, authors: list[Any], *, registry: str = "arxiv", topics: int = 1, **fields: Any) -> dict[str, Any]:
    """A record as a registry tells it: a preprint of 2022 from arXiv, unless told otherwise."""
    kinds = {"arxiv": "repository", "crossref": "publisher", "pubmed": "publisher", "hal": "repository", "datacite": "repository"}
    schemes = {"arxiv": "arxiv", "crossref": "doi", "pubmed": "pmid", "hal": "hal", "datacite": "doi"}
    number = next(numbers)
    values = {"arxiv": f"2201.{number:05}", "doi": f"10.1000/{number}", "pmid": str(number), "hal": f"hal-{number:08}"}
    scheme = schemes[registry]
    return {
        "registry": registry,
        "key": f"{registry} {number}",
        "asserted_by": kinds[registry],
        "title": title,
        "type": "preprint" if kinds[registry] == "repository" else "article",
        "year": 2022,
        "published_on": "2022-03-01",
        "authors": authors,
        "identifiers": [[scheme, values[scheme]]],
        "topics": [{"scheme": "keyword", "code": f"t{place}", "label": f"Topic {place}"} for place in range(topics)],
    } | fields


def printed(name: str, *, ror: str = "", orcid: str = "") -> dict[str, Any]:
    """A byline position with the institution and the iD that a publisher prints there."""
    affiliation = {"raw": f"Department, {ror}", "name": f"University {ror}", "identifiers": [["ror", ror]]}
    return {
        "raw_name": name,
        "name": name,
        "identifiers": [["orcid", orcid]] if orcid else [],
        "affiliations": [affiliation] if ror else [],
    }


def bring_in(*records: dict[str, Any]) -> list[int]:
    """Take the records in as an import does, announcement and all."""
    with transaction.atomic():
        tally = take_in([(str(place), checked(read_work(item))[0]) for place, item in enumerate(records)], run_id=None)
        authorships_changed.send(sender=None, author_ids=sorted(tally.author_ids))
    return sorted(tally.author_ids)


def settle() -> None:
    """Pay everything that is owed, as the workers do."""
    while count_collaborations():
        pass
    tasks.compute_trust()


def staff(number: int = 1) -> User:
    """A member of staff, always the same one for a number."""
    email = f"staff{number}@bzpeer.example"
    return User.objects.filter(email=email).first() or make_user(email, is_staff=True)


def institution(ror: str) -> Institution:
    found = InstitutionIdentifier.objects.filter(scheme="ror", value=ror).select_related("institution").first()
    if found:
        return found.institution
    name = f"University {ror}"
    made = Institution.objects.create(public_id=public_id("institution", ror), name=name, name_key=fold(name))
    InstitutionIdentifier.objects.create(institution=made, scheme="ror", value=ror)
    return made


def prove(
    author: Author,
    user: User,
    kind: str,
    *,
    source: str = "",
    value: str = "",
    ror: str = "",
    days: int = 20,
    given_by: User | None = None,
) -> Evidence:
    """A piece of evidence that was proved so many days ago, announced as the checks announce it."""
    then = timezone.now() - timedelta(days=days)
    with transaction.atomic():
        evidence = Evidence.objects.create(
            user=user,
            author=author,
            kind=kind,
            status=Evidence.Status.PROVED,
            source=source or (f"user:{given_by.pk}" if given_by else f"{kind} of {ror or user.pk}"),
            value=value,
            institution=institution(ror) if ror else None,
            given_by=given_by,
            dated=then.date(),
            proved_at=then,
        )
        evidence_changed.send(sender=Evidence, author_ids=[author.pk], user_ids=[user.pk])
    return evidence


def revoke(evidence: Evidence) -> None:
    with transaction.atomic():
        evidence.status, evidence.revoked_at = Evidence.Status.REVOKED, timezone.now()
        evidence.save()
        evidence_changed.send(sender=Evidence, author_ids=[evidence.author_id], user_ids=[evidence.user_id])


def account(author: Author, *, days: int = 30) -> User:
    """An account of somebody who will claim, made so many days ago."""
    return make_user(f"{author.public_id}-{next(numbers)}@mail.example", date_joined=timezone.now() - timedelta(days=days))


def claimed(author: Author, *kinds: str, ror: str = "") -> User:
    """The author claims their record on an ORCID iD and these kinds of evidence, and a reviewer approves; their account."""
    user = account(author)
    claim = begin_claim(author, by=user)
    place = Authorship.objects.filter(author=author).order_by("work").values_list("work_id", "position")[0]
    answer_works(claim, answers={place: True}, by=user)
    printed_orcid = Authorship.objects.filter(author=author).exclude(orcid="").values_list("orcid", flat=True).first()
    prove(author, user, K.ORCID_ON_WORK, source="Crossref", value=printed_orcid or "")
    for kind in kinds:
        prove(author, user, kind, ror=ror)
    submit_claim(claim, by=user)
    approve_claim(claim, by=staff(9))
    return user


def identity_checked(author: Author, *, ror: str = "") -> User:
    """The same, and two members of staff checked who it is: level 4. Speaks for the institution where one is given."""
    user = claimed(author, *([K.INSTITUTION_EMAIL] if ror else []), ror=ror)
    for number in (1, 2):
        prove(author, user, K.IDENTITY_CHECK, given_by=staff(number))
    return user


def confirm(author: Author, *works: int) -> None:
    """The owner of the record confirms these works (all of theirs, where none is named) as theirs."""
    lines = Authorship.objects.filter(author=author, **({"work__in": works} if works else {})).order_by("work")
    answers = [Answer(work=line.work_id, position=line.position, author=author.pk, is_mine=True) for line in lines]
    outcome = decide_authorships(answers, by=Actor(account=Profile.objects.get(author=author).user_id, role=Role.OWNER))
    assert outcome.refused == []


def person(name: str) -> Author:
    return Author.objects.get(name=name)


def figure(author: Author) -> tuple[int, str, int]:
    """Score, band and level of an author as stored."""
    trust = Trust.objects.get(author=author)
    return trust.score, trust.band, trust.level
