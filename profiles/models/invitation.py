"""Invitations to work together, delivered or held; and who wants nothing from whom."""

from __future__ import annotations

import secrets

from django.db import models
from django.urls import reverse
from django.utils import timezone

from profiles import inviting
from profiles.models.user import User
from works.models import Author, Work


def opaque_id() -> str:
    """An address nobody can guess: 80 random bits."""
    return secrets.token_hex(10)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def live(self) -> InvitationQuerySet:
        """Held, or delivered and without a final answer."""
        return self.filter(status__in=inviting.LIVE)

    def delivered_to(self, user: User) -> InvitationQuerySet:
        """What somebody has to answer."""
        return self.filter(recipient=user, status__in=inviting.DELIVERED, expires_at__gt=timezone.now())

    def deliverable(self) -> InvitationQuerySet:
        """Held ones whose author has claimed the page and is open to collaborate, but for those between people of whom one blocks
        the other, and for what somebody sent to a page that they claimed later."""
        owner = models.OuterRef("author__profile__user")
        blocked = Block.objects.filter(
            models.Q(user=owner, blocked=models.OuterRef("sender")) | models.Q(user=models.OuterRef("sender"), blocked=owner)
        )
        return (
            self.filter(status=Invitation.Status.HELD, author__profile__is_open_to_collaborate=True, expires_at__gt=timezone.now())
            .exclude(author__profile__user=models.F("sender"))
            .exclude(models.Exists(blocked))
        )


class Invitation(models.Model):
    """One account invites the person behind one author record. profiles.actions.invitations alone writes it, by profiles.inviting.STEPS.

        held → waiting (the author claimed the page and is open);  waiting ↔ later
        waiting, later → accepted | declined;  held, waiting, later → revoked | expired

    A held one has no recipient: whoever wrote the works that it is about knows nothing of it, and is written to by nobody.
    An accepted one has a conversation. `introduced_by` is who passed it on, where it came by an introduction.
    """

    class Status(models.TextChoices):
        HELD = inviting.HELD, "Held until this person joins"
        WAITING = inviting.WAITING, "Waiting for an answer"
        LATER = inviting.LATER, "Put off"
        ACCEPTED = inviting.ACCEPTED, "Accepted"
        DECLINED = inviting.DECLINED, "Declined"
        EXPIRED = inviting.EXPIRED, "Run out"
        REVOKED = inviting.REVOKED, "Taken back"

    class Purpose(models.TextChoices):
        JOINT_WORK = "joint-work", inviting.PURPOSES["joint-work"]
        QUESTION = "question", inviting.PURPOSES["question"]
        DATA = "data-or-code", inviting.PURPOSES["data-or-code"]
        REVIEW = "review", inviting.PURPOSES["review"]
        TALK = "talk", inviting.PURPOSES["talk"]
        POSITION = "position", inviting.PURPOSES["position"]

    public_id = models.CharField(max_length=20, unique=True, default=opaque_id)
    sender = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations_sent")
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="+")
    recipient = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="invitations_received")
    introduced_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    status = models.CharField(max_length=8, choices=Status)
    purpose = models.CharField(max_length=12, choices=Purpose)
    message = models.TextField(max_length=inviting.MESSAGE_LENGTH[1])
    created_at = models.DateTimeField(default=timezone.now)
    status_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["sender", "author"],
                condition=models.Q(status__in=["held", "waiting", "later"]),
                name="invitation_one_live_of_a_pair",
            ),
            models.UniqueConstraint(
                fields=["sender", "recipient"],
                condition=models.Q(status__in=["held", "waiting", "later"], recipient__isnull=False),
                name="invitation_one_live_between_accounts",
            ),
            models.CheckConstraint(
                condition=models.Q(recipient__isnull=True) | ~models.Q(recipient=models.F("sender")), name="invitation_is_not_to_oneself"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["held", "waiting", "later", "accepted", "declined", "expired", "revoked"]),
                name="invitation_status_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status="held", recipient__isnull=True)
                | models.Q(status__in=["waiting", "later", "accepted", "declined"], recipient__isnull=False)
                | models.Q(status__in=["expired", "revoked"]),
                name="invitation_held_has_no_recipient",
            ),
            models.CheckConstraint(condition=models.Q(purpose__in=list(inviting.PURPOSES)), name="invitation_purpose_is_known"),
            models.CheckConstraint(condition=~models.Q(message=""), name="invitation_says_something"),
        ]
        indexes = [
            models.Index(fields=["author"], condition=models.Q(status="held"), name="invitation_held_for"),
            models.Index(fields=["recipient", "-id"], condition=models.Q(recipient__isnull=False), name="invitation_received"),
            models.Index(fields=["sender", "-created_at"], name="invitation_sent"),
            models.Index(fields=["expires_at"], condition=models.Q(status__in=["held", "waiting", "later"]), name="invitation_running_out"),
        ]

    def __str__(self) -> str:
        return f"invitation {self.public_id} ({self.status})"

    def get_absolute_url(self) -> str:
        return reverse("profiles:invitation", args=[self.public_id])

    @property
    def is_live(self) -> bool:
        return self.status in inviting.LIVE and self.expires_at > timezone.now()

    @property
    def can_be_answered(self) -> bool:
        return self.status in inviting.DELIVERED and self.expires_at > timezone.now()


class InvitationWork(models.Model):
    """A work that an invitation is about."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="about")
    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["invitation", "work"], name="invitationwork_once")]

    def __str__(self) -> str:
        return f"{self.invitation_id} is about {self.work_id}"


class Block(models.Model):
    """`user` wants nothing from `blocked`. It holds both ways, by every route, and is told to nobody."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "blocked"], name="block_once"),
            models.CheckConstraint(condition=~models.Q(user=models.F("blocked")), name="block_is_not_of_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} blocks {self.blocked_id}"


def is_blocked(one: int, other: int) -> bool:
    """Whether either of two accounts blocks the other. One query."""
    return Block.objects.filter(models.Q(user=one, blocked=other) | models.Q(user=other, blocked=one)).exists()
