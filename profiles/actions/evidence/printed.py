"""Proof by an address that is printed on a work: whoever reads mail there is who the work names, as far as a registry tells it right."""

from __future__ import annotations

from profiles.actions.claims.cases import Case, case_of, refuse
from profiles.actions.evidence.proofs import check_open, prove, take_back
from profiles.evidence.account import verified_addresses
from profiles.evidence.email import printed_with
from profiles.models import Claim, Evidence, User
from works.mailboxes import digest_of_mailbox

Kind = Evidence.Kind


def prove_by_printed_address(claim: Claim, *, by: User) -> Evidence:
    """Take a verified address of the account as proof, if it is printed with the author's name on one of the works.

    Three queries, and one more for each verified address.
    """
    with case_of(claim) as case:
        check_open(case, by=by)
        proofs = (
            prove_if_printed(case, digest_of_mailbox(address), domain=domain_of(address), is_of_account=True, by=by)
            for address in verified_addresses(by)
        )
        proof = next((proof for proof in proofs if proof), None)
        if proof is None:
            refuse(
                "address-on-no-work",
                "No registry prints a verified address of your account on one of these works.",
                claim=case.claim,
                by=by,
            )
        return proof


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()


def prove_if_printed(case: Case, mailbox: str, *, domain: str, is_of_account: bool = False, by: User) -> Evidence | None:
    """The proof that a mailbox (its digest) which the person reads stands on a work; None where it does not, or proved another account."""
    found = printed_with(mailbox, case.author)
    taken = Evidence.objects.proved().filter(kind=Kind.EMAIL_ON_WORK, detail__mailbox=mailbox).exclude(user=by)
    if not found or taken.exists():
        return None
    proof = Evidence(user=by, author=case.author, kind=Kind.EMAIL_ON_WORK, source=found[0].registry, value=domain)
    proof.detail = {"mailbox": mailbox, "works": found[0].works, "is_of_account": is_of_account}
    return prove(case, proof, by=by)


def revoke_by_address(*, user: User, address: str) -> int:
    """Take back what was proved by an address that is no longer the account's; how many pieces of evidence that were."""
    of_address = {"detail__mailbox": digest_of_mailbox(address), "detail__is_of_account": True}
    standing = Evidence.objects.filter(user=user, kind=Kind.EMAIL_ON_WORK, status=Evidence.Status.PROVED, **of_address)
    return take_back(standing, why="The address was taken off the account.", by=user)
