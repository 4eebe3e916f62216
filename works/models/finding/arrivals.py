"""Searches that somebody keeps: what they ask, and the works that an import brought for them last."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from works.models.finding.found import select
from works.models.finding.titles import WORDS_AT_MOST
from works.models.work import Work
from works.names import PUBLIC_ID_LENGTH, fold
from works.search import words_of

LONGEST_QUERY = 300
LONGEST = 500  # characters of a search as it is written
# Of a word that fewer titles have, all are looked at; of others, those imported last of each of the latest years that have it. Of all these
# so many are candidates.
COUNTED_UP_TO, YEARS, OF_A_YEAR, CANDIDATES = 1_000, 15, 60, 300


@dataclass(frozen=True, slots=True)
class WorkSearch:
    """A search of /search/ for works, as far as it says which works: words of the title; a topic, a source, an institution (slugs, of which
    the part after the last hyphen counts); a year, a type, a registry that tells of it. "" where it says nothing.

    >>> WorkSearch.read("q=Deep++Learning&page=3&year=2024").write()
    'q=Deep+Learning&year=2024'
    >>> WorkSearch.read("topic=computer-vision-0123abcd&q=x").label
    'works on computer vision'
    """

    q: str = ""
    topic: str = ""
    source: str = ""
    institution: str = ""
    year: str = ""
    type: str = ""
    registry: str = ""

    @classmethod
    def read(cls, query: str) -> WorkSearch:
        """The search that the query of an address asks. What cannot be is left out."""
        given = {name: values[-1] for name, values in parse_qs(query.replace("\0", ""), max_num_fields=50).items()}
        words = " ".join(given.get("q", "").split())[:LONGEST_QUERY]
        folded = fold(words)
        return cls(
            q="" if not folded or (len(folded) == 1 and folded.isascii()) else words,
            **{name: value for name in FORMS if FORMS[name].fullmatch(value := given.get(name, ""))},
        )

    @property
    def asks_something(self) -> bool:
        """Whether it says enough to be kept: words or what works stand under, and no more than is kept of one."""
        return bool(self.q or self.topic or self.source or self.institution) and len(self.write()) <= LONGEST

    def write(self) -> str:
        """As the query of an address, always in one order."""
        return urlencode({name: value for name in self.__dataclass_fields__ if (value := getattr(self, name))})

    @property
    def label(self) -> str:
        """What it asks, in words."""
        parts = [f"“{self.q}”" if self.q else "works"]
        stands = (("on", self.topic), ("in", self.source), ("of", self.institution))
        parts += [f"{word} {slug.rpartition('-')[0].replace('-', ' ')}" for word, slug in stands if slug]
        return ", ".join(filter(None, (" ".join(parts), self.type.replace("-", " "), self.year, self.registry)))


SLUG = re.compile(rf"[\w-]{{1,91}}-[0-9a-z]{{{PUBLIC_ID_LENGTH}}}")
FORMS = {
    "topic": SLUG,
    "source": SLUG,
    "institution": SLUG,
    "year": re.compile(r"[12][0-9]{3}"),
    "type": re.compile("|".join(Work.Type.values)),
    "registry": re.compile(r"[a-z-]{1,16}"),
}
# The shelf of what a slug names, by its present id or a former one.
SHELF = """
    (SELECT shelf.id FROM works_shelf shelf WHERE shelf.kind = '{0}' AND shelf.subject = coalesce(
        (SELECT id FROM works_{0} WHERE public_id = asked.{0}),
        (SELECT subject FROM works_formerid WHERE public_id = asked.{0} AND kind = '{0}')
    ))
