"""What the record says of an author at a glance, counted from the authorships: works, topics, years, `Author.summary`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from works.actions.imports.staging import as_jsonb, select, update_rows
from works.names import slugify

SHOWN_TOPICS = 10
SHOWN_AFFILIATIONS = 3
SUMMARY_COLUMNS = {
    "id": "int8",
    "works_count": "int4",
    "topics_count": "int4",
    "first_year": "int2",
    "last_year": "int2",
    "summary": "jsonb",
}


def refresh_summaries(*, author_ids: Collection[int]) -> None:
    """Count the works, topics, affiliations and years of these authors again; only rows that differ are written.

    Six statements. They read every authorship of these authors, and nothing of anybody else.
    """
    if not author_ids:
        return
    ids = sorted(author_ids)
    years: dict[int, list[tuple[int | None, int]]] = defaultdict(list)
    for author, year, works in select(
        "SELECT author_id, year, count(*) FROM works_authorship WHERE author_id = ANY(%s) GROUP BY 1, 2 ORDER BY 1, 2", [ids]
    ):
        years[author].append((year, works))
    types: dict[int, list[list[Any]]] = defaultdict(list)
    for author, kind, works in select(
        """
        SELECT authorship.author_id, work.type, count(*)
        FROM works_authorship authorship JOIN works_work work ON work.id = authorship.work_id
        WHERE authorship.author_id = ANY(%s) GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2
        """,
        [ids],
    ):
        types[author].append([kind, works])
    topics: dict[int, list[dict[str, Any]]] = defaultdict(list)
    topics_count: dict[int, int] = defaultdict(int)
    for author, label, opaque, works, of in select(
        """
        SELECT author_id, label, public_id, works, of FROM (
            SELECT authorship.author_id, topic.label, topic.public_id, count(*) AS works,
                row_number() OVER (
                    PARTITION BY authorship.author_id ORDER BY count(*) DESC, min(work_topic.place), topic.label, topic.id
                ) AS place,
                count(*) OVER (PARTITION BY authorship.author_id) AS of
            FROM works_authorship authorship
            JOIN works_worktopic work_topic ON work_topic.work_id = authorship.work_id
            JOIN works_topic topic ON topic.id = work_topic.topic_id
            WHERE authorship.author_id = ANY(%s)
            GROUP BY authorship.author_id, topic.id
        ) AS ranked
        WHERE place <= %s ORDER BY author_id, place
        """,
        [ids, SHOWN_TOPICS],
    ):
        topics[author].append({"label": label, "slug": f"{slugify(label)}-{opaque}", "works": works})
        topics_count[author] = of
    affiliations: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for author, name, opaque, year in select(
        """
        SELECT author_id, name, public_id, year FROM (
            SELECT *, row_number() OVER (PARTITION BY author_id ORDER BY year DESC NULLS LAST, works DESC, name, public_id) AS place FROM (
                SELECT authorship.author_id, coalesce(institution.name, affiliation.raw) AS name, institution.public_id,
                    max(authorship.year) AS year, count(*) AS works
                FROM works_authorship authorship
                JOIN works_affiliation affiliation ON affiliation.authorship_id = authorship.id
                LEFT JOIN works_institution institution ON institution.id = affiliation.institution_id
                WHERE authorship.author_id = ANY(%s)
                GROUP BY 1, 2, 3
            ) AS counted
        ) AS ranked
        WHERE place <= %s ORDER BY author_id, place
        """,
        [ids, SHOWN_AFFILIATIONS],
    ):
        affiliations[author].append({"name": name, "slug": f"{slugify(name)}-{opaque}" if opaque else None, "year": year})
    update_rows(
        "works_author",
        SUMMARY_COLUMNS,
        (
            (
                author,
                sum(works for _, works in years[author]),
                topics_count[author],
                min((year for year, _ in years[author] if year), default=None),
                max((year for year, _ in years[author] if year), default=None),
                as_jsonb(
                    {
                        "topics": topics[author],
                        "affiliations": affiliations[author],
                        "years": [[year, works] for year, works in years[author] if year],
                        "types": types[author],
                    }
                ),
            )
            for author in ids
        ),
    )
