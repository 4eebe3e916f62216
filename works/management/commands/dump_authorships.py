"""manage.py dump_authorships: whose each byline position of each registry record is, as CSV."""

from __future__ import annotations

import csv
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction

HEADER = ("source", "source_work_id", "byline_position", "raw_name", "author_public_id", "confidence")
ROWS_AT_ONCE = 5_000
# The record's own byline (its payload) counts the positions; the same folded name at the work's place with the same number, or the only one
# of that name, says who it is. Where registries print one byline, as they nearly always do, that is simply the position.
STATEMENT = """
    SELECT record.registry, record.key, printed.position, coalesce(printed.author->>'raw_name', printed.author->>'name', ''),
        coalesce(author.public_id, ''), place.confidence
    FROM works_registryrecord record
    CROSS JOIN LATERAL jsonb_array_elements(record.payload->'authors') WITH ORDINALITY AS printed (author, position)
    LEFT JOIN LATERAL (
        SELECT author_id, confidence FROM works_authorship its
        WHERE its.work_id = record.work_id
            AND (its.position = printed.position OR its.name = printed.author->>'name')
        ORDER BY (its.name = printed.author->>'name') DESC, (its.position = printed.position) DESC, abs(its.position - printed.position)
        LIMIT 1
    ) AS place ON true
    LEFT JOIN works_author author ON author.id = place.author_id
    ORDER BY record.registry, record.key, printed.position
"""


class Command(BaseCommand):
    help = (
        "Write whose each byline position of each registry record is, as CSV with the header "
        f"{','.join(HEADER)}. An empty author is no person; an empty confidence is not settled yet."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--output", type=Path, help="the file to write; standard output otherwise")

    def handle(self, *args: object, output: Path | None, **options: Any) -> None:
        if output is None:
            self.dump(sys.stdout if isinstance(self.stdout, type(sys.stdout)) else self.stdout)
            return
        with output.open("w", newline="", encoding="utf-8") as file:
            self.dump(file)

    def dump(self, file: Any) -> None:
        """Rows as they come from a cursor on the server: memory does not grow with the record."""
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        with transaction.atomic(), connection.chunked_cursor() as cursor:
            cursor.execute(STATEMENT)
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                writer.writerows((*row[:5], "" if row[5] is None else f"{row[5]:.3f}") for row in rows)
