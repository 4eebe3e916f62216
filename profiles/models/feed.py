"""What is kept of somebody's feed beside what they follow: until when they have seen it, and the token by which programs read it."""

from __future__ import annotations

from django.db import models

from profiles.models.user import User


class Feed(models.Model):
    """An account's feed. No row: nothing was marked as seen, and there is no token.

    `seen_until` is the date of the newest item that the account has marked as seen. `digest` is the SHA-256 of the token in the address of
    the Atom feed, empty without one; the token itself is shown once and not kept.
    """

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="feed")
    seen_until = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True, default="")
    token_made_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest"], condition=~models.Q(digest=""), name="feed_token_opens_one_feed"),
            models.CheckConstraint(condition=models.Q(digest__regex=r"^([0-9a-f]{64})?$"), name="feed_keeps_a_digest_only"),
            models.CheckConstraint(
                condition=models.Q(digest="", token_made_at__isnull=True) | (~models.Q(digest="") & models.Q(token_made_at__isnull=False)),
                name="feed_token_is_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"feed of {self.user_id}"
