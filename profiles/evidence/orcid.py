"""An ORCID iD counts for a record only where a publisher deposited it on one of the record's works: anybody can own an iD.

Of what stands in the iD's own record only what institutions wrote counts: everything else its owner can type.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import orjson
from django.db import connection

from works.models import Author

# Which publishers' records of the author's works name the iD at the author's own place, and whether its owner logged in to give it.
DEPOSITED = """
    SELECT r.registry, count(DISTINCT a.work_id), bool_or(person -> 'is_orcid_authenticated' = 'true'::jsonb)
    FROM works_authorship a
    JOIN works_registryrecord r ON r.work_id = a.work_id
    CROSS JOIN LATERAL jsonb_array_elements(r.payload -> 'authors') AS person
    WHERE a.author_id = %s AND a.orcid = %s AND a.orcid_asserted_by = 'publisher'
      AND r.payload ->> 'asserted_by' = 'publisher' AND person -> 'identifiers' @> %s::jsonb
    GROUP BY r.registry ORDER BY 2 DESC, 1
"""
STANDS = "SELECT count(*), count(*) FILTER (WHERE orcid = %s) FROM works_authorship WHERE author_id = %s AND orcid <> ''"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrcidOnWorks:
    """A registry tells of `works` works, by their publishers, with the iD at this author's place. `is_authenticated`: on one of them
    the person logged in at ORCID to give it."""

    registry: str
    works: int
    is_authenticated: bool


def deposited(orcid: str, author: Author) -> list[OrcidOnWorks]:
    """Where publishers deposited the iD on the author's works, the registry with most works first. One query on indexes."""
    with connection.cursor() as cursor:
        cursor.execute(DEPOSITED, [author.pk, orcid, orjson.dumps([["orcid", orcid]]).decode()])
        return [OrcidOnWorks(registry=name, works=works, is_authenticated=bool(given)) for name, works, given in cursor.fetchall()]


def why_not(orcid: str, author: Author) -> str:
    """Why an iD that no publisher deposited proves nothing here, as a sentence. One query."""
    with connection.cursor() as cursor:
        cursor.execute(STANDS, [orcid, author.pk])
        given, own = cursor.fetchone()
    if own:
        return f"{orcid} stands on {own} of these works, but only an aggregator says so. Ask a publisher to deposit it with the work’s DOI."
    if given:
        return f"{orcid} is on none of these works, and other iDs are. Another person may be meant."
    return f"{orcid} is on none of these works: no registry gives an iD for them."


# What institutions wrote of employment into the iD's record, as it was last taken in, where it stands at the author's own place of a work.
WRITTEN = """
    SELECT institution.id, coalesce(min(ror.value), institution.public_id), max(r.retrieved_at)::date
    FROM works_authorship a
    JOIN works_registryrecord r ON r.work_id = a.work_id AND r.registry = 'orcid'
    CROSS JOIN LATERAL jsonb_array_elements(r.payload -> 'authors') AS person
    CROSS JOIN LATERAL jsonb_array_elements(person -> 'affiliations') AS employer
    CROSS JOIN LATERAL jsonb_array_elements(employer -> 'identifiers') AS named
    JOIN works_institutionidentifier known ON known.scheme = named ->> 0 AND known.value = named ->> 1
    JOIN works_institution institution ON institution.id = known.institution_id
    LEFT JOIN works_institutionidentifier ror ON ror.institution_id = institution.id AND ror.scheme = 'ror'
    WHERE a.author_id = %s AND a.orcid = %s AND person -> 'identifiers' @> %s::jsonb AND employer ->> 'asserted_by' = 'institution'
    GROUP BY institution.id ORDER BY institution.id
"""


class Employer(NamedTuple):
    """An institution that wrote into somebody's ORCID record that they work there, and the day on which ORCID was last asked.
    `voice` is its ROR id, else our own public id."""

    institution_id: int
    voice: str
    told_on: date


def employers(orcid: str, author: Author) -> list[Employer]:
    """Which institutions, known here, say so themselves in the record of the iD. One query on indexes."""
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN, [author.pk, orcid, orjson.dumps([["orcid", orcid]]).decode()])
        return [Employer(*row) for row in cursor.fetchall()]
