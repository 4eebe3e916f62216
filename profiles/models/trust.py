"""Trust as it was last computed, with its lines; and whose trust is owed."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from profiles.trust.explain import BAND_LABELS, BAND_MEANINGS, LABELS, points_text
from profiles.trust.levels import MEANINGS
from works.models import Author


class Trust(models.Model):
    """An author's trust: the headline and the lines that sum to it (see profiles/trust). Rebuilt by `manage.py rebuild_trust`.

    `micropoints` is the sum of the lines in millionths of a point, `score` the whole points of it, rounded down.
    `lines` is the explanation: [{"key", "label", "micropoints", "maximum", "fact", "asserted_by", "as_of"}] (points in millionths, days
    as ISO dates or null); the line "network" has "institutions" as well: [{"name", "vouchers", "works", "micropoints", "people",
    "titles"}], people and titles being lists of [words, address].
    `not_counted` is a list of sentences. `input_hash` tells whether the inputs are those of last time.
    `own_level` is the level without any other person's attestation or vouch: who has 4 of their own may attest others. `institution` is the
    ROR id (else our public id) of the institution that this author speaks from as a voucher, "" where none is known.
    `changes_on` is the next day on which a piece of evidence begins or ceases to count.
    An author without a row has not been computed yet: the page says "not computed yet", never 0.
    """

    class Band(models.TextChoices):
        UNVERIFIED = "unverified"
        CORROBORATED = "corroborated"
        ESTABLISHED = "established"
        VERIFIED = "verified"

    author = models.OneToOneField(Author, primary_key=True, on_delete=models.CASCADE, related_name="trust")
    micropoints = models.PositiveIntegerField()
    score = models.PositiveSmallIntegerField()
    level = models.PositiveSmallIntegerField()
    band = models.CharField(max_length=12, choices=Band)
    lines = models.JSONField()
    not_counted = models.JSONField(default=list)
    own_level = models.PositiveSmallIntegerField(default=0)
    institution = models.CharField(max_length=40, blank=True)
    institution_name = models.CharField(max_length=500, blank=True)
    changes_on = models.DateField(null=True)
    formula = models.CharField(max_length=12)
    input_hash = models.CharField(max_length=32)
    computed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["author", "level"], condition=models.Q(level__gte=3), name="trust_verified"),
            models.Index(fields=["changes_on"], condition=models.Q(changes_on__isnull=False), name="trust_changes_on"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(score__range=(0, 100)), name="trust_score_is_0_to_100"),
            models.CheckConstraint(
                condition=models.Q(micropoints__gte=models.F("score") * 1_000_000, micropoints__lt=(models.F("score") + 1) * 1_000_000),
                name="trust_score_is_the_whole_points",
            ),
            models.CheckConstraint(condition=models.Q(level__range=(0, 5)), name="trust_level_is_0_to_5"),
            models.CheckConstraint(
                condition=models.Q(band__in=["unverified", "corroborated", "established", "verified"]), name="trust_band_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Trust {self.score} – {self.band_label}"

    @property
    def band_label(self) -> str:
        """ "Unverified", "Corroborated", "Established" or "Verified"."""
        return BAND_LABELS[self.band]

    @property
    def band_meaning(self) -> str:
        """One sentence on what the band says."""
        return BAND_MEANINGS[self.band]

    @property
    def level_meaning(self) -> str:
        """One sentence on what the verification level says."""
        return MEANINGS[self.level]

    @property
    def institutions(self) -> list[dict[str, Any]]:
        """Who vouches, by institution, the strongest first."""
        return [institution for line in self.lines for institution in line.get("institutions", ())]


class StaleTrust(models.Model):
    """An author whose trust must be computed again: written in the transaction that changed what it depends on."""

    class Cause(models.TextChoices):
        RECORD = "record", "The record of works changed"
        COLLABORATIONS = "collaborations", "Collaborations were counted again"
        CLAIM = "claim", "The page was claimed or given up"
        EVIDENCE = "evidence", "Evidence was proved, revoked or ran out"
        CONFIRMATION = "confirmation", "A joint work was confirmed, or no longer is"
        COLLEAGUE = "colleague", "A co-author’s verification changed"
        FINDING = "finding", "A report was made or decided"
        SUSPENSION = "suspension", "Staff suspended the page or lifted that"
        MERGE = "merge", "Records were merged or split"
        REBUILD = "rebuild", "Everything was computed anew"

    author = models.OneToOneField(Author, primary_key=True, on_delete=models.CASCADE, related_name="+")
    marked_at = models.DateTimeField()
    causes = ArrayField(models.CharField(max_length=16), default=list)

    class Meta:
        indexes = [models.Index(fields=["marked_at"], name="staletrust_oldest")]

    def __str__(self) -> str:
        return f"{self.author_id}, since {self.marked_at:%Y-%m-%d %H:%M:%S}"


class TrustChange(models.Model):
    """How an author's trust changed on a day: before the first change of that day and after the last, and what brought it about.

    `before` and `after` are {"micropoints", "level", "band", "formula", "lines": {key: [micropoints, fact]}}.
    """

    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="trust_changes")
    day = models.DateField()
    before = models.JSONField()
    after = models.JSONField()
    causes = ArrayField(models.CharField(max_length=16), default=list)

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["author", "day"], name="trustchange_one_a_day")]

    def __str__(self) -> str:
        return f"{self.author_id} on {self.day}"

    @property
    def reasons(self) -> list[str]:
        """What brought it about, in sentences."""
        return [str(StaleTrust.Cause(cause).label) for cause in self.causes if cause in StaleTrust.Cause.values]

    @property
    def scores(self) -> tuple[int, int]:
        return self.before["micropoints"] // 1_000_000, self.after["micropoints"] // 1_000_000

    @property
    def lines(self) -> list[dict[str, str]]:
        """The lines whose points are others than before: label, points before and after, the fact after."""
        before, after = self.before["lines"], self.after["lines"]
        return [
            {"label": LABELS[key], "before": points_text(before.get(key, [0])[0]), "after": points_text(points), "fact": fact}
            for key, (points, fact) in after.items()
            if key in LABELS and points != before.get(key, [0])[0]
        ]


class Vouching(models.Model):
    """What one author, who holds a page, has confirmed together with another: derived from authorship decisions, and disposable.

    It lifts only while the voucher's level is 3 or more. `works` are the confirmed joint works of 2 to 25 authors, `units` is the sum of
    2/k over them, at most 1, in units of 1/JOINT_WORK_UNIT. `year` is the deposit year of the work confirmed first, `place` the author's
    place among the voucher's new collaborators of that year, in the order of confirmation, from 1.
    """

    voucher = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="+", db_index=False)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="vouchings")
    works = ArrayField(models.BigIntegerField())
    units = models.BigIntegerField()
    year = models.PositiveSmallIntegerField()
    place = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["voucher", "author"], name="vouching_once_each_pair"),
            models.CheckConstraint(condition=~models.Q(voucher=models.F("author")), name="vouching_is_for_another"),
            models.CheckConstraint(condition=models.Q(place__gte=1), name="vouching_places_count_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.voucher_id} vouches for {self.author_id}"
