"""Shelves: which works and which people stand under a topic, an institution or a source, in the order in which pages show them.

Derived data: works.actions.shelves keeps it, `manage.py rebuild_shelves` makes it anew.
"""

from __future__ import annotations

from django.db import models

from works.models.author import Author
from works.models.work import Work


class Shelf(models.Model):
    """A topic, an institution or a source with what stands under it, in figures. What has no works may have no row.

    `subject` is the id of the topic, institution or source. Under an institution stand the works with a byline position there, and the
    people who hold those positions; under a topic or a source its works, and everybody who wrote one of them.
    """

    class Kind(models.TextChoices):
        TOPIC = "topic"
        INSTITUTION = "institution"
        SOURCE = "source"

    kind = models.CharField(max_length=11, choices=Kind)
    subject = models.BigIntegerField()
    works_count = models.PositiveIntegerField(default=0, db_default=0)
    people_count = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject"], name="shelf_once_each_subject"),
            models.CheckConstraint(condition=models.Q(kind__in=["topic", "institution", "source"]), name="shelf_kind_is_known"),
        ]
        # The largest first: lists of topics, institutions and sources.
        indexes = [models.Index(fields=["kind", "-works_count", "subject"], name="shelf_largest_of_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class ShelfYear(models.Model):
    """How many works of one year stand under a subject. Years without works have no row."""

    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE, related_name="years", db_index=False)
    year = models.PositiveSmallIntegerField()
    works = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shelf", "year"], name="shelfyear_once")]

    def __str__(self) -> str:
        return f"{self.works} in {self.year}"


class ShelvedWorkQuerySet(models.QuerySet["ShelvedWork"]):
    def newest_first(self) -> ShelvedWorkQuerySet:
        """Latest year first, works without a year last: the order of the index."""
        return self.order_by(models.F("year").desc(nulls_last=True), "-work")

    def after(self, year: int | None, work_id: int) -> ShelvedWorkQuerySet:
        """What follows this place in `newest_first`; after a place with a year, works with a year only (as AuthorshipQuerySet.after)."""
        if year is None:
            return self.filter(year__isnull=True, work__lt=work_id)
        return self.filter(models.Q(year__lte=year) & (models.Q(year__lt=year) | models.Q(work__lt=work_id)))

    def undated(self) -> ShelvedWorkQuerySet:
        return self.filter(year__isnull=True)


class ShelvedWork(models.Model):
    """A work under a subject. `year` repeats the work's, so that the newest of a million are read from an index."""

    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE, related_name="works", db_index=False)
    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="shelves", db_index=False)
    year = models.PositiveSmallIntegerField(null=True)

    objects = ShelvedWorkQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["work", "shelf"], name="shelvedwork_once")]
        indexes = [
            models.Index(
                models.F("shelf"),
                models.F("year").desc(nulls_last=True),
                models.F("work").desc(),
                include=["id"],
                name="shelvedwork_newest_of_shelf",
            ),
            # As programs read them: the last recorded first.
            models.Index(fields=["shelf", "work"], name="shelvedwork_of_shelf"),
        ]

    def __str__(self) -> str:
        return f"work {self.work_id}"


class ShelvedPerson(models.Model):
    """A person under a subject: with how many works, and from which year to which."""

    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE, related_name="people", db_index=False)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="shelves", db_index=False)
    works_count = models.PositiveIntegerField()
    first_year = models.PositiveSmallIntegerField(null=True)
    last_year = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["author", "shelf"], name="shelvedperson_once"),
            models.CheckConstraint(condition=models.Q(works_count__gte=1), name="shelvedperson_has_a_work"),
        ]
        indexes = [models.Index(fields=["shelf", "-works_count", "author"], name="shelvedperson_most_works")]

    def __str__(self) -> str:
        return f"author {self.author_id}"


class UnshelvedWork(models.Model):
    """A work whose places on the shelves are owed: written in the transaction that changed its topics, source, year or affiliations."""

    work = models.OneToOneField(Work, primary_key=True, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return str(self.work_id)


class UnshelvedAuthor(models.Model):
    """An author whose places on the shelves are owed: written in the transaction that changed their works."""

    author = models.OneToOneField(Author, primary_key=True, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return str(self.author_id)


class FormerId(models.Model):
    """The public id of an institution, a source or a topic that became part of another: its address leads there."""

    public_id = models.CharField(max_length=16, primary_key=True)
    kind = models.CharField(max_length=11, choices=Shelf.Kind)
    subject = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["kind", "subject"], name="formerid_of_subject")]

    def __str__(self) -> str:
        return f"{self.public_id}, now {self.kind} {self.subject}"
