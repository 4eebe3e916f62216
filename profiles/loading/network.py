"""Who of an author's co-authors is verified, and what they have confirmed together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from profiles.loading.rows import rows
from profiles.trust.score import JointWork, Voucher, network
from works.names import slugify

# Those of at least a level who confirmed a joint work with these authors, and the works.
VOUCHINGS = """
    SELECT v.author_id, v.voucher_id, a.public_id, a.name, t.level, t.institution, t.institution_name, v.place,
        array_agg(w.public_id ORDER BY w.id), array_agg(w.authors_count ORDER BY w.id), array_agg(w.title ORDER BY w.id)
    FROM profiles_vouching v
    JOIN profiles_trust t ON t.author_id = v.voucher_id AND t.level >= %(least)s
    JOIN works_author a ON a.id = v.voucher_id
    JOIN works_work w ON w.id = ANY(v.works)
    WHERE v.author_id = ANY(%(authors)s)
    GROUP BY v.id, a.id, t.author_id
"""
# Verified co-authors on works of at most 25 authors, whether they confirmed one or not.
VERIFIED = """
    SELECT c.author_a_id, t.author_id, a.public_id, t.level
    FROM graph_collaboration c
    JOIN profiles_trust t ON t.author_id = c.author_b_id AND t.level >= 3
    JOIN works_author a ON a.id = t.author_id
    WHERE c.author_a_id = ANY(%(authors)s) AND c.strength_units > 0
    UNION ALL
    SELECT c.author_b_id, t.author_id, a.public_id, t.level
    FROM graph_collaboration c
    JOIN profiles_trust t ON t.author_id = c.author_a_id AND t.level >= 3
    JOIN works_author a ON a.id = t.author_id
    WHERE c.author_b_id = ANY(%(authors)s) AND c.strength_units > 0
"""


@dataclass(slots=True)
class Network:
    """Vouchers by author; and the words for them: people as [name, address], works as [title, address], both by public id."""

    vouchers: dict[int, list[Voucher]] = field(default_factory=dict)
    people: dict[str, list[str]] = field(default_factory=dict)
    titles: dict[str, list[str]] = field(default_factory=dict)


def load_network(author_ids: Sequence[int]) -> Network:
    """The verified co-authors of these authors, with what each confirmed. Three queries, the second about those of level 3."""
    loaded = Network()
    confirmed = vouchings(author_ids, loaded, least=3)
    lesser = sorted({voucher_id for found in confirmed.values() for voucher_id, voucher in found.items() if voucher.level == 3})
    behind = vouchings(lesser, loaded, least=4)
    known: dict[int, dict[int, Voucher]] = {
        author_id: {voucher_id: backed(voucher, behind[voucher_id], author_id) for voucher_id, voucher in found.items()}
        for author_id, found in confirmed.items()
    }
    for author_id, voucher_id, public_id, level in rows(VERIFIED, {"authors": list(author_ids)}):
        known.setdefault(author_id, {}).setdefault(voucher_id, Voucher(person=public_id, institution="", level=level))
    loaded.vouchers = {author_id: list(known.get(author_id, {}).values()) for author_id in author_ids}
    return loaded


def vouchings(author_ids: Iterable[int], loaded: Network, *, least: int) -> defaultdict[int, dict[int, Voucher]]:
    found: defaultdict[int, dict[int, Voucher]] = defaultdict(dict)
    given = {"authors": list(author_ids), "least": least}
    for author_id, voucher_id, public_id, who, level, institution, name, place, works, sizes, titles in rows(VOUCHINGS, given):
        loaded.people[public_id] = [who, f"{slugify(who)}-{public_id}"]
        loaded.titles.update((work, [title, work]) for work, title in zip(works, titles, strict=True))
        found[author_id][voucher_id] = Voucher(
            person=public_id,
            institution=institution,
            institution_name=name,
            level=level,
            place=place,
            joint_works=tuple(JointWork(work=work, authors=size, is_confirmed=True) for work, size in zip(works, sizes, strict=True)),
        )
    return found


def backed(voucher: Voucher, behind: dict[int, Voucher], author_id: int) -> Voucher:
    """A voucher of level 3 with what people of level 4 and more, other than the author, give to their own network."""
    if voucher.level != 3:
        return voucher
    return replace(voucher, network=network(other for person, other in behind.items() if person != author_id))
