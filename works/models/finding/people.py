"""People for what somebody typed. Every statement reads a bounded part of an index, however large the record is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from psycopg.types.json import Jsonb

from works.models.author import Author
from works.models.finding.found import FOUND_AT_MOST, LAST_CHARACTER, LOOKED_AT, Found, Mended, near_words, select
from works.names import fold
from works.search import deletions, halves, nearest, words_of

WORDS_AT_MOST = 8
MENDED_WORDS_AT_MOST = 5  # more are no misspelt name but a title
MENDED_WITH = 40  # near words for a word of a name that may be misspelt; names lie close together
HALVED_AT_MOST = 20  # letters
# Of one misspelt word: the words of names that share a deletion with it, and the best known bearers of these, together and at least of
# each, of whom those with the other words count.
NEAR_EACH, BEARERS, BEARERS_EACH, OF_EACH = 100, 6_000, 300, 50


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Which people are wanted: of a topic or an institution (by their slugs, among those that the person's page names first), claimed
    or not."""

    topic: str = ""
    institution: str = ""
    is_claimed: bool | None = None

    def conditions(self) -> tuple[list[str], list[Any]]:
        """In SQL, of the author `a`, with the values."""
        conditions, values = [], []
        for name, slug in (("topics", self.topic), ("affiliations", self.institution)):
            if slug:
                conditions.append("a.summary @> %s::jsonb")
                values.append(Jsonb({name: [{"slug": slug}]}))
        if self.is_claimed is not None:
            conditions.append("a.is_claimed" if self.is_claimed else "NOT a.is_claimed")
        return conditions, values


ANYBODY = PeopleFilter()


class PeopleOrder(StrEnum):
    """Who stands first. Trust is no order: it says how far a page can be believed, not whom somebody looks for."""

    RELEVANCE = "relevance"
    WORKS = "works"
    NEWEST = "newest"


ON_SHELF = {
    PeopleOrder.RELEVANCE: "c.works_count DESC",
    PeopleOrder.WORKS: "a.works_count DESC",
    PeopleOrder.NEWEST: "a.last_year DESC NULLS LAST, c.works_count DESC",
}


@dataclass(frozen=True, slots=True)
class Slot:
    """What one typed word may stand for: every word that begins with it; and, the likelier the earlier, the words of `others`."""

    word: str
    others: tuple[str, ...] = ()

    def cost(self, words: set[str]) -> int:
        """How far the words of a name are from what was typed here: 0 where one begins so."""
        if any(word.startswith(self.word) for word in words):
            return 0
        return next((place for place, other in enumerate(self.others, start=1) if other in words), len(self.others) + 1)


def find_people(text: str, *, only: PeopleFilter = ANYBODY, order: PeopleOrder = PeopleOrder.RELEVANCE) -> Found:
    """The authors whose names hold every word of `text`, each as a beginning, in any order, as far as they are wanted.

    Names that have just these words come first, then those with most works, or as `order` says. Where nobody is found, near spellings
    are tried (one word alone by one statement more), then words that ran together, then bare initials. Two statements, at most eleven where
    nobody is found, each over some thousand index entries. Without words: the people of a topic or an institution, one statement.
    """
    words = words_of(fold(text))[:WORDS_AT_MOST]
    if not words:
        return people_on_shelf(only, order) if only.topic or only.institution else Found()
    plain = [Slot(word) for word in words]
    numbers = frequencies(plain)
    found = people_in(plain, only, order, numbers)
    if found.ids or len(words) > MENDED_WORDS_AT_MOST:
        return found if found.ids else not_indexed_yet(text, only)
    missing = [word for word, (begun, _) in zip(words, numbers, strict=True) if not begun]
    if len(missing) <= 1 and (found := people_but_for_one_word(words, missing or words, only, order)).ids:
        return found
    for slots in other_readings(words):
        if slots and (found := people_in(slots, only, order, frequencies(slots))).ids:
            return found
    return not_indexed_yet(text, only)


