"""manage.py read_mail_reports MAILBOX: what mail servers and readers sent back about our mails."""

from __future__ import annotations

import mailbox
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from profiles.actions.mail_reports import take_report
from profiles.bounces import LARGEST, NoReport


class Command(BaseCommand):
    help = (
        "Read bounces (RFC 3464) and complaints (RFC 5965): from an mbox file, a Maildir folder, a file with one mail, or - for one mail "
        "on standard input, as mail servers pipe it. An address that is not there, or whose owner complained, gets no digest and no notice "
        "any more. Reading the same twice does nothing the second time; nothing is deleted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("mailbox", help="a file, a Maildir folder, or -")

    def handle(self, *args: object, mailbox: str, **options: Any) -> None:
        counted: Counter[str] = Counter()
        for content in mails(mailbox):
            try:
                counted[take_report(content)] += 1
            except NoReport:
                counted["other"] += 1
        self.stdout.write(
            f"{counted['paused']} addresses paused, {counted['noted']} mails came back for now, {counted['known']} reports known already, "
            f"{counted['unknown']} about mails that did not leave here, {counted['other']} other mails."
        )


def mails(place: str) -> Iterator[bytes]:
    """The mails of a mailbox, one at a time, each cut a byte beyond the longest that is read."""
    if place == "-":
        yield sys.stdin.buffer.read(LARGEST + 1)
        return
    path = Path(place)
    if not path.exists():
        raise CommandError(f"There is no {place}.")
    if path.is_dir():
        if not (path / "new").is_dir():
            raise CommandError(f"{place} is no Maildir: it has no folder named new.")
        folder = mailbox.Maildir(path, create=False)
        for key in folder.iterkeys():
            with folder.get_file(key) as file:
                yield file.read(LARGEST + 1)
        return
    with path.open("rb") as file:
        is_mbox = file.read(5) == b"From "
    if not is_mbox:
        with path.open("rb") as file:
            yield file.read(LARGEST + 1)
        return
    with closing(mailbox.mbox(path, create=False)) as box:
        for key in box.iterkeys():
            with box.get_file(key) as part:
                yield part.read(LARGEST + 1)
