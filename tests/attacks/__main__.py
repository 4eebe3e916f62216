"""python -m tests.attacks: the whole benchmark. Prints the table; status 1 if a bound is broken."""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random

from tests.attacks.benchmark import Report, lowered_by_one_verification, run, works_of
from tests.attacks.plots import draw
from tests.attacks.worlds import synthetic_bylines
from tests.corpus.paperlists import FOLDER, convert
from works.importers.record import ImportedWork
from works.names import fold

HONEST, SYBILS, EDGES, SEEDS = 50_000, 5_000, (0, 100, 500, 2_500, 5_000), (1, 2, 3)


def synthetic(seed: int) -> Report:
    report = Report()
    bylines = synthetic_bylines(HONEST, Random(seed))
    run(f"synthetic, seed {seed}", bylines, HONEST, sybils=SYBILS, edges=EDGES, seed=seed, report=report)
    return report


def real() -> Report:
    """The co-authorships of the conference paper lists, people told apart by name alone."""
    report = Report()
    records = (record for record in convert() if isinstance(record, ImportedWork))
    bylines = [[fold(author.name) for author in record.authors if author.is_person] for record in records]
    works, people = works_of([byline for byline in bylines if byline])
    run("paper lists", works, people, sybils=people // 10, edges=EDGES, seed=1, report=report)
    return report


def verification() -> tuple[Report, dict[str, int]]:
    report = Report()
    return report, lowered_by_one_verification(synthetic_bylines(HONEST, Random(1)), HONEST, seed=1, report=report)


def main() -> int:
    with ProcessPoolExecutor(2) as pool:
        one_more = pool.submit(verification)
        reports = [pool.submit(synthetic, seed) for seed in SEEDS]
        if FOLDER.is_dir():
            reports.append(pool.submit(real))
        whole = Report()
        for future in reports:
            report = future.result()
            whole.rows += report.rows
            whole.broken += report.broken
        verified, lowered = one_more.result()
        whole.broken += verified.broken
    print(whole.table())
    if "--draw" in sys.argv:
        draw(whole.rows, Path("docs/img"))
    print("\nLowered by one new verification, of", f"{HONEST:,}:", ", ".join(f"{method} {number:,}" for method, number in lowered.items()))
    print("\nBroken bounds:" if whole.broken else "\nEvery bound holds.", *whole.broken, sep="\n  " if whole.broken else "")
    return 1 if whole.broken else 0


if __name__ == "__main__":
    sys.exit(main())