def other_readings(words: Sequence[str]) -> Iterator[list[Slot]]:
    """What else the words may stand for, the likelier first: several near spellings, words that ran together, bare initials. A query each
    for the first two."""
    near = near_words(words, "w.in_names", limit=MENDED_WITH)
    yield [Slot(word, (*near.get(word, ()), *joined(word, words))) for word in words]
    yield [Slot(word) for word in parted(words)]
    yield [Slot(word, initial(word, words)) for word in words]


def people_but_for_one_word(words: Sequence[str], suspects: Sequence[str], only: PeopleFilter, order: PeopleOrder) -> Found:
    """The authors who have all words but one of the suspects, and in its place a near spelling. One statement.

    It goes from what is left of the word when a letter is taken out to the words of names that leave the same, and from each to its best
    known bearers, whose other words the index itself holds.
    """
    begun = [(word, left, in_a_name(other for other in words if other != word)) for word in suspects for left in deletions(word)]
    wanted, values = only.conditions()
    rows = select(
        f"""
        SELECT near.typed, near.word, bearer.author_id, a.works_count, a.name_key, a.last_year FROM (
            SELECT typed, others, word, count(*) OVER () AS number FROM (
                SELECT DISTINCT asked.typed, asked.others, same.word
                FROM unnest(%s::text[], %s::text[], %s::text[]) AS asked (typed, "left", others)
                CROSS JOIN LATERAL (
                    SELECT w.word FROM works_worddeletion d JOIN works_word w ON w.id = d.word_id
                    WHERE d."left" = asked."left" COLLATE "C" AND w.in_names AND abs(length(w.word) - length(asked.typed)) <= 2
                    LIMIT {NEAR_EACH}
                ) AS same
            ) AS each
        ) AS near
        CROSS JOIN LATERAL (
            SELECT author_id FROM (
                SELECT author_id, words FROM works_authorword WHERE word = near.word ORDER BY weight DESC, author_id
                LIMIT greatest({BEARERS_EACH}, {BEARERS} / near.number)
            ) AS known WHERE words LIKE near.others LIMIT {OF_EACH}
        ) AS bearer
        CROSS JOIN LATERAL (SELECT * FROM works_author a WHERE a.id = bearer.author_id OFFSET 0) AS a
        WHERE {" AND ".join(["a.works_count > 0", *wanted])}
        """,
        [*map(list, zip(*begun, strict=True)), *values],
    )
    words_found: dict[str, dict[str, int]] = {}
    for typed, word, *_ in rows:
        words_found.setdefault(typed, {})[word] = 0
    near = {typed: tuple(nearest(typed, others, limit=MENDED_WITH)) for typed, others in words_found.items()}
    return ranked(
        [(author, works, name_key, last_year) for typed, word, author, works, name_key, last_year in rows if word in near[typed]],
        [Slot(word, near.get(word, ())) for word in words],
        order,
    )


def in_a_name(words: Iterable[str]) -> str:
    """A pattern of the words of a name as the index holds them, in order, with all of `words` as beginnings.

    >>> in_a_name(["liu", "bo", "b"])
    '% bo% liu%'
    >>> in_a_name([])
    '%'
    """
    in_order = sorted(set(words))
    # A word that another begins with is there with that other.
    needed = [word for word, after in zip(in_order, [*in_order[1:], ""], strict=False) if not after.startswith(word)]
    return "".join(f"% {word}" for word in needed) + "%"


def people_on_shelf(only: PeopleFilter, order: PeopleOrder) -> Found:
    """The people with most works at an institution, or else of a topic, without any words. One statement."""
    kind, slug = ("institution", only.institution) if only.institution else ("topic", only.topic)
    others = PeopleFilter(topic=only.topic if kind == "institution" else "", is_claimed=only.is_claimed)
    wanted, values = others.conditions()
    rows = select(
        f"""
        SELECT a.id FROM (
            SELECT author_id, works_count FROM works_shelvedperson WHERE shelf_id = (
                SELECT s.id FROM works_{kind} t JOIN works_shelf s ON s.kind = %s AND s.subject = t.id WHERE t.public_id = %s
            ) ORDER BY works_count DESC, author_id LIMIT {LOOKED_AT + 1}
        ) AS c
        CROSS JOIN LATERAL (SELECT * FROM works_author a WHERE a.id = c.author_id OFFSET 0) AS a
        WHERE {" AND ".join(["a.works_count > 0", *wanted])}
        ORDER BY {ON_SHELF[order]}, a.id LIMIT {FOUND_AT_MOST + 1}
        """,
        [kind, slug.rpartition("-")[2], *values],
    )
    return Found(tuple(author for (author,) in rows[:FOUND_AT_MOST]), len(rows) > FOUND_AT_MOST)


