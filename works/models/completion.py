"""What a text that somebody is still typing may become: people, works, topics, institutions and sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from works.models.finding import LAST_CHARACTER, WORDS_AT_MOST
from works.models.finding.entities import LABEL, NAME
from works.names import fold, slugify
from works.search import COMPLETED_UP_TO, words_of

PEOPLE, WORKS = 6, 4
EACH = {"topic": 4, "institution": 3, "source": 2}
BEARERS = 300  # of the longest whole word that was typed, the best known
TITLES = 100  # of the newest with a finished word
BECOMES, OF_EACH = 6, 20  # words that an unfinished one may become, and the newest titles of each
SHORTEST_IN_A_TITLE = 4  # letters; fewer are the beginning of half of all titles
NAMES = 100  # of topics, of institutions by each kind of name, of sources
SHORTEST_BEGINNING = 3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line below the search box. `kind` is "person", "work", "topic", "institution" or "source"; `detail` tells namesakes apart."""

    kind: str
    label: str
    detail: str
    href: str


# Of one word, the stored completions; of several, the bearers of the longest of those before the last.
OF_ONE = """
    SELECT author_id, place FROM works_namecompletion, unnest(author_ids) WITH ORDINALITY AS listed (author_id, place)
    WHERE beginning = %(beginning)s
"""
OF_A_LONG_ONE = f"""
    SELECT author_id, row_number() OVER (ORDER BY weight DESC, author_id) AS place FROM (
        SELECT author_id, weight FROM works_authorword WHERE word >= %(last)s AND word < %(after)s LIMIT {BEARERS}
    ) AS begun
"""
OF_SEVERAL = f"""
    SELECT author_id, row_number() OVER (ORDER BY weight DESC, author_id) AS place FROM (
        SELECT author_id, weight FROM works_authorword WHERE word = %(longest)s ORDER BY weight DESC, author_id LIMIT {BEARERS}
    ) AS c
    WHERE EXISTS (SELECT FROM works_authorword o WHERE o.author_id = c.author_id AND o.word >= %(last)s AND o.word < %(after)s)
        AND NOT EXISTS (
            SELECT FROM unnest(%(others)s::text[]) AS other
            WHERE NOT EXISTS (
                SELECT FROM works_authorword o
                WHERE o.author_id = c.author_id AND o.word >= other COLLATE "C" AND o.word < (other || %(end)s) COLLATE "C"
            )
        )
"""
PERSON = f"""
    (SELECT 'person' AS kind, a.name AS label, a.public_id,
        concat_ws(' · ', a.summary -> 'affiliations' -> 0 ->> 'name', a.summary -> 'topics' -> 0 ->> 'label',
            a.works_count || CASE WHEN a.works_count = 1 THEN ' work' ELSE ' works' END) AS detail, place
    FROM ({{people}}) AS p JOIN works_author a ON a.id = p.author_id WHERE a.works_count > 0 ORDER BY place LIMIT {PEOPLE})
"""
# Titles with the rarest of the words that are finished, the newest: those that have the others too, the last as a beginning.
RAREST = f"""
    SELECT lexeme FROM unnest(tsvector_to_array(to_tsvector('english', %(finished)s))) AS lexeme
    ORDER BY (SELECT count(*) FROM (SELECT FROM works_titleword WHERE word = lexeme COLLATE "C" LIMIT {TITLES + 1}) AS t), lexeme LIMIT 1
"""
OF_FINISHED_WORDS = f"""
    SELECT work_id FROM works_titleword WHERE word = ({RAREST}) COLLATE "C" ORDER BY year DESC, work_id DESC LIMIT {TITLES}
"""
# Of one unfinished word: the newest titles with what it may become, word by word, or with its own stem.
OF_A_BEGINNING = f"""
    WITH RECURSIVE begun (word, place) AS (
        (SELECT word, 1 FROM works_titleword WHERE word >= %(last)s AND word < %(after)s ORDER BY word LIMIT 1)
        UNION ALL
        SELECT (SELECT t.word FROM works_titleword t WHERE t.word > begun.word AND t.word < %(after)s ORDER BY t.word LIMIT 1), place + 1
        FROM begun WHERE begun.word IS NOT NULL AND place < {BECOMES}
    )
    SELECT DISTINCT t.work_id FROM (SELECT word FROM begun UNION SELECT unnest(%(stems)s::text[]) COLLATE "C") AS words
    CROSS JOIN LATERAL (
        SELECT work_id FROM works_titleword WHERE word = words.word ORDER BY year DESC, work_id DESC LIMIT {OF_EACH}
    ) AS t
"""
WORK = f"""
    (SELECT 'work', w.title, w.public_id, concat_ws(' · ', w.card -> 'authors' -> 0 ->> 'name', w.year::text),
        row_number() OVER (ORDER BY w.year DESC NULLS LAST, w.id DESC) AS place
    FROM ({{works}}) AS titled
    CROSS JOIN LATERAL (SELECT * FROM works_work w WHERE w.id = titled.work_id OFFSET 0) AS w
    WHERE w.merged_into_id IS NULL AND ' ' || w.title_key LIKE ALL (%(patterns)s::text[]) ORDER BY place LIMIT {WORKS})
"""
# Topics, institutions and sources under which most works stand, among those that Postgres meets first.
SUBJECT = """
    (SELECT '{kind}', named.label, named.public_id, named.detail,
        row_number() OVER (ORDER BY coalesce(s.works_count, 0) DESC, length(named.label), named.label) AS place
    FROM ({named}) AS named LEFT JOIN works_shelf s ON s.kind = '{kind}' AND s.subject = named.id ORDER BY place LIMIT {limit})
"""
NAMED = {
    "topic": f"SELECT id, public_id, label, '' AS detail FROM works_topic WHERE {LABEL} @@ to_tsquery('simple', %(all)s) LIMIT {NAMES}",
    "institution": f"""
        SELECT i.id, i.public_id, i.name AS label, concat_ws(', ', nullif(i.city, ''), nullif(i.country_code, '')) AS detail FROM (
            (SELECT id FROM works_institution WHERE {NAME} @@ to_tsquery('simple', %(all)s) LIMIT {NAMES})
            UNION
            (SELECT institution_id FROM works_institutionname WHERE {NAME} @@ to_tsquery('simple', %(all)s) LIMIT {NAMES})
        ) AS found CROSS JOIN LATERAL (SELECT * FROM works_institution i WHERE i.id = found.id OFFSET 0) AS i
        WHERE i.status <> 'withdrawn'
    """,
    "source": f"""
        SELECT id, public_id, name AS label, kind AS detail FROM works_source WHERE {NAME} @@ to_tsquery('simple', %(all)s) LIMIT {NAMES}
    """,
}
SUBJECTS = [SUBJECT.format(kind=kind, named=named, limit=EACH[kind]) for kind, named in NAMED.items()]


