"""Digests in processes that die: each leaves once for each account and period, wherever somebody is killed.

Killed is killed: a process of its own ends itself by SIGKILL between any two statements, and around the handing over of the mail.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.core.mail.backends.filebased import EmailBackend as FileBackend
from django.db import connection, connections

from profiles import tasks
from profiles.models import Digest, SentMail, User
from tests.factories.digests import later, make_reader, make_subject, owe
from tests.waiting import is_gone, wait_for

NUMBERS = count(1)


class DyingBackend(FileBackend):
    """Mails become files; the process dies where it is told to: "before" or "after" a mail is written whole."""

    dies: ClassVar[str] = ""

    def send_messages(self, email_messages):
        if self.dies == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        written = super().send_messages(email_messages)
        if self.dies == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return written


def in_a_process(act: Callable[[], Any]) -> Callable[[], bool]:
    """Run something in a process with a database connection of its own. What it returns waits, and says whether it was killed."""
    connections.close_all()
    name = f"killed {next(NUMBERS)}"
    pid = os.fork()
    if pid == 0:
        os.environ["PGAPPNAME"] = name
        # One that another part of the tests opened in another context is not closed above, and must not be talked over by two.
        connections["default"] = connections.create_connection("default")
        with contextlib.suppress(BaseException):
            act()
            os._exit(0)
        os._exit(1)

    def wait() -> bool:
        status = os.waitpid(pid, 0)[1]
        wait_for(lambda: is_gone(name), "the end of its session")
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the process failed"
        return os.WIFSIGNALED(status)

    return wait


def dying_at(number: int) -> None:
    """Run the task, and die before the database gets the `number`th statement, which is after it has answered the one before."""
    counted = iter(range(10**6))

    def watch(execute, sql, params, many, context):
        if next(counted) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        tasks.digests()


@pytest.fixture
def outbox(settings, tmp_path) -> Iterator[Callable[[], Counter[str]]]:
    """Mails as files: how many each reader got."""
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = f"{__name__}.DyingBackend", str(tmp_path)

    def received() -> Counter[str]:
        texts = [path.read_text() for path in Path(tmp_path).glob("*.log")]
        return Counter(line for text in texts for line in text.splitlines() if line.startswith("To: "))

    yield received
    DyingBackend.dies = ""


def anew(readers: list[User], folder: str) -> None:
    Digest.objects.all().delete()
    SentMail.objects.all().delete()
    for reader in readers:
        owe(reader)
    for path in Path(folder).glob("*.log"):
        path.unlink()


@pytest.mark.django_db(transaction=True)
def test_killed_at_every_statement_each_reader_gets_each_digest_once(outbox, settings):
    """Before the row says "sending", it is sent by the next; from then on it is sent at most once, and by nobody else."""
    subject = make_subject()
    readers = [make_reader(name, subject) for name in ("ann", "ben")]
    everybody = Counter(f"To: {reader.email}" for reader in readers)
    died = uncertain = 0
    for number in range(200):
        killed = in_a_process(partial(dying_at, number))()
        later()
        tasks.digests()
        lost = {f"To: {digest.user.email}" for digest in Digest.objects.filter(state="uncertain").select_related("user")}
        received = outbox()
        assert not received - everybody, number
        assert set((everybody - received).elements()) <= lost, number
        assert Digest.objects.exclude(state__in=["sent", "uncertain"]).count() == 0, number
        assert Digest.objects.count() == 2
        died += killed
        uncertain += len(lost)
        anew(readers, settings.EMAIL_FILE_PATH)
        if not killed:
            break
    assert died > 40  # so many places there are
    assert uncertain == 4  # for each of two: the mail had left, and neither of the two statements that say so was carried out whole


@pytest.mark.parametrize(("dies", "number"), [("before", 0), ("after", 1)])
@pytest.mark.django_db(transaction=True)
def test_killed_around_the_handing_over_nobody_gets_it_twice_and_staff_see_that_nobody_knows(outbox, dies, number):
    reader = make_reader("ann", make_subject())
    DyingBackend.dies = dies
    assert in_a_process(tasks.digests)()
    DyingBackend.dies = ""
    for _ in range(3):
        later()
        tasks.digests()
    assert outbox() == Counter({f"To: {reader.email}": number} if number else {})
    assert list(Digest.objects.values_list("state", flat=True)) == ["uncertain"]
    assert list(SentMail.objects.values_list("kind", "outcome")) == [("digest", "uncertain")]


@pytest.mark.django_db(transaction=True)
def test_several_at_once_send_each_digest_once(outbox):
    subject = make_subject()
    readers = [make_reader(f"reader{number}", subject) for number in range(12)]
    waits = [in_a_process(tasks.digests) for _ in range(4)]
    assert [wait() for wait in waits] == [False] * 4
    assert outbox() == Counter(f"To: {reader.email}" for reader in readers)
    assert set(Digest.objects.values_list("state", "lease")) == {("sent", 1)}
