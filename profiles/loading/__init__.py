"""Rows to the inputs of trust, for many authors at once. Nothing else knows both the tables and profiles.trust.

`record` reads what registries say, `people` who holds the record, what was proved and what staff found, `network` who has confirmed what
together with whom. Verification levels of others are read as they were last computed: profiles.actions.trust marks whoever depends on one
that changed, so that all comes to rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from profiles.loading.network import load_network
from profiles.loading.people import load_people
from profiles.loading.record import load_records
from profiles.trust.levels import Kind
from profiles.trust.score import Inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The inputs, and the words for what stands in them as keys: institutions, people as [name, address], works as [title, address]."""

    inputs: Inputs
    institutions: dict[str, str]
    people: dict[str, list[str]]
    titles: dict[str, list[str]]


def load_inputs(author_ids: Iterable[int], *, on: date) -> dict[int, Inputs]:
    """The inputs of these authors' trust on a day."""
    return {author_id: page.inputs for author_id, page in load_pages(author_ids, on=on).items()}


def load_pages(author_ids: Iterable[int], *, on: date) -> dict[int, Page]:
    """The inputs of these authors' trust on a day, as the rows have them. Fourteen queries, for one author or for a thousand."""
    ids = sorted(set(author_ids))
    records = load_records(ids)
    people = load_people(ids)
    network = load_network(ids)
    pages = {}
    for author_id in ids:
        person = people[author_id]
        spoken = {
            ("institution", person.institutions.get(item.institution, item.institution))
            for item in person.evidence
            if item.kind is Kind.ORCID_AFFILIATION and item.institution and item.is_live(on=on)
        }
        record = records[author_id]
        inputs = Inputs(
            record=replace(record, affiliations=record.affiliations | spoken) if spoken else record,
            on=on,
            evidence=tuple(person.evidence),
            vouchers=tuple(network.vouchers[author_id]),
            findings=tuple(person.findings),
            ceilings=tuple(person.ceilings),
            is_suspended=person.is_suspended,
        )
        pages[author_id] = Page(inputs=inputs, institutions=person.institutions, people=network.people, titles=network.titles)
    return pages
