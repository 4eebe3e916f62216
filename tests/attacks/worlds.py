"""A scholarly world as bylines, who of it is verified, and the sybils that attach themselves to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

import numpy as np

from profiles.trust.score import JOINT_WORK_MAX_AUTHORS, JointWork, Voucher, network

RING = 100
COMMUNITY = 60
WORKS_AN_AUTHOR = 1.5
VERIFIED, BACKED = 0.05, 0.15  # shares of honest people at level 4, and at level 3
CONFIRMS = 0.8  # of their works, by verified people
YEARS = (2016, 2025)


@dataclass(frozen=True, slots=True)
class Work:
    authors: tuple[int, ...]
    year: int


@dataclass(slots=True)
class World:
    """Authors 0 to `honest` - 1 are real people, the others sybils. `confirmed` are (author, work) in the order of confirmation."""

    honest: int
    people: int
    works: list[Work]
    level: list[int]
    institution: list[str]
    confirmed: list[tuple[int, int]] = field(default_factory=list)

    def vouchings(self) -> dict[int, dict[int, tuple[int, list[JointWork]]]]:
        """By author and voucher: the place among the voucher's new collaborators of that year, and the joint works that were confirmed."""
        found: dict[int, dict[int, tuple[int, list[JointWork]]]] = defaultdict(dict)
        lifted: dict[tuple[int, int], int] = defaultdict(int)
        for voucher, number in self.confirmed:
            work = self.works[number]
            if self.level[voucher] < 3 or not 2 <= len(work.authors) <= JOINT_WORK_MAX_AUTHORS:
                continue
            for author in work.authors:
                if author == voucher:
                    continue
                if voucher not in found[author]:
                    lifted[voucher, work.year] += 1
                    found[author][voucher] = (lifted[voucher, work.year], [])
                found[author][voucher][1].append(JointWork(work=str(number), authors=len(work.authors), is_confirmed=True))
        return found

    def networks(self, of: Iterable[int]) -> dict[int, int]:
        """20 N of these people in millionths of a point, by the function that the site uses."""
        vouchings = self.vouchings()
        return {author: network(self.vouchers(author, vouchings, least=3)) for author in of}

    def vouchers(
        self, author: int, vouchings: dict[int, dict[int, tuple[int, list[JointWork]]]], *, least: int, without: int = -1
    ) -> Iterator[Voucher]:
        for voucher, (place, works) in vouchings.get(author, {}).items():
            level = self.level[voucher]
            if level < least or voucher == without:
                continue
            own = network(self.vouchers(voucher, vouchings, least=4, without=author)) if level == 3 else 0
            yield Voucher(
                person=str(voucher),
                institution=self.institution[voucher],
                level=level,
                network=own,
                place=place,
                joint_works=tuple(works),
            )

    def edges(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Co-authorships: pairs, and 1/(k-1) for each joint work of at most 25 authors."""
        strength: dict[tuple[int, int], float] = defaultdict(float)
        for work in self.works:
            size = len(work.authors)
            if 2 <= size <= JOINT_WORK_MAX_AUTHORS:
                for place, a in enumerate(work.authors):
                    for b in work.authors[place + 1 :]:
                        strength[min(a, b), max(a, b)] += 1 / (size - 1)
        pairs = np.array(list(strength), dtype=np.int64).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1], np.array(list(strength.values()))


def synthetic_bylines(honest: int, rng: Random) -> list[tuple[int, ...]]:
    """Works within communities, with a tenth of the places given to strangers; small teams are common, large ones rare."""
    communities = max(honest // COMMUNITY, 1)
    bylines = []
    for number in range(int(honest * WORKS_AN_AUTHOR)):
        size = min(2 + int(rng.expovariate(0.55)), 30)
        start = number % communities * COMMUNITY
        near = [start + int(COMMUNITY * rng.random() ** 1.7) for _ in range(size)]
        team = {person if rng.random() > 0.1 else rng.randrange(honest) for person in near}
        bylines.append(tuple(sorted(person % honest for person in team)))
    return bylines


def honest_world(bylines: Sequence[tuple[int, ...]], honest: int, rng: Random) -> World:
    """Real people with these works: some verified, who have confirmed most of what they wrote."""
    level = [4 if (draw := rng.random()) < VERIFIED else 3 if draw < VERIFIED + BACKED else 1 for _ in range(honest)]
    institution = [f"institution {person // COMMUNITY * 2 + rng.randrange(2)}" for person in range(honest)]
    world = World(honest, honest, [Work(authors, rng.randint(*YEARS)) for authors in bylines], level, institution)
    for number, work in enumerate(world.works):
        world.confirmed += [(person, number) for person in work.authors if level[person] >= 3 and rng.random() < CONFIRMS]
    return world


def attacked(world: World, *, sybils: int, edges: int, rng: Random, is_confirmed: bool = True) -> World:
    """The world with rings of sybils who have everything that is free, and `edges` works that fooled people of level 4 wrote with them."""
    first = world.honest
    works, confirmed = list(world.works), list(world.confirmed)
    for start in range(first, first + sybils, RING):
        ring = range(start, min(start + RING, first + sybils))
        for person in ring:
            works += [Work(tuple(sorted({person, *rng.sample(ring, 4)})), rng.randint(*YEARS)) for _ in range(4)]
    verified = [person for person in range(first) if world.level[person] >= 4]
    for _ in range(edges):
        fooled, sybil = rng.choice(verified), rng.randrange(first, first + sybils)
        if is_confirmed:
            confirmed.append((fooled, len(works)))
        works.append(Work((fooled, sybil), rng.randint(*YEARS)))
    return World(first, first + sybils, works, world.level + [2] * sybils, world.institution + ["mail"] * sybils, confirmed)


def compromised(world: World, *, sybils: int, year: int) -> World:
    """The world in which one account of level 4, taken over, confirms in one year a work with each of so many sybils."""
    thief = next(person for person in range(world.honest) if world.level[person] >= 4)
    works, confirmed = list(world.works), list(world.confirmed)
    for sybil in range(world.honest, world.honest + sybils):
        confirmed.append((thief, len(works)))
        works.append(Work((thief, sybil), year))
    people = world.honest + sybils
    return World(world.honest, people, works, world.level + [2] * sybils, world.institution + [""] * sybils, confirmed)
