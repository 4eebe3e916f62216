"""manage.py rematch_authors: tell all people of the record apart anew, block by block."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from works.actions.attribution import owe_everything, settle


class Command(BaseCommand):
    help = (
        "Tell all people of the record apart anew, block by block, in bounded memory. What a person decided stays; nothing is merged "
        "into a claimed record, it is proposed. Stopped anywhere, it goes on when it is run again, or with the next import."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--owed", action="store_true", help="settle only what imports have left")

    def handle(self, *args: object, owed: bool, **options: Any) -> None:
        if not owed:
            self.stdout.write(f"{owe_everything():,} blocks of names")
        done = 0

        def show(count: int) -> None:
            nonlocal done
            done += count
            self.stdout.write(f"  {done:,} settled", ending="\r")
            self.stdout.flush()

        touched = settle(on_step=show)
        self.stdout.write(f"{done:,} blocks settled; the works of {len(touched):,} authors changed")
