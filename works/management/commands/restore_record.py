"""manage.py restore_record: a dump of the record, read into an empty database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from works.actions.dumps import RestoreRefused, restore_record


class Command(BaseCommand):
    help = (
        "Read a folder that dump_record wrote into an empty database, after verifying its hashes: all of it, or nothing. "
        "Where the database holds just that already, nothing is done. Workers then compute search, shelves, graphs and trust."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder that dump_record wrote")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            is_new = restore_record(folder, told=lambda name, rows: self.stdout.write(f"{name}: {rows:,} lines"))
        except RestoreRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(self.style.SUCCESS("Restored." if is_new else "This database holds just this record already: nothing to do."))
