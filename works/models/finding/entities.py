"""Topics, institutions and sources for what somebody typed: by words of their names, each as a beginning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from works.models.finding.found import Found, select
from works.names import fold, slugify
from works.search import words_of

KINDS = ("topic", "institution", "source")
NAMES_LOOKED_AT = 500
WORDS_AT_MOST = 12


@dataclass(frozen=True, slots=True)
class Subject:
    """A topic, an institution or a source in a list. `detail` tells those of one name apart; `works` stand under it."""

    kind: str
    label: str
    detail: str
    href: str
    works: int


# As the indexes have it. Of names that begin alike, those that Postgres meets first are looked at.
LABEL = "to_tsvector('simple', COALESCE(regexp_replace(label, '[^[:alnum:]]+', ' ', 'g'), ''))"
NAME = "to_tsvector('simple', COALESCE(name_key, ''))"
NAMED = {
    "topic": f"""
        SELECT id AS subject, length(label) AS length, lower(label) = %(text)s AS is_equal
        FROM works_topic WHERE {LABEL} @@ to_tsquery('simple', %(words)s) LIMIT {NAMES_LOOKED_AT}
    """,
    "institution": f"""
        SELECT named.id AS subject, min(length(named.name_key)) AS length, bool_or(named.name_key = %(key)s) AS is_equal FROM (
            (SELECT id, name_key FROM works_institution WHERE {NAME} @@ to_tsquery('simple', %(words)s) LIMIT {NAMES_LOOKED_AT})
            UNION ALL
            (SELECT institution_id, name_key FROM works_institutionname WHERE {NAME} @@ to_tsquery('simple', %(words)s)
                LIMIT {NAMES_LOOKED_AT})
        ) AS named JOIN works_institution i USING (id) WHERE i.status <> 'withdrawn' GROUP BY named.id
    """,
    "source": f"""
        SELECT id AS subject, length(name) AS length, name_key = %(key)s AS is_equal
        FROM works_source WHERE {NAME} @@ to_tsquery('simple', %(words)s) LIMIT {NAMES_LOOKED_AT}
    """,
}
# An equal name first, then those under which most works stand, then the shortest name.
RANK = f"""
    SELECT n.subject FROM ({{named}}) AS n LEFT JOIN works_shelf s ON s.kind = '{{kind}}' AND s.subject = n.subject
    ORDER BY n.is_equal DESC, coalesce(s.works_count, 0) DESC, n.length, n.subject LIMIT {NAMES_LOOKED_AT}
"""
RANKED = {kind: RANK.format(named=named, kind=kind) for kind, named in NAMED.items()}
FIND = "SELECT " + ", ".join(f"ARRAY({ranked})" for ranked in RANKED.values())
SHOW = {
    "topic": "SELECT t.label, '', t.public_id, t.id FROM works_topic t",
    "institution": """
        SELECT t.name, concat_ws(', ', nullif(t.city, ''), nullif(t.country_code, '')), t.public_id, t.id FROM works_institution t
    """,
    "source": "SELECT t.name, t.kind, t.public_id, t.id FROM works_source t",
}


def find_subjects(text: str) -> dict[str, Found]:
    """Of each kind up to five hundred topics, institutions (by any of their names, acronyms too) and sources. One statement.

    An equal name comes first, then those with most works. It grows with how many names begin so, not with the works or people.
    """
    given = asked(text)
    if not given:
        return dict.fromkeys(KINDS, Found())
    [row] = select(FIND, given)
    return {kind: Found(tuple(ids), len(ids) >= NAMES_LOOKED_AT) for kind, ids in zip(RANKED, row, strict=True)}


def find_subject_ids(kind: str, text: str) -> list[int]:
    """The ids of one kind alone, in the same order. One statement."""
    given = asked(text)
    return [subject for (subject,) in select(RANKED[kind], given)] if given else []


def asked(text: str) -> dict[str, str]:
    key = fold(text)
    words = words_of(key)[:WORDS_AT_MOST]
    if not words:
        return {}
    return {"words": " & ".join(f"'{word}':*" for word in words), "key": key, "text": text.strip().lower()}


def subjects_in_order(ids: dict[str, Sequence[int]]) -> dict[str, list[Subject]]:
    """What a list shows of the topics, institutions and sources of these ids, each kind in the order of its ids. One statement."""
    wanted = {kind: list(its) for kind, its in ids.items() if its}
    if not wanted:
        return {}
    parts = [
        f"""
        SELECT '{kind}', shown.*, coalesce(s.works_count, 0)
        FROM ({SHOW[kind]} WHERE t.id = ANY(%({kind})s)) AS shown (label, detail, public_id, id)
        LEFT JOIN works_shelf s ON s.kind = '{kind}' AND s.subject = shown.id
        """
        for kind in wanted
    ]
    known = {
        (kind, key): Subject(kind, label, detail, f"/{kind}s/{slugify(label)}-{public_id}/", works)
        for kind, label, detail, public_id, key, works in select(" UNION ALL ".join(parts), wanted)
    }
    return {kind: [known[kind, key] for key in its if (kind, key) in known] for kind, its in wanted.items()}
