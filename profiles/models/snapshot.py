"""Snapshots: what the explorer showed somebody on a day, kept as it was under an address of its own."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import models
from django.urls import reverse

from profiles.models.user import User

SNAPSHOT_KEPT = timedelta(days=365)
SNAPSHOTS_AT_MOST = 50  # of one account


def new_address() -> str:
    """128 bits that nobody guesses: whoever has the address may look."""
    return secrets.token_urlsafe(16)


class Snapshot(models.Model):
    """`payload` is the graph in the one JSON contract, `query` the state of the explorer that gave it. Neither changes, but that somebody
    who objects to a page is taken out of both; names are shown as the people bear them on the day of reading."""

    id = models.CharField(primary_key=True, max_length=22, default=new_address, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="snapshots")
    query = models.TextField()
    payload = models.JSONField()
    taken_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["taken_at"], name="snapshot_oldest")]

    def __str__(self) -> str:
        return f"Snapshot of {self.taken_at:%d %B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("profiles:snapshot", args=[self.pk])

    @property
    def kept_until(self) -> object:
        return self.taken_at + SNAPSHOT_KEPT