def not_indexed_yet(text: str, only: PeopleFilter) -> Found:
    """Names that were imported a moment ago, or that no worker has indexed: by the column that Postgres itself keeps. One statement."""
    people = Author.objects.matching_name(text)
    if only.topic:
        people = people.filter(summary__topics__contains=[{"slug": only.topic}])
    if only.institution:
        people = people.filter(summary__affiliations__contains=[{"slug": only.institution}])
    if only.is_claimed is not None:
        people = people.filter(is_claimed=only.is_claimed)
    return Found(tuple(people.values_list("pk", flat=True)[:FOUND_AT_MOST]))


def initial(word: str, words: Sequence[str]) -> tuple[str, ...]:
    """The bare initial that may stand for a word in a record, as long as another word is there whole."""
    return (word[0],) if len(words) > 1 and len(word) > 1 and word.isascii() else ()


def joined(word: str, words: Sequence[str]) -> tuple[str, ...]:
    """A word together with the one beside it: "xiao ming" for a record's "xiaoming"."""
    place = words.index(word)
    beside = [word + words[place + 1]] if place + 1 < len(words) else []
    return (*beside, words[place - 1] + word) if place else tuple(beside)


def parted(words: Sequence[str]) -> list[str]:
    """The words with the space put back into the longest that is two known words run together; none where there is no such. One query."""
    longest = max(words, key=len)
    pairs = halves(longest[:HALVED_AT_MOST])
    known = {
        word
        for (word,) in select(
            """
            SELECT half FROM unnest(%s::text[]) AS half
            WHERE EXISTS (SELECT FROM works_authorword w WHERE w.word = half COLLATE "C")
            """,
            [sorted({half for pair in pairs for half in pair})],
        )
    }
    whole = [pair for pair in pairs if known.issuperset(pair)]
    if not whole:
        return []
    best = max(whole, key=lambda pair: min(len(half) for half in pair))
    return [part for word in words for part in (best if word == longest else (word,))]


def people_in(slots: Sequence[Slot], only: PeopleFilter, order: PeopleOrder, numbers: Sequence[tuple[int, int]]) -> Found:
    """The authors with a word in every slot, of the candidates of the rarest. `numbers` are the slots' frequencies. One statement."""
    if min(begun for begun, _ in numbers) == 0:
        return Found()
    place = min(range(len(slots)), key=lambda slot: numbers[slot])
    begun = numbers[place][0]
    if begun > LOOKED_AT:
        # Every word is common. The best known bearers of one of them whole are looked at: the rarest such.
        whole = [(exact, place) for place, (_, exact) in enumerate(numbers) if exact]
        place = min(whole)[1] if whole else place
        source, given = (OF_ONE_WORD, [slots[place].word]) if whole else (OF_A_BEGINNING, span(slots[place]))
    else:
        source, given = OF_A_BEGINNING, span(slots[place])
    others = [slot for other, slot in enumerate(slots) if other != place]
    # What the index holds of a name rules out those without the plain words before anything else is read.
    conditions, values = ["c.words LIKE %s"], [in_a_name(slot.word for slot in others if not slot.others)]
    for slot in others:
        if slot.others:
            conditions.append(HAS_WORD)
            values += span(slot)
    wanted, wanted_values = only.conditions()
    rows = select(
        f"""
        {source}
        SELECT c.author_id, a.works_count, a.name_key, a.last_year FROM candidates c
        CROSS JOIN LATERAL (SELECT * FROM works_author a WHERE a.id = c.author_id OFFSET 0) AS a
        WHERE {" AND ".join([*conditions, "a.works_count > 0", *wanted])}
        """,
        [*given, *values, *wanted_values],
    )
    return ranked(rows, slots, order, is_capped=begun > LOOKED_AT)


