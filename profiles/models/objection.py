"""Objections: somebody does not want a page about them here."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from profiles.models.invitation import opaque_id
from profiles.models.user import User
from works.models import Author


class Objection(models.Model):
    """What somebody without an account, perhaps, asks of staff. Granted, the page goes, and its words and contact are blanked at once.

    `author` is the page as found from the address that was given. Each decision is an event of the record, too.
    """

    class Status(models.TextChoices):
        RECEIVED = "received", "Received"
        GRANTED = "granted", "Granted"
        REFUSED = "refused", "Refused"

    public_id = models.CharField(max_length=20, unique=True, default=opaque_id)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="+")
    statement = models.TextField(max_length=2000, blank=True)
    contact = models.EmailField(max_length=254, blank=True)
    sender_hash = models.CharField(max_length=64)
    status = models.CharField(max_length=8, choices=Status, default=Status.RECEIVED)
    received_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.TextField(max_length=2000, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["author", "sender_hash"], condition=models.Q(status="received"), name="objection_one_open_of_a_sender"
            ),
            models.CheckConstraint(
                condition=models.Q(status="received", decided_at__isnull=True)
                | models.Q(status__in=["granted", "refused"], decided_at__isnull=False),
                name="objection_decision_has_a_date",
            ),
        ]
        indexes = [models.Index(fields=["sender_hash", "received_at"], name="objection_of_a_sender")]

    def __str__(self) -> str:
        return f"objection {self.public_id} ({self.status})"
