"""manage.py rebuild_search: make the index of words anew from names and titles."""

from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand

from works.actions.search import rebuild_search


class Command(BaseCommand):
    help = "Throw away the index of words behind search and make it anew from the names of authors and the titles of works."

    def handle(self, *args: Any, **options: Any) -> None:
        start = perf_counter()
        words = rebuild_search()
        self.stdout.write(f"Indexed {words:,} words of names in {perf_counter() - start:.1f} s.")
