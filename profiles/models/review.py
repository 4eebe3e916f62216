"""What reviewers see of a claim before they open it: derived, and made again whenever the claim moves."""

from __future__ import annotations

from django.db import models

from profiles.models.claim import Claim


class Weighing(models.Model):
    """The risk of a claim and the signals behind it, as profiles.risk reckons them: [{"key", "says", "weight"}], heaviest first.

    Disposable: a claim that waits for staff and has none, or one from before its last step, is weighed by the next sweep.
    """

    claim = models.OneToOneField(Claim, primary_key=True, on_delete=models.CASCADE, related_name="weighing")
    risk = models.PositiveSmallIntegerField()
    signals = models.JSONField()
    weighed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-risk"], name="weighing_riskiest")]
        constraints = [models.CheckConstraint(condition=models.Q(risk__range=(0, 100)), name="weighing_risk_is_0_to_100")]

    def __str__(self) -> str:
        return f"Risk {self.risk}"
