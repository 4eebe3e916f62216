"""What people's pages announce, in the past tense, inside the transaction that changed them."""

from django.dispatch import Signal

# The trust of these authors is another than before. Sent with author_ids: list[int], sorted.
trust_computed = Signal()

# What happened to a claim. Each is sent with claim_id: int, author_id: int, user_id: int | None (the claimant), actor_id: int | None.
claim_begun = Signal()
claim_submitted = Signal()
claim_questioned = Signal()
claim_question_answered = Signal()
claim_approved = Signal()
claim_rejected = Signal()
claim_withdrawn = Signal()
claim_expired = Signal()
claim_superseded = Signal()
claim_appealed = Signal()
claim_dispute_opened = Signal()  # a rival's claim contests another from now on
claim_disputed = Signal()  # the claim that holds a record is contested from now on
claim_frozen = Signal()
claim_upheld = Signal()
claim_revoked = Signal()
claim_released = Signal()
claim_identity_checked = Signal()  # by two members of staff
claim_identity_declined = Signal()

# What speaks for an account's being an author was proved, revoked or has run out. Sent with author_ids: list[int], user_ids: list[int].
evidence_changed = Signal()

# A worker should look at a page on which a link stands. Sent with evidence_id: int.
evidence_due = Signal()

# A report was made or decided about these authors, or a suspension began or ended. Sent with author_ids: list[int], cause: str.
findings_changed = Signal()

# What a person says on their own page is another than before. Sent with author_id: int.
profile_changed = Signal()

# A worker should read what somebody wants to add to their record, or take in what they chose of it. Sent with addition_id: int.
addition_due = Signal()

# The person gave the address of a page that is to be looked at for a link back. Sent with link_id: int.
profile_link_added = Signal()

# Something waits for an account that a mail should tell of. Sent with user_id: int.
something_waits = Signal()
