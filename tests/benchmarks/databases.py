"""Databases that last as long as a benchmark."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from django.core.management import call_command
from django.db import connection


@contextlib.contextmanager
def own_database(purpose: str, *, like: str = "template1") -> Iterator[str]:
    """A database to which `connection` and `database_environment()` lead until it is dropped at the end; its name.

    It has the tables and rows of the database `like`, and all tables that the site needs.
    """
    before = connection.settings_dict["NAME"]
    name = f"bench_{purpose}_{os.getpid()}"
    connection.close()
    with connection._nodb_cursor() as cursor:
        # Files are copied as they are: through the log, gigabytes take several times as long.
        strategy = "" if like == "template1" else " STRATEGY file_copy"
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"{strategy}')
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", interactive=False, verbosity=0)
        yield name
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
