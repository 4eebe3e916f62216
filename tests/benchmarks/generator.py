"""A corpus of any size for the benchmarks, the same for the same seed, with the unevenness that makes real corpora slow.

A million works have 700,000 authors with some 3.7 authorships a work; the number of works an author has falls off as a power law; one
person has 5,000 works, a two-hundredth of them all; a few works have hundreds of authors, one has 3,000. Co-authors mostly share a
circle of 64 people and its field. Smaller corpora keep the proportions.

Rows for COPY (`load`) or the same works as records for the importer (`records`). All names, titles and abstracts are invented.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from random import Random
from typing import Any

import orjson
from django.db import connection, transaction
from psycopg.types.json import Jsonb

from tests.benchmarks.names import invent, words
from works.actions.imports.rows import AUTHORSHIP_COLUMNS, CARD_AUTHORS, WORK_COLUMNS
from works.actions.imports.staging import as_jsonb, copy_rows
from works.actions.summaries import refresh_summaries
from works.importers.record import ImportedAuthor, ImportedSource, ImportedTopic, ImportedWork
from works.matching import byline_hash
from works.models import Author
from works.names import PUBLIC_ID_ALPHABET, fold, parse_name, slugify, title_hash

AUTHORS_PER_WORK = 0.7
HUB = 1  # the author with a two-hundredth of all works
HUB_EVERY = 200
CIRCLE = 64
# A place u of 1 taken as u^e favours the first: the share of place x falls as x^(1/e - 1), among circles and in them. Together they give
# a few authors a thousand works and most authors a handful.
BUSY_CIRCLES, BUSY_MEMBERS = 1.4, 3
STRANGERS = 0.08
MOST_AUTHORS = 3_000
CROWD = 20  # from here on the byline is a stretch of neighbours: the same large team again and again
TOPICS = 400
SOURCES = 300
FIRST_YEAR, LAST_YEAR = 1975, 2025
CHUNK = 5_000
AUTHORSHIP_IDS = 60_000  # for a stretch of CHUNK works, which have some 18,500 authorships
SUMMARIES_AT_ONCE = 20_000
NO_EVIDENCE = Jsonb({})
CREATED = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
# Bylines of 1, 2, 3, … authors, in thousandths; the rest are longer, as a power law.
BYLINES = (160, 225, 215, 155, 95, 58, 34, 21, 14, 8, 5, 4)
BYLINE_SIZES = [size for size, share in enumerate(BYLINES, start=1) for _ in range(share)] + [0] * (1_000 - sum(BYLINES))

AUTHOR_COLUMNS = {
    "id": "int8", "public_id": "text", "name": "text", "name_key": "text", "works_count": "int4", "topics_count": "int4",
    "summary": "jsonb", "created_at": "timestamptz",
}  # fmt: skip
SOURCE_COLUMNS = {"id": "int8", "public_id": "text", "name": "text", "name_key": "text", "kind": "text"}
TOPIC_COLUMNS = {"id": "int8", "public_id": "text", "scheme": "text", "code": "text", "label": "text"}
WORK_ROW_COLUMNS = WORK_COLUMNS | {"public_id": "text", "created_at": "timestamptz"}
WORK_TOPIC_COLUMNS = {"work_id": "int8", "topic_id": "int8", "place": "int2"}
IDENTIFIER_COLUMNS = {"scheme": "text", "value": "text", "work_id": "int8"}
TABLES_OF_WORKS = ("works_work", "works_authorship", "works_worktopic", "works_workidentifier")
NUMBERED = ("works_author", "works_source", "works_topic", "works_work", "works_authorship")

QUALITIES = words(
    "robust efficient scalable adaptive sparse hierarchical probabilistic distributed causal neural quantum thermal optical"
    " nonlinear stochastic interpretable federated multimodal geometric spectral"
)
SUBJECTS = words(
    "representation inference transport diffusion segmentation retrieval control sampling estimation optimisation learning"
    " alignment detection reconstruction prediction coupling scattering compression clustering matching"
)
OBJECTS = words(
    "graphs images proteins galaxies markets languages sensors materials networks populations sequences robots climates circuits"
    " membranes plasmas archives crystals soils neurons"
)
SETTINGS = (
    "under uncertainty", "with few labels", "at scale", "in the wild", "from noisy observations", "across domains", "over long horizons",
    "with guarantees", "in low dimensions", "beyond equilibrium", "for small devices", "without supervision",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """One work before it becomes rows or a record. `authors`, `topics` and `source` are ids."""

    id: int
    title: str
    year: int
    authors: list[int]
    topics: list[int]
    source: int
    abstract: str
    identifiers: list[tuple[str, str]]


@dataclass(slots=True)
class Rows:
    """The rows of some works, in the order of the columns of their tables."""

    works: list[tuple[Any, ...]] = field(default_factory=list)
    authorships: list[tuple[Any, ...]] = field(default_factory=list)
    topics: list[tuple[int, int, int]] = field(default_factory=list)
    identifiers: list[tuple[str, str, int]] = field(default_factory=list)


def opaque(number: int) -> str:
    """A public id: `number` scattered over the 40 bits by an odd factor, so that no two are alike."""
    scattered = number * 0x9E3779B97F4A7C15 % (1 << 40)
    return "".join(PUBLIC_ID_ALPHABET[scattered >> place & 31] for place in range(35, -5, -5))


class SyntheticCorpus:
    """`works` works and what belongs to them. Ids count from 1; the tables must be empty before `load`.

    The names of all authors are held in memory, some 250 bytes for each; works are made as they are asked for.
    """

    def __init__(self, works: int, *, seed: int = 2022) -> None:
        if works < HUB_EVERY:
            raise ValueError(f"a corpus has at least {HUB_EVERY} works, so that one of them is the busiest author's")
        self.works = works
        self.seed = seed
        self.authors = max(int(works * AUTHORS_PER_WORK), 2 * CIRCLE)
        self.longest_byline = min(MOST_AUTHORS, self.authors // 4)
        self.circles = (self.authors - HUB) // CIRCLE
        rng = Random(seed)
        self.names = [""] + [invent(rng) for _ in range(self.authors)]
        self.topic_labels = [""] + [f"{QUALITIES[n % 20].capitalize()} {SUBJECTS[n // 20 % 20]}" for n in range(TOPICS)]
        self.source_names = [""] + [
            f"Journal of {OBJECTS[n % 20].capitalize()} and {SUBJECTS[n // 20].capitalize()}" for n in range(SOURCES)
        ]
        self.sentences = [
            f"We study {rng.choice(QUALITIES)} {rng.choice(SUBJECTS)} of {rng.choice(OBJECTS)} {rng.choice(SETTINGS)} and find that"
            f" {rng.choice(QUALITIES)} {rng.choice(SUBJECTS)} explains {rng.randint(20, 95)} % of what was seen."
            for _ in range(2_000)
        ]

    @cached_property
    def author_cards(self) -> list[bytes]:
        """What a work's card says of each author, as JSON."""
        keys = self.name_keys
        return [b"null", *(orjson.dumps({"name": self.names[n], "slug": f"{slugify(keys[n])}-{opaque(n)}"}) for n in self.author_ids)]

    @cached_property
    def name_keys(self) -> list[str]:
        return [fold(name) for name in self.names]

    @cached_property
    def topic_cards(self) -> list[bytes]:
        return [
            b"null",
            *(orjson.dumps({"label": one, "slug": f"{slugify(one)}-{opaque(n)}"}) for n, one in enumerate(self.topic_labels[1:], 1)),
        ]

    @property
    def author_ids(self) -> range:
        return range(1, self.authors + 1)

    @property
    def starts(self) -> range:
        """The first works of the stretches of `CHUNK` works, each of which can be made without the others."""
        return range(1, self.works + 1, CHUNK)

    def plans(self) -> Iterator[Plan]:
        """Every work, in the order of ids."""
        return chain.from_iterable(map(self.stretch, self.starts))

    def stretch(self, start: int) -> Iterator[Plan]:
        rng = Random(self.seed * 1_000_003 + start)
        for work in range(start, min(start + CHUNK, self.works + 1)):
            yield self.plan(work, rng)

    def plan(self, work: int, rng: Random) -> Plan:
        random = rng.random
        circle = int(random() ** BUSY_CIRCLES * self.circles)
        authors = self.byline(work, circle, rng)
        # A circle has a field of its own; every third work touches one or two others, popular ones more often.
        topics = {circle * 7 % TOPICS + 1: None}
        while random() < 0.4 and len(topics) < 4:
            topics[int(random() ** 3 * TOPICS) + 1] = None
        title = (
            f"{QUALITIES[int(random() * 20)].capitalize()} {SUBJECTS[int(random() * 20)]} of {QUALITIES[int(random() * 20)]}"
            f" {OBJECTS[int(random() * 20)]} {SETTINGS[int(random() * 12)]}: case {work}"
        )
        first = int(random() * 1_990)
        identifiers = [("doi", f"10.5555/bench.{work}")] if random() < 0.8 else []
        if not identifiers or random() < 0.5:
            identifiers.append(("openalex", f"W{9_000_000_000 + work}"))
        return Plan(
            id=work,
            title=title,
            year=LAST_YEAR - int(random() ** 2 * (LAST_YEAR - FIRST_YEAR)),
            authors=authors,
            topics=list(topics),
            source=int(random() ** 2 * SOURCES) + 1,
            abstract=" ".join(self.sentences[first : first + 7]) if random() < 0.9 else "",
            identifiers=identifiers,
        )

    def byline(self, work: int, circle: int, rng: Random) -> list[int]:
        """The authors' ids, each once, in byline order."""
        random = rng.random
        size = BYLINE_SIZES[int(random() * 1_000)] or min(int((len(BYLINES) + 1) * (1 - random()) ** -0.6), self.longest_byline)
        if work == self.works // 2:
            size = self.longest_byline
        others = self.authors - HUB
        if size > CROWD:
            start = int(random() * others)
            found = dict.fromkeys([HUB + 1 + (start + place) % others for place in range(size)])
        else:
            first = HUB + 1 + circle * CIRCLE
            found = {}
            while len(found) < size:
                found[HUB + 1 + int(random() * others) if random() < STRANGERS else first + int(random() ** BUSY_MEMBERS * CIRCLE)] = None
        byline = list(found)
        if work % HUB_EVERY == 0:
            byline[int(random() * len(byline))] = HUB
        return byline

    def author_rows(self) -> Iterator[tuple[Any, ...]]:
        empty = as_jsonb({})
        for author in self.author_ids:
            yield author, opaque(author), self.names[author], self.name_keys[author], 0, 0, empty, CREATED

    def source_rows(self) -> Iterator[tuple[Any, ...]]:
        return ((n, opaque(n), name, fold(name), "journal") for n, name in enumerate(self.source_names) if n)

    def topic_rows(self) -> Iterator[tuple[Any, ...]]:
        return ((n, opaque(n), "bench", str(n), label) for n, label in enumerate(self.topic_labels) if n)

    def rows(self) -> Iterator[Rows]:
        """The rows of works, authorships, topics and identifiers, a stretch of works at a time."""
        return map(self.rows_of, self.starts)

    def rows_of(self, start: int) -> Rows:
        """The rows of the stretch of works from `start`. Ids of authorships have gaps, so that they depend on no other stretch."""
        rows = Rows()
        first = authorship = start // CHUNK * AUTHORSHIP_IDS
        for plan in self.stretch(start):
            authorship = self.add(rows, plan, authorship)
        if authorship - first > AUTHORSHIP_IDS:
            raise ValueError(f"the works from {start} on have {authorship - first} authorships, and {AUTHORSHIP_IDS} ids are theirs")
        return rows

    def add(self, rows: Rows, plan: Plan, authorship: int) -> int:
        """Add the rows of one work; `authorship` is the last id given to an authorship, and the new last one is returned."""
        names, keys, blocks, work, year = self.names, self.name_keys, self.blocks, plan.id, plan.year
        title_key = fold(plan.title)
        rows.works.append(
            (
                work, "article", plan.title, title_key, title_hash(title_key),
                byline_hash([keys[author] for author in plan.authors]),
                plan.abstract, "bench" if plan.abstract else "", year, None,
                "en", "", plan.source, len(plan.authors), False, Jsonb(self.card(plan), dumps=bytes), "", "", "", "", opaque(work), CREATED,
            )
        )  # fmt: skip
        rows.authorships.extend(
            [
                (
                    authorship + position, work, position, author, names[author], names[author], "", "", "identifier", 1.0, NO_EVIDENCE,
                    blocks[author], [], year,
                )
                for position, author in enumerate(plan.authors, start=1)
            ]
        )  # fmt: skip
        rows.topics.extend([(work, topic, place) for place, topic in enumerate(plan.topics, start=1)])
        rows.identifiers.extend([(scheme, value, work) for scheme, value in plan.identifiers])
        return authorship + len(plan.authors)

    @cached_property
    def blocks(self) -> list[str]:
        """Each author's block of names that matching compares."""
        return [parse_name(name).block for name in self.names]

    def card(self, plan: Plan) -> bytes:
        """The work's card as JSON, put together from what is JSON already."""
        authors, topics = self.author_cards, self.topic_cards
        return b'{"authors":[%b],"topics":[%b],"identifiers":%b,"source":%b}' % (
            b",".join([authors[author] for author in plan.authors[:CARD_AUTHORS]]),
            b",".join([topics[topic] for topic in plan.topics]),
            orjson.dumps(plan.identifiers),
            orjson.dumps(self.source_names[plan.source]),
        )

    def records(self) -> Iterator[ImportedWork]:
        """The same works as an importer would yield them; each author with an identifier, as OpenAlex gives one."""
        for plan in self.plans():
            yield ImportedWork(
                registry="bench",
                key=str(plan.id),
                title=plan.title,
                type="article",
                asserted_by="aggregator",
                year=plan.year,
                abstract=plan.abstract,
                language="en",
                identifiers=tuple(plan.identifiers),
                authors=tuple(
                    ImportedAuthor(
                        raw_name=self.names[author], name=self.names[author], identifiers=(("openalex", f"A{5_000_000_000 + author}"),)
                    )
                    for author in plan.authors
                ),
                source=ImportedSource(name=self.source_names[plan.source], kind="journal"),
                topics=tuple(ImportedTopic(scheme="bench", code=str(topic), label=self.topic_labels[topic]) for topic in plan.topics),
            )


