"""What a text that somebody is still typing may become: people, works, topics, institutions and sources."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from works.models.finding import LAST_CHARACTER, WORDS_AT_MOST
from works.models.finding.entities import LABEL, NAME
from works.models.finding.found import select
from works.names import fold, slugify
from works.search import COMPLETED_UP_TO, sketch, words_of

PEOPLE, WORKS = 6, 4
EACH = {"topic": 4, "institution": 3, "source": 2}
BEARERS = 600  # of the longest whole word that was typed, the best known
BEGUN = 300  # of a long unfinished word
TITLES = 600  # of the newest with the longest finished word
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


# OFFSET 0 keeps what was found from being joined in any other way than one by one, in its order.
PERSON = f"""
    SELECT 'person', a.name, a.public_id,
        concat_ws(' · ', a.summary -> 'affiliations' -> 0 ->> 'name', a.summary -> 'topics' -> 0 ->> 'label',
            a.works_count || CASE WHEN a.works_count = 1 THEN ' work' ELSE ' works' END)
    FROM ({{people}}) AS p
    CROSS JOIN LATERAL (SELECT * FROM works_author a WHERE a.id = p.author_id AND a.works_count > 0 OFFSET 0) AS a LIMIT {PEOPLE}
"""
WORK = f"""
    SELECT 'work', w.title, w.public_id, concat_ws(' · ', w.card -> 'authors' -> 0 ->> 'name', w.year::text)
    FROM ({{works}}) AS titled
    CROSS JOIN LATERAL (
        SELECT * FROM works_work w
        WHERE w.id = titled.work_id AND w.merged_into_id IS NULL AND ' ' || w.title_key LIKE ALL ({{patterns}}) OFFSET 0
    ) AS w LIMIT {WORKS}
"""
# Topics, institutions and sources under which most works stand, among those that Postgres meets first.
SUBJECT = """
    SELECT '{kind}', named.label, named.public_id, named.detail
    FROM ({named}) AS named LEFT JOIN works_shelf s ON s.kind = '{kind}' AND s.subject = named.id
    ORDER BY coalesce(s.works_count, 0) DESC, length(named.label), named.label LIMIT {limit}
"""
NAMED = {
    "topic": f"SELECT id, public_id, label, '' AS detail FROM works_topic WHERE {LABEL} @@ to_tsquery('simple', {{query}}) LIMIT {NAMES}",
    "institution": f"""
        SELECT i.id, i.public_id, i.name AS label, concat_ws(', ', nullif(i.city, ''), nullif(i.country_code, '')) AS detail FROM (
            (SELECT id FROM works_institution WHERE {NAME} @@ to_tsquery('simple', {{query}}) LIMIT {NAMES})
            UNION
            (SELECT institution_id FROM works_institutionname WHERE {NAME} @@ to_tsquery('simple', {{query}}) LIMIT {NAMES})
        ) AS found CROSS JOIN LATERAL (SELECT * FROM works_institution i WHERE i.id = found.id OFFSET 0) AS i
        WHERE i.status <> 'withdrawn'
    """,
    "source": f"""
        SELECT id, public_id, name AS label, kind AS detail FROM works_source
        WHERE {NAME} @@ to_tsquery('simple', {{query}}) LIMIT {NAMES}
    """,
}


def together(people: str, works: str, patterns: str, query: str) -> str:
    """The statement for all kinds: people and works by the ids that these give in order, names by a query of Postgres."""
    subjects = (SUBJECT.format(kind=kind, named=named.format(query=query), limit=EACH[kind]) for kind, named in NAMED.items())
    parts = (PERSON.format(people=people), WORK.format(works=works, patterns=patterns), *subjects)
    return " UNION ALL ".join(f"({part})" for part in parts)


# Of one word: the stored people; and the newest titles with what the word may become, word by word, or with its own stem.
BEGINS_SO = f"""word >= asked.word COLLATE "C" AND word < (asked.word || '{LAST_CHARACTER}') COLLATE "C\""""
OF_ONE = f"""
    SELECT author_id FROM (
        SELECT author_id, -place AS known FROM works_namecompletion, unnest(author_ids) WITH ORDINALITY AS listed (author_id, place)
        WHERE beginning = asked.word COLLATE "C"
        UNION ALL
        (
            SELECT author_id, weight FROM works_authorword
            WHERE length(asked.word) > {COMPLETED_UP_TO} AND {BEGINS_SO} LIMIT {BEGUN}
        )
    ) AS begun GROUP BY author_id ORDER BY max(known) DESC, author_id
"""
TITLES_OF_ONE = f"""
    WITH RECURSIVE begun (word, place) AS (
        (
            SELECT word, 1 FROM works_titleword
            WHERE length(asked.word) >= {SHORTEST_IN_A_TITLE} AND {BEGINS_SO} ORDER BY word LIMIT 1
        )
        UNION ALL
        SELECT (
            SELECT t.word FROM works_titleword t
            WHERE t.word > begun.word AND t.word < (asked.word || '{LAST_CHARACTER}') COLLATE "C" ORDER BY t.word LIMIT 1
        ), place + 1
        FROM begun WHERE begun.word IS NOT NULL AND place < {BECOMES}
    )
    SELECT t.work_id FROM (
        SELECT word FROM begun
        UNION
        SELECT left(asked.word, stem) COLLATE "C" FROM generate_series({SHORTEST_IN_A_TITLE}, length(asked.word)) AS stem
    ) AS words
    CROSS JOIN LATERAL (
        SELECT work_id, year FROM works_titleword WHERE word = words.word ORDER BY year DESC, work_id DESC LIMIT {OF_EACH}
    ) AS t
    GROUP BY t.work_id ORDER BY max(t.year) DESC, t.work_id DESC
"""
ANSWERS = f"""
    SELECT asked.word, (
        SELECT jsonb_agg(jsonb_build_array(kind, label, public_id, detail)) FROM (
            {together(OF_ONE, TITLES_OF_ONE, "ARRAY['%% ' || asked.word || '%%']", "asked.query")}
        ) AS line (kind, label, public_id, detail)
    ) AS answer
    FROM unnest(%(words)s::text[], %(queries)s::text[]) AS asked (word, query)
"""
# Of several, the best known bearers and the newest titles with the longest of those that are finished, which have the others too, the last
# as a beginning: people by what the index itself says of their other words, titles by the sketch that it has of theirs.
OF_SEVERAL = together(
    people=f"""
        SELECT author_id FROM (
            SELECT author_id, words FROM works_authorword WHERE word = %(longest)s ORDER BY weight DESC, author_id LIMIT {BEARERS}
        ) AS bearer WHERE words LIKE ALL (%(others)s::text[])
    """,
    works=f"""
        SELECT work_id FROM (
            SELECT work_id, sketch FROM works_titleword WHERE word = (
                SELECT lexeme FROM unnest(tsvector_to_array(to_tsvector('english', %(finished)s))) AS lexeme
                ORDER BY length(lexeme) DESC, lexeme LIMIT 1
            ) COLLATE "C" ORDER BY year DESC, work_id DESC LIMIT {TITLES}
        ) AS newest WHERE sketch & %(sketch)s::bigint = %(sketch)s::bigint
    """,
    patterns="%(patterns)s::text[]",
    query="%(query)s",
)


