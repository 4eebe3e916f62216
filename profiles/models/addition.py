"""Works that the owner of a page wants to add to the record: asked for, read, looked at, taken in."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils import timezone

from profiles.models.user import User
from works.models import Author


class Addition(models.Model):
    """One file, or some identifiers at one registry. profiles.actions.additions alone writes it; workers do what "asked" and "chosen" say.

    `records` are the good ones as works.importers.record writes them, `rejections` the others: {"place", "reason", "kept"}. `choices` says
    which to take in, and at which place of the byline the owner stands: [[number of the record, position]]. `outcome`: {"new", "merged",
    "unchanged", "mine", "refused": [reasons]}.
    """

    class State(models.TextChoices):
        ASKED = "asked", "Being read"
        READ = "read", "To be looked at"
        CHOSEN = "chosen", "Being added"
        DONE = "done", "Added"
        FAILED = "failed", "Failed"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=16)
    ids = ArrayField(models.CharField(max_length=400), default=list)
    label = models.CharField(max_length=300)
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    records = models.JSONField(default=list)
    rejections = models.JSONField(default=list)
    choices = models.JSONField(default=list)
    outcome = models.JSONField(default=dict)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["asked", "read", "chosen", "done", "failed"]), name="addition_state_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(state__in=["asked", "chosen"]), name="addition_owed"),
            models.Index(fields=["user", "created_at"], name="addition_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.label}"

    def get_absolute_url(self) -> str:
        return reverse("profiles:addition", args=[self.pk])

    @property
    def is_waiting(self) -> bool:
        return self.state in {self.State.ASKED, self.State.CHOSEN}