def load(corpus: SyntheticCorpus) -> None:
    """Write the corpus into the works tables, which must be empty, in one transaction: rows by COPY, then the authors' summaries as the
    importer writes them. Foreign keys are checked at the end; statistics are brought up to date."""
    with transaction.atomic():
        load_what_works_have(corpus)
        for start in corpus.starts:
            load_stretch(corpus, start)
        count_on()
        for some in stretches(corpus):
            refresh_summaries(author_ids=some)


def load_what_works_have(corpus: SyntheticCorpus) -> None:
    if Author.objects.exists():
        raise ValueError("the works tables are not empty, and a synthetic corpus brings its own ids")
    copy_rows("works_author", AUTHOR_COLUMNS, corpus.author_rows())
    copy_rows("works_source", SOURCE_COLUMNS, corpus.source_rows())
    copy_rows("works_topic", TOPIC_COLUMNS, corpus.topic_rows())


def load_stretch(corpus: SyntheticCorpus, start: int) -> None:
    rows = corpus.rows_of(start)
    copy_rows("works_work", WORK_ROW_COLUMNS, rows.works)
    copy_rows("works_authorship", AUTHORSHIP_COLUMNS, rows.authorships)
    copy_rows("works_worktopic", WORK_TOPIC_COLUMNS, rows.topics)
    copy_rows("works_workidentifier", IDENTIFIER_COLUMNS, rows.identifiers)


def count_on() -> None:
    """Let ids go on where the corpus ends, and tell Postgres how large the tables are."""
    with connection.cursor() as cursor:
        for table in NUMBERED:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        cursor.execute(f"ANALYZE works_author, works_topic, {', '.join(TABLES_OF_WORKS)}")


def stretches(corpus: SyntheticCorpus) -> list[range]:
    """The ids of all authors, so many at a time as their summaries are made at once."""
    ends = corpus.authors + 1
    return [range(start, min(start + SUMMARIES_AT_ONCE, ends)) for start in range(1, ends, SUMMARIES_AT_ONCE)]