def complete(text: str) -> list[Suggestion]:
    """Up to six people, four works, four topics, three institutions and two sources for a text whose last word may be unfinished.

    For one word of up to eight letters, a look-up by key of what workers have made ready; where they have not, another statement. For
    others one statement, of at most some thousand index entries of people and titles, and of a hundred of each kind of other names.
    """
    words = words_of(fold(text))[:WORDS_AT_MOST]
    if not words:
        return []
    if len(words) == 1:
        rows = answers_to(words[0]) or []
    else:
        whole = words[:-1]
        longest = max(whole, key=len)
        # fold() leaves letters and digits only, so that nothing in a pattern means anything but itself.
        patterns = {word: f"% {word}%" for word in words}
        rows = select(
            OF_SEVERAL,
            {
                "longest": longest,
                "others": [pattern for word, pattern in patterns.items() if word != longest],
                "finished": " ".join(whole),
                "sketch": sketch(words),
                "patterns": list(patterns.values()),
                "query": named_so(words),
            },
        )
    return [suggestion(*row) for row in rows]


def answers_to(word: str) -> list[Any] | None:
    """The lines for one word, as they are stored; made now where they are not."""
    if is_kept(word):
        for (answer,) in select("SELECT answer FROM works_completion WHERE beginning = %s", [word]):
            return json.loads(answer)  # type: ignore[no-any-return]  # a list, as ANSWERS makes it
    [(_, answer)] = select(ANSWERS, asked_for([word]))
    return json.loads(answer) if answer else None


def is_kept(word: str) -> bool:
    """Whether what this beginning may become is stored. Numbers would be most of the beginnings of a large record, and few people look for
    one."""
    return len(word) <= COMPLETED_UP_TO and not re.search("[0-9]", word)


def asked_for(words: Sequence[str]) -> dict[str, list[str]]:
    """The parameters of ANSWERS for some words, each by itself."""
    return {"words": list(words), "queries": [named_so([word]) for word in words]}


def named_so(words: Sequence[str]) -> str:
    """The words of a name as Postgres looks for them: each as a beginning; one alone that half of all names begin with as it stands."""
    if len(words) == 1 and len(words[0]) < SHORTEST_BEGINNING and words[0].isascii():
        return f"'{words[0]}'"
    return " & ".join(f"'{word}':*" for word in words)


def suggestion(kind: str, label: str, public_id: str, detail: str) -> Suggestion:
    if kind == "work":
        return Suggestion(kind, label, detail, f"/works/{public_id}/")
    kinds = "researchers" if kind == "person" else f"{kind}s"
    return Suggestion(kind, label, detail, f"/{kinds}/{slugify(label)}-{public_id}/")
