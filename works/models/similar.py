"""Works that resemble one: shared references, authors, topics. Read from a bounded part of the record, however large that is."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection

from works.models.work import Work

SHOWN = 5
FIND = """
    WITH seen AS (
        SELECT other.work_id, 'reference' AS why
        FROM (SELECT cited_id FROM works_reference WHERE work_id = %(work)s AND cited_id IS NOT NULL ORDER BY id LIMIT 50) AS cited
        CROSS JOIN LATERAL (SELECT work_id FROM works_reference WHERE cited_id = cited.cited_id AND work_id <> %(work)s LIMIT 20) AS other
        UNION ALL
        SELECT other.work_id, 'author'
        FROM (SELECT author_id FROM works_authorship WHERE work_id = %(work)s AND author_id IS NOT NULL ORDER BY position LIMIT 10) AS wrote
        CROSS JOIN LATERAL (
            SELECT work_id FROM works_authorship WHERE author_id = wrote.author_id AND work_id <> %(work)s
            ORDER BY year DESC NULLS LAST, work_id DESC LIMIT 30
        ) AS other
        UNION ALL
        SELECT other.work_id, 'topic'
        FROM (SELECT topic_id FROM works_worktopic WHERE work_id = %(work)s ORDER BY place LIMIT 5) AS about
        JOIN works_shelf shelf ON shelf.kind = 'topic' AND shelf.subject = about.topic_id
        CROSS JOIN LATERAL (
            SELECT work_id FROM works_shelvedwork WHERE shelf_id = shelf.id AND work_id <> %(work)s
            ORDER BY year DESC NULLS LAST, work_id DESC LIMIT 60
        ) AS other
    ),
    counted AS (
        SELECT work_id, count(*) FILTER (WHERE why = 'reference') AS shared_references, count(*) FILTER (WHERE why = 'author') AS authors,
            count(*) FILTER (WHERE why = 'topic') AS topics
        FROM seen GROUP BY work_id HAVING count(*) > 1
    )
    SELECT work.public_id, work.title, work.year, shared_references, authors, topics
    FROM counted JOIN works_work work ON work.id = counted.work_id
    ORDER BY 3 * shared_references + 2 * authors + topics DESC, work.id DESC LIMIT %(shown)s
"""


class Similar(NamedTuple):
    """A work that resembles another, and why."""

    public_id: str
    title: str
    year: int | None
    shared_references: int
    authors: int
    topics: int

    @property
    def reason(self) -> str:
        """What the two share, in words."""
        counts = ((self.shared_references, "reference"), (self.authors, "author"), (self.topics, "topic"))
        return ", ".join(f"{count} shared {word}{'' if count == 1 else 's'}" for count, word in counts if count)


def similar_to(work: Work) -> list[Similar]:
    """The works that share most with `work`, a reference counting three, an author two, a topic one. One query, which reads at most 1,600
    rows of the record: 50 references, ten authors and five topics, and the newest works of each."""
    with connection.cursor() as cursor:
        cursor.execute(FIND, {"work": work.pk, "shown": SHOWN})
        return [Similar(*row) for row in cursor.fetchall()]
