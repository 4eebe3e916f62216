"""The one writer of Evidence, but for what reviewers give (profiles.actions.claims.review). Each call locks the claim's case first.

The claimant (`by`), for a claim of their own that is open, holds its record, or was superseded:

    prove_by_orcid(claim, *, by) -> Evidence                  the account's iD, if a publisher deposited it on one of the works;
                                                              with it, what institutions wrote into that ORCID record
    send_code(claim, *, address, by) -> Evidence              a code to an address at an institution
    enter_code(claim, *, code, by) -> Evidence                the code from that mail: five attempts, one hour; proves along with it
                                                              that the address is printed on a work, where it is
    prove_by_printed_address(claim, *, by) -> Evidence        a verified address of the account, if a work prints it with the name
    name_page(claim, *, url, by) -> Evidence                  a page of theirs; a worker looks for the link on it
    look_again(claim, *, evidence_id, by) -> Evidence         the link stands there now
    ask_for_vouch(claim, *, voucher, message, kind, by) -> Evidence a verified co-author is asked, to attest or for the identity
    drop_evidence(claim, *, evidence_id, by) -> None          what is not proved yet

A co-author who was asked (`by`):

    vouch(evidence, *, by) -> Evidence      decline_vouch(evidence, *, by) -> None      revoke_vouch(evidence, *, by) -> None

Where an ORCID iD is disconnected: revoke_by_orcid(*, user, orcid) -> int; where an address leaves the account:
revoke_by_address(*, user, address) -> int. Workers: look_at_links() -> int, void_codes() -> int.
"""

from profiles.actions.evidence.codes import enter_code, send_code
from profiles.actions.evidence.endings import drop_evidence, void_codes
from profiles.actions.evidence.links import are_links_due, look_again, look_at_links, name_page
from profiles.actions.evidence.orcid import prove_by_orcid, revoke_by_orcid
from profiles.actions.evidence.printed import prove_by_printed_address, revoke_by_address
from profiles.actions.evidence.vouches import ask_for_vouch, decline_vouch, revoke_vouch, vouch

__all__ = [
    "are_links_due",
    "ask_for_vouch",
    "decline_vouch",
    "drop_evidence",
    "enter_code",
    "look_again",
    "look_at_links",
    "name_page",
    "prove_by_orcid",
    "prove_by_printed_address",
    "revoke_by_address",
    "revoke_by_orcid",
    "revoke_vouch",
    "send_code",
    "void_codes",
    "vouch",
]
