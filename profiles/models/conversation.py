"""Conversations of two people: what an accepted invitation opens."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils import timezone

from profiles import inviting
from profiles.models.invitation import Invitation, opaque_id
from profiles.models.user import User


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def of(self, user: User) -> ConversationQuerySet:
        """Those that somebody takes part in."""
        return self.filter(members__user=user)

    def with_unread(self, user: User) -> ConversationQuerySet:
        """With `unread`: whether the other wrote something that `user` has not marked as read."""
        news = Message.objects.filter(conversation=models.OuterRef("conversation"), pk__gt=models.OuterRef("seen")).exclude(sender=user)
        own = Member.objects.filter(conversation=models.OuterRef("pk"), user=user).annotate(news=models.Exists(news))
        return self.annotate(unread=models.Subquery(own.values("news")[:1]))

    def unread(self, user: User) -> ConversationQuerySet:
        """Those in which the other wrote something that `user` has not marked as read."""
        return self.with_unread(user).filter(models.Q(unread=True))


class Conversation(models.Model):
    """A thread between two people. `closed_at`: one of them has ended it, blocked the other, or left; it can be read, and nothing added."""

    public_id = models.CharField(max_length=20, unique=True, default=opaque_id)
    invitation = models.OneToOneField(Invitation, null=True, on_delete=models.SET_NULL, related_name="conversation")
    created_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        ordering = ["-last_at", "-pk"]

    def __str__(self) -> str:
        return f"conversation {self.public_id}"

    def get_absolute_url(self) -> str:
        return reverse("profiles:conversation", args=[self.public_id])


class Member(models.Model):
    """One of the two in a conversation. `seen` is the number of the last message that they have marked as read."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    seen = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}"


class Message(models.Model):
    """What one of the two wrote: plain text, escaped wherever it is shown. It goes with the account of who wrote it."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    sender = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=inviting.WORDS_LENGTH)
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~models.Q(text=""), name="message_says_something")]
        indexes = [
            models.Index(fields=["conversation", "id"], name="message_of_conversation"),
            models.Index(fields=["sender", "-sent_at"], name="message_of_sender"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"
