"""Claims in the states that tests begin with, made by the same actions as real ones; and evidence as rows."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.utils import timezone

from profiles.actions.claims import answer_works, approve_claim, begin_claim, submit_claim
from profiles.models import Claim, Evidence, User
from tests.factories.people import make_user
from tests.factories.works import make_author, make_work
from works.models import Author, Authorship


def make_person(name: str, **fields) -> User:
    """An account with a proved address and without a password: making one costs no hashing."""
    user = User.objects.create(email=f"{name}@mail.example", **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if user.is_staff:
        user.groups.add(Group.objects.get(name="reviewer"))
    return user


def make_reviewer(name: str = "reviewer") -> User:
    return make_person(name, is_staff=True)


def make_claimable(name: str = "Wei Wang", works: int = 2) -> Author:
    """An author with works of their own, each with one co-author."""
    author = make_author(name, works_count=works)
    for number in range(1, works + 1):
        make_work(f"{name} on matter {number}", authors=[author, make_author(f"{name} Coauthor {number}", works_count=1)])
    return author


def prove(user: User, author: Author, kind: str = Evidence.Kind.ORCID_ON_WORK, source: str = "crossref", **fields) -> Evidence:
    """A piece of proved evidence, from today."""
    now = timezone.now()
    fields = {"value": f"{kind} of {user.pk}", "dated": now.date(), "proved_at": now, "status": Evidence.Status.PROVED} | fields
    return Evidence.objects.create(user=user, author=author, kind=kind, source=source, **fields)


def tick(claim: Claim, *, by: User) -> Claim:
    """The claimant says that the record's newest work is theirs."""
    line = claim.author.authorships.newest_first().first()
    assert line is not None
    return answer_works(claim, answers={(line.work_id, line.position): True}, by=by)


def make_submitted(author: Author, user: User) -> Claim:
    """A claim in review, with an ORCID iD and one work ticked."""
    claim = tick(begin_claim(author, by=user), by=user)
    prove(user, author)
    return submit_claim(claim, by=user)


def make_approved(author: Author, user: User, *, by: User) -> Claim:
    return approve_claim(make_submitted(author, user), by=by)


def claim_in_review(author: Author, *, by: User) -> Claim:
    """A claim with an answer to every work and strong evidence, submitted."""
    claim = begin_claim(author, by=by)
    answer_works(claim, answers=dict.fromkeys(places_of(author), True), by=by)
    prove(by, author, value="0000-0002-1825-0097", claim=claim)
    return submit_claim(claim, statement="These are my works.", by=by)


def claimed(author: Author, *, by: User, approved_by: User | None = None) -> Claim:
    """An approved claim: `by` holds the record."""
    return approve_claim(claim_in_review(author, by=by), by=approved_by or make_user(f"approver{author.pk}@example.org", is_staff=True))


def places_of(author: Author) -> list[tuple[int, int]]:
    return list(Authorship.objects.filter(author=author).values_list("work_id", "position"))
