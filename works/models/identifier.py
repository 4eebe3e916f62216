"""Identifiers by scheme: one value of one scheme names one thing."""

from django.db import models


class Identifier(models.Model):
    """A normalised identifier (see works/identifiers.py) and what it names. Unique by scheme and value in Postgres."""

    scheme = models.CharField(max_length=16)
    value = models.CharField(max_length=400)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["scheme", "value"], name="%(class)s_names_one_thing"),
            models.CheckConstraint(condition=~models.Q(value=""), name="%(class)s_is_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"
