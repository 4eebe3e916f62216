"""Notifications: what an account is told of in the header; and which kinds of them by which way."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from profiles.models.user import User

MOST_COUNTED = 100


class Channel(models.TextChoices):
    """By which way somebody is told."""

    SITE = "site", "Here"
    MAIL = "mail", "By mail"


class NotificationQuerySet(models.QuerySet["Notification"]):
    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at=None)

    def unread_count(self, user: User) -> int:
        """How many wait for an account, counted up to a hundred. One read of an index that holds unread ones alone."""
        return self.unread().filter(recipient=user)[:MOST_COUNTED].count()

    def newest_first(self) -> NotificationQuerySet:
        """The order of the index on an account's notifications."""
        return self.order_by("-noted_at", "-pk")

    def after(self, noted_at: datetime, pk: int) -> NotificationQuerySet:
        """What follows this place in `newest_first`."""
        return self.filter(models.Q(noted_at__lte=noted_at) & (models.Q(noted_at__lt=noted_at) | models.Q(pk__lt=pk)))


class Notification(models.Model):
    """One thing that an account is told of: plain text, and the page of this site where it is seen to.

    profiles.actions.notifications alone writes it. `key` says what it is about, once for each account and kind: told again of the same, the
    account finds one line, new and unread. Nobody's followers and nobody's words stand in it.
    """

    class Kind(models.TextChoices):
        CLAIM = "claim", "Your claims"
        VOUCH = "vouch", "Requests to vouch for somebody"
        CORRECTION = "correction", "Corrections that readers propose to your record"
        INVITATION = "invitation", "Invitations to work together"
        MESSAGE = "message", "Messages"
        INTRODUCTION = "introduction", "Introductions"

    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind)
    key = models.CharField(max_length=100)
    text = models.CharField(max_length=300)
    address = models.CharField(max_length=500)
    noted_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recipient", "kind", "key"], name="notification_once_each_thing"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["claim", "vouch", "correction", "invitation", "message", "introduction"]),
                name="notification_kind_is_known",
            ),
            models.CheckConstraint(condition=models.Q(address__regex=r"^/([^/\\]|$)"), name="notification_leads_to_this_site"),
            models.CheckConstraint(condition=~models.Q(text=""), name="notification_says_something"),
        ]
        indexes = [
            models.Index(fields=["recipient", "-noted_at", "-id"], name="notification_newest"),
            models.Index(fields=["recipient"], condition=models.Q(read_at__isnull=True), name="notification_unread"),
        ]

    def __str__(self) -> str:
        return self.text


class Preferences(models.Model):
    """How an account wants to be told of things. No row: as a new one stands.

    `silenced` holds what it does not want, as "kind:channel".
    """

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="preferences")
    silenced = ArrayField(models.CharField(max_length=24), default=list, blank=True)

    class Meta:
        verbose_name_plural = "preferences"

    def __str__(self) -> str:
        return f"preferences of {self.user_id}"

    def wants(self, kind: str, channel: str) -> bool:
        return f"{kind}:{channel}" not in self.silenced
