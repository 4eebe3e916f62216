"""What a weekly look at the whole graph gives staff to look at. Private: no page but theirs shows it, and no score ever reads it."""

from __future__ import annotations

from django.db import models

from profiles.models.user import User
from works.models import Author


class ModerationEntry(models.Model):
    """An author record that staff may want to look at, and why, as the last weekly run found it.

    `rank` is 1 for the record that trust from verified people reaches least. `reasons` is a list of sentences. What staff noted stays when
    the next run finds the same record again.
    """

    class Outcome(models.TextChoices):
        NONE = "", "Not looked at"
        FINE = "fine", "Nothing wrong"
        CASE = "case", "Made a case"

    author = models.OneToOneField(Author, primary_key=True, on_delete=models.CASCADE, related_name="+")
    found_at = models.DateTimeField()
    rank = models.PositiveIntegerField()
    reasons = models.JSONField(default=list)
    outcome = models.CharField(max_length=4, choices=Outcome, blank=True)
    looked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    looked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.CheckConstraint(condition=models.Q(outcome__in=["", "fine", "case"]), name="moderationentry_outcome_is_known"),
            models.CheckConstraint(
                condition=models.Q(outcome="") | models.Q(looked_at__isnull=False), name="moderationentry_outcome_has_a_date"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rank}. {self.author_id}"
