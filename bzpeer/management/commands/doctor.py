"""`manage.py doctor`: whether this site is well, and what to do where it is not."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management import BaseCommand, CommandParser
from django.db import DatabaseError

from bzpeer.management.examinations import EXAMINATIONS, Finding, Weight

SIGNS = {Weight.GOOD: "  ok    ", Weight.ADVICE: "  advice", Weight.FAULT: "  FAULT "}


class Command(BaseCommand):
    help = "Look at settings, stores, disk, mail, workers, work owed and a few pages; say what to do. Ends with 1 if anything is at fault."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
        parser.add_argument("only", nargs="*", choices=[[], *EXAMINATIONS], help=f"only some of: {', '.join(EXAMINATIONS)}")

    def handle(self, *_: Any, **options: Any) -> None:
        chosen = options["only"] or EXAMINATIONS
        found = {name: examine(name) for name in EXAMINATIONS if name in chosen}
        if options["json"]:
            self.stdout.write(json.dumps({name: [asdict(finding) for finding in findings] for name, findings in found.items()}, indent=2))
        else:
            self.say(found)
        if any(finding.weight is Weight.FAULT for findings in found.values() for finding in findings):
            sys.exit(1)

    def say(self, found: dict[str, list[Finding]]) -> None:
        for name, findings in found.items():
            self.stdout.write(name)
            for finding in findings:
                self.stdout.write(f"{SIGNS[finding.weight]}  {finding.what}")
                if finding.remedy and finding.weight is not Weight.GOOD:
                    self.stdout.write(f"            {finding.remedy}")
        counted = [finding.weight for findings in found.values() for finding in findings]
        self.stdout.write(f"{counted.count(Weight.FAULT)} faults, {counted.count(Weight.ADVICE)} pieces of advice.")


def examine(name: str) -> list[Finding]:
    """What an examination finds; that it could not be made where Postgres, on which most depend, does not answer."""
    try:
        return list(EXAMINATIONS[name]())
    except DatabaseError as error:
        return [Finding(Weight.FAULT, f"Could not look: {str(error).strip().splitlines()[0]}", "Postgres has to answer first.")]
