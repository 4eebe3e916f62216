"""What the explorer shows, as the query of its address: all that can be chosen stands in it, so that reload and back restore it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

KINDS = ("person", "work", "topic", "institution")
RELATIONS = ("co-wrote", "wrote", "about", "affiliated", "cites")
TABS = ("", "map", "list")
MOST_SLICES = 40
MOST_PINS = 40
NODE = re.compile(r"(?:person|work|topic|institution):[0-9a-z]{1,16}")
PIN = re.compile(r"((?:person|work|topic|institution):[0-9a-z]{1,16})@(-?\d{1,3}),(-?\d{1,3})")
YEARS = (1000, 2999)


@dataclass(frozen=True, slots=True)
class State:
    """Seeds and expanded nodes of any kind, in the order in which they came; what is hidden; pins in hundredths of the plane;
    what is chosen."""

    seeds: tuple[str, ...] = ()
    expanded: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    cut: frozenset[str] = frozenset()
    first_year: int | None = None
    last_year: int | None = None
    community: str = ""
    pins: tuple[tuple[str, int, int], ...] = ()
    is_whole: bool = False
    chosen: tuple[str, ...] = ()
    find: str = ""
    tab: str = ""

    @property
    def graph(self) -> State:
        """The part that decides which nodes and edges there are."""
        return replace(self, chosen=(), find="", tab="")

    @property
    def shown(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.seeds, *self.expanded)))


def parse(pairs: Iterable[tuple[str, str]]) -> State:
    """The state of a query. What is not understood, or beyond the limits, is left out; there is no query that fails.

    >>> parse([("seed", "person:2v7k0000"), ("seed", "nobody"), ("tab", "list")])
    State(seeds=('person:2v7k0000',), expanded=(), hidden=frozenset(), cut=frozenset(), first_year=None, last_year=None, community='', pins=(), is_whole=False, chosen=(), find='', tab='list')
    """  # noqa: E501
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)

    def one(name: str) -> str:
        return given.get(name, [""])[-1]

    seeds = tuple(dict.fromkeys(node for node in given.get("seed", []) if NODE.fullmatch(node)))[:MOST_SLICES]
    expanded = tuple(dict.fromkeys(node for node in given.get("open", []) if NODE.fullmatch(node) and node not in seeds))
    pins = {
        found[1]: (clamp(int(found[2]), -100, 100), clamp(int(found[3]), -100, 100))
        for text in given.get("pin", [])
        if (found := PIN.fullmatch(text))
    }
    chosen = tuple(one("node").split("~"))[:2]
    return State(
        seeds=seeds,
        expanded=expanded[: MOST_SLICES - len(seeds)],
        hidden=frozenset(given.get("hide", [])) & frozenset(KINDS),
        cut=frozenset(given.get("without", [])) & frozenset(RELATIONS),
        first_year=year(one("from")),
        last_year=year(one("to")),
        community=one("community") if NODE.fullmatch(one("community")) else "",
        pins=tuple((node, *place) for node, place in list(pins.items())[:MOST_PINS]),
        is_whole=one("whole") == "1",
        chosen=chosen if all(NODE.fullmatch(node) for node in chosen) else (),
        find=" ".join(one("find").split())[:100],
        tab=one("tab") if one("tab") in TABS else "",
    )


def clamp(number: int, least: int, most: int) -> int:
    return max(least, min(most, number))


def year(text: str) -> int | None:
    """A year out of a query.

    >>> year("2019"), year("²"), year("")
    (2019, None, None)
    """
    if len(text) != 4 or not text.isascii() or not text.isdigit():
        return None
    return clamp(int(text), *YEARS)


def query(state: State) -> str:
    """The one query that gives this state: `parse` of it is the same state again.

    >>> query(State(seeds=("person:2v7k0000",), tab="map"))
    'seed=person%3A2v7k0000&tab=map'
    """
    pairs: list[tuple[str, str | int]] = [("seed", node) for node in state.seeds]
    pairs += [("open", node) for node in state.expanded]
    pairs += [("hide", kind) for kind in KINDS if kind in state.hidden]
    pairs += [("without", kind) for kind in RELATIONS if kind in state.cut]
    single = {
        "from": state.first_year,
        "to": state.last_year,
        "community": state.community,
        "whole": "1" if state.is_whole else "",
        "node": "~".join(state.chosen),
        "find": state.find,
        "tab": state.tab,
    }
    pairs += [("pin", f"{node}@{x},{y}") for node, x, y in state.pins]
    pairs += [(name, value) for name, value in single.items() if value]
    return urlencode(pairs)
