"""Import runs: what was asked of a registry, how far it came, and what could not be taken in."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.urls import reverse
from django.utils import timezone


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def abandoned(self) -> ImportRunQuerySet:
        """Runs that a worker was asked to do and none has touched for half a minute, or, once begun, for five seconds: whether a process
        is at those, their lock says (works.actions.imports.is_under_way). Those begun at a terminal are the terminal's."""
        now = timezone.now()
        untouched = now - timedelta(seconds=30)
        return self.filter(request__worker=True).filter(
            models.Q(status=ImportRun.Status.RUNNING, heartbeat_at__lt=now - timedelta(seconds=5))
            | models.Q(status=ImportRun.Status.WAITING, heartbeat_at__lt=untouched)
            | models.Q(status=ImportRun.Status.WAITING, heartbeat_at=None, created_at__lt=untouched)
        )


class ImportRun(models.Model):
    """One import. It commits batch by batch, and `cursor` says where to go on (see works.actions.imports.runs).

    `request` is {"files": [path], "ids": [id], "query": text, "worker": whether workers do it}; `fingerprint` is what tells one request
    from another. `read` is the sum of the five counts after it; what was taken in with a reservation is listed, and not among the rejected.
    """

    class Status(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        FINISHED = "finished"
        FAILED = "failed"

    source = models.CharField(max_length=16)
    request = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    requested_by = models.CharField(max_length=254, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    cursor = models.JSONField(default=dict)
    read = models.PositiveBigIntegerField(default=0)
    new = models.PositiveBigIntegerField(default=0)
    changed = models.PositiveBigIntegerField(default=0)
    unchanged = models.PositiveBigIntegerField(default=0)
    merged = models.PositiveBigIntegerField(default=0)
    rejected = models.PositiveBigIntegerField(default=0)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "fingerprint"], condition=~models.Q(status="finished"), name="importrun_one_unfinished_of_a_request"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["waiting", "running", "finished", "failed"]), name="importrun_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} import {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("works:import_run", args=[self.pk])


class RejectedRecord(models.Model):
    """A record that could not be taken in, or was taken in with a reservation: where it stands, and why."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rejections")
    place = models.CharField(max_length=300)
    key = models.CharField(max_length=400, blank=True)
    reason = models.CharField(max_length=500)
    excerpt = models.CharField(max_length=500, blank=True)
    is_reservation = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"
