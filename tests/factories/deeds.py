"""What people do, by the site's own actions and nothing else: claim, prove, review, confirm, vouch. No evidence is made by hand."""

from __future__ import annotations

from allauth.socialaccount.models import SocialAccount
from django.core import mail

from profiles.actions import claims, evidence
from profiles.actions.claims.answers import settle_answers
from profiles.actions.record import answer_place
from profiles.actions.review import METHODS, check_identity
from profiles.models import Claim, EmailDomain, User
from tests.factories.verified import account, institution, staff
from works.models import Author, Authorship


def begin(author: Author, *, user: User | None = None, titles: tuple[str, ...] = ()) -> Claim:
    """A claim in which the claimant says of these works (all, where none is named) that they are theirs."""
    user = user or account(author)
    claim = claims.begin_claim(author, by=user)
    lines = Authorship.objects.filter(author=author, **({"work__title__in": titles} if titles else {}))
    return claims.answer_works(claim, answers=dict.fromkeys(lines.values_list("work_id", "position"), True), by=user)


def prove_mail(claim: Claim, *, ror: str) -> None:
    """The code to an address at the institution goes there, is read there, and typed in. Staff have entered the institution's domain."""
    EmailDomain.objects.get_or_create(domain=f"i{ror}.example", defaults={"kind": "academic", "institution": institution(ror)})
    evidence.send_code(claim, address=f"someone{claim.pk}@i{ror}.example", by=owner_of(claim))
    code = next(word for word in mail.outbox[-1].body.split() if word.count("-") == 2 and word.isupper())
    evidence.enter_code(claim, code=code, by=owner_of(claim))


def prove_orcid(claim: Claim, *, orcid: str) -> None:
    """The account's owner has logged in at ORCID, and asks for the iD on the works."""
    SocialAccount.objects.create(user=owner_of(claim), provider="orcid", uid=orcid)
    evidence.prove_by_orcid(claim, by=owner_of(claim))


def approve(claim: Claim) -> User:
    """Handed in and approved. Where nothing is proved, one reviewer looks into it and another approves."""
    owner = owner_of(claim)
    if not evidence_of(claim):
        claims.submit_claim(claim, statement="Call me at the institute.", by=owner)
        claims.bind_by_staff(claim, note="Called the institute.", by=staff(8))
    else:
        claims.submit_claim(claim, by=owner)
    claims.approve_claim(claim, by=staff(9))
    settle_answers()
    return owner


def check(claim: Claim) -> None:
    """The owner asks, and two members of staff check who that is."""
    claims.ask_for_identity_check(claim, text="By video, any morning.", by=owner_of(claim))
    for number in (1, 2):
        check_identity(claim, method=next(iter(METHODS)), note="Seen.", by=staff(number))


def attest(claim: Claim, *, by: User) -> None:
    """A verified co-author is asked whether the account is that author's, and says yes."""
    evidence.vouch(evidence.ask_for_vouch(claim, voucher=by.pk, message="", by=owner_of(claim)), by=by)


def confirm(user: User, *titles: str) -> None:
    """The owner says of works on their page that they are theirs."""
    for place_id in Authorship.objects.filter(author__profile__user=user, work__title__in=titles).values_list("pk", flat=True):
        answer_place(place_id=place_id, is_mine=True, by=user)


def owner_of(claim: Claim) -> User:
    assert claim.user is not None
    return claim.user


def evidence_of(claim: Claim) -> bool:
    return bool(claims.pieces_of(claim.evidence.filter(status="proved")))