def complete(text: str) -> list[Suggestion]:
    """Up to six people, four works, four topics, three institutions and two sources for a text whose last word may be unfinished.

    One statement. Of people and titles it reads some hundred index entries; of the other names, at most a hundred that begin so.
    """
    words = words_of(fold(text))[:WORDS_AT_MOST]
    if not words:
        return []
    *whole, last = words
    given: dict[str, Any] = {"last": last, "after": last + LAST_CHARACTER, "all": beginnings(words)}
    if whole:
        longest = max(whole, key=len)
        people = OF_SEVERAL
        given |= {"longest": longest, "others": [word for word in whole if word != longest], "end": LAST_CHARACTER}
    elif len(last) <= COMPLETED_UP_TO:
        people = OF_ONE
        given["beginning"] = last
    else:
        people = OF_A_LONG_ONE
    parts = [PERSON.format(people=people)]
    if whole or len(last) >= SHORTEST_IN_A_TITLE:
        # fold() leaves letters and digits only, so that nothing in a pattern means anything but itself.
        given |= {"finished": " ".join(whole), "patterns": [*(f"% {word}%" for word in words)], "stems": stems(last)}
        parts.append(WORK.format(works=OF_FINISHED_WORDS if whole else OF_A_BEGINNING))
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([*parts, *SUBJECTS]), given)
        return [suggestion(*row) for row in cursor.fetchall()]


def beginnings(words: Sequence[str]) -> str:
    """The words of a name as Postgres looks for them: each as a beginning; one alone that half of all names begin with as it stands."""
    if len(words) == 1 and len(words[0]) < SHORTEST_BEGINNING and words[0].isascii():
        return f"'{words[0]}'"
    return " & ".join(f"'{word}':*" for word in words)


def stems(word: str) -> list[str]:
    """What the dictionary may have made of the word that somebody is typing: the beginnings of what is typed."""
    return [word[:length] for length in range(SHORTEST_IN_A_TITLE, len(word) + 1)]


def suggestion(kind: str, label: str, public_id: str, detail: str, _place: int) -> Suggestion:
    address = {
        "person": f"/researchers/{slugify(label)}-{public_id}/",
        "work": f"/works/{public_id}/",
    }
    return Suggestion(kind, label, detail or "", address.get(kind) or f"/{kind}s/{slugify(label)}-{public_id}/")
