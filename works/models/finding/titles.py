"""Works for what somebody typed: by words of their titles, whatever their forms. Every statement reads a bounded part of an index."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from works.models.finding.found import FOUND_AT_MOST, LAST_CHARACTER, LOOKED_AT, Found, near_words, select
from works.names import fold, title_hash
from works.search import SHORTEST_TO_MEND, sketch, words_of

WORDS_AT_MOST = 40
COUNTED_WORDS = 6  # those with figures and the longest, which are seldom the most frequent
EQUAL_AT_MOST = 50
MENDED_WITH = 5
A_PAGE = 20
CITED_UP_TO = 1_000
JUST_IMPORTED = 200
OF_SHELF = f"""(
    SELECT work_id FROM works_shelvedwork
    WHERE shelf_id = (SELECT id FROM works_shelf WHERE kind = %(shelf)s AND subject = %(subject)s) ORDER BY {{order}} LIMIT {LOOKED_AT + 1}
)"""


class Order(StrEnum):
    """What stands first."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"
    CITED = "cited"


IS_OF_INSTITUTION = """EXISTS (
    SELECT FROM works_shelvedwork s
    WHERE s.work_id = w.id AND s.shelf_id = (SELECT id FROM works_shelf WHERE kind = 'institution' AND subject = %s) OFFSET 0
)"""


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """Which works are wanted: of a year, a type, a topic, a source or an institution (by their ids), of which a registry tells."""

    year: int | None = None
    type: str = ""
    topic: int | None = None
    source: int | None = None
    institution: int | None = None
    registry: str = ""

    @property
    def shelf(self) -> tuple[str, int] | None:
        """The narrowest of what it names that works stand under: its kind and id."""
        shelves = (("source", self.source), ("institution", self.institution), ("topic", self.topic))
        return next(((kind, subject) for kind, subject in shelves if subject is not None), None)

    def conditions(self) -> tuple[list[str], list[Any]]:
        """In SQL, of the work `w`, with the values."""
        conditions, values = [], []
        for condition, value in (
            ("w.year = %s", self.year),
            ("w.type = %s", self.type or None),
            ("w.source_id = %s", self.source),
            ("EXISTS (SELECT FROM works_worktopic t WHERE t.work_id = w.id AND t.topic_id = %s OFFSET 0)", self.topic),
            (IS_OF_INSTITUTION, self.institution),
            ("EXISTS (SELECT FROM works_registryrecord r WHERE r.work_id = w.id AND r.registry = %s OFFSET 0)", self.registry or None),
        ):
            if value is not None:
                conditions.append(condition)
                values.append(value)
        return conditions, values


ANY_WORK = WorkFilter()
CITATIONS = f"(SELECT count(*) FROM (SELECT FROM works_reference r WHERE r.cited_id = w.id LIMIT {CITED_UP_TO}) AS citing)"
ORDERS = {
    Order.RELEVANCE: "w.title_key = %(key)s DESC, ts_rank_cd(w.title_search, q.words, 1) DESC, w.year DESC NULLS LAST, w.id",
    Order.NEWEST: "w.year DESC NULLS LAST, w.id DESC",
    Order.OLDEST: "w.year ASC NULLS LAST, w.id",
    Order.CITED: f"{CITATIONS} DESC, w.year DESC NULLS LAST, w.id",
}


def find_works(text: str, *, only: WorkFilter = ANY_WORK, order: Order = Order.RELEVANCE) -> Found:
    """The works whose titles hold the words of `text`, blind to accents, case and word forms, as far as they are wanted.

    First an equal title, then by rank and year, or as `order` says. Of words that thousands of titles have, the newest titles with one of
    them are looked at (the oldest, where these are wanted). Where no title has all the words, some may name authors or a year; then words
    that no title has are mended. Two statements, at most nine where nothing is found. Without words: the works of a topic, a source or an
    institution, one statement.
    """
    key = fold(text)
    words = words_of(key)[:WORDS_AT_MOST]
    if not words:
        return find_on_shelf(*only.shelf, only=only, order=order) if only.shelf else Found()
    found = works_with([[word] for word in words], key, only, order)
    if found.ids or (found := works_by(words, key, only, order)).ids:
        return found
    near = near_words(unknown_words(words), "w.in_titles", limit=MENDED_WITH)
    if not near:
        return Found()
    found = works_with([near.get(word, [word]) for word in words], key, only, order)
    return Found(found.ids, found.is_capped, tuple((word, others[0]) for word, others in near.items()) if found.ids else ())


