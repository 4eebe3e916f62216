"""manage.py dump_record: the public record as files."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from works.actions.dumps import DumpRefused, dump_record


class Command(BaseCommand):
    help = (
        "Write the public record into a new folder: JSON lines for each kind of thing, compressed with zstd, and a manifest with counts, "
        "hashes and what is left out. One snapshot; nothing private is in it. restore_record reads it into an empty database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder to make; it appears when everything is written")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            dump_record(folder, told=lambda file: self.stdout.write(f"{file.name}: {file.rows:,} lines, {file.bytes:,} bytes"))
        except (DumpRefused, OSError) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(self.style.SUCCESS(f"Written to {folder}."))
