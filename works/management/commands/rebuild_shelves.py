"""manage.py rebuild_shelves: fill the shelves of topics, institutions and sources anew from the record."""

from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand

from works.actions.shelves import rebuild_shelves


class Command(BaseCommand):
    help = "Throw away what is counted under topics, institutions and sources, and count it anew from the works."

    def handle(self, *args: Any, **options: Any) -> None:
        start = perf_counter()
        places = rebuild_shelves()
        self.stdout.write(f"Shelved {places:,} places of works in {perf_counter() - start:.1f} s.")
