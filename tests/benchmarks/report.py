"""Where the figures go: to the terminal, and into docs/performance.md between the markers of their section."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db import connection

PAGE = settings.BASE_DIR / "docs" / "performance.md"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table: the first column is words, the others are figures."""
    lines = ["| " + " | ".join(head) + " |", "|---" + "|--:" * (len(head) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def figure(value: float) -> str:
    """Three digits that count, thousands apart."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def machine() -> str:
    """What was measured on, in a line: cores, memory, processor, versions."""
    model = re.search(r"^model name\s*:\s*(.+)$", read("/proc/cpuinfo"), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+)", read("/proc/meminfo"), re.MULTILINE)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        postgres = cursor.fetchone()[0].split()[0]
    parts = [
        f"{cores} cores" + (f" ({model[1].strip()})" if model else ""),
        f"{int(memory[1]) / 2**20:.0f} GB of memory" if memory else "",
        platform.system(),
        f"Python {platform.python_version()}",
        f"PostgreSQL {postgres}",
    ]
    return ", ".join(filter(None, parts))


def read(path: str) -> str:
    return Path(path).read_text() if Path(path).exists() else ""


def commit() -> str:
    ended = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=settings.BASE_DIR, check=False)
    return f", commit {ended.stdout.strip()}" if ended.returncode == 0 else ""


def publish(section: str, body: str) -> str:
    """Put `body` between the markers of `section`, with the day and the machine above it, and return it."""
    text = f"Measured on {dt.datetime.now(dt.UTC).date():%-d %B %Y}{commit()}: {machine()}.\n\n{body}"
    begin, end = f"<!-- figures: {section} -->", f"<!-- end of figures: {section} -->"
    page = PAGE.read_text()
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"docs/performance.md has no place for the figures of {section!r}")
    PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}")
    return text
