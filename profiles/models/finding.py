"""Findings of staff on identity or authorship, from a reader's report to the decision and its appeal; and suspensions."""

from __future__ import annotations

import secrets

from django.db import models
from django.urls import reverse
from django.utils import timezone

from profiles.models.user import User
from works.models import Author, Work
from works.models.audit import Event


def new_finding_id() -> str:
    """An address nobody can guess: 80 random bits."""
    return secrets.token_hex(10)


class FindingQuerySet(models.QuerySet["Finding"]):
    def open(self) -> FindingQuerySet:
        """Reports that staff have not decided yet."""
        return self.filter(status__in=Finding.OPEN)

    def waiting(self) -> FindingQuerySet:
        """What staff owe an answer: open reports and appeals, the oldest first."""
        return self.filter(status__in=[*Finding.OPEN, Finding.Status.APPEALED]).order_by("status_at", "pk")


class Finding(models.Model):
    """A report about an author record, and what became of it. profiles.actions.findings alone writes it; each step appends a FindingEvent.

        reported → case → upheld | dismissed;  upheld → appealed → upheld | dismissed (once, by another member of staff)

    An upheld finding of identity or authorship costs points; an open report only keeps the figure from rising above what it was when the
    report came: `ceiling_micropoints` and `ceiling_band` (null and blank where no figure was known then).
    The reporter is null once the account is gone, and is told to nobody but staff.
    """

    class Kind(models.TextChoices):
        IDENTITY = "identity", "Somebody else runs this page"
        AUTHORSHIP = "authorship", "Works are claimed that are another person’s"
        RETRACTION = "retraction", "A work was retracted"

    class Status(models.TextChoices):
        REPORTED = "reported", "Reported"
        CASE = "case", "Being looked at"
        UPHELD = "upheld", "Upheld"
        DISMISSED = "dismissed", "Dismissed"
        APPEALED = "appealed", "Upheld, and appealed"

    OPEN = (Status.REPORTED, Status.CASE)
    IN_FORCE = (Status.UPHELD, Status.APPEALED)

    public_id = models.CharField(max_length=20, unique=True, default=new_finding_id)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="findings")
    work = models.ForeignKey(Work, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.REPORTED)
    statement = models.TextField(max_length=2000)
    reporter = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reported_at = models.DateTimeField(default=timezone.now)
    status_at = models.DateTimeField(default=timezone.now)
    taken_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(max_length=2000, blank=True)
    appealed_at = models.DateTimeField(null=True)
    appeal = models.TextField(max_length=2000, blank=True)
    ceiling_micropoints = models.PositiveIntegerField(null=True)
    ceiling_band = models.CharField(max_length=12, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["author", "reporter"],
                condition=models.Q(status__in=["reported", "case"]),
                name="finding_one_open_report_of_a_reader",
            ),
            models.CheckConstraint(condition=models.Q(kind__in=["identity", "authorship", "retraction"]), name="finding_kind_is_known"),
            models.CheckConstraint(
                condition=models.Q(status__in=["reported", "case", "upheld", "dismissed", "appealed"]), name="finding_status_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["reported", "case"], decided_at__isnull=True)
                | models.Q(status__in=["upheld", "dismissed", "appealed"], decided_at__isnull=False),
                name="finding_decision_has_a_date",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="appealed") | models.Q(appealed_at__isnull=False), name="finding_appeal_has_a_date"
            ),
        ]
        indexes = [
            models.Index(fields=["author", "status"], name="finding_of_author"),
            models.Index(fields=["status_at"], condition=models.Q(status__in=["reported", "case", "appealed"]), name="finding_waiting"),
        ]

    def __str__(self) -> str:
        return f"finding {self.public_id} ({self.status})"

    def get_absolute_url(self) -> str:
        return reverse("profiles:finding", args=[self.public_id])

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def is_in_force(self) -> bool:
        return self.status in self.IN_FORCE

    @property
    def can_be_appealed(self) -> bool:
        """Once, while it stands."""
        return self.status == self.Status.UPHELD and self.appealed_at is None


class Suspension(models.Model):
    """A record whose level staff set to 1 at once, until they lift it. At most one stands for an author."""

    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="suspensions")
    reason = models.CharField(max_length=300)
    began_at = models.DateTimeField(default=timezone.now)
    began_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["author"], condition=models.Q(ended_at__isnull=True), name="suspension_one_standing_per_author"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | models.Q(ended_at__gte=models.F("began_at")),
                name="suspension_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"suspension of {self.author_id} since {self.began_at:%Y-%m-%d}"


class FindingEvent(Event):
    """A step of a finding, or the beginning or end of a suspension (`finding` is null then)."""

    finding = models.ForeignKey(Finding, null=True, on_delete=models.PROTECT, related_name="events")
    about_author = models.BigIntegerField()

    class Meta(Event.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["finding"], name="findingevent_of_finding"),
            models.Index(fields=["about_author"], name="findingevent_of_author"),
        ]
