"""Derived from the record, and disposable: collaborations, neighbourhoods, slices; and what is owed of them.

`manage.py rebuild_graph` truncates and makes them anew.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from django.db import models
from django.utils import timezone

from works.models import Author

# Strength is a sum of 1/(k-1) over joint works of k authors, k <= 25. Stored in whole units of 1/lcm(1..24) it is exact:
# the order of the works does not matter, and an increment can never drift away from a full recount.
STRENGTH_UNIT = 5_354_228_880
STRENGTH_MAX_AUTHORS = 25
PAIR_MAX_AUTHORS = 50
CLOSE_STRENGTH = STRENGTH_UNIT // 5

# The form of `Slice.payload` and `Slice.fragment`. A slice of an older form is shown as stale and built again.
SLICE_VERSION = 1
# A build that was asked for is owed for so long; after that the sweep takes it for lost and asks again, three times in all.
SLICE_LEASE = timedelta(seconds=60)
SLICE_ATTEMPTS = 3


class Collaboration(models.Model):
    """Two authors with joint works of at most 50 authors; `author_a` is the one with the smaller id.

    `strength_units` counts 1/(k-1) for each joint work of k <= 25 authors, in units of 1/STRENGTH_UNIT; k is the length of the
    byline (Work.authors_count), groups included, since a place in the byline is shared credit whoever holds it.
    """

    author_a = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="+", db_index=False)
    author_b = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="+", db_index=False)
    works_count = models.PositiveIntegerField()
    strength_units = models.BigIntegerField()
    first_year = models.PositiveSmallIntegerField(null=True)
    last_year = models.PositiveSmallIntegerField(null=True)

    class Meta:
        # Both ends in order of strength, so that the k strongest of somebody with thousands cost k rows.
        indexes = [
            models.Index(fields=["author_a", "-strength_units", "-works_count", "author_b"], name="collaboration_strongest_of_a"),
            models.Index(fields=["author_b", "-strength_units", "-works_count", "author_a"], name="collaboration_strongest_of_b"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["author_a", "author_b"], name="collaboration_once_each_pair"),
            models.CheckConstraint(condition=models.Q(author_a__lt=models.F("author_b")), name="collaboration_pair_is_ordered"),
            models.CheckConstraint(condition=models.Q(works_count__gte=1), name="collaboration_has_a_work"),
            models.CheckConstraint(condition=models.Q(strength_units__gte=0), name="collaboration_strength_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.author_a_id} and {self.author_b_id}"

    @property
    def strength(self) -> float:
        return self.strength_units / STRENGTH_UNIT


class Neighbourhood(models.Model):
    """An author's collaborators in figures: how many, how many of them close, and the ten strongest.

    `closest` is [{"name", "slug", "works", "strength", "first_year", "last_year"}], strongest first.
    An author without a row has not been counted yet, which is not the same as having nobody.
    """

    author = models.OneToOneField(Author, primary_key=True, on_delete=models.CASCADE, related_name="neighbourhood")
    collaborators_count = models.PositiveIntegerField()
    close_count = models.PositiveIntegerField()
    closest = models.JSONField()

    def __str__(self) -> str:
        return f"The neighbourhood of {self.author_id}"


class SliceState(StrEnum):
    READY = "ready"
    STALE = "stale"
    BUILDING = "building"
    ERROR = "error"


class Slice(models.Model):
    """The ego network that an author's page shows: the JSON contract in `payload`, its drawing and list in `fragment`.

    A row without `built_at` is a request. `requested_at` holds while a build is owed or under way (its lease), so that any
    number of visitors causes one build; it is the fencing number too: a build that lost its lease writes nothing.
    `stale_at` says since when the payload is behind the record. `error` is a sentence for the reader about the last build,
    if that failed; a change of the record clears it.
    """

    author = models.OneToOneField(Author, primary_key=True, on_delete=models.CASCADE, related_name="slice")
    version = models.PositiveSmallIntegerField(default=0)
    payload = models.JSONField(null=True)
    fragment = models.TextField(blank=True)
    built_at = models.DateTimeField(null=True)
    stale_at = models.DateTimeField(null=True)
    requested_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["requested_at"], condition=models.Q(requested_at__isnull=False), name="slice_owed")]

    def __str__(self) -> str:
        return f"The slice of {self.author_id}"

    @property
    def state(self) -> SliceState:
        """What the page shows. Empty and cut slices are ready ones: their fragment says so."""
        if self.built_at is None:
            return SliceState.ERROR if self.error else SliceState.BUILDING
        if self.stale_at is not None or self.version != SLICE_VERSION or self.error:
            return SliceState.STALE
        return SliceState.READY

    @property
    def is_owed(self) -> bool:
        """Whether a build was asked for and its lease still runs."""
        return self.requested_at is not None and self.requested_at > timezone.now() - SLICE_LEASE


class StaleCollaboration(models.Model):
    """An author whose collaborations must be counted again: written in the transaction that changed the record."""

    author = models.OneToOneField(Author, primary_key=True, on_delete=models.CASCADE, related_name="+")
    marked_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["marked_at"], name="stalecollaboration_oldest")]

    def __str__(self) -> str:
        return f"{self.author_id} since {self.marked_at}"
