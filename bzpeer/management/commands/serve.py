"""`manage.py serve`: the whole site on this machine, with one command (`make run`)."""

import contextlib
import errno
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

import httpx
import redis
from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command, get_commands
from django.db import Error as DatabaseFailure
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from bzpeer import embedded
from bzpeer.embedded.locks import try_lock
from bzpeer.management.processes import EndedError, Household
from bzpeer.management.static_files import collect_static_files
from works.models import Work

HOST = "127.0.0.1"
READY_TIMEOUT = 60.0
SAMPLE = settings.BASE_DIR / "works" / "sample" / "corpus.jsonl"


class Command(BaseCommand):
    help = "Run the site: web, worker and beat, on the embedded Postgres and Redis or on those of DATABASE_URL and REDIS_URL."
    requires_system_checks = []

    def handle(self, *_: Any, **__: Any) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, interrupt)
        household = Household()
        try:
            with plain_errors(), only_one() as note:
                port = free_port()
                address = f"http://{HOST}:{port}/"
                self.prepare()
                start_children(household, port)
                note.write(address)
                note.flush()
                self.stdout.write(f"BZPEER is ready: {address}")
                self.stdout.flush()
                while True:
                    household.mind(2.0)
                    embedded.attach()  # brings back a database whose supervisor was killed
        except KeyboardInterrupt:
            self.stderr.write("Stopping …")
        except EndedError as error:
            raise CommandError(str(error), returncode=error.status) from error
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            household.stop()
            connection.close()
            embedded.detach()

    def prepare(self) -> None:
        """Bring the database, the static files and the sample up to date. A second time this finds nothing to do."""
        redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=3, socket_timeout=3).ping()
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Making the tables …")
            call_command("migrate", interactive=False, verbosity=0)
        if collect_static_files():
            self.stdout.write("Static files are collected.")
        self.import_sample()
        connection.close()

    def import_sample(self) -> None:
        """Import the sample corpus once, and again when it has changed or the database is empty."""
        if not SAMPLE.exists() or "import_works" not in get_commands():
            return
        marker = settings.DATA_DIR / "sample-imported"
        current = hashlib.sha256(SAMPLE.read_bytes()).hexdigest()
        if marker.exists() and marker.read_text() == current and Work.objects.exists():
            return
        self.stdout.write("Importing the sample corpus …")
        self.stdout.flush()
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "import_works", "bzpeer", "--file", str(SAMPLE)]
        if subprocess.run(command, stdin=subprocess.DEVNULL).returncode == 2:
            raise CommandError("The sample corpus could not be imported.", returncode=2)
        marker.write_text(current)


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@contextlib.contextmanager
def plain_errors() -> Any:
    """Say in a sentence what a person can put right, and end with status 2."""
    try:
        yield
    except embedded.UnavailableError as error:
        raise CommandError(str(error), returncode=2) from error
    except redis.RedisError as error:
        raise CommandError(f"The Redis of REDIS_URL does not answer: {error}", returncode=2) from error
    except DatabaseFailure as error:
        reason = str(error).strip().splitlines()[0]
        if "No space left" in str(error):
            raise CommandError(f"The disk that holds the database is full: {reason}", returncode=2) from error
        raise CommandError(f"The Postgres of DATABASE_URL refused: {reason}", returncode=2) from error
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise CommandError(f"The disk that holds {settings.DATA_DIR} is full: free some space and start again.", returncode=2) from error


@contextlib.contextmanager
def only_one() -> Any:
    """Hold this data folder's lock, whose file tells the address to a second `serve`."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    path = settings.DATA_DIR / "serving"
    handle: IO[str]
    with path.open("a+") as handle:
        if not try_lock(handle):
            handle.seek(0)
            raise CommandError(f"BZPEER already runs from this folder: {handle.read() or 'it is just starting'}", returncode=2)
        handle.truncate(0)
        yield handle
        handle.truncate(0)


def free_port() -> int:
    """PORT if it is set and free; without it 8000, or the next free port after it."""
    asked = os.environ.get("PORT", "")
    if not asked:
        for port in range(8000, 8100):
            if port_trouble(port) is None:
                return port
        raise CommandError("No port from 8000 to 8099 is free: choose another with PORT=.", returncode=2)
    if not asked.isascii() or not asked.isdigit() or not 0 < int(asked) < 65536:
        raise CommandError(f"PORT={asked} is not a port: choose a number from 1 to 65535.", returncode=2)
    if trouble := port_trouble(int(asked)):
        raise CommandError(f"Port {asked} {trouble}: choose another with PORT=.", returncode=2)
    return int(asked)


def port_trouble(port: int) -> str | None:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except PermissionError:
            return "may not be used by this user"
        except OSError:
            return "is in use by another program"
    return None


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def web_command(port: int, *, application: str = "bzpeer.wsgi:application") -> tuple[list[str], dict[str, str]]:
    """The command that serves the pages, and what it needs in its environment. The benchmarks measure the same server."""
    threads = 4
    web = f"--interface wsgi --host {HOST} --port {port} --no-ws --log-level warning --workers {min(cores(), 4)}"
    web += f" --blocking-threads {threads} --respawn-failed-workers --workers-kill-timeout 5 {application}"
    return [sys.executable, "-m", "granian", *web.split()], {"DATABASE_POOL_SIZE": str(threads)}


def task_commands(schedule: Path) -> dict[str, list[str]]:
    """The commands of the processes that do what is owed, by name. The tests of faults kill the same processes.

    Imports wait for registries, minutes at a time: they have a worker of their own, so that slices and trust never wait with them.
    """
    parts = {
        "worker": f"worker --queues default --concurrency {max(2, cores())} --loglevel INFO --without-gossip --without-mingle",
        "import": "worker --queues imports --concurrency 2 --hostname imports@%h --loglevel INFO --without-gossip --without-mingle",
        "beat": "beat --pidfile= --schedule",
    }
    commands = {name: [sys.executable, "-m", "celery", "--quiet", "-A", "bzpeer", *part.split()] for name, part in parts.items()}
    commands["beat"].append(str(schedule))
    return commands


def start_children(household: Household, port: int) -> None:
    """Web first, then workers and beat, so that they do not compete for the cores while somebody waits for the first page."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "SITE_URL": os.environ.get("SITE_URL") or f"http://{HOST}:{port}"}
    environment["PROMETHEUS_MULTIPROC_DIR"] = os.environ.get("PROMETHEUS_MULTIPROC_DIR") or empty_metrics_folder()
    web, web_environment = web_command(port)
    schedule = settings.DATA_DIR / "beat" / "schedule"
    schedule.parent.mkdir(exist_ok=True)
    household.add("web", web, environment | web_environment)
    wait_until_healthy(household, f"http://{HOST}:{port}/")
    for name, command in task_commands(schedule).items():
        household.add(name, command, environment)


def empty_metrics_folder() -> str:
    """Where the processes of this site add up their figures; what those of an earlier start left there is removed."""
    folder = settings.DATA_DIR / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return str(folder)


def wait_until_healthy(household: Household, address: str) -> None:
    patience = READY_TIMEOUT * settings.PATIENCE
    end = time.monotonic() + patience
    while time.monotonic() < end:
        household.mind(0.1)
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{address}healthz", timeout=2 * settings.PATIENCE, trust_env=False).is_success:
                return
    raise CommandError(f"The site did not become healthy within {patience:.0f} s: see the lines above.")
