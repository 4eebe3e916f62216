"""Rows as an import leaves them: works with their cards, authors with their summaries."""

from __future__ import annotations

from django.db import transaction

from works.actions.imports.batch import take_in
from works.importers.record import ImportedWork
from works.models import Author, ImportRun
from works.signals import authorships_changed


def import_records(*records: ImportedWork) -> None:
    with transaction.atomic():
        take_in([(str(place), record) for place, record in enumerate(records)], run_id=None)


def import_and_announce(*records: ImportedWork) -> None:
    """As a run does: what follows from the change is owed."""
    with transaction.atomic():
        tally = take_in([(str(place), record) for place, record in enumerate(records)], run_id=None)
        authorships_changed.send(sender=ImportRun, author_ids=sorted(tally.author_ids))


def the_author(name: str) -> Author:
    return Author.objects.get(name=name)
