"""A typed client that a program makes of the API's description, used against the running site."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from profiles.actions.tokens import create_token
from profiles.models.token import Scope
from tests.factories.people import make_user
from tests.factories.verified import bring_in, person, printed, record, settle
from works.actions.search import rebuild_search
from works.models import Work

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "bzpeer_client"
DIRECT = {"trust_env": False}


@pytest.fixture(scope="module")
def package(site_process: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The client's folder, made of what the site itself serves as its description."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "schema.json").write_bytes(httpx.get(f"{site_process}/api/v1/schema/", trust_env=False).content)
    (folder / "config.yaml").write_text("post_hooks: []\n")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", "schema.json", "--config", "config.yaml"]
    command += ["--meta", "none", "--output-path", NAME, "--fail-on-warning"]
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield folder / NAME
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
        del sys.modules[name]


@pytest.fixture
def open_client(package: Path, site: str) -> Iterator[Callable[..., Any]]:
    """`open_client("Client")` gives a client of the running site."""
    with ExitStack() as opened:
        yield lambda kind, **given: opened.enter_context(getattr(module("client"), kind)(base_url=site, httpx_args=DIRECT, **given))


def module(name: str) -> Any:
    return importlib.import_module(f"{NAME}.{name}")


def test_the_client_reads_the_record_page_by_page_and_tells_errors_apart(open_client):
    bring_in(
        *(record(f"Engines, part {number}", [printed("Ada Lovelace", ror="02mhbdp94")]) for number in range(3)),
        record("Of mills", [{"raw_name": "Babbage, C.", "name": "C. Babbage"}]),
    )
    settle()
    rebuild_search()
    client = open_client("Client")
    works, work_of = module("api.works.works"), module("api.works.work")

    titles: list[str] = []
    cursor = module("types").UNSET
    while True:
        page = works.sync(client=client, limit=2, cursor=cursor)
        assert isinstance(page, module("models").PaginatedWorkInShortList)
        titles += [work.title for work in page.results]
        if page.next_ is None:
            break
        [cursor] = parse_qs(urlsplit(page.next_).query)["cursor"]
    assert titles == ["Of mills", "Engines, part 2", "Engines, part 1", "Engines, part 0"]

    ada = person("Ada Lovelace")
    author = module("api.authors.author").sync(ada.public_id, client=client)
    assert (author.name, author.works_count, author.trust.level, author.profile) == ("Ada Lovelace", 3, ada.trust.level, None)
    found = module("api.authors.authors").sync(client=client, search="lovelace")
    assert [one.id for one in found.results] == [ada.public_id]

    work = work_of.sync(Work.objects.get(title="Of mills").public_id, client=client)
    assert (work.year, work.type_.value, work.published_on.isoformat()) == (2022, "preprint", "2022-03-01")
    assert [(place.position, place.author.name) for place in work.authorships] == [(1, "C. Babbage")]
    topics = module("api.topics_institutions_sources.topics").sync(client=client, search="topic")
    assert [topic.label for topic in topics.results] == ["Topic 0"]

    missing = work_of.sync_detailed("00000000", client=client)
    assert isinstance(missing.parsed, module("models").Problem)
    assert (missing.status_code, missing.parsed.status, missing.parsed.title) == (404, 404, "There is nothing at this address")
    assert missing.parsed.request_id == missing.headers["X-Request-Id"]


def test_the_client_asks_for_an_account_with_a_token(open_client):
    token = create_token(name="harvester", scopes=[Scope.ACCOUNT_READ], by=make_user())[1]
    client = open_client("AuthenticatedClient", token=token)
    account = module("api.account.me").sync(client=client)
    assert (account.is_staff, account.token.name, account.token.plan.value) == (False, "harvester", "standard")
    refused = module("api.account.my_claims").sync(client=client)
    assert (refused.status, refused.detail) == (403, "The token lacks the scope claims:read.")


def test_the_client_holds_to_its_types(package):
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", str(package.parent / "cache"), package.name],
        cwd=package.parent,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
