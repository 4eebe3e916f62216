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
    def standing(self) -> AuthorQuerySet:
        """Authors that were not merged into another: what was is a redirect only."""
        return self.filter(merged_into__isnull=True)

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
    `merged_into` makes the row a redirect: it has no works, and its address leads to who it was merged into.
    `is_claimed` says that a person answers for this record; the floor above keeps it so by a trigger on its profiles.
    `is_suppressed`: the person objected to a page; the row is empty, and nothing leads to it.
    `other_keys` holds the folded names of AuthorName, one a line, so that one index finds people under every name. It is never shown.
    """

    public_id = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=500)
    name_key = models.CharField(max_length=500, db_index=True)
    works_count = models.PositiveIntegerField(default=0)
    topics_count = models.PositiveIntegerField(default=0)
    first_year = models.PositiveSmallIntegerField(null=True)
    last_year = models.PositiveSmallIntegerField(null=True)
    summary = models.JSONField(default=dict)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="absorbed", db_index=False)
    is_claimed = models.BooleanField(default=False, db_default=False)
    is_suppressed = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    other_keys = models.TextField(blank=True, default="", db_default="")
    name_search = models.GeneratedField(
        expression=SearchVector("name_key", "other_keys", config="simple"), output_field=SearchVectorField(), db_persist=True
    )

    objects = AuthorQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["name_search"], name="author_name_search", fastupdate=False),
            models.Index(fields=["merged_into"], condition=models.Q(merged_into__isnull=False), name="author_redirects"),
            models.Index(fields=["id"], condition=models.Q(is_claimed=True), name="author_claimed"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="author_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | ~models.Q(merged_into=models.F("id")), name="author_is_merged_into_another"
            ),
        ]

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


class AuthorName(models.Model):
    """Another name of an author: what the record called them before they chose a name, or a name that they gave themselves.

    Every one is found by the search and used for matching; the public reads only those with `is_public`. `is_of_record` marks the name that
    the registries gave, which comes back when the person who chose another gives the page up.
    """

    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="other_names")
    name = models.CharField(max_length=500)
    name_key = models.CharField(max_length=500, db_index=True)
    is_public = models.BooleanField(default=False)
    is_of_record = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["author", "name_key"], name="authorname_once_each_author"),
            models.UniqueConstraint(fields=["author"], condition=models.Q(is_of_record=True), name="authorname_one_of_record"),
            models.CheckConstraint(condition=~models.Q(name_key=""), name="authorname_has_letters"),
        ]

    def __str__(self) -> str:
        return self.name
