"""Collaborations and what is counted from them; and who is owed a count."""

from __future__ import annotations

from django.db import models

from works.models import Author

# Strength is a sum of 1/(k-1) over joint works of k authors, k <= 25. Stored in whole units of 1/lcm(1..24) it is exact:
# the order of the works does not matter, and an increment can never drift away from a full recount.
STRENGTH_UNIT = 5_354_228_880
STRENGTH_MAX_AUTHORS = 25
PAIR_MAX_AUTHORS = 50
CLOSE_STRENGTH = STRENGTH_UNIT // 5


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


class StaleCollaboration(models.Model):
    """An author whose collaborations must be counted again: written in the transaction that changed the record."""

    author = models.OneToOneField(Author, primary_key=True, on_delete=models.CASCADE, related_name="+")
    marked_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["marked_at"], name="stalecollaboration_oldest")]

    def __str__(self) -> str:
        return f"{self.author_id} since {self.marked_at}"
