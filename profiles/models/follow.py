"""Follows: who wants to hear of a researcher's new works. The lists are private; only the number is shown."""

from __future__ import annotations

from django.db import models

from profiles.models.user import User
from works.models import Author


class Follow(models.Model):
    """One account follows one author, once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="follows")
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "user"], name="follow_once")]
