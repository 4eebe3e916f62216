"""The attack benchmark: worlds, attacks, bounds that must hold, and a table beside other methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

import numpy as np

from profiles.trust.levels import FREE, Evidence, level
from profiles.trust.score import LIFTS_A_YEAR, POINT, Band, Inputs, band, score
from tests.attacks.others import METHODS, auc, coauthorships
from tests.attacks.worlds import Work, World, attacked, compromised, honest_world
from tests.profiles.trust.examples import EVERYTHING_FREE, TODAY

A_VOUCHER_GIVES = 7 * POINT
MOST_A_YEAR = A_VOUCHER_GIVES * LIFTS_A_YEAR[4]


@dataclass(slots=True)
class Report:
    """Rows for the table, and every bound that was broken."""

    rows: list[Sequence[str]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def hold(self, what: str, *, holds: bool) -> None:
        if not holds:
            self.broken.append(what)

    def table(self) -> str:
        head = ("world", "attack works", "method", "sybils' part", "a work, in honest means", "sybils above the middle", "AUC")
        widths = [max(len(row[place]) for row in (head, *self.rows)) for place in range(len(head))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *self.rows)]
        return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def free_base() -> int:
    """T in millionths of a sybil who has every free signal: the pure formula's word."""
    evidence = tuple(Evidence(kind=kind, dated=TODAY, source="self", institution="x") for kind in sorted(FREE))
    assert level(evidence, registry_works=50, on=TODAY) == 2
    return score(Inputs(record=EVERYTHING_FREE, on=TODAY, evidence=evidence)).micropoints


def run(name: str, bylines: list[tuple[int, ...]], honest: int, *, sybils: int, edges: Sequence[int], seed: int, report: Report) -> None:
    """One world under every attack: bounds into `report.broken`, figures into `report.rows`."""
    rng = Random(seed)
    world = honest_world(bylines, honest, rng)
    base = free_base()
    report.hold(f"{name}: free evidence earns {base} micropoints, 24 points at most", holds=base < 25 * POINT)
    for number in edges:
        under = attacked(world, sybils=sybils, edges=number, rng=Random(seed + number))
        region = range(honest, honest + sybils)
        known = under.networks([*region, *range(0, honest, 25)])
        gains = {person: known[person] for person in region}
        total = sum(gains.values())
        report.hold(f"{name}, g = {number}: {total} micropoints gained, 7 g allowed", holds=total <= A_VOUCHER_GIVES * number)
        bands = {person: band((base + gain) // POINT, 2) for person, gain in gains.items()}
        risen = sum(reached is not Band.UNVERIFIED for reached in bands.values())
        report.hold(f"{name}, g = {number}: {risen} sybils left Unverified", holds=risen <= number)
        report.hold(f"{name}, g = {number}: a sybil is Established", holds=set(bands.values()) <= {Band.UNVERIFIED, Band.CORROBORATED})
        compare(name, number, under, known, report)
    unconfirmed = attacked(world, sybils=sybils, edges=max(edges), rng=rng, is_confirmed=False)
    gained = sum(unconfirmed.networks(range(honest, honest + sybils)).values())
    report.hold(f"{name}: unconfirmed works gained {gained}", holds=gained == 0)
    stolen = compromised(world, sybils=min(sybils, 1_000), year=2025)
    given = sum(stolen.networks(range(honest, stolen.people)).values())
    report.hold(f"{name}: one stolen account gave {given} in a year", holds=given <= MOST_A_YEAR)


def compare(name: str, number: int, under: World, networks: dict[int, int], report: Report) -> None:
    """Rows of the table: BZPEER's and the others'. A mean honest person's trust is each method's unit."""
    gains = [gain for person, gain in networks.items() if person >= under.honest]
    known = [gain for person, gain in networks.items() if person < under.honest]  # every 25th honest person stands for all
    honest_mean = float(np.mean(known)) / POINT
    network_part = sum(gains) / POINT
    everybody = network_part + honest_mean * under.honest
    report.rows.append(
        (
            name,
            f"{number:,}",
            "BZPEER, network",
            f"{network_part / everybody:.2%}" if everybody else "0%",
            f"{network_part / number / honest_mean:.2f}" if number else "0",
            f"{sum(gain > np.median(known) for gain in gains):,}",
            f"{auc(np.array(known + gains), len(known)):.2f}",
        )
    )
    graph = coauthorships(under)
    for method, reckon in METHODS.items():
        trust = reckon(under, graph)
        sybils, honest = trust[under.honest :], trust[: under.honest]
        report.rows.append(
            (
                name,
                f"{number:,}",
                method,
                f"{sybils.sum() / trust.sum():.2%}",
                f"{sybils.sum() / number / honest.mean():.2f}" if number else "0",
                f"{(sybils > np.median(honest)).sum():,}",
                f"{auc(trust, under.honest):.2f}",
            )
        )


def lowered_by_one_verification(bylines: list[tuple[int, ...]], honest: int, *, seed: int, report: Report) -> dict[str, int]:
    """How many people each method lowers when one more person is verified and confirms what they wrote."""
    world = honest_world(bylines, honest, Random(seed))
    lucky = next(person for person in range(honest) if world.level[person] == 1)
    own = [(lucky, number) for number, work in enumerate(world.works) if lucky in work.authors]
    levels = [4 if person == lucky else reached for person, reached in enumerate(world.level)]
    after = replace(world, level=levels, confirmed=[*world.confirmed, *own])
    before_points, after_points = world.networks(range(honest)), after.networks(range(honest))
    lowered = {"BZPEER": sum(after_points[person] < before_points[person] for person in range(honest))}
    report.hold(f"one verification lowered {lowered['BZPEER']} people", holds=lowered["BZPEER"] == 0)
    graph = coauthorships(world)
    for method, reckon in METHODS.items():
        change = reckon(after, graph) - reckon(world, graph)
        lowered[method] = int((change < -1e-15).sum())
    return lowered


def works_of(bylines: Sequence[Sequence[str]]) -> tuple[list[tuple[int, ...]], int]:
    """Bylines of names as bylines of numbers, and how many people there are."""
    numbers: dict[str, int] = {}
    found = [tuple(sorted({numbers.setdefault(name, len(numbers)) for name in byline})) for byline in bylines]
    return found, len(numbers)


__all__ = ["Report", "Work", "free_base", "lowered_by_one_verification", "run", "works_of"]
