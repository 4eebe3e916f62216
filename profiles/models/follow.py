"""Follows: who wants to hear of what is new about a researcher, a topic, an institution, or in a search. The lists are private; only the
number is shown, and of searches not even that."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django.urls import reverse

from profiles.models.user import User
from works.models import Author, Institution, Topic
from works.models.finding import WorkSearch

Subject = Author | Topic | Institution
# Which column of a follow names which kind of thing.
COLUMNS: dict[type[models.Model], str] = {Author: "author", Topic: "topic", Institution: "institution"}


class FollowQuerySet(models.QuerySet["Follow"]):
    def newest_first(self) -> FollowQuerySet:
        """The order of the index on an account's follows."""
        return self.order_by("-pk")

    def with_names(self) -> FollowQuerySet:
        """With what a list shows of each, in the same query."""
        return self.select_related("author", "topic", "institution").only(
            "search", "created_at", "user_id", "author__name", "author__public_id", "topic__label", "topic__public_id",
            "institution__name", "institution__public_id",
        )  # fmt: skip


class Follow(models.Model):
    """One account follows one author, topic, institution or search, once. Nobody follows the page that is their own: Postgres keeps that by
    triggers (migration 0019), the rest by constraints.

    `search` is a search as works.models.finding.WorkSearch writes it: the query of an address, without what only arranges a page.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="follows", db_index=False)
    author = models.ForeignKey(Author, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    topic = models.ForeignKey(Topic, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    institution = models.ForeignKey(Institution, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    search = models.CharField(max_length=500, null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = FollowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Exact(
                    models.Func("author", "topic", "institution", "search", function="num_nonnulls", output_field=models.IntegerField()), 1
                ),
                name="follow_is_of_one_thing",
            ),
            models.CheckConstraint(condition=~models.Q(search=""), name="follow_search_asks_something"),
            models.UniqueConstraint(fields=["author", "user"], condition=models.Q(author__isnull=False), name="follow_once"),
            models.UniqueConstraint(fields=["topic", "user"], condition=models.Q(topic__isnull=False), name="follow_topic_once"),
            models.UniqueConstraint(
                fields=["institution", "user"], condition=models.Q(institution__isnull=False), name="follow_institution_once"
            ),
            models.UniqueConstraint(fields=["user", "search"], condition=models.Q(search__isnull=False), name="follow_search_once"),
        ]
        indexes = [models.Index(fields=["user", "-id"], name="follow_newest_of_account")]

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.author_id or self.topic_id or self.institution_id or self.search}"

    @property
    def subject(self) -> Subject | None:
        """What is followed; None where it is a search."""
        return self.author or self.topic or self.institution

    @property
    def kind(self) -> str:
        """ "researcher", "topic", "institution" or "search"."""
        if self.search is not None:
            return "search"
        return "researcher" if self.author_id else "topic" if self.topic_id else "institution"

    @property
    def label(self) -> str:
        return str(self.subject) if self.search is None else WorkSearch.read(self.search).label

    def get_absolute_url(self) -> str:
        return f"{reverse('search')}?{self.search}" if self.subject is None else self.subject.get_absolute_url()


def followers_count(path: str = "pk", *, column: str = "author") -> Coalesce:
    """How many accounts follow a thing, as an expression for a query on things of its kind: a count on an index inside that one query.

    `path` leads from the query's rows to the thing's id; `column` is author, topic or institution. Actions and templates read what it is
    annotated as:

        Author.objects.annotate(followers_count=followers_count(), is_followed=is_followed_by(request.user))
    """
    follows = Follow.objects.filter(**{column: models.OuterRef(path)}).order_by().values(column).annotate(number=models.Count("pk"))
    return Coalesce(models.Subquery(follows.values("number"), output_field=models.IntegerField()), 0)


def is_followed_by(user: User | AnonymousUser, path: str = "pk", *, column: str = "author") -> Any:
    """Whether `user` follows a thing, as an expression for a query on things of its kind; never true for a visitor without an account."""
    if isinstance(user, AnonymousUser) or user.pk is None:
        return models.Value(value=False, output_field=models.BooleanField())
    return models.Exists(Follow.objects.filter(**{column: models.OuterRef(path)}, user_id=user.pk))
