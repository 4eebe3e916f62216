"""manage.py rebuild_graph: count every collaboration anew from the record."""

from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand

from graph.actions.collaborations import rebuild_graph


class Command(BaseCommand):
    help = "Throw away the collaborations, count them anew from the authorships, and mark every graph slice as stale."

    def handle(self, *args: Any, **options: Any) -> None:
        start = perf_counter()
        pairs = rebuild_graph()
        self.stdout.write(f"Counted {pairs:,} collaborations in {perf_counter() - start:.1f} s.")
