"""How good a grouping is beside the true one: B-cubed and pairwise precision, recall and F. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quality:
    precision: float
    recall: float

    @property
    def f(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall) if self.precision + self.recall else 0.0


def b_cubed(predicted: Sequence[Hashable], true: Sequence[Hashable]) -> Quality:
    """B-cubed (Bagga and Baldwin, 1998): for each item, how much of its predicted group is right, and how much of its true group is there.

    Item i is in group predicted[i] and in truth in true[i]. Nothing to group is grouped perfectly. Cost: linear.

    >>> b_cubed("aab", "xyy")
    Quality(precision=0.6666666666666666, recall=0.6666666666666666)
    """
    together = Counter(zip(predicted, true, strict=True))
    sizes, true_sizes = Counter(predicted), Counter(true)
    count = len(predicted)
    if not count:
        return Quality(1.0, 1.0)
    precision = sum(both * both / sizes[group] for (group, _), both in together.items()) / count
    recall = sum(both * both / true_sizes[group] for (_, group), both in together.items()) / count
    return Quality(precision, recall)


def pairwise(predicted: Sequence[Hashable], true: Sequence[Hashable]) -> Quality:
    """Of the pairs put together, how many are right; of the pairs that belong together, how many are. No pairs, no mistake.

    >>> pairwise("aab", "xxx")
    Quality(precision=1.0, recall=0.3333333333333333)
    """
    together = pairs(Counter(zip(predicted, true, strict=True)))
    put, belong = pairs(Counter(predicted)), pairs(Counter(true))
    return Quality(together / put if put else 1.0, together / belong if belong else 1.0)


def pairs(groups: Counter[Hashable] | Counter[tuple[Hashable, Hashable]]) -> int:
    return sum(size * (size - 1) // 2 for size in groups.values())
