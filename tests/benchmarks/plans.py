"""What queries read, as Postgres itself counts it: the measure that other load on the machine does not move."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from psycopg import ClientCursor

PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?s|%%")
# Django's third execution prepares a statement; from the sixth execution of a prepared one, Postgres may settle on a plan for any values.
EXECUTIONS = 6

Statement = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """One statement as it ran: shared buffers (pages of 8 KB) touched, rows returned, rows of tables looked at on the way, and the tables
    that were read from end to end."""

    sql: str
    buffers: int
    rows: int
    read: int
    scanned: frozenset[str]


def statements_of(call: Callable[[], Any]) -> list[Statement]:
    """The statements that `call` sends through Django's connection, with their parameters."""
    seen: list[Statement] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        call()
    return seen


def explain(statement: Statement) -> Plan:
    """Run a SELECT as often as settles its prepared statement, as in a server that answers all day; then once more with EXPLAIN."""
    sql, parameters = statement
    text, values = numbered(sql, parameters)
    marks = f"({', '.join(['%s'] * len(values))})" if values else ""
    with ClientCursor(connection.connection) as cursor:
        cursor.execute(f"PREPARE benchmark AS {text}")
        try:
            for _ in range(EXECUTIONS):
                cursor.execute(f"EXECUTE benchmark{marks}", values)
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE benchmark{marks}", values)
            found = cursor.fetchone()
        finally:
            cursor.execute("DEALLOCATE benchmark")
    assert found is not None
    plan = found[0][0]["Plan"]
    nodes = list(nodes_of(plan))
    return Plan(
        sql=sql,
        buffers=plan["Shared Hit Blocks"] + plan["Shared Read Blocks"],
        rows=plan["Actual Rows"],
        read=sum(looked_at(node) for node in nodes if "Relation Name" in node),
        scanned=frozenset(node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"),
    )


def looked_at(node: dict[str, Any]) -> int:
    """Newer Postgres gives means of rows with fractions."""
    rows: float = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return round(rows * int(node["Actual Loops"]))


def numbered(sql: str, parameters: Any) -> tuple[str, Sequence[Any]]:
    """The statement with $1, $2, … as Postgres wants it prepared, and the values in that order; a name that comes twice is one value."""
    values: list[Any] = []
    places: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        name = found[1]
        if name in places:
            return f"${places[name]}"
        values.append(parameters[name] if name else parameters[len(values)])
        if name:
            places[name] = len(values)
        return f"${len(values)}"

    return PLACEHOLDER.sub(number, sql), values


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes_of(part)
