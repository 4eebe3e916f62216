"""Too little of everything: file descriptors, memory, room for a log."""

from __future__ import annotations

import resource
import subprocess
import sys

import httpx

from bzpeer.management.commands.serve import web_command
from tests.faults.site import ANEW, Readers, free_port, wait_until
from tests.faults.world import known_authors, write_records
from tests.works.imports.test_runs import many_records
from works.models import ImportRun, Work


def limited(**limits: int):
    """For subprocess's preexec_fn: what the process may use at most (nofile in descriptors, the address space in bytes)."""

    def apply() -> None:
        for name, most in limits.items():
            number = getattr(resource, f"RLIMIT_{name.upper()}")
            resource.setrlimit(number, (most, most))

    return apply


def test_the_web_server_has_few_file_descriptors(site, stores, figures):
    """64 of them, and more people than that: some wait or are turned away, the server lives and answers when they have gone."""
    port = free_port()
    command, more = web_command(port)
    log = (stores.folder / "run" / "few.log").open("wb")
    process = subprocess.Popen(
        command, env=site.environment | more, stdout=log, stderr=log, start_new_session=True, preexec_fn=limited(nofile=64)
    )
    [author] = known_authors()[:1]
    address = f"http://127.0.0.1:{port}{author.get_absolute_url()}{ANEW}"
    try:
        wait_until(lambda: answers(address), 60, "an answer with few descriptors")
        with Readers(port, [f"{author.get_absolute_url()}{ANEW}"], number=90) as readers:
            wait_until(lambda: len(readers.answers) > 150, 60, "answers")
        assert process.poll() is None
        wait_until(lambda: answers(address), 15, "an answer when the crowd has gone")
        assert not [answer for answer in readers.answers if answer.status >= 500 and answer.status != 503]
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=10, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def test_an_import_runs_out_of_memory(site, deeds, tmp_path):
    """It dies or says so; what it had committed stands, and with enough memory it goes on to the end."""
    path = write_records(tmp_path / "large.jsonl", many_records(1_200))
    before = Work.objects.count()
    command = [sys.executable, "manage.py", "import_works", "bzpeer", "--file", str(path), "--json"]
    environment = {**site.environment, **site.stores.environment()}
    poor = subprocess.run(command, env=environment, capture_output=True, preexec_fn=limited(**{"as": 260 * 2**20}), check=False)
    assert poor.returncode != 0
    rich = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert b'"read": 1200' in rich.stdout
    assert not ImportRun.objects.exclude(status="finished").exists()
    assert Work.objects.count() > before
