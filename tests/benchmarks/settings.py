"""The site's settings with the address book of the benchmarks."""

from bzpeer.settings import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks.urls"
