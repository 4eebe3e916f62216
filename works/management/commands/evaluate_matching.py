"""manage.py evaluate_matching TRUTH.csv: how well the record tells people apart, beside identities that it was never given."""

from __future__ import annotations

import csv
import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from works.actions.imports.staging import select
from works.matching.evaluation import Judged, Line, evaluate
from works.matching.metrics import Quality

COLUMNS = ("source", "source_work_id", "byline_position", "true_id")
ROWS_AT_ONCE = 5_000
STATEMENT = """
    SELECT wanted.number, place.name, place.author_id
    FROM unnest(%s::int[], %s::text[], %s::text[], %s::int[]) AS wanted (number, registry, key, position)
    JOIN works_registryrecord record ON record.registry = wanted.registry AND record.key = wanted.key
    CROSS JOIN LATERAL (SELECT record.payload->'authors'->(wanted.position - 1)->>'name' AS name) AS printed
    JOIN LATERAL (
        SELECT its.name, its.author_id FROM works_authorship its
        WHERE its.work_id = record.work_id AND (its.position = wanted.position OR its.name = printed.name)
        ORDER BY (its.name = printed.name) DESC NULLS LAST, (its.position = wanted.position) DESC, abs(its.position - wanted.position)
        LIMIT 1
    ) AS place ON true
"""


class Command(BaseCommand):
    help = (
        f"Compare the record with true identities. The CSV has the columns {', '.join(COLUMNS)}: a registry and its key of a work, a "
        "position in that registry's byline counted from 1, and any identity of the person there. Rows with an empty true_id are left out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("truth", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: object, truth: Path, **options: Any) -> None:
        judged: list[Judged] = []
        missing = 0
        for rows in read(truth):
            found = {
                number: (name, author)
                for number, name, author in select(
                    STATEMENT,
                    [
                        list(range(len(rows))),
                        *([row[column] for row in rows] for column in COLUMNS[:2]),
                        [int(row[COLUMNS[2]]) for row in rows],
                    ],
                )
            }
            for number, row in enumerate(rows):
                name, author = found.get(number, ("", None))
                if author is None:
                    missing += 1
                else:
                    judged.append(Judged(name, author, row["true_id"]))
        lines = evaluate(judged)
        if options["json"]:
            self.stdout.write(json.dumps({"positions": len(judged), "not_found": missing, "parts": [as_json(line) for line in lines]}))
            return
        self.stdout.write(f"{len(judged):,} positions compared; {missing:,} of the file are not in the record, or no person there")
        head = f"{'':34}{'positions':>10}{'people':>9}   {'B3 P':>6}{'R':>7}{'F':>7}   {'pairs P':>7}{'R':>7}{'F':>7}"
        self.stdout.write(head)
        for line in lines:
            self.stdout.write(f"{line.part:34}{line.positions:>10,}{line.people:>9,}   {shown(line.b_cubed)}   {shown(line.pairwise, 7)}")


def read(path: Path) -> Iterator[list[dict[str, str]]]:
    """The rows with a true id, some thousands at a time. CommandError where the file is not what it should be."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if lacking := [column for column in COLUMNS if column not in (reader.fieldnames or [])]:
                raise CommandError(f"{path.name} has no column {', '.join(lacking)}; it needs {', '.join(COLUMNS)}.")
            rows: list[dict[str, str]] = []
            for row in reader:
                if not (row["true_id"] or "").strip():
                    continue
                if not (row["byline_position"] or "").isdecimal():
                    raise CommandError(f"{path.name}, line {reader.line_num}: byline_position is no number: {row['byline_position']!r}.")
                rows.append(row)
                if len(rows) >= ROWS_AT_ONCE:
                    yield rows
                    rows = []
            yield rows
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{path.name} cannot be read: {error}") from None


def shown(quality: Quality, width: int = 6) -> str:
    return f"{quality.precision:>{width}.4f}{quality.recall:>7.4f}{quality.f:>7.4f}"


def as_json(line: Line) -> dict[str, Any]:
    return {
        "part": line.part,
        "positions": line.positions,
        "people": line.people,
        **{
            name: {"precision": round(quality.precision, 6), "recall": round(quality.recall, 6), "f": round(quality.f, 6)}
            for name, quality in (("b_cubed", line.b_cubed), ("pairwise", line.pairwise))
        },
    }
