"""Institutional mail: a code that is sent to the address and typed in here. The address is not kept, and the code is kept as a digest."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import NamedTuple

import orjson
from django.db import connection
from django.utils.crypto import salted_hmac

from profiles.evidence.domains import Domain, kind_of_domain
from profiles.models import EmailDomain
from works.models import Affiliation, Author, InstitutionIdentifier

# 60 random bits: letters and digits that nobody mistakes for one another.
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 12
LIFETIME = timedelta(hours=1)
ATTEMPTS = 5
MAILS_A_DAY = 5
LOCAL_PART = re.compile(r"[^\s@<>\"(),:;\\\[\]\x00-\x1f\x7f]{1,64}")
SPEAKERS = ("publisher", "institution")
# Which registries print the mailbox with the author's own place of a work: under the same name, or at the same place of as long a byline.
# What people typed or converted themselves does not count.
PRINTED = """
    SELECT r.registry, count(DISTINCT a.work_id)
    FROM works_authorship a
    JOIN works_work w ON w.id = a.work_id
    JOIN works_registryrecord r ON r.work_id = a.work_id
    CROSS JOIN LATERAL jsonb_array_elements(r.payload -> 'authors') WITH ORDINALITY AS told (person, position)
    WHERE a.author_id = %s AND r.payload ->> 'asserted_by' IN ('publisher', 'repository', 'aggregator')
      AND told.person -> 'affiliations' @> %s::jsonb
      AND (told.person ->> 'name' = a.name
           OR told.position = a.position AND jsonb_array_length(r.payload -> 'authors') = w.authors_count)
    GROUP BY r.registry ORDER BY 2 DESC, 1
"""


class NotInstitutional(Exception):
    """An address that proves no institution. `code` says why, the message says it to the person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Mailbox(NamedTuple):
    """An address at an institution, its domain, and who speaks through it: a ROR id where one is known, else the domain's entry."""

    address: str
    domain: Domain
    source: str


def institutional(address: str) -> Mailbox:
    """The mailbox that an address names, if the registry of domains knows it as an institution's. At most two queries."""
    local, _, given = address.strip().rpartition("@")
    domain = kind_of_domain(given)
    if not domain.name or not LOCAL_PART.fullmatch(local):
        raise NotInstitutional("not-an-address", "This is not an e-mail address.")
    if domain.kind == EmailDomain.Kind.DISPOSABLE:
        raise NotInstitutional("disposable-mail", f"Addresses at {domain.name} are thrown away. They prove nothing.")
    if domain.kind == EmailDomain.Kind.PERSONAL:
        raise NotInstitutional("personal-mail", f"Anybody can have an address at {domain.name}. Use one that an institution gave you.")
    if domain.kind != EmailDomain.Kind.ACADEMIC:
        message = (
            f"The registry of domains does not know {domain.name} as an institution’s. Use another proof, or tell the reviewers of it."
        )
        raise NotInstitutional("unknown-domain", message)
    ror = InstitutionIdentifier.objects.filter(institution=domain.institution_id, scheme="ror").values_list("value", flat=True).first()
    return Mailbox(f"{local}@{domain.name}", domain, ror or domain.entry)


def is_printed(institution_id: int | None, author: Author) -> bool:
    """Whether a publisher or the institution itself prints the institution on one of the author's works. One query."""
    printed = Affiliation.objects.filter(authorship__author=author, institution=institution_id, asserted_by__in=SPEAKERS)
    return institution_id is not None and printed.exists()


class PrintedOnWorks(NamedTuple):
    """A registry prints a mailbox with the author's own place of so many works."""

    registry: str
    works: int


def printed_with(mailbox: str, author: Author) -> list[PrintedOnWorks]:
    """Where a mailbox (its digest) is printed with the author's name, the registry with most works first. One query on indexes."""
    with connection.cursor() as cursor:
        cursor.execute(PRINTED, [author.pk, orjson.dumps([{"mailboxes": [mailbox]}]).decode()])
        return [PrintedOnWorks(*row) for row in cursor.fetchall()]


def new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def digest_of_code(code: str) -> str:
    """What is kept of a code; without the site's secret it cannot be searched for. Spaces, hyphens and case do not matter."""
    plain = re.sub(r"[\s-]", "", code).upper()
    return salted_hmac("profiles.evidence.code", plain, algorithm="sha256").hexdigest()
