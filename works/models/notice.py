"""Notices: what registries say has become of a work since it appeared."""

from __future__ import annotations

from django.db import models

from works.models.work import Work, WorkIdentifier


class NoticeQuerySet(models.QuerySet["Notice"]):
    def about(self, work: Work) -> NoticeQuerySet:
        """Notices about this work, by whichever of its identifiers they name it."""
        own = WorkIdentifier.objects.filter(work=work, scheme=models.OuterRef("scheme"), value=models.OuterRef("value"))
        return self.filter(models.Exists(own)).order_by("published_on", "pk")


class Notice(models.Model):
    """One record says that a work is corrected, retracted, withdrawn or doubted, and by which notice.

    `registry` and `key` name the record that says so: the notice itself, or the work's own record. The work is named by an identifier
    (`scheme`, `value`) and need not be in the record yet; so a notice applies whichever of the two comes first. `title` and `published_on`
    are the notice's own, where its own record told of it. works.actions.imports.notices writes these rows.
    """

    class Kind(models.TextChoices):
        CORRECTS = "corrects", "Corrected"
        RETRACTS = "retracts", "Retracted"
        WITHDRAWS = "withdraws", "Withdrawn"
        QUESTIONS = "questions", "Questioned"

    registry = models.CharField(max_length=16)
    key = models.CharField(max_length=400)
    kind = models.CharField(max_length=12, choices=Kind)
    scheme = models.CharField(max_length=16)
    value = models.CharField(max_length=400)
    notice_scheme = models.CharField(max_length=16)
    notice_value = models.CharField(max_length=400)
    title = models.TextField(blank=True)
    published_on = models.DateField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["scheme", "value"], name="notice_of_work")]
        constraints = [
            models.UniqueConstraint(
                fields=["registry", "key", "kind", "scheme", "value", "notice_scheme", "notice_value"], name="notice_stands_once"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["corrects", "retracts", "withdraws", "questions"]), name="notice_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_scheme}:{self.notice_value} {self.kind} {self.scheme}:{self.value}"
