"""The journal of merges and splits, with every row that they changed; and the merges that matching proposes."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse

from works.models.author import Author
from works.models.decision import Role
from works.models.work import Work


class MergeQuerySet(models.QuerySet["Merge"]):
    def standing(self) -> MergeQuerySet:
        """Those that were not undone."""
        return self.filter(undone_at__isnull=True)

    def about(self, kind: str, *ids: int) -> MergeQuerySet:
        """Those that have one of these authors (or works) among their parties."""
        return self.filter(kind__in=Merge.ABOUT[kind]).filter(models.Q(winner__in=ids) | models.Q(others__overlap=list(ids)))


class Merge(models.Model):
    """One merge or split. `winner` is the author or work that stays, `others` are those that became redirects, or the new one of a split.

    `parties` holds their names as they were and what moved, for the journal: {"winner": [name, address], "others": [[name, address]],
    "moved": {"authorships": 3}}. Numbers and no foreign keys: the journal outlives what it tells of.
    """

    class Kind(models.TextChoices):
        AUTHORS = "authors-merged", "Authors merged"
        AUTHOR_SPLIT = "author-split", "Author split"
        WORKS = "works-merged", "Works merged"
        WORK_SPLIT = "work-split", "Work split"

    ABOUT = {"author": (Kind.AUTHORS, Kind.AUTHOR_SPLIT), "work": (Kind.WORKS, Kind.WORK_SPLIT)}

    kind = models.CharField(max_length=16, choices=Kind)
    winner = models.BigIntegerField(db_index=True)
    others = ArrayField(models.BigIntegerField())
    parties = models.JSONField()
    reason = models.TextField(max_length=2000, blank=True)
    actor_id = models.BigIntegerField(null=True)
    actor_role = models.CharField(max_length=8, choices=Role)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.BigIntegerField(null=True)
    undone_role = models.CharField(max_length=8, choices=Role, blank=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["authors-merged", "author-split", "works-merged", "work-split"]), name="merge_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("works:merge", args=[self.pk])

    @property
    def is_about(self) -> str:
        return "author" if self.kind in self.ABOUT["author"] else "work"

    @property
    def is_split(self) -> bool:
        return self.kind in {self.Kind.AUTHOR_SPLIT, self.Kind.WORK_SPLIT}


class MovedRow(models.Model):
    """A row that a merge changed: its columns before and after. No `before`: the merge made it; no `after`: the merge took it away."""

    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="rows")
    table = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merge", "table", "row_id"], name="movedrow_once_each_row")]
        indexes = [models.Index(fields=["table", "row_id"], name="movedrow_by_row")]

    def __str__(self) -> str:
        return f"{self.table} {self.row_id}"


class MergeProposal(models.Model):
    """Two authors, or two works, that may be one; and why. A pair that was declined is not proposed again.

    `reasons` is a list of {"says": a plain sentence, "feature": its name, "value": its figure}, strongest first; `score` is from 0 to 1.
    `endorsed_at`: when the owner of a claimed record that it is about said that the two are one.
    """

    class Kind(models.TextChoices):
        AUTHORS = "authors", "Authors"
        WORKS = "works", "Works"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        SUPERSEDED = "superseded", "Superseded"

    kind = models.CharField(max_length=8, choices=Kind)
    author_a = models.ForeignKey(Author, null=True, on_delete=models.CASCADE, related_name="+")
    author_b = models.ForeignKey(Author, null=True, on_delete=models.CASCADE, related_name="+")
    work_a = models.ForeignKey(Work, null=True, on_delete=models.CASCADE, related_name="+")
    work_b = models.ForeignKey(Work, null=True, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    proposed_at = models.DateTimeField()
    endorsed_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)
    decided_role = models.CharField(max_length=8, choices=Role, blank=True)
    decided_at = models.DateTimeField(null=True)
    merge = models.ForeignKey(Merge, null=True, on_delete=models.SET_NULL, related_name="proposals")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="authors", author_a__lt=models.F("author_b"), work_a__isnull=True, work_b__isnull=True)
                | models.Q(kind="works", work_a__lt=models.F("work_b"), author_a__isnull=True, author_b__isnull=True),
                name="mergeproposal_is_an_ordered_pair",
            ),
            models.UniqueConstraint(
                fields=["author_a", "author_b"],
                condition=models.Q(kind="authors", state__in=["open", "declined"]),
                name="mergeproposal_once_each_pair_of_authors",
            ),
            models.UniqueConstraint(
                fields=["work_a", "work_b"],
                condition=models.Q(kind="works", state__in=["open", "declined"]),
                name="mergeproposal_once_each_pair_of_works",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "accepted", "declined", "superseded"]), name="mergeproposal_state_is_known"
            ),
            models.CheckConstraint(condition=models.Q(score__range=(0, 1)), name="mergeproposal_score_is_a_share"),
        ]
        indexes = [models.Index(fields=["kind", "-score", "id"], condition=models.Q(state="open"), name="mergeproposal_waiting")]

    def __str__(self) -> str:
        return f"{self.kind} {self.author_a_id or self.work_a_id} and {self.author_b_id or self.work_b_id}"
