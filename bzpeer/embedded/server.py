"""What the embedded servers have in common: their processes, their folders, and the sentence that says why one cannot be had."""

import contextlib
import ctypes
import importlib.util
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

POLL = 0.1
START_TIMEOUT = 120.0  # recovery after a power cut reads the write-ahead log
MAX_LOG_BYTES = 5_000_000
# Below the ports that systems give to outgoing connections: one that is free now is not taken by one of those before a server has it.
LISTENING_PORTS = range(20_000, 32_000)


class UnavailableError(Exception):
    """An embedded server cannot be had. The message is one sentence for the person at the terminal."""


class Server:
    """One embedded server: how to prepare, start, recognise and stop it. `home` is its data folder."""

    def __init__(self, name: str, data_dir: Path) -> None:
        self.name = name
        self.home = data_dir / name
        self.log = data_dir / "run" / f"{name}.log"
        self.notes: list[str] = []  # what the person who started it should know

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


def free_port() -> int:
    """A port of 127.0.0.1 where nobody listens. Raises UnavailableError where a hundred tries find none."""
    for port in random.SystemRandom().sample(LISTENING_PORTS, 100):
        with contextlib.suppress(OSError), socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(("127.0.0.1", port))
            return port
    raise UnavailableError(f"There is no free port from {LISTENING_PORTS.start} to {LISTENING_PORTS.stop - 1}.")


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
