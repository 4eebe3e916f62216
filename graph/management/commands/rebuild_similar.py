"""manage.py rebuild_similar: find similar people and bridges anew."""

from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from graph.actions.builds import rebuild_similar


class Command(BaseCommand):
    help = "Find similar people and bridges anew: of everybody whose list was ever asked for, or with --everybody of all who have works."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--everybody", action="store_true", help="of all authors with works; some hundredths of a second each")

    def handle(self, *args: Any, **options: Any) -> None:
        start = perf_counter()
        built = rebuild_similar(everybody=options["everybody"])
        self.stdout.write(f"Built the lists of {built:,} authors in {perf_counter() - start:.1f} s.")
