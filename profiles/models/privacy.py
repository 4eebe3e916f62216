"""Accounts that are to be deleted, and who has looked at somebody's evidence."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from profiles.models.claim import Claim
from profiles.models.user import User


class AccountDeletion(models.Model):
    """The account goes at `due_at`, unless its owner logs in before."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="deletion")
    requested_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(due_at__gte=models.F("requested_at")), name="accountdeletion_leaves_time"),
        ]
        indexes = [models.Index(fields=["due_at"], name="accountdeletion_due")]

    def __str__(self) -> str:
        return f"deletion of {self.user_id}"


class EvidenceView(models.Model):
    """A member of staff opened a case, with the evidence in it. The claimant reads that."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="views")
    viewer = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["claim", "-at"], name="evidenceview_of_claim")]

    def __str__(self) -> str:
        return f"{self.claim_id} seen {self.at:%Y-%m-%d %H:%M}"
