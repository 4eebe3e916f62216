"""The figures of docs/trust.md, drawn from the rows of the benchmark: `python -m tests.attacks --draw`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from html import escape
from pathlib import Path
from statistics import mean

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 640, 360, 64, 48, 190, 48
STYLES = {
    "BZPEER, network": ("a", ""),
    "EigenTrust": ("b", "7 4"),
    "personalised PageRank": ("c", "2 4"),
    "SybilRank": ("d", "9 3 2 3"),
}
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#16202a}.soft{fill:#505d68}.axis{stroke:#7d8a91;fill:none}.line{fill:none;stroke-width:2}"
    ".a{stroke:#0c4a70}.b{stroke:#ae2f18}.c{stroke:#8a4f0b}.d{stroke:#2c6a3c}.paper{fill:#fdfdfc}"
    "@media(prefers-color-scheme:dark){text{fill:#e6e9e5}.soft{fill:#a5b0b7}.axis{stroke:#6d7b85}.paper{fill:#171f26}"
    ".a{stroke:#8fc4ea}.b{stroke:#ff937a}.c{stroke:#e6b072}.d{stroke:#8ccf9b}}"
)


def series(rows: Sequence[Sequence[str]], *, world: str, column: int) -> dict[str, list[tuple[int, float]]]:
    """By method, the mean over the worlds of that name at each number of attack works."""
    found: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row[0].startswith(world):
            found[row[2]][int(row[1].replace(",", ""))].append(float(row[column].replace(",", "").rstrip("%")))
    return {method: sorted((x, mean(ys)) for x, ys in points.items()) for method, points in found.items()}


def plot(title: str, what: str, lines: dict[str, list[tuple[int, float]]], *, unit: str = "") -> str:
    """A line chart as SVG. The words name every line, and the dashes tell the lines apart without colour."""
    right = max(x for points in lines.values() for x, _ in points)
    top = max(y for points in lines.values() for _, y in points) * 1.05 or 1

    def at(x: float, y: float) -> tuple[float, float]:
        return LEFT + x / right * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM)

    parts = []
    for place in range(6):
        x, y = at(right * place / 5, 0)
        parts.append(f'<path class="axis" d="M{x:.1f} {y:.1f}v5"/><text class="soft" x="{x:.1f}" y="{y + 20:.1f}" text-anchor="middle">')
        parts.append(f"{right * place // 5:,}</text>")
        x, y = at(0, top * place / 5)
        parts.append(f'<path class="axis" d="M{x:.1f} {y:.1f}h-5"/><text class="soft" x="{x - 9:.1f}" y="{y + 4:.1f}" text-anchor="end">')
        parts.append(f"{top * place / 5:,.0f}{unit}</text>")
    ends = sorted(((points[-1][1], method) for method, points in lines.items()), reverse=True)
    level = TOP - 20.0
    for value, method in ends:
        name, dashes = STYLES[method]
        path = "L".join("{:.1f} {:.1f}".format(*at(x, y)) for x, y in lines[method])
        parts.append(f'<path class="line {name}" stroke-dasharray="{dashes or "none"}" d="M{path}"/>')
        level = max(level + 18, at(0, value)[1] + 4)
        parts.append(f'<text x="{WIDTH - RIGHT + 10}" y="{level:.1f}">{escape(method)}</text>')
    x0, y0 = at(0, 0)
    described = "; ".join(f"{method}: {lines[method][-1][1]:,.1f}{unit} at {right:,}" for method in lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t d">'
        f'<title id="t">{escape(title)}</title><desc id="d">{escape(what)}. {escape(described)}.</desc><style>{STYLE}</style>'
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/><text x="{LEFT}" y="24" font-weight="600">{escape(title)}</text>'
        f'<path class="axis" d="M{x0} {TOP}V{y0}H{WIDTH - RIGHT}"/>{"".join(parts)}'
        f'<text class="soft" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">'
        "works that fooled people confirmed</text></svg>\n"
    )


def draw(rows: Sequence[Sequence[str]], folder: Path) -> None:
    """Write the two figures."""
    above = series(rows, world="synthetic", column=5)
    part = series(rows, world="synthetic", column=3)
    title = "Sybils above the middle honest person, of 5,000"
    (folder / "trust-attack-above.svg").write_text(plot(title, "50,000 honest people, mean of three worlds", above))
    title = "The sybils’ part of all that the method gives out"
    (folder / "trust-attack-part.svg").write_text(plot(title, "50,000 honest people, mean of three worlds", part, unit=" %"))
