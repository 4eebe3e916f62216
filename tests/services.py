"""Gives the tests a real Postgres and a real Redis: those that DATABASE_URL and REDIS_URL name, else the embedded ones.

A pytest plugin rather than a conftest, since Django reads its settings before any conftest is loaded.
"""

import os

import pytest

from bzpeer import embedded

os.environ["DATABASE_POOL_SIZE"] = "0"  # a pool would still hold connections when the test database is dropped
os.environ["FETCH_ABSTRACTS"] = "0"
try:
    embedded.attach()
except embedded.UnavailableError as error:
    pytest.exit(str(error), returncode=2)