"""
STANDS_UNDER = """(given.{0} = '' OR EXISTS (
    SELECT FROM works_shelvedwork s WHERE s.work_id = candidates.work_id AND s.shelf_id = given.{0}_shelf OFFSET 0
))"""
SHELVES = ("source", "institution", "topic")
# The rarest word of each search leads: its titles are read year by year, in the order in which they were imported. OFFSET 0 keeps the works
# from being joined in any other way than one by one, the last first, until there are enough.
LAST_IMPORTED = f"""
    WITH RECURSIVE given AS MATERIALIZED (
        SELECT asked.*, to_tsquery('english', asked.query) AS words, {", ".join(f"{SHELF.format(one)} AS {one}_shelf" for one in SHELVES)}
        FROM unnest(
            %(folded)s::text[], %(queries)s::text[], %(years)s::smallint[], %(types)s::text[], %(registries)s::text[],
            %(topics)s::text[], %(sources)s::text[], %(institutions)s::text[]
        ) WITH ORDINALITY AS asked (folded, query, year, type, registry, topic, source, institution, place)
    ),
    rarest AS MATERIALIZED (
        SELECT DISTINCT ON (place) place, lexeme, year, number FROM (
            SELECT place, given.year, lexeme, (
                SELECT count(*) FROM (
                    SELECT FROM works_titleword t WHERE t.word = lexeme COLLATE "C" LIMIT {COUNTED_UP_TO}
                ) AS titles
            ) AS number
            FROM given, unnest(tsvector_to_array(to_tsvector('english', folded))) AS lexeme
        ) AS counted ORDER BY place, number, length(lexeme) DESC, lexeme
    ),
    years AS (
        SELECT place, lexeme, coalesce(
            year, (SELECT t.year FROM works_titleword t WHERE t.word = lexeme COLLATE "C" ORDER BY t.year DESC LIMIT 1)
        ) AS year, year IS NULL AS goes_on, 1 AS number FROM rarest WHERE number = {COUNTED_UP_TO}
        UNION ALL
        SELECT place, lexeme, (
            SELECT t.year FROM works_titleword t WHERE t.word = lexeme COLLATE "C" AND t.year < years.year ORDER BY t.year DESC LIMIT 1
        ), TRUE, number + 1 FROM years WHERE year IS NOT NULL AND goes_on AND number < {YEARS}
    )
    SELECT given.place, found.work_id FROM given CROSS JOIN LATERAL (
        SELECT candidates.work_id FROM (
            (
                SELECT titled.work_id FROM years CROSS JOIN LATERAL (
                    SELECT t.work_id FROM works_titleword t
                    WHERE t.word = years.lexeme COLLATE "C" AND t.year = years.year AND t.work_id < %(before)s
                    ORDER BY t.work_id DESC LIMIT {OF_A_YEAR}
                ) AS titled WHERE years.place = given.place ORDER BY titled.work_id DESC LIMIT {CANDIDATES}
            )
            UNION ALL
            (
                SELECT titled.work_id FROM rarest CROSS JOIN LATERAL (
                    SELECT t.work_id FROM works_titleword t WHERE t.word = rarest.lexeme COLLATE "C" AND t.work_id < %(before)s
                    LIMIT {COUNTED_UP_TO}
                ) AS titled WHERE rarest.place = given.place AND rarest.number < {COUNTED_UP_TO}
                ORDER BY titled.work_id DESC LIMIT {CANDIDATES}
            )
            UNION ALL
            (
                SELECT s.work_id FROM works_shelvedwork s WHERE given.folded = '' AND s.work_id < %(before)s AND s.shelf_id =
                    CASE WHEN given.source <> '' THEN source_shelf WHEN given.institution <> '' THEN institution_shelf ELSE topic_shelf END
                ORDER BY s.work_id DESC LIMIT {CANDIDATES}
            )
            ORDER BY work_id DESC
        ) AS candidates CROSS JOIN LATERAL (
            SELECT w.title_search, w.year, w.type FROM works_work w
            WHERE w.id = candidates.work_id AND w.merged_into_id IS NULL OFFSET 0
        ) AS work
        WHERE (given.folded = '' OR work.title_search @@ given.words)
          AND (given.year IS NULL OR work.year = given.year)
          AND (given.type = '' OR work.type = given.type)
          AND (given.registry = '' OR EXISTS (
              SELECT FROM works_registryrecord r WHERE r.work_id = candidates.work_id AND r.registry = given.registry OFFSET 0
          ))
          AND {" AND ".join(STANDS_UNDER.format(one) for one in SHELVES)}
        ORDER BY candidates.work_id DESC LIMIT %(limit)s
    ) AS found ORDER BY found.work_id DESC, given.place
"""


def last_imported(searches: Sequence[WorkSearch], *, before: int, limit: int) -> list[tuple[int, int]]:
    """For each search the works with an id below `before` that were imported last, at most `limit`: (place of the search, work id), latest
    first. One statement, of some hundred index entries and at most three hundred works for each search.

    The rarest word leads. Where a thousand titles and more have it, works of the latest fifteen years that have it are looked at.
    """
    if not searches:
        return []
    folded = [words_of(fold(search.q))[:WORDS_AT_MOST] for search in searches]
    rows = select(
        LAST_IMPORTED,
        {
            "folded": [" ".join(words) for words in folded],
            "queries": [" & ".join(f"'{word}'" for word in words) for words in folded],
            "years": [int(search.year) if search.year else None for search in searches],
            "types": [search.type for search in searches],
            "registries": [search.registry for search in searches],
            "topics": [search.topic.rpartition("-")[2] for search in searches],
            "sources": [search.source.rpartition("-")[2] for search in searches],
            "institutions": [search.institution.rpartition("-")[2] for search in searches],
            "before": before,
            "limit": limit,
        },
    )
    return [(place - 1, work) for place, work in rows]
