"""Who holds an author record, what was proved of them, and what staff found. Only the evidence of who holds the record counts: a claim that
nobody approved, whatever was proved with it, reaches no level and no score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from profiles.loading.rows import rows
from profiles.trust.levels import VOUCHES, VOUCHING_LEVEL, Evidence, Kind
from profiles.trust.score import Band, Ceiling, Finding

# An institution's key: its ROR id, else our own public id.
KEY = """coalesce((SELECT min(ror.value) FROM works_institutionidentifier ror WHERE ror.institution_id = {0}.id AND ror.scheme = 'ror'),
    {0}.public_id)"""
HOLDERS = """
    SELECT p.author_id, u.date_joined,
        (SELECT max(greatest(factor.last_used_at, factor.created_at)) FROM mfa_authenticator factor
         WHERE factor.user_id = u.id AND factor.type <> 'recovery_codes')
    FROM profiles_profile p JOIN profiles_user u ON u.id = p.user_id
    WHERE p.author_id = ANY(%(authors)s) AND u.is_active
"""
# Another person's word counts while that person is verified without anybody else's word, and for an attestation while the two share a
# work of at most 25 authors. An iD on a work counts while a work of the record has it. Who speaks at which institution is as it was last
# computed for them.
EVIDENCE = f"""
    SELECT e.author_id, e.kind, e.dated, e.source, e.expires_on,
        CASE WHEN e.kind = ANY(%(vouches)s) THEN giver.institution ELSE {KEY.format("i")} END,
        CASE WHEN e.kind = ANY(%(vouches)s) THEN giver.institution_name ELSE i.name END
    FROM profiles_profile p
    JOIN profiles_user u ON u.id = p.user_id AND u.is_active
    JOIN profiles_evidence e ON e.user_id = p.user_id AND e.author_id = p.author_id AND e.status = 'proved' AND e.kind = ANY(%(kinds)s)
    LEFT JOIN works_institution i ON i.id = e.institution_id
    LEFT JOIN profiles_profile speaker ON speaker.user_id = e.given_by_id
    LEFT JOIN profiles_trust giver ON giver.author_id = speaker.author_id AND giver.own_level >= %(vouching_level)s
    WHERE p.author_id = ANY(%(authors)s)
      AND (e.kind <> ALL(%(vouches)s) OR giver.author_id IS NOT NULL)
      AND (e.kind <> %(attestation)s OR EXISTS (
          SELECT FROM graph_collaboration c
          WHERE c.author_a_id = least(e.author_id, giver.author_id) AND c.author_b_id = greatest(e.author_id, giver.author_id)
            AND c.strength_units > 0
      ))
      AND (e.kind <> 'orcid-on-work' OR EXISTS (
          SELECT FROM works_authorship s WHERE s.author_id = e.author_id AND s.orcid = e.value AND s.orcid_asserted_by = 'publisher'
      ))
"""
# Where publishers print that the holders of records work, and since when. A work without a day counts from the end of its year.
PRINTED = f"""
    SELECT s.author_id, {KEY.format("i")}, i.name,
        EXISTS (SELECT FROM works_institutionidentifier ror WHERE ror.institution_id = i.id AND ror.scheme = 'ror'),
        min(printed.on_day), max(printed.on_day)
    FROM profiles_profile p
    JOIN works_authorship s ON s.author_id = p.author_id
    JOIN works_affiliation f ON f.authorship_id = s.id AND f.asserted_by = 'publisher'
    JOIN works_institution i ON i.id = f.institution_id
    JOIN works_work w ON w.id = s.work_id
    CROSS JOIN LATERAL (SELECT coalesce(w.published_on, make_date(w.year, 12, 31), w.created_at::date) AS on_day) printed
    WHERE p.author_id = ANY(%(authors)s)
    GROUP BY s.author_id, i.id
"""
FINDINGS = """
    SELECT author_id, public_id, kind, status, reported_at, ceiling_micropoints, ceiling_band
    FROM profiles_finding WHERE author_id = ANY(%(authors)s) AND status <> 'dismissed'
"""
SUSPENDED = "SELECT author_id FROM profiles_suspension WHERE author_id = ANY(%(authors)s) AND ended_at IS NULL"


@dataclass(slots=True)
class Person:
    """What is known of who holds a record, and of what staff found about it. `institutions` gives names to the keys in the evidence."""

    evidence: list[Evidence] = field(default_factory=list)
    institutions: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    ceilings: list[Ceiling] = field(default_factory=list)
    is_suspended: bool = False


def load_people(author_ids: Sequence[int]) -> dict[int, Person]:
    """Evidence, findings and suspensions of these authors. Five queries."""
    people = {author_id: Person() for author_id in author_ids}
    given: dict[str, Any] = {
        "authors": list(people),
        "kinds": [str(kind) for kind in Kind],
        "vouches": sorted(str(kind) for kind in VOUCHES),
        "vouching_level": VOUCHING_LEVEL,
        "attestation": str(Kind.COAUTHOR_ATTESTATION),
    }
    for author_id, joined, factor_used in rows(HOLDERS, given):
        person = people[author_id]
        person.evidence.append(Evidence(kind=Kind.ACCOUNT, dated=joined.date()))
        if factor_used:
            person.evidence.append(Evidence(kind=Kind.SECOND_FACTOR, dated=factor_used.date()))
    for author_id, kind, dated, source, expires, institution, name in rows(EVIDENCE, given):
        person = people[author_id]
        person.institutions[institution or ""] = name or ""
        person.evidence.append(Evidence(kind=Kind(kind), dated=dated, source=source, institution=institution or "", expires=expires))
    for author_id, institution, name, has_ror, first, last in rows(PRINTED, given):
        person = people[author_id]
        person.institutions[institution] = name
        # The oldest print decides whether it backs a mail address, and only a ROR id can; the newest says where somebody speaks from.
        person.evidence.append(
            Evidence(kind=Kind.PUBLISHER_AFFILIATION, dated=first, source="publisher", institution=institution * has_ror)
        )
        if last != first or not has_ror:
            person.evidence.append(Evidence(kind=Kind.PUBLISHER_AFFILIATION, dated=last, source="publisher", institution=institution))
    load_findings(people, given)
    for (author_id,) in rows(SUSPENDED, given):
        people[author_id].is_suspended = True
    return people


def load_findings(people: dict[int, Person], given: dict[str, Any]) -> None:
    for author_id, key, kind, status, reported_at, micropoints, band in rows(FINDINGS, given):
        is_open = status in {"reported", "case"}
        people[author_id].findings.append(Finding(key=key, kind=Finding.Kind(kind), is_upheld=not is_open, found_on=reported_at.date()))
        if is_open and micropoints is not None:
            people[author_id].ceilings.append(Ceiling(micropoints=micropoints, band=Band(band)))
