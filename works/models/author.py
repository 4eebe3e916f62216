"""Authors: the registries' persons, at whom authorships point."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorField
from django.db import models
from django.urls import reverse

from works.models.identifier import Identifier
from works.names import fold, slugify


class AuthorQuerySet(models.QuerySet["Author"]):
    def with_works(self) -> AuthorQuerySet:
        """Authors that still have a work: an import may move an author's only work to somebody else."""
        return self.filter(works_count__gt=0)

    def matching_name(self, text: str) -> AuthorQuerySet:
        """Authors whose name holds every word of `text`, each as a beginning, in any order, blind to accents and case.

        One query on the GIN index; those with most works first. No words, no authors.
        """
        words = fold(text).split()
        if not words:
            return self.none()
        prefixes = " & ".join(f"'{word}':*" for word in words)  # fold() leaves letters and digits only
        return (
            self.with_works()
            .filter(name_search=SearchQuery(prefixes, config="simple", search_type="raw"))
            .order_by("-works_count", "name_key", "pk")
        )


class Author(models.Model):
    """A person as the registries know them: a name, and the authorships that point here.

    `works_count`, `topics_count` and `summary` are derived from the authorships; works.actions.summaries rewrites them.
    `summary` holds what the author's page says at the top:
    {"topics": [{"label", "slug", "works"}], "affiliations": [{"name", "slug", "year"}], "years": [[year, works]],
    "types": [[type, works]]}.
    """

    public_id = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=500)
    name_key = models.CharField(max_length=500, db_index=True)
    works_count = models.PositiveIntegerField(default=0)
    topics_count = models.PositiveIntegerField(default=0)
    first_year = models.PositiveSmallIntegerField(null=True)
    last_year = models.PositiveSmallIntegerField(null=True)
    summary = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    name_search = models.GeneratedField(
        expression=SearchVector("name_key", config="simple"), output_field=SearchVectorField(), db_persist=True
    )

    objects = AuthorQuerySet.as_manager()

    class Meta:
        indexes = [GinIndex(fields=["name_search"], name="author_name_search", fastupdate=False)]
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="author_has_a_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def slug(self) -> str:
        return f"{slugify(self.name)}-{self.public_id}"

    def get_absolute_url(self) -> str:
        return reverse("profiles:researcher", args=[self.slug])

    @property
    def topics(self) -> list[dict[str, Any]]:
        """The author's topics, most works first."""
        topics: list[dict[str, Any]] = self.summary.get("topics", [])
        return topics


class AuthorIdentifier(Identifier):
    """An identifier that a registry gave to a person: ORCID iD, OpenAlex author id, dblp person id."""

    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="identifiers")

    class Meta(Identifier.Meta):
        pass
