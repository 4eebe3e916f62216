"""Mails that say only that something waits here: never what, never from whom, never a word of it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from profiles.models.user import User


class WaitingMail(models.Model):
    """A mail that is owed to an account. At most one is owed at a time; `kinds` says what has come since the last one.

    `due_at` leaves time for more to come, so that ten messages make one mail.
    """

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="+")
    kinds = models.JSONField(default=list)
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_sent_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="waitingmail_owed")]

    def __str__(self) -> str:
        return f"mail to {self.user_id}"