def works_by(words: Sequence[str], key: str, only: WorkFilter, order: Order) -> Found:
    """The works for words of a title, names of authors and perhaps a year, mixed: every word is in the title or begins a word of the name
    of one of the first fifty authors. Two statements; three where all words may be names.

    Looked at are the newest titles with the rarest word of titles, and the newest works of the best known who bear the rarest of the names
    that stand in no title. Nothing for the whole name of somebody alone: whoever types that looks for a person.
    """
    years = [int(word) for word in words if YEAR.fullmatch(word)]
    words = [word for word in words if not YEAR.fullmatch(word)]
    if not words or len(years) > 1 or len(words) > MIXED_AT_MOST or len(words) + len(years) < 2:
        return Found()
    # Initials begin names; a longer word is one of a name, or none.
    afters = [word + (LAST_CHARACTER if len(word) <= INITIALS else "\x01") for word in words]
    known = {word: (lexeme, titles, names) for word, lexeme, titles, names in select(KNOWN_AS, {"words": words, "afters": afters})}
    told = [word for word in words if known[word][0]]  # the others stand in every title
    titled = [word for word in told if known[word][1]]
    named = [word for word in told if known[word][2]]
    if not named or len({*titled, *named}) < len(told) or not (years or titled):
        return Found()
    if (
        not years
        and len(named) == len(told)
        and select(BEARS_ALL, {"longest": max(told, key=len), "patterns": [f"% {one}%" for one in told]})
    ):
        return Found()
    titled_only, named_only = ([word for word in ours if word not in theirs] for ours, theirs in ((titled, named), (named, titled)))
    given: dict[str, Any] = {"query": " | ".join(f"'{word}'" for word in told), "key": key, "typed_year": years[0] if years else None}
    parts, conditions = [], ["w.year = %(typed_year)s"] if years else []
    if titled:
        given["lexeme"] = known[min(titled_only or titled, key=lambda word: known[word][1])][0]
        given["sketch"] = sketch(titled_only)
        parts.append(postings("lexeme", "typed_year" if years else "year" if only.year else "", order))
    if leading := named_only or ([] if titled_only and not years else named):
        given["bearer"] = min(leading, key=lambda word: (len(word) <= INITIALS, known[word][2]))
        given["others"] = [f"% {word}%" for word in leading]
        parts.append(OF_BEARERS.format(of_year="AND year = %(typed_year)s" if years else ""))
    for place, word in enumerate(told):
        ways = []
        if word in titled:
            given[f"title{place}"] = f"'{word}'"
            ways.append(f"w.title_search @@ to_tsquery('english', %(title{place})s)")
        if word in named:
            given |= {f"name{place}": word, f"after{place}": word + LAST_CHARACTER}
            ways.append(IS_BY.format(name=f"%(name{place})s", after=f"%(after{place})s"))
        conditions.append(f"({' OR '.join(ways)})")
    return looked_at(" UNION ".join(parts), given, only, order, is_match=f"({' AND '.join(conditions)})")


YEAR = re.compile(r"(?:19|20)[0-9]{2}")
MIXED_AT_MOST = 8  # words; more are a title
BEARERS, OF_EACH = 100, 50
BYLINE = 50
INITIALS = 2  # letters
KNOWN_AS = f"""
    SELECT given.word, lexeme,
        (SELECT count(*) FROM (SELECT FROM works_titleword t WHERE t.word = lexeme COLLATE "C" LIMIT {LOOKED_AT + 1}) AS titles),
        (SELECT count(*) FROM (
            SELECT FROM works_authorword a WHERE a.word >= given.word COLLATE "C" AND a.word < given.after COLLATE "C" LIMIT {LOOKED_AT + 1}
        ) AS names)
    FROM unnest(%(words)s::text[], %(afters)s::text[]) AS given (word, after)
    LEFT JOIN LATERAL (SELECT lexeme FROM unnest(tsvector_to_array(to_tsvector('english', given.word))) AS lexeme LIMIT 1) AS one ON TRUE
"""
BEARS_ALL = f"""
    SELECT FROM (SELECT words FROM works_authorword WHERE word = %(longest)s ORDER BY weight DESC, author_id LIMIT {LOOKED_AT}) AS bearer
    WHERE words LIKE ALL (%(patterns)s::text[]) LIMIT 1
"""
OF_BEARERS = f"""(
    SELECT newest.work_id FROM (
        SELECT author_id FROM (
            SELECT author_id, weight, words FROM works_authorword WHERE word = %(bearer)s ORDER BY weight DESC, author_id LIMIT {LOOKED_AT}
        ) AS bearer ORDER BY (words LIKE ALL (%(others)s::text[])) DESC, weight DESC, author_id LIMIT {BEARERS}
    ) AS people
    CROSS JOIN LATERAL (
        SELECT work_id FROM works_authorship WHERE author_id = people.author_id {{of_year}}
        ORDER BY year DESC NULLS LAST, work_id DESC LIMIT {OF_EACH}
    ) AS newest
)"""
# OFFSET 0: author by author, and never all who bear the name.
IS_BY = f"""EXISTS (
    SELECT FROM (
        SELECT author_id FROM works_authorship WHERE work_id = w.id AND position <= {BYLINE} OFFSET 0
    ) AS by WHERE EXISTS (
        SELECT FROM works_authorword o
        WHERE o.author_id = by.author_id AND o.word >= {{name}} COLLATE "C" AND o.word < {{after}} COLLATE "C" OFFSET 0
    )
)"""