def ranked(rows: Sequence[tuple[Any, ...]], slots: Sequence[Slot], order: PeopleOrder, *, is_capped: bool = False) -> Found:
    """The authors of these rows (id, works, folded name, year of the latest work), those first whose names are nearest to the slots."""
    asked = {slot.word for slot in slots}

    def place_of(row: tuple[Any, ...]) -> tuple[Any, ...]:
        author, works, name_key, last_year = row
        cost, completeness, more = closeness(name_key, asked, slots)
        match order:
            case PeopleOrder.WORKS:
                return (cost, -works, name_key, author)
            case PeopleOrder.NEWEST:
                return (cost, -(last_year or 0), -works, name_key, author)
        return (cost, completeness, more, -works, name_key, author)

    in_order = sorted(rows, key=place_of)
    ids = tuple(dict.fromkeys(author for author, *_ in in_order))[:FOUND_AT_MOST]
    return Found(ids, is_capped or len(rows) > FOUND_AT_MOST, mended_by(slots, in_order[0][2] if in_order else ""))


def closeness(name_key: str, asked: set[str], slots: Sequence[Slot]) -> tuple[int, int, int]:
    """How far a name is from what was asked: what its slots cost; whether it has these words alone, among others, or begun; and, of names
    that had to be mended, how many words more they have, and how many of these words not whole."""
    words = set(name_key.split())
    cost = sum(slot.cost(words) for slot in slots)
    return cost, 0 if words == asked else 1 if asked <= words else 2, abs(len(words) - len(slots)) + len(asked - words) if cost else 0


def mended_by(slots: Sequence[Slot], name_key: str) -> Mended:
    """For each typed word that the best name does not have, the word that it has instead; an initial mends nothing."""
    words = set(name_key.split())
    return tuple(
        (slot.word, meant)
        for slot in slots
        if words and slot.cost(words) and (meant := next((other for other in slot.others if other in words and len(other) > 1), ""))
    )


# OFFSET 0 keeps both from becoming joins, for which Postgres would read all that has the word, or all authors, whenever its statistics
# make that look cheap.
HAS_WORD = """EXISTS (
    SELECT FROM works_authorword o WHERE o.author_id = c.author_id AND (o.word >= %s AND o.word < %s OR o.word = ANY(%s)) OFFSET 0
)"""
OF_ONE_WORD = f"""
    WITH candidates AS (
        SELECT author_id, words FROM works_authorword WHERE word = %s ORDER BY weight DESC, author_id LIMIT {LOOKED_AT}
    )
"""
OF_A_BEGINNING = f"""
    WITH candidates AS (
        SELECT DISTINCT author_id, words FROM (
            (SELECT author_id, words FROM works_authorword WHERE word >= %s AND word < %s LIMIT {LOOKED_AT})
            UNION ALL
            (SELECT author_id, words FROM works_authorword WHERE word = ANY(%s) ORDER BY weight DESC LIMIT {LOOKED_AT})
        ) AS begun
    )
"""


def span(slot: Slot) -> list[Any]:
    """The parameters of a slot: from its word to the last word that begins so, and its other words."""
    return [slot.word, slot.word + LAST_CHARACTER, list(slot.others)]


def frequencies(slots: Sequence[Slot]) -> list[tuple[int, int]]:
    """Of each slot, how many entries of the index it has and how many of its very word, counted no further than is looked at. One query."""
    limit = LOOKED_AT + 1
    one = f"""(
        (SELECT count(*) FROM (SELECT FROM works_authorword WHERE word >= %s AND word < %s LIMIT {limit}) AS begun)
        + (SELECT count(*) FROM (SELECT FROM works_authorword WHERE word = ANY(%s) LIMIT {limit}) AS other),
        (SELECT count(*) FROM (SELECT FROM works_authorword WHERE word = %s LIMIT {limit}) AS exact)
    )"""
    rows = select(
        f"SELECT begun, exact FROM (VALUES {', '.join([one] * len(slots))}) AS counted (begun, exact)",
        [value for slot in slots for value in (*span(slot), slot.word)],
    )
    return [(int(begun), int(exact)) for begun, exact in rows]
