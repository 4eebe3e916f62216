"""Settling: the blocks that gained byline positions are told apart whole, and the record follows where the answer is another than before.

What follows depends on the record alone and not on the order of imports: a block is always looked at with everything that is in it.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from works.actions.attribution.counting import count_commonness
from works.actions.attribution.proposing import Proposal, propose_merges
from works.actions.attribution.signatures import Placed, load_blocks
from works.actions.attribution.writing import Change, NewAuthor, write_changes
from works.actions.imports.locks import lock_record
from works.actions.imports.staging import select
from works.matching import Commonness, Group, Link, group_people
from works.signals import authorships_changed

POSITIONS_AT_ONCE = 4_000
BLOCKS_AT_ONCE = 3_000


@dataclass(slots=True)
class Settlement:
    """What settling some blocks comes to: the rows to change, the authors to make, the merges to propose."""

    changes: list[Change] = field(default_factory=list)
    made: list[NewAuthor] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)  # authors that go by a fuller name from now on
    emptied: dict[int, int] = field(default_factory=dict)  # authors that lost all places here, and who has most of them now


def settle(
    *, blocks: Collection[str] | None = None, seconds: float | None = None, on_step: Callable[[int], None] | None = None
) -> set[int]:
    """Settle what is owed (of `blocks`, or all of it), some thousands of positions at a time, each in a transaction of its own that holds
    the lock of imports. The authors whose works changed, who are also announced.

    Memory is bounded by the largest block. Ended anywhere, what is left stays owed.
    """
    until = time.monotonic() + seconds if seconds else None
    commonness: Commonness | None = None
    touched: set[int] = set()
    while True:
        with transaction.atomic():
            lock_record()
            taken = take_owed(blocks)
            if not taken:
                return touched
            commonness = commonness or count_commonness()
            changed = settle_blocks(taken, commonness)
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM works_unsettledblock WHERE block = ANY(%s)", [taken])
            if changed:
                authorships_changed.send(sender=Settlement, author_ids=sorted(changed))
        touched |= changed
        if on_step:
            on_step(len(taken))
        if until and time.monotonic() > until:
            return touched


def take_owed(blocks: Collection[str] | None) -> list[str]:
    """The next blocks that are owed, as many as have some thousands of positions together; at least one. One query."""
    chosen: list[str] = []
    total = 0
    for block, count in select(
        """
        SELECT owed.block, (SELECT count(*) FROM works_authorship place WHERE place.block = owed.block)
        FROM (
            SELECT block FROM works_unsettledblock WHERE %s::text[] IS NULL OR block = ANY(%s) ORDER BY block LIMIT %s
        ) AS owed ORDER BY 1
        """,
        [None if blocks is None else sorted(blocks), None if blocks is None else sorted(blocks), BLOCKS_AT_ONCE],
    ):
        total += count
        if chosen and total > POSITIONS_AT_ONCE:
            break
        chosen.append(block)
    return chosen


def settle_blocks(blocks: Sequence[str], commonness: Commonness) -> set[int]:
    """Tell the people of these blocks apart and write what changed; the authors whose works did."""
    settlement = Settlement()
    for positions in load_blocks(blocks).values():
        settle_block(positions, commonness, settlement)
    touched = write_changes(settlement.changes, settlement.made, settlement.names, settlement.emptied)
    propose_merges(settlement.proposals)
    return touched


def settle_block(positions: Sequence[Placed], commonness: Commonness, settlement: Settlement) -> None:
    groups = [
        part
        for group in group_people([placed.signature for placed in positions], commonness)
        for part in spare_claimed(group, positions, settlement)
    ]
    groups.sort(key=lambda group: positions[group.members[0]].id)
    owners = give_authors(groups, positions)
    before: dict[int, set[int]] = defaultdict(set)
    for placed in positions:
        if placed.author:
            before[placed.author].add(placed.id)
    for group, owner in zip(groups, owners, strict=True):
        settle_group(group, owner, positions, settlement)
    keepers = {owner for owner in owners if owner}
    gone: dict[int, Counter[int]] = defaultdict(Counter)
    for group, owner in zip(groups, owners, strict=True):
        for number in group.members:
            author = positions[number].author
            if author and author not in keepers and owner and not positions[number].is_claimed:
                gone[author][owner] += 1
    settlement.emptied |= {author: to.most_common(1)[0][0] for author, to in gone.items()}


def spare_claimed(group: Group, positions: Sequence[Placed], settlement: Settlement) -> Iterable[Group]:
    """A claimed or decided author gains new places by evidence; but another author's places, settled before, only by a person's word.

    Such a merge is proposed, and the two stay apart.
    """
    if group.author is None:
        yield group
        return
    kept, others = [], defaultdict(list)
    for number, link in zip(group.members, group.links, strict=True):
        placed = positions[number]
        if placed.author is None or placed.author == group.author or placed.confidence is None or placed.is_decided:
            kept.append((number, link))
        else:
            others[placed.author].append((number, link))
    yield Group([number for number, _ in kept], [link for _, link in kept], group.author)
    for author, theirs in others.items():
        best = max((link for _, link in theirs), key=lambda link: link.confidence)
        settlement.proposals.append(Proposal(authors=(group.author, author), score=best.confidence, evidence=best.evidence))
        yield Group([number for number, _ in theirs], [standing_link(positions[number]) for number, _ in theirs], author)


def standing_link(placed: Placed) -> Link:
    return Link(placed.matched_by, placed.confidence if placed.confidence is not None else 1.0, placed.evidence)


def give_authors(groups: Sequence[Group], positions: Sequence[Placed]) -> list[int | None]:
    """For each group the author that keeps it: the decided one; else the one that has most of it already, the oldest of several; else None.

    No author keeps two groups.
    """
    owners: list[int | None] = [group.author for group in groups]
    taken = {owner for owner in owners if owner}
    locked = {placed.author for placed in positions if placed.signature.is_locked}
    wishes = []
    for place, group in enumerate(groups):
        if owners[place] is None:
            own = Counter(positions[number].author for number in group.members)
            wishes += [(-count, author, place) for author, count in own.items() if author and author not in locked]
    for _, author, place in sorted(wishes):
        if owners[place] is None and author not in taken:
            owners[place] = author
            taken.add(author)
    return owners


def settle_group(group: Group, owner: int | None, positions: Sequence[Placed], settlement: Settlement) -> None:
    """Note what changes for the places of one person."""
    places = [positions[number] for number in group.members]
    fullest = max(
        (placed.name for placed in places), key=lambda name: (len([word for word in name.split() if len(word.strip(".")) > 1]), len(name))
    )
    maker: NewAuthor | None = None
    if owner is None:
        first = min(places, key=lambda placed: placed.id)
        maker = NewAuthor(name=fullest, work=first.work, position=first.position)
        settlement.made.append(maker)
    elif group.author is None:
        settlement.names[owner] = fullest
    for placed, link in zip(places, group.links, strict=True):
        after: dict[str, Any] = dict(link.evidence)
        if placed.is_decided:
            continue
        unchanged = (owner, link.reason, link.confidence, after) == (placed.author, placed.matched_by, placed.confidence, placed.evidence)
        if not unchanged:
            settlement.changes.append(
                Change(
                    place=placed.id, work=placed.work, before=placed.author, author=owner, maker=maker,
                    reason=link.reason, confidence=link.confidence, evidence=after,
                )
            )  # fmt: skip
