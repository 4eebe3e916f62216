"""Proof by ORCID iD: that a publisher deposited it on a work, and what institutions wrote into the iD's record."""

from __future__ import annotations

from profiles.actions.claims.cases import Case, case_of, refuse
from profiles.actions.evidence.proofs import check_open, prove, take_back
from profiles.evidence import orcid
from profiles.evidence.account import connected_orcid
from profiles.models import Claim, Evidence, User

Kind = Evidence.Kind
BY_ORCID = (Kind.ORCID_ON_WORK, Kind.ORCID_AFFILIATION)
DISCONNECTED = "The ORCID iD was disconnected from the account."


def prove_by_orcid(claim: Claim, *, by: User) -> Evidence:
    """Take the iD that the account's owner logged in with at ORCID as proof, if a publisher deposited it on one of the works.

    What institutions themselves wrote of employment into that iD's record is proved along with it, where the record was imported.
    """
    with case_of(claim) as case:
        check_open(case, by=by)
        connected = connected_orcid(by)
        if connected is None:
            refuse("no-orcid", "Connect your ORCID iD to your account first.", claim=case.claim, by=by)
        found = orcid.deposited(connected.orcid, case.author)
        if not found:
            refuse("orcid-on-no-work", orcid.why_not(connected.orcid, case.author), claim=case.claim, by=by)
        best = found[0]
        proof = Evidence(
            user=by,
            author=case.author,
            kind=Kind.ORCID_ON_WORK,
            source=best.registry,
            value=connected.orcid,
            detail={
                "works": best.works,
                "is_authenticated": best.is_authenticated,
                "registered_at": connected.registered_at.isoformat() if connected.registered_at else None,
            },
        )
        proof = prove(case, proof, by=by)
        prove_employments(case, connected.orcid, by=by)
        return proof


def prove_employments(case: Case, number: str, *, by: User) -> None:
    """One piece of evidence an institution, from the day on which ORCID was last asked."""
    for employer in orcid.employers(number, case.author):
        proof = Evidence(
            user=by,
            author=case.author,
            kind=Kind.ORCID_AFFILIATION,
            source=employer.voice,
            value=number,
            institution_id=employer.institution_id,
        )
        prove(case, proof, held_on=employer.told_on, by=by)


def revoke_by_orcid(*, user: User, orcid: str) -> int:
    """Take back what was proved by an iD that is no longer the account's; how many pieces of evidence that were."""
    standing = Evidence.objects.filter(user=user, kind__in=BY_ORCID, value=orcid, status=Evidence.Status.PROVED)
    return take_back(standing, why=DISCONNECTED, by=user)
