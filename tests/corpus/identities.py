"""How well matching tells people apart, without a database: the paper lists whose platforms know their authors.

python -m tests.corpus.identities

prints the tables of docs/matching.md: for all blocks, and for each half of them (a figure of matching is chosen on the first half and
reported on the second); without the range of ids in which IEEE numbered people a second time, and beside ids that are mended where a
co-author or an affiliation says so; the curve over the threshold; and all of it once more where hundreds share a name.
The true ids stay beside the signatures and are not part of them.
"""

from __future__ import annotations

import gzip
import json
import random
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tests.corpus.paperlists import FILE_NAME, FOLDER, once, work_of
from works.importers.record import ImportedWork, InvalidRecord
from works.matching import Commonness, Signature, title_words
from works.matching.clusters import THRESHOLD, agglomerate, separable
from works.matching.evaluation import Judged, Line, evaluate
from works.matching.evidence import Matrix, weigh
from works.names import ParsedName, fold, parse_name
from works.names.pinyin import FAMILY_NAMES, syllables

IEEE, OPENREVIEW = "IEEE", "OpenReview"
SETS = {"icra": IEEE, **dict.fromkeys(("3dv", "aistats", "colm", "corl", "www"), OPENREVIEW)}
PARTS = ("all", "names that several people share", "Chinese surnames")
THRESHOLDS = (0.0, THRESHOLD, 1.5, 2.0, 3.0, 4.0)
# 12 % of the IEEE positions have an id that begins so; so has exactly one of the two ids of 84 % of the names with two.
SECOND_NUMBERS = ("/37085", "/37086", "/37087", "/37088", "/37089")
# What the people with Chinese surnames are called where hundreds share a name; the common ones come more often.
# Repeated as often as they are likely.
COMMON_FAMILIES = (*["wang", "li", "zhang"] * 7, *["liu", "chen"] * 5, *["yang"] * 3, *["huang", "zhao", "wu", "zhou"] * 2)
COMMON_FIRSTS = (
    *["wei", "jing", "lei", "yang", "jun", "tao"] * 8, *["li", "hao", "jie", "yan", "min", "peng", "bin", "hui", "ying", "xin"] * 6,
    *["yu", "fei", "ming", "chao", "ping", "hong", "kai", "bo", "rui", "yong"] * 4, "xiaoming", "jianhua", "yuhang", "zihan",
)  # fmt: skip


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


def shared_name(printed: str) -> str:
    """A name of hundreds of people for a Chinese one, the same for the same; other names as they are."""
    name = parse_name(printed)
    if name.family not in FAMILY_NAMES or not syllables(name.bare_given) or len(name.bare_given) == 1:
        return printed
    chance = random.Random(fold(printed))
    return f"{chance.choice(COMMON_FIRSTS)} {chance.choice(COMMON_FAMILIES)}".title()


def read(called: Callable[[str], str] = str) -> tuple[list[Place], Commonness]:
    """All positions, and how common names and words are in them. `called` gives everybody a name; bylines with two of one are left out."""
    places: list[Place] = []
    commonness = Commonness()
    venues: dict[str, int] = {}
    topics: dict[str, int] = {}
    spelt: Counter[ParsedName] = Counter()
    for number, (venue, work, ids) in enumerate(works()):
        words = title_words(fold(work.title))
        commonness.works += 1
        commonness.title_words.update(words)
        names = [called(author.name) for author in work.authors]
        if len(set(names)) < len({author.name for author in work.authors}):
            continue
        byline = {name: parse_name(name) for name, author in zip(names, work.authors, strict=True) if author.is_person}
        spelt.update(byline[name] for name in names if name in byline)
        blocks = {name.block: fold(printed) for printed, name in byline.items()}
        own_topics = frozenset(topics.setdefault(topic.code, len(topics)) for topic in work.topics)
        for printed, author, true in zip(names, work.authors, ids, strict=True):
            if not author.is_person:
                continue
            name = byline[printed]
            printed_at = tuple(dict.fromkeys(frozenset(fold(one.raw).split()) for one in author.affiliations))
            for line in printed_at:
                commonness.affiliations += 1
                commonness.words.update(line)
            signature = Signature(
                id=len(places), work=number, name=name, coauthors={block: its for block, its in blocks.items() if block != name.block},
                affiliations=tuple(line for line in printed_at if line), title=words, topics=own_topics,
                venue=venues.setdefault(venue, len(venues)), year=work.year,
            )  # fmt: skip
            places.append(Place(signature, printed, SETS.get(venue, "") if true else "", true))
    commonness.count_names(spelt)
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


def lines(
    answers: Answers, halves: Iterable[int], *, mended: bool = False, once_numbered: bool = False, by_name: bool = False
) -> list[tuple[str, Line]]:
    """What the answers of these halves come to, or the answer that equal full names are one person (`by_name`)."""
    wanted = set(halves)
    found = []
    for name, its in sorted(answers.items()):
        judged = [
            Judged(place.name, fold(place.name) if by_name else answer, place.mended if mended else place.true)
            for place, answer in its
            if place.half in wanted and not (once_numbered and place.true.startswith(SECOND_NUMBERS))
        ]
        found += [(name, line) for line in evaluate(judged) if line.part in PARTS]
    return found


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
    print(table("all but the second numbers of IEEE", lines(answers, [0, 1], once_numbered=True)))
    print(table("all, beside mended ids", lines(answers, [0, 1], mended=True)))
    print(table("all", lines(answers, [0, 1])))
    print(table("all, by equal full name", lines(answers, [0, 1], by_name=True)))
    print(curve(parts))
    answers = group(list(weighed(*read(shared_name))))
    for half in (0, 1):
        print(table(f"300 names for all Chinese ones, half {half + 1}", lines(answers, [half], once_numbered=True)))
    print(table("the same, by equal full name", lines(answers, [0, 1], once_numbered=True, by_name=True)))
    print(f"\n{time.monotonic() - began:.0f} seconds")


if __name__ == "__main__":
    main()
