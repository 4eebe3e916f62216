"""manage.py rebuild_trust: compute everybody's trust anew from the record."""

from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from profiles.actions.trust import rebuild_trust


class Command(BaseCommand):
    help = "Compute the trust of every author anew from rows. Only what differs is written."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--processes", type=int, default=1, help="how many compute side by side (default: %(default)s)")

    def handle(self, *args: Any, processes: int, **options: Any) -> None:
        start = perf_counter()
        computed = rebuild_trust(processes=processes)
        self.stdout.write(f"Computed the trust of {computed:,} authors in {perf_counter() - start:.1f} s.")
