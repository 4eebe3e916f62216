"""The table that the attacks on the web end with: what was tried, its bound, what was found."""

from __future__ import annotations


class Table:
    """Rows of figures, in the order in which they were found."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str, str, str]] = []

    def row(self, number: str, measure: str, bound: float, found: float, *, unit: str = "", at_least: bool = False) -> None:
        """A figure beside its bound: at most that, or at least that."""
        holds = found >= bound if at_least else found <= bound
        sign = "≥" if at_least else "≤"
        self.rows.append((number, measure, f"{sign} {bound:g}{unit}", f"{found:,.4g}{unit}", "holds" if holds else "BROKEN"))
        assert holds, f"{number}: {measure}: {found:g}{unit}, and the bound is {sign} {bound:g}{unit}"

    def told(self) -> str:
        head = ("", "what was tried", "bound", "found", "")
        lines = [head, tuple("-" * 3 for _ in head), *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


TABLE = Table()
