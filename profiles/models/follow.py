"""Follows: who wants to hear of a researcher's new works. The lists are private; only the number is shown."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models.functions import Coalesce

from profiles.models.user import User
from works.models import Author


class Follow(models.Model):
    """One account follows one author, once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="follows")
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "user"], name="follow_once")]

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.author_id}"


def followers_count(author: str = "pk") -> Coalesce:
    """How many accounts follow an author, as an expression for a query on authors: a count on an index inside that one query.

    `author` is the path from the query's rows to the author's id. Actions and templates read what it is annotated as:

        Author.objects.annotate(followers_count=followers_count(), is_followed=is_followed_by(request.user))
    """
    follows = Follow.objects.filter(author=models.OuterRef(author)).order_by().values("author").annotate(number=models.Count("pk"))
    return Coalesce(models.Subquery(follows.values("number"), output_field=models.IntegerField()), 0)


def is_followed_by(user: User | AnonymousUser, author: str = "pk") -> Any:
    """Whether `user` follows an author, as an expression for a query on authors; never true for a visitor without an account."""
    if isinstance(user, AnonymousUser) or user.pk is None:
        return models.Value(value=False, output_field=models.BooleanField())
    return models.Exists(Follow.objects.filter(author=models.OuterRef(author), user_id=user.pk))
