"""The site's settings with the address book of the benchmarks."""

from bzpeer.settings import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks.urls"
SEARCHES_A_MINUTE = SUGGESTIONS_A_MINUTE = 10**9
