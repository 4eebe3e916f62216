"""`manage.py import_works SOURCE`: take works in from a registry's files or its live service."""

from __future__ import annotations

import json
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from works.actions.imports import ImportImpossible, is_under_way, open_run, run_import
from works.importers.sources import SOURCES
from works.models import ImportRun

SHOWN_REASONS = 20
LISTED_REASONS = 10_000
COUNTS = ("read", "new", "changed", "unchanged", "merged", "rejected")
SOME_REJECTED, COULD_NOT_RUN = 1, 2
LOCK_PATIENCE = 10.0


class Command(BaseCommand):
    help = (
        "Import works from a registry. An import that was interrupted goes on where it stopped when the same command is given again; "
        "one that finished changes nothing when it is repeated. Exit status: 0 all well, 1 some records rejected, 2 could not run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", choices=sorted(SOURCES))
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument(
            "--file", nargs="+", dest="files", default=[], metavar="F", help="files as the registry gives them, plain, .gz or .zst"
        )
        what.add_argument("--ids", nargs="+", default=[], metavar="ID", help="identifiers to ask the live service for")
        what.add_argument("--query", default="", metavar="Q", help="a query in the registry's own language")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the outcome as JSON, for programs")

    def handle(self, *, source: str, files: list[str], ids: list[str], query: str, as_json: bool, **options: Any) -> None:
        try:
            run = open_run(source=source, files=files, ids=ids, query=query, by="the command line")
        except (ImportImpossible, OSError) as error:
            self.stop(str(error), as_json)
        if is_under_way(run, patience=LOCK_PATIENCE):
            self.stop(f"Import {run.pk} of the same records is under way already; wait until it is done.", as_json)
        is_resumed = bool(run.cursor)
        console = Console(stderr=True)
        try:
            with self.progress(console, quiet=as_json or options["verbosity"] == 0) as show:
                run = run_import(run_id=run.pk, on_batch=show)
        except DatabaseError as error:
            self.stop(f"The database failed: {error}. What was committed stands; the same command goes on from there.", as_json)
        if run.status == ImportRun.Status.FAILED:
            self.stop(run.error, as_json, run)
        if run.status != ImportRun.Status.FINISHED:
            self.stop(f"Import {run.pk} of the same records is under way already; wait until it is done.", as_json)
        if as_json:
            self.stdout.write(json.dumps(self.outcome(run)))
        elif options["verbosity"]:
            self.print_summary(run, is_resumed=is_resumed)
        if run.rejected:
            sys.exit(SOME_REJECTED)

    def progress(self, console: Console, *, quiet: bool) -> AbstractContextManager[Any]:
        """A progress line on a terminal; nothing where nobody watches."""
        return nullcontext() if quiet or not console.is_terminal else BatchProgress(console)

    def outcome(self, run: ImportRun) -> dict[str, Any]:
        return {
            "run": run.pk,
            "source": run.source,
            "status": run.status,
            **{name: getattr(run, name) for name in COUNTS},
            "error": run.error,
            "rejections": list(run.rejections.values("place", "key", "reason", "is_reservation")[:LISTED_REASONS]),
            "rejections_not_listed": max(0, run.rejections.count() - LISTED_REASONS),
        }

    def print_summary(self, run: ImportRun, *, is_resumed: bool) -> None:
        seconds = (run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else 0.0
        names = ", ".join(Path(file).name for file in run.request["files"][:3]) or run.request["query"] or f"{len(run.request['ids'])} ids"
        again = " (gone on with after an interruption)" if is_resumed else ""
        self.stdout.write(f"{run.source}: {names}{again}")
        self.stdout.write("  " + "   ".join(f"{name} {getattr(run, name):,}" for name in COUNTS) + f"   in {seconds:.1f} s")
        for rejection in run.rejections.all()[:SHOWN_REASONS]:
            mark = "taken in, but" if rejection.is_reservation else "rejected"
            self.stdout.write(f"  {mark} {rejection.place}{f' ({rejection.key})' if rejection.key else ''}: {rejection.reason}")
        more = run.rejections.count() - SHOWN_REASONS
        if more > 0:
            self.stdout.write(f"  and {more:,} more: --json lists them, and so does {run.get_absolute_url()}")

    def stop(self, message: str, as_json: bool, run: ImportRun | None = None) -> None:
        if as_json:
            self.stdout.write(json.dumps(self.outcome(run) if run else {"status": "failed", "error": message}))
        else:
            self.stderr.write(message)
        sys.exit(COULD_NOT_RUN)


class BatchProgress:
    """Records read so far, on one line that is rewritten after each batch."""

    def __init__(self, console: Console) -> None:
        self.bar = Progress(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,} read"), TimeElapsedColumn(), console=console
        )
        self.task = self.bar.add_task("importing", total=None)

    def __enter__(self) -> Any:
        self.bar.start()
        return self.show

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def show(self, run: ImportRun) -> None:
        self.bar.update(self.task, completed=run.read)
