"""The one writer of Claim, ClaimAnswer, ClaimEvent, and of the making and ending of Profile.

The claimant (`by` must be the claim's own user, or the call is refused):

    begin_claim(author, *, by) -> Claim                       an open claim of theirs to the same record is returned as it is
    answer_works(claim, *, answers, by) -> Claim              answers: {(work id, byline position): True | False | None to forget}
    submit_claim(claim, *, statement="", by) -> Claim
    answer_question(claim, *, text, by) -> Claim
    withdraw_claim(claim, *, by) -> Claim
    appeal_claim(claim, *, text, by) -> Claim                 once; decided by another reviewer than the first
    dispute(claim, *, statement, by) -> Claim                 the claim contests the one that holds its record from now on
    release_claim(claim, *, by) -> Claim                      the owner gives the record up
    ask_for_identity_check(claim, *, text, by) -> Claim       the owner wants staff to check who they are

Reviewers (`by` must be staff, not in the case, no co-author of the record, and not shut out by somebody else's lease):

    ask_for_more(claim, *, question, by) -> Claim
    second_claim(claim, *, by) -> Claim                       agrees to a claim that contests another, before somebody else approves it
    approve_claim(claim, *, reason="evidence-fits", note="", by) -> Claim
    reject_claim(claim, *, reason, note="", by) -> Claim
    uphold(claim, *, reason="dispute-not-upheld", note="", by) -> Claim      the disputed claim stays; who contested it is rejected
    revoke_claim(claim, *, reason, note="", by) -> Claim                     the owner's rights end; rivals wait for their own decision
    bind_by_staff(claim, *, note, by) -> Evidence                            strong evidence, for another reviewer to decide on
    note_by_staff(claim, *, note, by) -> Evidence                            for the other reviewers; proves nothing
    conflict_of_interest(claim, *, by) -> str                 why this reviewer may not decide, as a sentence; "" if they may

Nobody or anybody:

    freeze_claim(claim, *, by=None) -> Claim                  "this was not me": the owner's rights rest until staff uphold or revoke
    expire_claims() -> int                                    those that wait for their claimant for 30 days
    leave_claims(user, *, by) -> None                         before an account is deleted: withdraw what is open, release what is held

Every call is one transaction. It locks the author's row, then the claimant's, then every open or holding claim of either, by number:
two calls about one record or one person wait for each other, and no two can wait in a ring. Each takes steps of profiles.claiming,
appends a ClaimEvent for every step, and sends the step's signal from profiles.signals. What cannot be done raises ClaimRefused with a
code and a sentence for the person, is logged, and changes nothing. `reason` is a key of profiles.claiming.REASONS.
"""

from profiles.actions.claims.cases import ClaimRefused, pieces_of
from profiles.actions.claims.claimant import (
    answer_question,
    answer_works,
    appeal_claim,
    ask_for_identity_check,
    begin_claim,
    dispute,
    release_claim,
    submit_claim,
    withdraw_claim,
)
from profiles.actions.claims.endings import expire_claims, freeze_claim, leave_claims
from profiles.actions.claims.review import (
    approve_claim,
    ask_for_more,
    bind_by_staff,
    conflict_of_interest,
    note_by_staff,
    reject_claim,
    revoke_claim,
    second_claim,
    uphold,
)

__all__ = [
    "ClaimRefused",
    "answer_question",
    "answer_works",
    "appeal_claim",
    "approve_claim",
    "ask_for_identity_check",
    "ask_for_more",
    "begin_claim",
    "bind_by_staff",
    "conflict_of_interest",
    "dispute",
    "expire_claims",
    "freeze_claim",
    "leave_claims",
    "note_by_staff",
    "pieces_of",
    "reject_claim",
    "release_claim",
    "revoke_claim",
    "second_claim",
    "submit_claim",
    "uphold",
    "withdraw_claim",
]
