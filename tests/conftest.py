"""What tests of every app share: collected static files, a clean Redis, a worker, a running site, and a browser."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
import redis as redis_client
from django.conf import settings
from django.db import OperationalError, connection
from django.db.backends.postgresql.operations import DatabaseOperations
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from bzpeer.celery import app as celery_app
from bzpeer.embedded.server import free_port
from bzpeer.management.static_files import collect_static_files
from tests.orcid import CLIENT_ID, CLIENT_SECRET, OrcidServer, running_orcid
from tests.waiting import PATIENCE, nobody_works, settled, wait_for
from works.breaker import broker_breaker, cache_breaker

# No verdict depends on how busy the machine is; and what must hold before a change is taken tries the same examples each time.
hypothesis_settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    derandomize=bool(os.environ.get("CI")),
    print_blob=True,
)
hypothesis_settings.load_profile("house")
BROWSER_PATIENCE = 60_000  # milliseconds
expect.set_options(timeout=BROWSER_PATIENCE)

CHROMIUM_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
CHROMIUM_FLAGS += ["--disable-component-update", "--disable-sync", "--disable-gpu-watchdog"]
AXE = settings.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A reader who is quicker than the page's scripts gets the plain way, and a request of HTMX may take ten seconds. Tests are about the way
# with scripts, however slowly they come: the pointer reaches nothing before they have run, nor what HTMX has not yet made alive.
STEADY_HANDS = """
    const hands = new CSSStyleSheet();
    hands.replaceSync("html, .htmx-added { pointer-events: none }");
    document.adoptedStyleSheets.push(hands);
    addEventListener("load", () => hands.replaceSync(".htmx-added { pointer-events: none }"));
    document.addEventListener("htmx:configRequest", (event) => { event.detail.timeout = 0; });
"""


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Note how the run ended: `.ci/run` tries failures once more only after a run that came to its end."""
    cache = getattr(session.config, "cache", None)
    if cache is not None and not hasattr(session.config, "workerinput"):
        cache.set("bzpeer/exit", int(exitstatus))


@pytest.fixture(autouse=True, scope="session")
def static_files() -> None:
    """Collect the static files once, so that templates find their hashed names."""
    collect_static_files()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """pytest-django's database, with nobody in it any more when it is dropped at the end.

    A process that was killed in the middle of a query leaves its session behind, and a database in use cannot be dropped.
    """
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT application_name, state, left(query, 200), pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        for name, state, query, _ in cursor.fetchall():
            print(f"ended a session that was left: {name} {state} {query}")


@pytest.fixture(autouse=True, scope="session")
def patient_flush() -> Iterator[None]:
    """Where the flush after a test and somebody's last statement block each other, Postgres ends one: if that is the flush, it begins
    anew."""
    flush = DatabaseOperations.execute_sql_flush

    def again_and_again(self: DatabaseOperations, sql_list: Any) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return flush(self, sql_list)
            except OperationalError as error:
                if not isinstance(error.__cause__, psycopg.errors.DeadlockDetected) or time.monotonic() > end:
                    raise

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", again_and_again)
        yield


@pytest.fixture(autouse=True)
def no_limits_reached() -> None:
    """An empty cache that answers: nobody has tried to log in too often yet, and no answer is remembered; and a broker that does."""
    cache_breaker.succeeded()
    broker_breaker.succeeded()
    with redis_client.Redis.from_url(settings.CACHE_URL) as client:
        client.flushdb()


@pytest.fixture
def redis() -> Iterator[redis_client.Redis]:
    """The tests' Redis database, empty."""
    with redis_client.Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
        yield client


@pytest.fixture
def same_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still, so that no minute ends within the test: requests are counted by the minute."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)


@pytest.fixture
def quick_passwords(settings: Any) -> None:
    """Passwords that take no time to hash, for tests within this process that log in often."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


# --- Processes ---------------------------------------------------------------------------------------------------------


def database_environment() -> dict[str, str]:
    """The environment for a process that should see the test database: for use after pytest-django has made it."""
    given = urlsplit(os.environ["DATABASE_URL"])
    folder = given.path.rpartition("/")[0]
    return {
        **os.environ,
        "DATABASE_URL": given._replace(path=f"{folder}/{connection.settings_dict['NAME']}").geturl(),
        "PYTHONUNBUFFERED": "1",
    }


@contextlib.contextmanager
def running(command: list[str], log: Path, environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """A process with its output in a file, ended with all that it started. A failing test shows what it said."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True, cwd=settings.BASE_DIR)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        print(f"--- {log.name}\n{log.read_text(errors='replace')}")  # captured: shown only with a failure


