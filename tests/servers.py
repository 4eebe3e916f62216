"""Gives the tests a real Postgres and a real Redis: those that DATABASE_URL and REDIS_URL name, else the embedded ones.

A pytest plugin rather than a conftest, since Django reads its settings before any conftest is loaded.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bzpeer import embedded

os.environ["DATABASE_POOL_SIZE"] = "0"  # a pool would still hold connections when the test database is dropped
os.environ["FETCH_ABSTRACTS"] = "0"
os.environ["PATIENCE"] = "200"  # a busy machine is no failure: nothing is done without Postgres or Redis because they took their time
# Where pytest-xdist runs several processes, each has a database (pytest-django names it), a Redis database and a key prefix of its own.
PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
os.environ["CELERY_KEY_PREFIX"] = f"{os.environ.get('CELERY_KEY_PREFIX', 'bzpeer-test:')}{PROCESS}:"
os.environ.setdefault("STATIC_ROOT", str(Path(os.environ.get("DATA_DIR") or embedded.BASE_DIR / ".data") / "test-static"))

own_redis = "REDIS_URL" not in os.environ
try:
    embedded.attach()
except embedded.UnavailableError as error:
    pytest.exit(str(error), returncode=2)
if own_redis or PROCESS:
    # Tests flush their Redis databases: a site that runs from the same folder keeps its own, which is number 0.
    for name in ("REDIS_URL", "CACHE_URL"):
        if name in os.environ:
            os.environ[name] = urlsplit(os.environ[name])._replace(path=f"/{15 - PROCESS}").geturl()
