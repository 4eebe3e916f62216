"""Evidence: what speaks for somebody's being the author of a record; and which institution a mail domain belongs to."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from profiles.models.claim import Claim
from profiles.models.user import User
from works.models import Author, Institution


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def proved(self) -> EvidenceQuerySet:
        """What was proved and neither revoked nor has run out. Lifetimes by kind are profiles.trust.levels' to know."""
        return self.filter(status=Evidence.Status.PROVED).filter(models.Q(expires_on=None) | models.Q(expires_on__gt=timezone.localdate()))


class Evidence(models.Model):
    """One typed, dated piece of evidence that ties an account to an author record. Outcome, method and date; never a document.

    `kind` is one of profiles.trust.levels.Kind, or what reviewers see and the levels do not count: a link proof, a staff note.
    `source` is who speaks: a registry, an institution's ROR id, or "user:<number>" for a voucher or a member of staff (`given_by`).
    `value` is what was proved: an iD, a mail domain (never an address), a URL. A pending proof by mail or link holds the SHA-256 of its
    one-time token; the token itself is never stored.
    `due_at` is when a worker should look at it (again): a link that was given, or proved long ago.
    `dated` is the day on which the fact held (for a printed affiliation: of its deposit), `proved_at` when it was checked here.
    """

    class Kind(models.TextChoices):
        ORCID_ON_WORK = "orcid-on-work", "ORCID iD on a work"
        EMAIL_ON_WORK = "email-on-work", "An address printed on a work"
        COAUTHOR_ATTESTATION = "coauthor-attestation", "A verified co-author attests"
        STAFF_BINDING = "staff-binding", "Staff tied the account to the record"
        INSTITUTION_LOGIN = "institution-login", "Log-in at an institution"
        ORCID_AFFILIATION = "orcid-affiliation", "An institution's entry in the ORCID record"
        INSTITUTION_EMAIL = "institution-email", "An address at an institution"
        IDENTITY_CHECK = "identity-check", "An identity check by staff"
        IDENTITY_VOUCH = "identity-vouch", "A verified person vouches for the identity"
        STAFF_DECISION = "staff-decision", "Staff accepted the vouches"
        LINK = "link", "A link on the person's own page"
        STAFF_NOTE = "staff-note", "A note by staff"

    class Status(models.TextChoices):
        PENDING = "pending", "Waiting"
        PROVED = "proved", "Proved"
        FAILED = "failed", "Not proved"
        REVOKED = "revoked", "Revoked"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="evidence")
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="+")
    claim = models.ForeignKey(Claim, null=True, on_delete=models.SET_NULL, related_name="evidence")
    kind = models.CharField(max_length=24, choices=Kind)
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    source = models.CharField(max_length=100, blank=True)
    value = models.CharField(max_length=500, blank=True)
    institution = models.ForeignKey(Institution, null=True, on_delete=models.SET_NULL, related_name="+")
    given_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    dated = models.DateField(null=True)
    proved_at = models.DateTimeField(null=True)
    expires_on = models.DateField(null=True)
    checked_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    detail = models.JSONField(default=dict)
    token_hash = models.CharField(max_length=64, blank=True)
    token_expires_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "author", "kind", "source", "value"],
                condition=models.Q(status="proved"),
                name="evidence_proved_once",
            ),
            models.UniqueConstraint(fields=["token_hash"], condition=~models.Q(token_hash=""), name="evidence_token_names_one_proof"),
            models.CheckConstraint(
                condition=models.Q(status__in=["pending", "proved", "failed", "revoked"]), name="evidence_status_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="proved") | models.Q(proved_at__isnull=False, dated__isnull=False),
                name="evidence_proof_is_dated",
            ),
            models.CheckConstraint(
                condition=models.Q(given_by__isnull=True) | ~models.Q(given_by=models.F("user")), name="evidence_is_not_given_to_oneself"
            ),
        ]
        indexes = [
            models.Index(fields=["author", "status"], name="evidence_of_author"),
            models.Index(fields=["expires_on"], condition=models.Q(status="proved"), name="evidence_running_out"),
            models.Index(fields=["given_by"], condition=models.Q(given_by__isnull=False), name="evidence_given_by"),
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="evidence_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.status})"

    @property
    def is_live(self) -> bool:
        return self.status == self.Status.PROVED and (self.expires_on is None or self.expires_on > timezone.localdate())

    @property
    def code_waits(self) -> bool:
        """Whether a code was sent and can still be entered."""
        return self.status == self.Status.PENDING and self.token_expires_at is not None and self.token_expires_at > timezone.now()


class EmailDomain(models.Model):
    """What is known of a mail domain. A domain that stands here speaks for everything below it: cs.example.edu belongs to example.edu."""

    class Kind(models.TextChoices):
        ACADEMIC = "academic"
        PERSONAL = "personal"
        DISPOSABLE = "disposable"
        UNKNOWN = "unknown"

    domain = models.CharField(max_length=253)
    kind = models.CharField(max_length=10, choices=Kind)
    institution = models.ForeignKey(Institution, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["domain"]
        constraints = [
            models.UniqueConstraint(Lower("domain"), name="emaildomain_stands_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["academic", "personal", "disposable", "unknown"]), name="emaildomain_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.domain