def find_on_shelf(kind: str, subject: int, *, only: WorkFilter, order: Order) -> Found:
    """The newest works of a topic, a source or an institution without any words (the oldest, where these are wanted). One statement.

    What workers have not put on its shelf yet is found among the last that were imported.
    """
    sources = [OF_SHELF.format(order="year, work_id" if order is Order.OLDEST else "year DESC NULLS LAST, work_id DESC")]
    if kind == "topic":
        sources.append(f"(SELECT work_id FROM works_worktopic WHERE topic_id = %(subject)s ORDER BY work_id DESC LIMIT {JUST_IMPORTED})")
    order = Order.NEWEST if order is Order.RELEVANCE else order
    given = {"shelf": kind, "subject": subject, "query": "", "key": ""}
    return looked_at(" UNION ".join(sources), given, only, order, is_match="TRUE")


def unknown_words(words: Sequence[str]) -> list[str]:
    """The words that stand in no title of the record; of words too short to be learnt nothing is known. One query."""
    known = select("SELECT word FROM works_word WHERE in_titles AND word = ANY(%s)", [list(words)])
    return [word for word in words if len(word) >= SHORTEST_TO_MEND and (word,) not in known]


def matched_words(text: str, titles: Sequence[str]) -> frozenset[str]:
    """Which words of the folded titles a search for `text` is a search for: what a list marks. One query, which reads no table."""
    words = sorted({word for title in titles for word in fold(title).split()})
    if not words or not text:
        return frozenset()
    query = " | ".join(f"'{word}'" for word in words_of(fold(text))[:WORDS_AT_MOST])
    return frozenset(
        word
        for (word,) in select(
            "SELECT word FROM unnest(%s::text[]) AS word WHERE to_tsvector('english', word) @@ to_tsquery('english', %s)", [words, query]
        )
    )


def works_with(slots: Sequence[Sequence[str]], key: str, only: WorkFilter, order: Order) -> Found:
    """The works with a word of each slot in their title. Two statements; three where common words seldom meet, or nothing is indexed."""
    # Words are letters and digits alone once they are folded; quoted, no letter of any script means something in a query.
    query = " & ".join("({})".format(" | ".join(f"'{word}'" for word in slot)) for slot in slots)
    given: dict[str, Any] = {"query": query, "key": key, "hash": title_hash(key)}
    known = frequencies(slots, only.year)
    numbers = [lexemes for _, lexemes in known]
    rarest = min(numbers, key=lambda lexemes: sum(lexemes.values()), default={})
    # The dictionary takes endings away, never beginnings; where one word may be several, the index cannot rule a title out.
    given["sketch"] = sketch(slot[0] for slot, _ in known if len(slot) == 1)
    least = sum(rarest.values())
    listed = {f"word{place}": word for place, word in enumerate(rarest)}
    of_equal_title = f"(SELECT id FROM works_work WHERE title_hash = %(hash)s LIMIT {EQUAL_AT_MOST})"
    parts = [of_equal_title, *(postings(name, "year" if only.year else "", order) for name in listed)]
    if least > LOOKED_AT and only.shelf:
        # Most of the newest titles with a common word are of other topics; the newest of this one are looked at as well.
        given["shelf"], given["subject"] = only.shelf
        parts.append(OF_SHELF.format(order="year DESC NULLS LAST, work_id DESC"))
    found = looked_at(" UNION ".join(parts), given | listed, only, order)
    # Common words of which few of those titles have the others as well; or words that are new, and not indexed yet.
    is_short = least > LOOKED_AT and len(numbers) > 1 and len(found.ids) < A_PAGE
    if only == ANY_WORK and (is_short or (least == 0 and not found.ids)):
        of_all = f"(SELECT id FROM works_work WHERE title_search @@ to_tsquery('english', %(query)s) LIMIT {LOOKED_AT + 1})"
        return looked_at(f"{of_equal_title} UNION {of_all}", given, only, order)
    return Found(found.ids, found.is_capped or least > LOOKED_AT)


