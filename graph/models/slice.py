"""Slices: what a page shows of the graph around a person, a work, a topic or an institution."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone

from works.mathematics import to_plain
from works.models import Author, Institution, Topic, Work

Subject = Author | Work | Topic | Institution

# The form of a slice's payload and fragment. A slice of an older form is shown as stale and built again.
SLICE_VERSION = 4
# A build that was asked for is owed for so long; after that the sweep takes it for lost and asks again, three times in all. It does so
# sooner where no process is at it: then the message was lost, or whoever had it in hand has died.
SLICE_LEASE = timedelta(seconds=60)
SLICE_UNATTENDED = timedelta(seconds=4)
SLICE_ATTEMPTS = 3


class SliceState(StrEnum):
    READY = "ready"
    STALE = "stale"
    BUILDING = "building"
    ERROR = "error"


class Built(models.Model):
    """What a worker builds for a page and keeps: the JSON contract in `payload`, its drawing and list in `fragment`.

    A row without `built_at` is a request. `requested_at` holds while a build is owed or under way (its lease), so that any
    number of visitors causes one build; it is the fencing number too: a build that lost its lease writes nothing.
    `stale_at` says since when the payload is behind the record. `error` is a sentence for the reader about the last build,
    if that failed; a change of the record clears it.
    """

    version = models.PositiveSmallIntegerField(default=0)
    payload = models.JSONField(null=True)
    fragment = models.TextField(blank=True)
    built_at = models.DateTimeField(null=True)
    stale_at = models.DateTimeField(null=True)
    requested_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"The {self._meta.verbose_name} of {self.pk}"

    @classmethod
    def rows(cls) -> models.QuerySet[Any]:
        return cls._default_manager.all()

    @classmethod
    def of_table(cls, statement: str) -> str:
        """A statement with {table} and {key} for the table of this kind and its primary key."""
        return statement.replace("{table}", cls._meta.db_table).replace("{key}", str(cls._meta.pk.column))

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


def owed(name: str) -> list[models.Index]:
    """The index by which the sweep finds builds whose lease ran out."""
    return [models.Index(fields=["requested_at"], condition=models.Q(requested_at__isnull=False), name=name)]


class Slice(Built):
    """The slice around an author: the ego network."""

    author = models.OneToOneField(Author, primary_key=True, on_delete=models.CASCADE, related_name="slice")

    class Meta:
        indexes = owed("slice_owed")


class WorkSlice(Built):
    """The slice around a work."""

    work = models.OneToOneField(Work, primary_key=True, on_delete=models.CASCADE, related_name="slice")

    class Meta:
        indexes = owed("workslice_owed")


class TopicSlice(Built):
    """The slice around a topic. Postgres deletes it with the topic (0003_slices_of_subjects), since imports delete rows by statement."""

    topic = models.OneToOneField(Topic, primary_key=True, on_delete=models.CASCADE, related_name="slice", db_constraint=False)

    class Meta:
        indexes = owed("topicslice_owed")


class InstitutionSlice(Built):
    """The slice around an institution. Postgres deletes it with the institution, as that of a topic."""

    institution = models.OneToOneField(Institution, primary_key=True, on_delete=models.CASCADE, related_name="slice", db_constraint=False)

    class Meta:
        indexes = owed("institutionslice_owed")


# What is built, by the kind of its centre; graph.models.similar adds another.
BUILT: dict[str, type[Built]] = {"person": Slice, "work": WorkSlice, "topic": TopicSlice, "institution": InstitutionSlice}
KIND_OF: dict[type[models.Model], str] = {Author: "person", Work: "work", Topic: "topic", Institution: "institution"}
# The routes of their pages.
ROUTES = {"person": "graph:slice", "work": "graph:work", "topic": "graph:topic", "institution": "graph:institution"}


def kept_for(subject: Subject) -> Built | None:
    """The slice of a subject: as it was fetched with the subject, or by one query, without the payload."""
    fetched = vars(subject)["_state"].fields_cache
    kept: Built | None = (
        fetched["slice"] if "slice" in fetched else BUILT[KIND_OF[type(subject)]].rows().defer("payload").filter(pk=subject.pk).first()
    )
    return kept


def graph_url(subject: Subject) -> str:
    """The address of a subject's graph."""
    return reverse(ROUTES[KIND_OF[type(subject)]], args=[subject.public_id if isinstance(subject, Work) else subject.slug])


def name_of(subject: Subject) -> str:
    return to_plain(subject.title) if isinstance(subject, Work) else str(subject)
