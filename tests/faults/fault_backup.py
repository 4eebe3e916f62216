"""The drill: what docs/operations.md says of backup and restore, done as it says."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any

from django.conf import settings
from django.db import connection

from profiles.models import Claim, Follow, User
from tests.faults import invariants
from tests.faults.databases import own_database
from tests.works.imports.content import content
from works.models import Author


def everything() -> dict[str, list[Any]]:
    people: dict[str, list[Any]] = {
        "users": sorted(User.objects.values_list("email", "password")),
        "claims": sorted(Claim.objects.values_list("public_id", "status", "user__email", "author__public_id")),
        "follows": sorted(map(str, Follow.objects.values_list("user__email", "author__public_id"))),
    }
    return {**{name: list(rows) for name, rows in content().items()}, **people}


def test_pg_dump_and_pg_restore_bring_everything_back(site, stores, deeds, tmp_path, figures):
    """A backup is taken while readers read and workers work; restored into an empty database it has all of it, and every invariant."""
    name = connection.settings_dict["NAME"]
    before = everything()
    file = stores.folder / "backup.dump"
    begun = time.monotonic()
    stores.postgres_tool("pg_dump", "--format=custom", f"--file={file}", name)
    dumped = time.monotonic()
    with own_database("restored", pattern="template1", is_migrated=False) as restored:
        stores.postgres_tool("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={restored}", str(file))
        took = time.monotonic() - dumped
        assert everything() == before
        invariants.check()
        # Life goes on there: new rows get numbers of their own.
        User.objects.create(email="after@mail.example")
    told = f"pg_dump {dumped - begun:.1f} s, pg_restore {took:.1f} s: {len(before['works'])} works, {len(before['users'])} accounts"
    figures.put("R20", "backup and restore drill", told, "all rows, all invariants", is_reached=True)


def test_the_record_as_files_comes_back(site, stores, tmp_path):
    """dump_record and restore_record: the public record, and what follows from it once workers have done it."""
    own = {**os.environ, **stores.environment()}
    run = [sys.executable, "manage.py"]
    subprocess.run([*run, "dump_record", str(tmp_path / "record")], env=own, check=True, capture_output=True, cwd=settings.BASE_DIR)
    before = sorted(Author.objects.values_list("public_id", "name", "works_count"))
    with own_database("files") as restored:
        own["DATABASE_URL"] = f"{own['DATABASE_URL'].rpartition('/')[0]}/{restored}"
        subprocess.run([*run, "restore_record", str(tmp_path / "record")], env=own, check=True, capture_output=True, cwd=settings.BASE_DIR)
        assert sorted(Author.objects.values_list("public_id", "name", "works_count")) == before
