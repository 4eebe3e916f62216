"""Figures of faults: printed, kept for the run, and written into docs/reliability.md when the whole suite has run."""

from __future__ import annotations

import datetime as dt
import os

from django.conf import settings

from tests.benchmarks.report import commit, machine, table

PAGE = settings.BASE_DIR / "docs" / "reliability.md"
BEGIN, END = "<!-- figures: faults -->", "<!-- end of figures: faults -->"


class Figures:
    """What was measured, by measure: a figure as text, what it should be, and whether it is."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str, str, bool]] = []

    def put(self, measure: str, what: str, figure: str, bar: str, *, is_reached: bool) -> None:
        self.rows.append((measure, what, figure, bar, is_reached))
        print(f"{measure:>4}  {what}: {figure} (bar: {bar}){'' if is_reached else '  NOT REACHED'}")

    def bound(self, measure: str, what: str, seconds: float, most: float) -> None:
        """A time that must not pass a bound."""
        self.put(measure, what, f"{seconds:.1f} s", f"{most:g} s", is_reached=seconds <= most)

    def publish(self, command: str, seconds: float) -> str:
        """Put the table between its markers on the page; the page must have them."""
        ordered = sorted(self.rows, key=lambda row: (int(row[0].removeprefix("R").partition(" ")[0]), row[1]))
        cells = [[measure, what, figure, bar, "yes" if is_reached else "**no**"] for measure, what, figure, bar, is_reached in ordered]
        day = f"{dt.datetime.now(dt.UTC).date():%-d %B %Y}"
        text = f"Measured on {day}{commit()} by `{command}` in {seconds / 60:.1f} minutes: {machine()}.\n\n"
        text += table(["", "what", "measured", "bar", "reached"], cells)
        before, _, rest = PAGE.read_text().partition(BEGIN)
        _, _, after = rest.partition(END)
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")
        return text


def scale() -> int:
    """How much of the full figures is done: 100 with `--full`."""
    return int(os.environ.get("FAULTS_SCALE", "10"))