@pytest.fixture
def worker(transactional_db: None, redis: redis_client.Redis, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A real Celery worker on the test database and Redis, once it answers.

    For tests marked `django_db(transaction=True)`: it sees only what is committed.
    """
    command = [sys.executable, "-m", "celery", "-A", "bzpeer", "worker", "--queues", "default,imports", "--concurrency", "1"]
    command += ["--loglevel", "INFO", "--without-gossip", "--without-mingle", "--hostname", f"test-{os.getpid()}@localhost"]
    with running(command, tmp_path / "worker.log", database_environment()) as process:

        def answers() -> bool:
            assert process.poll() is None, f"the worker ended with status {process.returncode}"
            return bool(celery_app.control.ping(timeout=5, limit=1))

        wait_for(answers, "an answer of the worker")
        yield process
    redis.flushdb()
    wait_for(nobody_works, "the end of what the worker did")


@pytest.fixture(scope="session")
def orcid_process() -> Iterator[OrcidServer]:
    """A server that speaks as ORCID does. Tests ask for `orcid`."""
    with running_orcid() as server:
        yield server


@pytest.fixture
def orcid(orcid_process: OrcidServer, settings: Any) -> OrcidServer:
    """That server, as new, and a site that is registered there."""
    settings.ORCID_CLIENT_ID, settings.ORCID_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    settings.ORCID_URL = settings.ORCID_API_URL = orcid_process.url
    orcid_process.start_anew()
    return orcid_process


@pytest.fixture(scope="session")
def site_process(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory, orcid_process: OrcidServer
) -> Iterator[str]:
    """The real web server on the test database; its address. Tests ask for `site`."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with django_db_blocker.unblock():
        environment = database_environment() | {"SITE_URL": address, "DATABASE_POOL_SIZE": "4"}
        environment |= {"ORCID_CLIENT_ID": CLIENT_ID, "ORCID_CLIENT_SECRET": CLIENT_SECRET}
        environment |= {"EMAIL_URL": f"filemail:///{tmp_path_factory.mktemp('outbox')}"}
        environment |= {"ORCID_URL": orcid_process.url, "ORCID_API_URL": orcid_process.url}
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--no-ws"]
    command += ["--blocking-threads", "4", "--log-level", "warning", "bzpeer.wsgi:application"]
    with running(command, tmp_path_factory.mktemp("site") / "site.log", environment) as process:

        def answers() -> bool:
            assert process.poll() is None, f"the web server ended with status {process.returncode}"
            with contextlib.suppress(httpx.TransportError):
                return httpx.get(f"{address}/healthz", timeout=5, trust_env=False).is_success
            return False

        wait_for(answers, "an answer of the web server")
        yield address


@pytest.fixture
def site(site_process: str, transactional_db: None, redis: redis_client.Redis) -> Iterator[str]:
    """The address (without a slash at the end) of the real web server, which sees what the test has committed."""
    yield site_process
    wait_for(nobody_works, "the end of the last request")


# --- Browser -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium (or any other found on PATH), driven by Playwright."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        reason = "no Chromium on PATH: install it (on Debian: apt install chromium) to run the browser journeys"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    # Playwright's loop runs in this thread, though never at the same time as a test's own queries.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS, timeout=1000 * PATIENCE)
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Windows:
    """Opens pages of the running site and keeps what the browser complains about: script errors, refused resources, policy breaches.

    `complaints` must be empty at the end of the test; a test that provokes one says so (`forgive`).
    """

    sizes = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 360, "height": 740}}

    def __init__(self, browser: Browser, site: str) -> None:
        self.browser = browser
        self.site = site
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def hear(self, message: ConsoleMessage) -> None:
        """An error that a page told. What HTMX tells of requests that came to no answer is known better from the browser."""
        if message.type == "error" and not message.text.startswith(("htmx:afterRequest,", "htmx:sendError,", "htmx:sendAbort,")):
            self.complaints.append(message.text)

    def miss(self, request: Request) -> None:
        """A request without an answer: no fault where the page was left, or asked for something else instead."""
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url}: {request.failure}")

    def forgive(self, words: str) -> None:
        """Forget the complaints, once one with these words has come: for a test that provokes it."""

        def has_come() -> bool:
            self.contexts[0].pages[0].wait_for_timeout(20)  # meanwhile the browser is heard
            return any(words in complaint for complaint in self.complaints)

        wait_for(has_come, f"the complaint {words}")
        self.complaints.clear()

    def __call__(self, path: str = "", *, width: str = "desktop", theme: str = "light", javascript: bool = True) -> Page:
        """A page in a context of its own: `width` desktop or phone, `theme` light or dark. With a path it goes there."""
        context = self.browser.new_context(
            base_url=self.site,
            viewport=self.sizes[width],  # type: ignore[arg-type]
            has_touch=width == "phone",
            color_scheme=theme,  # type: ignore[arg-type]
            java_script_enabled=javascript,
        )
        context.set_default_timeout(BROWSER_PATIENCE)
        if javascript:  # without, the styles would come all the same, and nothing would take them away
            context.add_init_script(STEADY_HANDS)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        page.on("console", self.hear)
        page.on("requestfailed", self.miss)
        if path:
            page.goto(path)
        return page


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[Windows]:
    """`open_page("/search/", width="phone", theme="dark", javascript=False)` gives a Playwright page of the running site."""
    windows = Windows(browser, site)
    yield windows
    for context in windows.contexts:
        context.close()
    assert windows.complaints == []


@pytest.fixture
def accessibility_violations() -> Callable[[Page], list[str]]:
    """A function that runs axe-core (WCAG 2.2 AA and its best practices) on a page, once it is settled: one line for each violated rule
    and element.

    The page must have been opened with JavaScript, without which axe-core never answers.
    """
    source = AXE.read_text()

    def violations(page: Page) -> list[str]:
        settled(page)
        # Evaluated through the debugger, so that the page keeps its content security policy.
        page.evaluate(source)
        page.evaluate(
            "(tags) => { window.axeFound = null;"
            " axe.run(document, {runOnly: tags, resultTypes: ['violations']}).then((found) => { window.axeFound = found }) }",
            AXE_RULES,
        )
        found = wait_for(lambda: page.evaluate("() => window.axeFound && window.axeFound.violations.concat([null])"), "axe-core's answer")
        return [f"{rule['id']}: {rule['help']} – {json.dumps(node['target'])}" for rule in found[:-1] for node in rule["nodes"]]

    return violations
