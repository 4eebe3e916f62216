"""Trust as it was last computed, with its lines; and whose trust is owed."""

from django.db import models

from works.models import Author


class Trust(models.Model):
    """An author's trust: the headline and the lines that sum to it (see profiles/trust). Rebuilt by `manage.py rebuild_trust`.

    `lines` is the explanation: [{"key", "label", "micropoints", "maximum", "fact", "asserted_by", "as_of"}] (points in millionths).
    An author without a row has not been computed yet: the page says "not computed yet", never 0.
    """

    class Band(models.TextChoices):
        UNVERIFIED = "unverified"
        CORROBORATED = "corroborated"
        ESTABLISHED = "established"
        VERIFIED = "verified"

    author = models.OneToOneField(Author, primary_key=True, on_delete=models.CASCADE, related_name="trust")
    score = models.PositiveSmallIntegerField()
    level = models.PositiveSmallIntegerField()
    band = models.CharField(max_length=12, choices=Band)
    lines = models.JSONField()
    formula = models.CharField(max_length=12)
    input_hash = models.CharField(max_length=32)
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(score__range=(0, 100)), name="trust_score_is_0_to_100"),
            models.CheckConstraint(condition=models.Q(level__range=(0, 5)), name="trust_level_is_0_to_5"),
            models.CheckConstraint(
                condition=models.Q(band__in=["unverified", "corroborated", "established", "verified"]), name="trust_band_is_known"
            ),
        ]


class StaleTrust(models.Model):
    """An author whose trust must be computed again."""

    author = models.OneToOneField(Author, primary_key=True, on_delete=models.CASCADE, related_name="+")
    marked_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["marked_at"], name="staletrust_oldest")]
