"""Mail domains: what kind of place an address is at, and which institution speaks through it."""

from __future__ import annotations

import re
from typing import NamedTuple

from django.db.models.functions import Lower

from profiles.models import EmailDomain

LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class Domain(NamedTuple):
    """A domain in its ASCII form, what the registry knows of it, and by which entry ("" where by none)."""

    name: str
    kind: str
    institution_id: int | None = None
    entry: str = ""


def normalised(domain: str) -> str:
    """A domain in lower case and ASCII (IDNA), without a final dot; "" for what is no domain name.

    >>> normalised("CS.Example.EDU."), normalised("bücher.example"), normalised("example"), normalised("a..edu"), normalised("10.0.0.1")
    ('cs.example.edu', 'xn--bcher-kva.example', '', '', '')
    """
    try:
        name = domain.strip().rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        return ""
    labels = name.split(".")
    is_name = len(labels) > 1 and len(name) <= 253 and all(LABEL.fullmatch(label) for label in labels) and not labels[-1].isdigit()
    return name if is_name else ""


def parents(domain: str) -> list[str]:
    """The domain and what it lies under, nearest first, by whole labels: university.edu.evil.com lies under evil.com, not university.edu.

    >>> parents("cs.example.edu")
    ['cs.example.edu', 'example.edu', 'edu']
    """
    labels = domain.split(".")
    return [".".join(labels[place:]) for place in range(len(labels))]


def kind_of_domain(domain: str) -> Domain:
    """What the nearest entry at or above a domain says. One query on an index."""
    name = normalised(domain)
    if not name:
        return Domain("", EmailDomain.Kind.UNKNOWN)
    above = EmailDomain.objects.annotate(key=Lower("domain")).filter(key__in=parents(name))
    entries = {entry.domain.lower(): entry for entry in above}
    nearest = next((entries[parent] for parent in parents(name) if parent in entries), None)
    if nearest is None:
        return Domain(name, EmailDomain.Kind.UNKNOWN)
    return Domain(name, nearest.kind, nearest.institution_id, nearest.domain)
