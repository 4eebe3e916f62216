"""Reports about invitations and conversations, and what staff did about them."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils import timezone

from profiles.models.conversation import Conversation
from profiles.models.invitation import Invitation, opaque_id
from profiles.models.user import User
from works.models.audit import Event


class AbuseReport(models.Model):
    """Somebody who was written to says that it is abuse. profiles.actions.abuse alone writes it; each step appends an AbuseEvent.

    `text` is what was written, as it stood when it was reported: staff read that and no more of a conversation.
    Upheld, its author sends no invitations and no messages until `barred_until`.
    """

    class Kind(models.TextChoices):
        SPAM = "spam", "Advertising, or sent to many"
        HARASSMENT = "harassment", "Harassment or threats"
        FRAUD = "fraud", "Fraud, or somebody poses as another"
        OTHER = "other", "Something else"

    class Status(models.TextChoices):
        REPORTED = "reported", "Reported"
        UPHELD = "upheld", "Upheld"
        DISMISSED = "dismissed", "Dismissed"

    public_id = models.CharField(max_length=20, unique=True, default=opaque_id)
    reporter = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    about = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    invitation = models.ForeignKey(Invitation, null=True, on_delete=models.SET_NULL, related_name="+")
    conversation = models.ForeignKey(Conversation, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    statement = models.TextField(max_length=2000, blank=True)
    text = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.REPORTED)
    reported_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decision = models.TextField(max_length=2000, blank=True)
    barred_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["reporter", "about"], condition=models.Q(status="reported"), name="abusereport_one_open_of_a_pair"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=["spam", "harassment", "fraud", "other"]), name="abusereport_kind_is_known"),
            models.CheckConstraint(
                condition=models.Q(status="reported", decided_at__isnull=True)
                | models.Q(status__in=["upheld", "dismissed"], decided_at__isnull=False),
                name="abusereport_decision_has_a_date",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(status="reported"), name="abusereport_waiting"),
            models.Index(fields=["about", "barred_until"], condition=models.Q(status="upheld"), name="abusereport_bars"),
        ]

    def __str__(self) -> str:
        return f"report {self.public_id} ({self.status})"

    def get_absolute_url(self) -> str:
        return reverse("profiles:abuse_case", args=[self.public_id])


class AbuseEvent(Event):
    """A step of a report about a message: who did what, when. It stays when the report is forgotten."""

    report = models.BigIntegerField()

    class Meta(Event.Meta):
        abstract = False
        indexes = [models.Index(fields=["report"], name="abuseevent_of_report")]


def is_barred(user: int) -> bool:
    """Whether staff have barred somebody from writing to others for now. One query."""
    return AbuseReport.objects.filter(about=user, status="upheld", barred_until__gt=timezone.now()).exists()
