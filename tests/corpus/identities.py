"""How well matching tells people apart, without a database: the paper lists whose platforms know their authors.

python -m tests.corpus.identities

prints the tables of docs/matching.md (for all blocks, and for each half of them: a figure of matching is chosen on the first half and
reported on the second), the same beside ids that are mended where a platform has given one person two, and the curve over the threshold.
The true ids stay beside the signatures and are not part of them.
"""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tests.corpus.paperlists import FILE_NAME, FOLDER, once, work_of
from works.importers.record import ImportedWork, InvalidRecord
from works.matching import Commonness, Signature, title_words
from works.matching.clusters import THRESHOLD, agglomerate, separable
from works.matching.evaluation import Judged, Line, evaluate
from works.matching.evidence import Matrix, weigh
from works.names import ParsedName, fold, parse_name

IEEE, OPENREVIEW = "IEEE", "OpenReview"
SETS = {"icra": IEEE, **dict.fromkeys(("3dv", "aistats", "colm", "corl", "www"), OPENREVIEW)}
PARTS = ("all", "names that several people share", "Chinese surnames")
THRESHOLDS = (0.0, THRESHOLD, 1.5, 2.0, 3.0, 4.0)


@dataclass(slots=True)
class Place:
    """A byline position: what matching is told, and what it is judged by."""

    signature: Signature
    name: str
    judged_in: str = ""
    true: str = ""
    mended: str = ""

    @property
    def half(self) -> int:
        return zlib.crc32(self.signature.name.block.encode()) % 2


def works() -> Iterator[tuple[str, ImportedWork, list[str]]]:
    """(venue, work, the true id at each place or ""); no ids where they cannot be laid beside the names."""
    for path in sorted(FOLDER.rglob("*.json.gz")):
        found = FILE_NAME.fullmatch(path.name)
        assert found
        venue, year = found["venue"], int(found["year"])
        for number, row in enumerate(json.loads(gzip.decompress(path.read_bytes())), start=1):
            try:
                work = work_of(row, venue=venue, year=year, key=str(number))
            except InvalidRecord:
                continue
            yield venue, work, identities(row, venue, len(work.authors))


def identities(row: dict[str, str], venue: str, count: int) -> list[str]:
    """An OpenReview id is a person's only if it is a profile's; some are addresses."""
    slots = [slot.strip() for slot in row["author"].split(";")]
    ids = [text.strip() for text in (row.get("authorids") or "").split(";")]
    if len(ids) == len(slots):
        ids = ids[: len(once(slots))]
    if len(ids) != count or venue not in SETS:
        return [""] * count
    return ids if SETS[venue] == IEEE else [text if text.startswith("~") else "" for text in ids]


def read() -> tuple[list[Place], Commonness]:
    """All positions, and how common the names and words in them are."""
    places: list[Place] = []
    commonness = Commonness()
    venues: dict[str, int] = {}
    topics: dict[str, int] = {}
    distinct: set[ParsedName] = set()
    for number, (venue, work, ids) in enumerate(works()):
        words = title_words(fold(work.title))
        commonness.works += 1
        commonness.title_words.update(words)
        byline = {author.name: parse_name(author.name) for author in work.authors if author.is_person}
        distinct.update(byline.values())
        blocks = {name.block: fold(printed) for printed, name in byline.items()}
        own_topics = frozenset(topics.setdefault(topic.code, len(topics)) for topic in work.topics)
        for author, true in zip(work.authors, ids, strict=True):
            if not author.is_person:
                continue
            name = byline[author.name]
            printed_at = tuple(dict.fromkeys(frozenset(fold(one.raw).split()) for one in author.affiliations))
            commonness.blocks[name.block] += 1
            commonness.places += 1
            for line in printed_at:
                commonness.affiliations += 1
                commonness.words.update(line)
            signature = Signature(
                id=len(places), work=number, name=name, coauthors={block: its for block, its in blocks.items() if block != name.block},
                affiliations=tuple(line for line in printed_at if line), title=words, topics=own_topics,
                venue=venues.setdefault(venue, len(venues)), year=work.year,
            )  # fmt: skip
            places.append(Place(signature, author.name, SETS.get(venue, "") if true else "", true))
    commonness.count_names(sorted(distinct))
    return places, commonness


