"""Claims: "this is me", from the first click to the decision and whatever comes after it."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import models
from django.urls import reverse
from django.utils import timezone

from profiles import claiming
from profiles.models.user import User
from works.models import Author, Work
from works.models.audit import Event

COOLING_OFF = timedelta(hours=72)


def new_claim_id() -> str:
    """An address nobody can guess: 80 random bits."""
    return secrets.token_hex(10)


class Median(models.Aggregate):
    """The middle one of times or durations, as Postgres has it: interpolated between the two middle ones."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = models.DurationField()


def identity_awaited() -> models.Q:
    return models.Q(status__in=[Claim.Status.APPROVED, Claim.Status.UPHELD], identity_asked_at__isnull=False)


class ClaimQuerySet(models.QuerySet["Claim"]):
    def live(self) -> ClaimQuerySet:
        """Not decided yet."""
        return self.filter(status__in=Claim.LIVE)

    def holding(self) -> ClaimQuerySet:
        """Those by which somebody holds a record."""
        return self.filter(status__in=Claim.HOLDING)

    def typical_wait(self, past: timedelta) -> tuple[timedelta | None, int]:
        """The median time from hand-in to decision of the claims decided within `past`, and how many there were. One query."""
        decided = self.filter(decided_at__gt=timezone.now() - past, submitted_at__isnull=False)
        found = decided.aggregate(median=Median(models.F("decided_at") - models.F("submitted_at")), number=models.Count("pk"))
        return found["median"], found["number"]

    def awaiting_staff(self) -> ClaimQuerySet:
        """In review; disputed or frozen while somebody holds the record; or held by somebody who asks for an identity check."""
        return self.filter(models.Q(status__in=[Claim.Status.REVIEW, Claim.Status.DISPUTED]) | identity_awaited())

    def in_review(self) -> ClaimQuerySet:
        """Waiting for staff: newly submitted, or answered after a question."""
        return self.filter(status=Claim.Status.REVIEW)


class Claim(models.Model):
    """One account claims one author record. profiles.actions.claims is its only writer, and every transition appends a ClaimEvent.

        draft → evidence → review → (needs_info ↔ review) → approved | rejected
        draft, evidence, review, needs_info → withdrawn | expired | superseded
        approved → disputed → upheld | revoked;  upheld → disputed;  approved, disputed, upheld → revoked | released
        rejected → review, once (an appeal: who decided first does not decide again);  superseded → review (a dispute)

    The table is profiles.claiming.STEPS. `frozen_at` is set while "this was not me" waits for staff: the owner's rights rest.
    `answers_due` says that a worker must let the record follow: the answers become decisions on approval, and are taken back on revocation.
    `identity_asked_at` is set while its owner waits for two members of staff to check who they are.
    `contests` is the holding claim that a rival's claim disputes. A live claim is private: it blocks nobody and shows nowhere.
    The user is null once the account is gone; the claim and its events stay, without a name.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "Begun"
        EVIDENCE = "evidence", "Waiting for evidence"
        REVIEW = "review", "In review"
        NEEDS_INFO = "needs_info", "A question to you"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Not approved"
        WITHDRAWN = "withdrawn", "Withdrawn"
        EXPIRED = "expired", "Expired"
        SUPERSEDED = "superseded", "Another claim was approved"
        DISPUTED = "disputed", "Approved, and disputed"
        UPHELD = "upheld", "Approved, and upheld after a dispute"
        REVOKED = "revoked", "Revoked"
        RELEASED = "released", "Given up by its owner"

    LIVE = claiming.LIVE
    HOLDING = claiming.HOLDING

    public_id = models.CharField(max_length=20, unique=True, default=new_claim_id)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="claims")
    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="claims")
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    statement = models.TextField(max_length=2000, blank=True)
    contests = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="rivals")
    reason = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    status_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    seconded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    appealed_at = models.DateTimeField(null=True)
    frozen_at = models.DateTimeField(null=True)
    identity_asked_at = models.DateTimeField(null=True)
    answers_due = models.BooleanField(default=False, db_default=False)
    leased_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    leased_until = models.DateTimeField(null=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["author"], condition=models.Q(status__in=["approved", "disputed", "upheld"]), name="claim_one_approved_per_author"
            ),
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(status__in=["approved", "disputed", "upheld"]), name="claim_one_approved_per_account"
            ),
            models.UniqueConstraint(
                fields=["user", "author"],
                condition=models.Q(status__in=["draft", "evidence", "review", "needs_info"]),
                name="claim_one_live_per_person_and_record",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status__in=[
                        "draft", "evidence", "review", "needs_info", "approved", "rejected", "withdrawn",
                        "expired", "superseded", "disputed", "upheld", "revoked", "released",
                    ]
                ),
                name="claim_status_is_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=["approved", "rejected", "disputed", "upheld", "revoked"])
                | models.Q(decided_at__isnull=False),
                name="claim_decision_has_a_date",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["submitted_at"], condition=models.Q(status="review"), name="claim_review_queue"),
            models.Index(fields=["author", "status"], name="claim_of_author"),
            models.Index(fields=["id"], condition=models.Q(answers_due=True), name="claim_answers_due"),
            models.Index(fields=["identity_asked_at"], condition=models.Q(identity_asked_at__isnull=False), name="claim_identity_asked"),
        ]

    def __str__(self) -> str:
        return f"claim {self.public_id} ({self.status})"

    def get_absolute_url(self) -> str:
        return reverse("profiles:claim", args=[self.public_id])

    @property
    def is_live(self) -> bool:
        return self.status in self.LIVE

    @property
    def is_holding(self) -> bool:
        return self.status in self.HOLDING

    @property
    def is_restricted(self) -> bool:
        """Whether its owner may present themselves but change nothing that is hard to undo: just approved, disputed, or frozen."""
        return self.is_cooling_off or self.status == self.Status.DISPUTED

    @property
    def is_cooling_off(self) -> bool:
        """Just approved: no merges and no change of contact yet, so that whoever is wronged has time to say so."""
        return self.is_holding and self.decided_at is not None and timezone.now() < self.decided_at + COOLING_OFF

    @property
    def is_identity_awaited(self) -> bool:
        """Whether its owner waits for an identity check, and nothing more urgent waits for staff."""
        return self.identity_asked_at is not None and self.status in {self.Status.APPROVED, self.Status.UPHELD}


class ClaimAnswer(models.Model):
    """Which works the claimant says are theirs. On approval the answers become authorship decisions, which no import overrides."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="answers")
    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()
    is_mine = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["claim", "work", "position"], name="claimanswer_once_each_position")]

    def __str__(self) -> str:
        return f"{self.work_id}.{self.position}: {'mine' if self.is_mine else 'not mine'}"


class ClaimEvent(Event):
    """A transition of a claim, or something done about it (evidence proved, a lease, a question)."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="events")

    class Meta(Event.Meta):
        abstract = False
        indexes = [models.Index(fields=["claim"], name="claimevent_of_claim")]


class ClaimNotice(models.Model):
    """A mail about an event that is owed to the people it concerns. Written with the event; `sent_at` once every mail of it is out."""

    event = models.OneToOneField(ClaimEvent, on_delete=models.PROTECT, related_name="notice")
    created_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["next_at"], condition=models.Q(sent_at__isnull=True), name="claimnotice_owed")]

    def __str__(self) -> str:
        return f"Notice of {self.event_id}"
