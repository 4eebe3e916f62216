"""Where the nodes of a large graph of the explorer stand: computed by a worker, for everybody who looks at the same slices."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone

ARRANGEMENT_LEASE = timedelta(seconds=90)
ARRANGEMENTS_KEPT = 1_000
ARRANGEMENT_KEPT = timedelta(days=30)


class Arrangement(models.Model):
    """`key` is a hash of whose slices are joined (`shown`, in any order), `contents` one of these slices' builds.
    `places` is {node: [x, y]}.

    A row without `built_at` is a request; `requested_at` holds while one is owed or under way, so that any number of visitors causes one.
    """

    key = models.CharField(primary_key=True, max_length=64)
    shown = models.JSONField()
    contents = models.CharField(max_length=64, blank=True)
    places = models.JSONField(default=dict)
    built_at = models.DateTimeField(null=True)
    requested_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["built_at"], name="arrangement_oldest")]

    def __str__(self) -> str:
        return f"The arrangement of {len(self.shown)} slices"

    @property
    def is_owed(self) -> bool:
        return self.requested_at is not None and self.requested_at > timezone.now() - ARRANGEMENT_LEASE
