"""What a registry says of a work, as rows beside those of tests/factories/works.py."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from works.models import RegistryRecord, Work, WorkIdentifier

RETRIEVED = datetime(2026, 11, 20, 12, tzinfo=UTC)


def register(work: Work, *identifiers: tuple[str, str], registry: str = "bzpeer", retrieved_at: datetime = RETRIEVED) -> RegistryRecord:
    """A record of `registry` that names the work by `identifiers`; the work carries them from now on."""
    WorkIdentifier.objects.bulk_create(
        [WorkIdentifier(work=work, scheme=scheme, value=value) for scheme, value in identifiers], ignore_conflicts=True
    )
    key = ":".join(identifiers[0]) if identifiers else f"title:{work.title}"
    return RegistryRecord.objects.create(
        registry=registry,
        key=key,
        work=work,
        content_hash=hashlib.blake2b(f"{registry} {key}".encode(), digest_size=16).digest(),
        payload={"registry": registry, "title": work.title, "identifiers": [list(pair) for pair in identifiers]},
        retrieved_at=retrieved_at,
    )
