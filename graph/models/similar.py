"""Who resembles an author: what a worker found, as a page shows it."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone

from graph.models.slice import BUILT, Built, SliceState, owed
from works.models import Author

# Who writes on the same topics changes without anybody near the author doing anything: so old a list is made anew when it is looked at.
SIMILAR_LASTS = timedelta(days=7)


class SimilarPeople(Built):
    """Similar people and bridges of an author, in a `payload` of {"built_at", "similar", "bridges", "topics"}: the lists of graph.similar,
    and the label and slug of each topic named. People stand there by id alone: names, and whether they have a page, are read when it is
    shown.
    """

    author = models.OneToOneField(Author, primary_key=True, on_delete=models.CASCADE, related_name="similar")

    class Meta:
        indexes = owed("similarpeople_owed")

    @property
    def state(self) -> SliceState:
        known = super().state
        if known is SliceState.READY and self.built_at is not None and self.built_at < timezone.now() - SIMILAR_LASTS:
            return SliceState.STALE
        return known


# Asked for, built, marked and renewed as slices are.
BUILT["similar"] = SimilarPeople
