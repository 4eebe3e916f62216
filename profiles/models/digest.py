"""Digests: how often an account wants one, and the outbox of those that are owed."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from profiles import periods
from profiles.models.user import User


class DigestPlan(models.Model):
    """How often an account wants a digest, and when the next one is looked at. A trigger makes one with each account, weekly.

    `covered_until` is the end of what digests have told: the next one begins there, so that nothing is told twice or left out, whatever
    becomes of rhythm and time zone. `due_at` is null while it is off.
    """

    class Rhythm(models.TextChoices):
        OFF = periods.OFF, "Off"
        DAILY = periods.DAILY, "Every day"
        WEEKLY = periods.WEEKLY, "Every week, on Mondays"

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="+")
    rhythm = models.CharField(max_length=6, choices=Rhythm, default=Rhythm.WEEKLY, db_default=Rhythm.WEEKLY)
    time_zone = models.CharField(max_length=64, default="UTC", db_default="UTC")
    covered_until = models.DateTimeField(default=timezone.now, db_default=Now())
    due_at = models.DateTimeField(null=True, default=timezone.now, db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(rhythm__in=["off", "daily", "weekly"]), name="digestplan_rhythm_is_known"),
            models.CheckConstraint(
                condition=models.Q(rhythm="off", due_at__isnull=True) | (~models.Q(rhythm="off") & models.Q(due_at__isnull=False)),
                name="digestplan_off_is_never_due",
            ),
        ]
        indexes = [models.Index(fields=["due_at", "user"], condition=models.Q(due_at__isnull=False), name="digestplan_due")]

    def __str__(self) -> str:
        return f"{self.rhythm} digest of {self.user_id}"


class DigestQuerySet(models.QuerySet["Digest"]):
    def owed(self, now: datetime) -> DigestQuerySet:
        """Those that a worker may take: due, and leased to nobody, or to somebody who was not heard of any more."""
        free = models.Q(leased_until=None) | models.Q(leased_until__lt=now)
        return self.filter(free, state=Digest.State.OWED, next_at__lte=now)

    def forsaken(self, now: datetime) -> DigestQuerySet:
        """Those that a worker was sending when it was heard of last: they may have left, or not."""
        return self.filter(state=Digest.State.SENDING, leased_until__lt=now)


class Digest(models.Model):
    """One digest of one account: the outbox. profiles.actions.digests alone writes it.

    `owed → sending → sent`; `empty` (nothing was new), `skipped` (not wanted any more, or no address), `failed` (the mail server refused it
    time and again), `uncertain` (the worker died between `sending` and `sent`, or the mail server did not answer): never sent again.
    `lease` numbers those who took it: only the last of them writes. `period` is the day on which it is sent, by the reader's calendar.
    """

    class State(models.TextChoices):
        OWED = "owed", "Owed"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        EMPTY = "empty", "Nothing was new"
        SKIPPED = "skipped", "Not wanted, or no address"
        FAILED = "failed", "Refused by the mail server"
        UNCERTAIN = "uncertain", "Nobody knows whether it left"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    period = models.DateField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State, default=State.OWED)
    items = models.PositiveIntegerField(default=0)
    lease = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)

    objects = DigestQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "period"], name="digest_one_a_period"),
            models.UniqueConstraint(fields=["user", "starts_at"], name="digest_tells_nothing_twice"),
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="digest_covers_some_time"),
            models.CheckConstraint(
                condition=models.Q(state__in=["owed", "sending", "sent", "empty", "skipped", "failed", "uncertain"]),
                name="digest_state_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], condition=models.Q(state="owed"), name="digest_owed"),
            models.Index(fields=["leased_until"], condition=models.Q(state="sending"), name="digest_being_sent"),
            models.Index(fields=["settled_at"], condition=models.Q(settled_at__isnull=False), name="digest_settled"),
        ]

    def __str__(self) -> str:
        return f"digest of {self.period} for {self.user_id}"
