"""How large the record is."""

from django.db import connection

TABLES = {"works": "works_work", "authors": "works_author", "topics": "works_topic", "institutions": "works_institution"}
EXACT_UP_TO = 20_000


def corpus_size() -> dict[str, tuple[int, bool]]:
    """Rows of each kind and whether the figure is exact: small tables are counted, large ones estimated from Postgres' statistics.

    One query; it reads at most EXACT_UP_TO rows of a table, however large the table is.
    """
    parts = []
    for name, table in TABLES.items():
        parts.append(
            f"SELECT '{name}', CASE WHEN reltuples > {EXACT_UP_TO} THEN reltuples::bigint "
            f"ELSE (SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT {EXACT_UP_TO + 1}) AS first_rows) END, reltuples <= {EXACT_UP_TO} "
            f"FROM pg_class WHERE oid = '{table}'::regclass"
        )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return {name: (count, is_exact and count <= EXACT_UP_TO) for name, count, is_exact in cursor.fetchall()}
