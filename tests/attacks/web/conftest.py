"""What the attacks on the web share. Those marked `attack` take long or measure time: they run where BZPEER_ATTACKS says "whole"."""

import os
from typing import Any

import pytest

from tests.attacks.web.table import TABLE, Table

WHOLE = os.environ.get("BZPEER_ATTACKS") == "whole"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left = [item for item in items if not WHOLE and item.get_closest_marker("attack")]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if TABLE.rows:
        terminalreporter.section("The web attacked")
        terminalreporter.write_line(TABLE.told())


@pytest.fixture
def table() -> Table:
    """Where figures go."""
    return TABLE


@pytest.fixture
def unlimited(settings: Any) -> None:
    """No limit of requests a minute is reached; what waits behind a token of the settings is there."""
    settings.SEARCHES_A_MINUTE = settings.SUGGESTIONS_A_MINUTE = settings.COSTLY_PAGES_A_MINUTE = 10**6
    settings.PICTURES_A_MINUTE = 10**6
    settings.API_VISITORS_A_MINUTE = settings.API_ACCOUNTS_A_MINUTE = 10**6
    settings.MAIL_REPORTS_TOKEN = settings.METRICS_TOKEN = "a token of the settings"
