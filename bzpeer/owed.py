"""What the site owes: work that stands in Postgres until a worker has done it. Read for operators; who does it finds it by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Model

from graph.models import BUILT, StaleCollaboration
from profiles.models import AccountDeletion, Digest, StaleTrust, WaitingMail
from works.models import ImportRun
from works.models.search import StaleName, StaleTitle
from works.models.shelf import UnshelvedAuthor, UnshelvedWork
from works.models.unsettled import UnsettledBlock

# So many are counted and no more: an operator need not know by how much a backlog exceeds it, and the question must stay cheap.
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Queue:
    """One kind of work: its table, since when a row of it is owed (a column, if the table keeps that), and which rows are."""

    name: str
    model: type[Model]
    since: str | None = None
    where: str = "true"

    @property
    def statement(self) -> str:
        table = self.model._meta.db_table  # noqa: SLF001 — Django's documented way to a table's name
        rows = f"SELECT {self.since or 'NULL::timestamptz'} AS since FROM {table} WHERE {self.where}"
        oldest = f"(SELECT since FROM ({rows}) AS owed ORDER BY since LIMIT 1)" if self.since else "NULL::timestamptz"
        return f"SELECT '{self.name}', (SELECT count(*) FROM ({rows} LIMIT {MOST_COUNTED}) AS owed), {oldest}"


@dataclass(frozen=True, slots=True)
class Debt:
    """How much of one kind is owed (at most MOST_COUNTED are counted), and since when the oldest of it, where that is kept."""

    name: str
    count: int
    oldest: datetime | None


QUEUES = (
    Queue("collaborations", StaleCollaboration, "marked_at"),
    *(Queue(f"slices_of_{kind}", model, "requested_at", "requested_at IS NOT NULL") for kind, model in BUILT.items()),
    Queue("trust", StaleTrust, "marked_at"),
    Queue("name_index", StaleName),
    Queue("title_index", StaleTitle),
    Queue("shelves_of_works", UnshelvedWork),
    Queue("shelves_of_authors", UnshelvedAuthor),
    Queue("matching", UnsettledBlock, "since"),
    Queue("imports", ImportRun, "created_at", "status IN ('waiting', 'running')"),
    Queue("mails", WaitingMail, "due_at", "due_at <= now()"),
    Queue("digests", Digest, "next_at", "state = 'owed' AND next_at <= now()"),
    Queue("deletions", AccountDeletion, "due_at", "due_at <= now()"),
)


def debts() -> list[Debt]:
    """What is owed of each kind, in the order of QUEUES. One query; each part ends after MOST_COUNTED rows."""
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"({queue.statement})" for queue in QUEUES))
        found = {name: Debt(name, count, oldest) for name, count, oldest in cursor.fetchall()}
    return [found[queue.name] for queue in QUEUES]
