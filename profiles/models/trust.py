"""Trust as it was last computed, with its lines; and whose trust is owed."""

from __future__ import annotations

from typing import Any

from django.db import models

from profiles.trust.explain import BAND_LABELS, BAND_MEANINGS
from profiles.trust.levels import MEANINGS
from works.models import Author


class Trust(models.Model):
    """An author's trust: the headline and the lines that sum to it (see profiles/trust). Rebuilt by `manage.py rebuild_trust`.

    `micropoints` is the sum of the lines in millionths of a point, `score` the whole points of it, rounded down.
    `lines` is the explanation: [{"key", "label", "micropoints", "maximum", "fact", "asserted_by", "as_of"}] (points in millionths, days
    as ISO dates or null); the line "network" has "institutions": [{"name", "vouchers", "works", "micropoints"}] as well.
    `not_counted` is a list of sentences. `input_hash` tells whether the inputs are those of last time.
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
    formula = models.CharField(max_length=12)
    input_hash = models.CharField(max_length=32)
    computed_at = models.DateTimeField()

    class Meta:
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

    author = models.OneToOneField(Author, primary_key=True, on_delete=models.CASCADE, related_name="+")
    marked_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["marked_at"], name="staletrust_oldest")]

    def __str__(self) -> str:
        return f"{self.author_id}, since {self.marked_at:%Y-%m-%d %H:%M:%S}"