def mend(places: Iterable[Place]) -> None:
    """Ids of one full name that share a co-author in full or an equal affiliation are one person's: the platform has split them."""
    namesakes: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for place in places:
        if place.true:
            place.mended = place.true
            namesakes[place.judged_in, fold(place.name)].append(place)
    for own in namesakes.values():
        seen: dict[object, str] = {}
        for place in own if len({place.true for place in own}) > 1 else ():
            for mark in (*place.signature.coauthors.values(), *place.signature.affiliations):
                if (before := seen.setdefault(mark, place.mended)) != place.mended:
                    merged = place.mended
                    for other in own:
                        other.mended = before if other.mended == merged else other.mended
                    seen = {mark: before if its == merged else its for mark, its in seen.items()}


def weighed(places: Sequence[Place], commonness: Commonness) -> Iterator[tuple[list[Place], Matrix]]:
    """The sets of positions that could be one person's, with their evidence. Where only one is judged nothing can be wrong, or weighed."""
    blocks: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        blocks[place.signature.name.block].append(place)
    for block in blocks.values():
        judged = [place for place in block if place.true]
        if len(judged) == 1:
            yield judged, np.zeros((1, 1), dtype=np.float32)
        for part in separable([place.signature for place in block]) if len(judged) > 1 else ():
            own = [block[number] for number in part]
            yield own, weigh([place.signature for place in own], commonness).total


Answers = dict[str, list[tuple[Place, Hashable]]]


def group(parts: Sequence[tuple[list[Place], Matrix]], threshold: float = THRESHOLD) -> Answers:
    """The judged positions of each set, and the group that each is in at this threshold."""
    found: Answers = defaultdict(list)
    for number, (places, evidence) in enumerate(parts):
        for which, members in enumerate(agglomerate(evidence.copy(), threshold)):
            for member in members:
                if (place := places[member]).true:
                    found[place.judged_in].append((place, (number, which)))
    return found


def lines(answers: Answers, halves: Iterable[int], *, mended: bool = False) -> list[tuple[str, Line]]:
    wanted = set(halves)
    return [
        (name, line)
        for name, its in sorted(answers.items())
        for line in evaluate(
            [Judged(place.name, answer, place.mended if mended else place.true) for place, answer in its if place.half in wanted]
        )
        if line.part in PARTS
    ]


def table(title: str, found: Iterable[tuple[str, Line]]) -> str:
    rows = [f"\n{title:44}{'positions':>10}{'people':>9}{'P':>9}{'R':>7}{'F':>7}"]
    rows += [
        f"{f'{name}: {line.part}':44}{line.positions:>10,}{line.people:>9,}   {line.b_cubed.precision:.3f}  {line.b_cubed.recall:.3f}"
        f"  {line.b_cubed.f:.3f}"
        for name, line in found
    ]
    return "\n".join(rows)


def curve(parts: Sequence[tuple[list[Place], Matrix]]) -> str:
    """P and F of each set and part, a row for each threshold."""
    rows = ["\nP/F over the threshold, in the order of the table above"]
    for threshold in THRESHOLDS:
        found = lines(group(parts, threshold), [0, 1])
        rows.append(f"{threshold:>5.2f}  " + "  ".join(f"{line.b_cubed.precision:.3f}/{line.b_cubed.f:.3f}" for _, line in found))
    return "\n".join(rows)


def main() -> None:
    began = time.monotonic()
    places, commonness = read()
    mend(places)
    parts = list(weighed(places, commonness))
    answers = group(parts)
    print(table("first half of the blocks (to choose on)", lines(answers, [0])))
    print(table("second half", lines(answers, [1])))
    print(table("all, beside mended ids", lines(answers, [0, 1], mended=True)))
    print(table("all", lines(answers, [0, 1])))
    print(curve(parts))
    print(f"\n{time.monotonic() - began:.0f} seconds")


if __name__ == "__main__":
    main()
