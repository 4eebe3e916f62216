"""People who objected to a page: nothing but keyed hashes, by which an import knows them again and leaves them out."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Suppression(models.Model):
    """An objection that was granted. It names nobody; works.actions.imports.suppressed says what its marks are made of."""

    made_at = models.DateTimeField(default=timezone.now)
    has_orcid = models.BooleanField(default=False)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"suppression {self.pk}"


class SuppressionMark(models.Model):
    """One HMAC-SHA256, keyed with the site's secret, of something that a record may say of the person."""

    suppression = models.ForeignKey(Suppression, on_delete=models.CASCADE, related_name="marks")
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "suppression"], name="suppressionmark_once")]

    def __str__(self) -> str:
        return f"mark {self.pk} of {self.suppression_id}"
