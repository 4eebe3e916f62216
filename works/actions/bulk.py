"""Filling tables from the start: rows first, then their indexes and references, which costs a fraction of keeping them meanwhile."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection

# Unique constraints and references stand as constraints, all else as indexes.
CONSTRAINTS = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = %s::regclass AND contype = ANY(%s) ORDER BY contype <> 'p', conname
"""
INDEXES = """
    SELECT relname, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indrelid = %s::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
    ORDER BY 1
"""
MEMORY = "256MB"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a table has beside its columns: names and definitions."""

    keys: list[tuple[str, str]]
    references: list[tuple[str, str]]
    indexes: list[tuple[str, str]]


def shape_of(table: str) -> Shape:
    with connection.cursor() as cursor:
        cursor.execute(CONSTRAINTS, [table, ["p", "u"]])
        keys = cursor.fetchall()
        cursor.execute(CONSTRAINTS, [table, ["f"]])
        references = cursor.fetchall()
        cursor.execute(INDEXES, [table])
        return Shape(keys, references, cursor.fetchall())


class Anew:
    """An empty table in the shape of another, to be filled in its place (see `made_anew`)."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.name = f"{table}_anew"
        self.shape = shape_of(table)
        self.is_indexed = False

    def index(self) -> None:
        """Make the indexes and keys: once the rows are there, and before the table is read."""
        with connection.cursor() as cursor:
            for place, (_, definition) in enumerate(self.shape.indexes):
                cursor.execute(definition_on(self.name, f"{self.name}_{place}", definition))
            for place, (_, definition) in enumerate(self.shape.keys):
                cursor.execute(f"ALTER TABLE {self.name} ADD CONSTRAINT {self.name}_key_{place} {definition}")
            cursor.execute(f"ANALYZE {self.name}")
        self.is_indexed = True

    def refer(self) -> None:
        with connection.cursor() as cursor:
            for name, definition in self.shape.references:
                cursor.execute(f"ALTER TABLE {self.name} ADD CONSTRAINT {name} {definition}")

    def take_place(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {self.table}")  # which for a moment keeps readers from what it refers to
            cursor.execute(f"ALTER TABLE {self.name} RENAME TO {self.table}")
            for place, (name, _) in enumerate(self.shape.indexes):
                cursor.execute(f"ALTER INDEX {self.name}_{place} RENAME TO {name}")
            for place, (name, _) in enumerate(self.shape.keys):
                cursor.execute(f"ALTER TABLE {self.table} RENAME CONSTRAINT {self.name}_key_{place} TO {name}")
            cursor.execute(f"ALTER SEQUENCE IF EXISTS {self.name}_id_seq RENAME TO {self.table}_id_seq")


@contextlib.contextmanager
def made_anew(*tables: str) -> Iterator[list[Anew]]:
    """Empty tables without indexes to be filled, which at the end take the place of `tables`, with the same indexes, keys and references
    under the same names.

    In one transaction, which one process at a time does. Until the end everybody reads the old rows; only while the references are
    checked does nobody write to what the tables refer to, and for a moment, which should be the transaction's last, nobody reads that.
    Nothing may refer to the tables, and they may have no triggers. Rows that break a constraint make it fail with IntegrityError.
    """
    with connection.cursor() as cursor:
        # No table is dropped while checks of its rows are put off; what comes after may put them off again.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        anew = [Anew(table) for table in tables]
        for one in anew:
            # Storage, identity, defaults and checks are taken over.
            cursor.execute(f"CREATE TABLE {one.name} (LIKE {one.table} INCLUDING ALL EXCLUDING INDEXES EXCLUDING STATISTICS)")
    yield anew
    for one in anew:
        if not one.is_indexed:
            one.index()
    for one in anew:
        one.refer()
    for one in anew:
        one.take_place()


def definition_on(table: str, name: str, definition: str) -> str:
    """The definition of an index (CREATE INDEX … USING …), for another table and by another name."""
    head, using, rest = definition.partition(" USING ")
    unique = "UNIQUE " if head.startswith("CREATE UNIQUE ") else ""
    return f"CREATE {unique}INDEX {name} ON {table}{using}{rest}"


@contextlib.contextmanager
def indexes_afterwards(tables: Sequence[str]) -> Iterator[None]:
    """Within it these tables have no indexes and references of their own but their primary keys; at the end all stand again, checked.

    For a database that is being made and that nobody else uses: a failure leaves the tables bare, and within a transaction nobody reads
    what the tables refer to.
    """
    shapes = {table: shape_of(table) for table in tables}
    with connection.cursor() as cursor:
        for table, shape in shapes.items():
            for name, definition in shape.references + shape.keys:
                if not definition.startswith("PRIMARY KEY"):
                    cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            for name, _ in shape.indexes:
                cursor.execute(f"DROP INDEX {name}")
    yield
    with connection.cursor() as cursor:
        for table, shape in shapes.items():
            for _, definition in shape.indexes:
                cursor.execute(definition)
            for name, definition in shape.keys + shape.references:
                if not definition.startswith("PRIMARY KEY"):
                    cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def use_more_memory() -> None:
    """Until the transaction ends, let sorts, hashes and new indexes take what whoever makes a table anew may ask for; never less than is
    set already."""
    with connection.cursor() as cursor:
        for setting in ("work_mem", "maintenance_work_mem"):
            cursor.execute(
                "SELECT set_config(%s, %s, TRUE) WHERE pg_size_bytes(current_setting(%s)) < pg_size_bytes(%s)",
                [setting, MEMORY, setting, MEMORY],
            )
