"""The paper lists of the sample data imported in one go, beside a bare COPY of the rows that they become."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import pytest
import redis
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from tests.benchmarks.conftest import ROUNDS
from tests.benchmarks.databases import own_database
from tests.benchmarks.report import figure, table
from tests.conftest import database_environment
from tests.corpus.paperlists import FOLDER, write_jsonl

BLOCK = 1 << 16

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the paper lists are not at hand; BZPEER_SAMPLE_DATA says where the sample data are"),
]


class Outcome(NamedTuple):
    """What one run of the command said, how long it took, and the most memory that it held."""

    counts: dict[str, Any]
    seconds: float
    megabytes: float


def import_file(path: Path, environment: dict[str, str]) -> Outcome:
    """`manage.py import_works bzpeer --file`, from the start of the process to its end."""
    command = [sys.executable, "manage.py", "import_works", "bzpeer", "--file", str(path), "--json"]
    answer = path.with_suffix(".answer")
    start = perf_counter()
    with answer.open("wb") as output:
        child = os.posix_spawn(command[0], command, environment, file_actions=[(os.POSIX_SPAWN_DUP2, output.fileno(), 1)])
        _, status, usage = os.wait4(child, 0)
    seconds = perf_counter() - start
    assert os.waitstatus_to_exitcode(status) in {0, 1}, answer.read_text()
    unit = 1 if sys.platform == "darwin" else 1024
    return Outcome(json.loads(answer.read_text()), seconds, usage.ru_maxrss * unit / 2**20)


class Table(NamedTuple):
    name: str
    columns: str


def record_tables() -> list[Table]:
    """The tables of the record with the columns that are written; Postgres itself makes the others."""
    return [
        Table(model._meta.db_table, ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields if not field.generated))
        for model in apps.get_app_config("works").get_models(include_auto_created=True)
    ]


def dump(folder: Path) -> tuple[int, int]:
    """Every row of the record by COPY into files, one a table; how many rows and bytes these are."""
    rows = 0
    for name, columns in record_tables():
        with connection.cursor() as cursor, (folder / name).open("wb") as file:
            with cursor.cursor.copy(f"COPY {name} ({columns}) TO STDOUT (FORMAT binary)") as copy:
                for block in copy:
                    file.write(block)
            rows += cursor.rowcount
    return rows, sum((folder / name).stat().st_size for name, _ in record_tables())


def blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def restore(folder: Path) -> float:
    """Those rows into empty tables with every index and constraint, in one transaction; the seconds that it took."""
    start = perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for name, columns in record_tables():
            with cursor.cursor.copy(f"COPY {name} ({columns}) FROM STDIN (FORMAT binary)") as copy:
                for block in blocks(folder / name):
                    copy.write(block)
    return perf_counter() - start


@pytest.fixture
def messages() -> Iterator[str]:
    """A prefix under which the importing processes announce what they did; no worker hears it, and it is removed at the end."""
    prefix = f"bench-{os.getpid()}:"
    yield prefix
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        if keys := list(client.scan_iter(f"{prefix}*")):
            client.delete(*keys)


def test_imports(benchmark, report, tmp_path, messages, django_db_blocker, monkeypatch):
    monkeypatch.chdir(settings.BASE_DIR)
    path = tmp_path / "paperlists.jsonl"
    works = write_jsonl(path)

    def measure() -> list[tuple[Outcome, Outcome, float, int, int]]:
        results = []
        for _ in range(ROUNDS):
            with own_database("import"):
                environment = database_environment() | {"CELERY_KEY_PREFIX": messages}
                first = import_file(path, environment)
                again = import_file(path, environment)
                rows, size = dump(tmp_path)
            with own_database("copy"):
                seconds = restore(tmp_path)
            assert (first.counts["read"], again.counts["unchanged"]) == (works, works - first.counts["rejected"])
            results.append((first, again, seconds, rows, size))
        return results

    with django_db_blocker.unblock():
        results = benchmark.pedantic(measure, rounds=1)
        firsts, agains, copies, rows, sizes = zip(*results, strict=True)
        copied = median(copies)

        def line(name: str, outcomes: tuple[Outcome, ...]) -> list[str]:
            seconds = median(one.seconds for one in outcomes)
            ratio = median(copy / one.seconds for one, copy in zip(outcomes, copies, strict=True))
            memory = max(one.megabytes for one in outcomes)
            return [name, f"{seconds:.1f} s", f"{works / seconds:,.0f}", f"{ratio:.0%}", f"{memory:,.0f} MB"]

        bare = ["bare COPY of the final rows", f"{copied:.1f} s", f"{works / copied:,.0f}", "100%", "–"]
        head = ["", "time", "works/s", "of COPY", "peak memory"]
        said = ", ".join(f"{name} {firsts[0].counts[name]:,}" for name in ("read", "new", "merged", "rejected"))
        report(
            "imports",
            f"{path.stat().st_size / 2**20:.0f} MB of BZPEER records: {said}. They become {rows[0]:,} rows of {sizes[0] / 2**20:.0f} MB,"
            f" which COPY writes at {figure(rows[0] / copied)} rows/s. Median of {ROUNDS} interleaved rounds, each from the start of the"
            f" process to its end.\n\n" + table(head, [bare, line("import", firsts), line("the same file again", agains)]),
        )
