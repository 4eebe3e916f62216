"""manage.py rebuild_trust: compute everybody's trust anew from the record."""

from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand

from profiles.actions.trust import rebuild_trust


class Command(BaseCommand):
    help = "Compute the trust of every author anew from rows. Only what differs is written."

    def handle(self, *args: Any, **options: Any) -> None:
        start = perf_counter()
        computed = rebuild_trust()
        self.stdout.write(f"Computed the trust of {computed:,} authors in {perf_counter() - start:.1f} s.")
