"""`manage.py match_affiliations`: find the institutions that printed affiliations name."""

from typing import Any

from django.core.management.base import BaseCommand

from works.actions.affiliations import match_affiliations


class Command(BaseCommand):
    help = (
        "Read every printed affiliation that no registry tied to an institution, and tie it to those whose names stand in it. "
        "Worth doing after an import from ROR; safe to repeat."
    )

    def handle(self, **options: Any) -> None:
        read, matched = match_affiliations()
        if options["verbosity"]:
            self.stdout.write(f"{read:,} affiliations without an institution read, {matched:,} of them name one or more.")
