"""Databases beside the site's, on the same server."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.core.management import call_command
from django.db import connection


@contextlib.contextmanager
def own_database(name: str, *, pattern: str = "faults_empty", is_migrated: bool = True) -> Iterator[str]:
    """A database to which `connection` leads until it is dropped: a copy of `pattern`, which is made once, with all tables and no rows."""
    before, name = connection.settings_dict["NAME"], f"faults_{name}"
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [pattern])
        if is_migrated and cursor.fetchone() is None:
            cursor.execute(f'CREATE DATABASE "{pattern}"')
            connection.settings_dict["NAME"] = pattern
            call_command("migrate", interactive=False, verbosity=0)
            connection.close()
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{pattern}"')
    connection.settings_dict["NAME"] = name
    try:
        yield name
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