def frequencies(slots: Sequence[Sequence[str]], year: int | None) -> list[tuple[Sequence[str], dict[str, int]]]:
    """The slots with figures and the longest, each with its words as the dictionary reduces them and how many titles have these.

    None is counted further than is looked at. Slots of stop words are left out. One query.
    """
    longest = sorted(slots, key=lambda slot: (slot[0].isalpha(), -len(slot[0])))[:COUNTED_WORDS]
    found: dict[int, dict[str, int]] = {}
    of_year = "AND t.year = %(year)s" if year else ""
    for place, lexeme, number in select(
        f"""
        SELECT slot, lexeme, (
            SELECT count(*) FROM (
                SELECT FROM works_titleword t WHERE t.word = lexeme COLLATE "C" {of_year} LIMIT {LOOKED_AT + 1}
            ) AS titles
        )
        FROM unnest(%(slots)s::int[], %(words)s::text[]) AS given (slot, word),
            unnest(tsvector_to_array(to_tsvector('english', word))) AS lexeme
        """,
        {
            "slots": [place for place, slot in enumerate(longest) for _ in slot],
            "words": [word for slot in longest for word in slot],
            "year": year,
        },
    ):
        found.setdefault(place, {})[lexeme] = number
    return [(longest[place], lexemes) for place, lexemes in found.items()]


def postings(name: str, year: str, order: Order) -> str:
    """Of the first works with the word that the parameter `name` holds, read from the index in its order, those whose titles may have the
    other words as well, as far as the parameter `sketch` tells; of the year alone that the parameter `year` holds, unless that is ""."""
    of_word = f'SELECT work_id, sketch FROM works_titleword WHERE word = %({name})s COLLATE "C"'
    if year:
        first = f"({of_word} AND year = %({year})s ORDER BY work_id DESC LIMIT {LOOKED_AT + 1})"
    elif order is Order.OLDEST:
        undated = f"({of_word} AND year = 0 LIMIT {LOOKED_AT + 1})"
        first = f"(({of_word} AND year > 0 ORDER BY year, work_id LIMIT {LOOKED_AT + 1}) UNION ALL {undated})"
    else:
        first = f"({of_word} ORDER BY year DESC, work_id DESC LIMIT {LOOKED_AT + 1})"
    return f"(SELECT work_id FROM {first} AS first WHERE sketch & %(sketch)s::bigint = %(sketch)s::bigint)"


def looked_at(candidates: str, given: dict[str, Any], only: WorkFilter, order: Order, is_match: str = "w.title_search @@ q.words") -> Found:
    """Of the candidates those that are what was asked for, in order. One statement.

    The candidates are an array and the works read by it, so that Postgres, which knows little of how many there are, reads those and no
    others.
    """
    conditions, values = only.conditions()
    named = {f"only{place}": value for place, value in enumerate(values)}
    wanted = " AND ".join(["w.merged_into_id IS NULL", *conditions]) % tuple(f"%({name})s" for name in named)
    rows = select(
        f"""
        WITH q AS MATERIALIZED (SELECT to_tsquery('english', %(query)s) AS words),
        w AS MATERIALIZED (
            SELECT id, title_key, title_search, year, type, source_id, merged_into_id FROM works_work WHERE id = ANY(ARRAY({candidates}))
        )
        SELECT w.id FROM w, q WHERE ({is_match} OR w.title_key = %(key)s) AND {wanted}
        ORDER BY {ORDERS[order]} LIMIT {FOUND_AT_MOST + 1}
        """,
        given | named | {"year": only.year},
    )
    return Found(tuple(work for (work,) in rows[:FOUND_AT_MOST]), len(rows) > FOUND_AT_MOST)
