"""How common names and words are in the record: a fair sample of it, counted."""

from __future__ import annotations

from collections import Counter

from works.actions.imports.staging import select
from works.matching import Commonness
from works.names import ParsedName, fold, parse_name

# Rows that are counted of each kind. A small record is counted whole.
NAMES, AFFILIATIONS, TITLES = 200_000, 60_000, 30_000


def count_commonness() -> Commonness:
    """Four queries; none reads more than so many rows, however large the record is."""
    sizes = dict(
        select(
            """
            SELECT relname, CASE WHEN reltuples > 30000 THEN reltuples ELSE pg_relation_size(oid) / 150 END
            FROM pg_class WHERE oid = ANY(ARRAY['works_authorship', 'works_affiliation', 'works_work']::regclass[])
            """,
            [],
        )
    )
    share = min(1.0, NAMES / max(1.0, sizes["works_authorship"]))
    commonness = Commonness(scale=1 / share)
    spelt: Counter[ParsedName] = Counter()
    for name, count in select(f"SELECT name, count(*) FROM works_authorship {sample(share)} WHERE block <> '' GROUP BY name", []):
        spelt[parse_name(name)] += count
    commonness.count_names(spelt)
    for (raw,) in select(f"SELECT raw FROM works_affiliation {sample(AFFILIATIONS / max(1.0, sizes['works_affiliation']))}", []):
        commonness.affiliations += 1
        commonness.words.update(set(fold(raw).split()))
    for (title,) in select(f"SELECT title_key FROM works_work {sample(TITLES / max(1.0, sizes['works_work']))}", []):
        commonness.works += 1
        commonness.title_words.update(set(title.split()))
    return commonness


def sample(share: float) -> str:
    return "" if share >= 1 else f"TABLESAMPLE SYSTEM ({100 * share:.4f}) REPEATABLE (1)"
