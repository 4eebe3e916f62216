"""How large the record is."""

from django.db import connection

from works.models.author import Author
from works.models.institution import Institution
from works.models.topic import Topic
from works.models.work import Work

EXACT_UP_TO = 20_000


def corpus_size() -> dict[str, tuple[int, bool]]:
    """Rows of each kind and whether the figure is exact: small tables are counted, large ones estimated from Postgres' statistics.

    One query; it reads at most EXACT_UP_TO rows of a table, however large the table is.
    """
    tables = {"works": Work, "authors": Author, "topics": Topic, "institutions": Institution}
    parts = []
    for name, model in tables.items():
        table = model._meta.db_table
        parts.append(
            f"SELECT '{name}', CASE WHEN reltuples > {EXACT_UP_TO} THEN reltuples::bigint "
            f"ELSE (SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT {EXACT_UP_TO + 1}) AS first_rows) END, reltuples <= {EXACT_UP_TO} "
            f"FROM pg_class WHERE oid = '{table}'::regclass"
        )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return {name: (count, is_exact and count <= EXACT_UP_TO) for name, count, is_exact in cursor.fetchall()}
