"""Sources: where works appear (journals, proceedings, repositories)."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.urls import reverse

from works.models.identifier import Identifier
from works.names import slugify


class Source(models.Model):
    """A venue. One name in one kind is one source, unless registries give it identifiers that differ."""

    class Kind(models.TextChoices):
        JOURNAL = "journal"
        CONFERENCE = "conference"
        REPOSITORY = "repository"
        BOOK_SERIES = "book-series"
        OTHER = "other"

    public_id = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=500)
    name_key = models.CharField(max_length=500)
    kind = models.CharField(max_length=16, choices=Kind)

    class Meta:
        indexes = [
            models.Index(fields=["name_key", "kind"], name="source_by_name"),
            GinIndex(SearchVector("name_key", config="simple"), name="source_name_words"),
            models.Index(fields=["kind", "id"], name="source_of_kind"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["journal", "conference", "repository", "book-series", "other"]), name="source_kind_is_known"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def slug(self) -> str:
        return f"{slugify(self.name)}-{self.public_id}"

    def get_absolute_url(self) -> str:
        return reverse("works:source", args=[self.slug])


class SourceIdentifier(Identifier):
    """ISSN, OpenAlex source id."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="identifiers")

    class Meta(Identifier.Meta):
        pass
