"""What a dump holds: for each file the statement that reads its lines, and what is taken out of them. Nothing private is ever selected.

Things are named by their public ids, so that a dump means the same in every database. Lines stand in the order in which their things were
recorded, which restoring keeps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from works.names import printed_name, without_addresses

FORMAT = "bzpeer-record"
VERSION = 1
LEFT_OUT = [
    "accounts, e-mail addresses, follows, claims, evidence, invitations, messages, reports, reviews and their audit",
    "what people say of themselves on their pages, and whether a page is claimed; in the place of hidden names stands the present one",
    "people who objected to a page: their works stay, with the name as printed and nobody behind it",
    "e-mail addresses in printed affiliations",
    "the registries' own records, from which works are derived again; import runs, answers, merges and what can be undone of them",
    "what is computed: trust, collaborations, graphs, counts, search; it follows from the record, and trust from evidence too",
]
LICENCE = (
    "The metadata of each registry on that registry's own terms, which stand under registries (of those that the record may be made from);"
    " the text of an abstract is its publisher's or its author's."
)

IDENTIFIERS = """
    coalesce((SELECT json_agg(json_build_array(i.scheme, i.value) ORDER BY i.scheme COLLATE "C", i.value COLLATE "C")
        FROM {table} i WHERE i.{key} = {of}), '[]')
"""
SOURCES = f"""
    SELECT s.public_id AS id, s.name, s.kind,
        {IDENTIFIERS.format(table="works_sourceidentifier", key="source_id", of="s.id")} AS identifiers
    FROM works_source s ORDER BY s.id
"""
TOPICS = "SELECT public_id AS id, scheme, code, label FROM works_topic ORDER BY works_topic.id"
INSTITUTIONS = f"""
    SELECT n.public_id AS id, n.name, n.country_code, n.city, n.kind, n.status,
        {IDENTIFIERS.format(table="works_institutionidentifier", key="institution_id", of="n.id")} AS identifiers,
        coalesce((SELECT json_agg(json_build_array(a.registry, a.kind, a.name) ORDER BY a.id)
            FROM works_institutionname a WHERE a.institution_id = n.id), '[]') AS names,
        coalesce((SELECT json_agg(json_build_array(r.registry, r.kind, r.scheme, r.value) ORDER BY r.id)
            FROM works_institutionrelation r WHERE r.institution_id = n.id), '[]') AS relations
    FROM works_institution n ORDER BY n.id
"""
AUTHORS = f"""
    SELECT a.public_id AS id, a.name,
        coalesce((SELECT json_agg(o.name ORDER BY o.id)
            FROM works_authorname o WHERE o.author_id = a.id AND o.is_public), '[]') AS other_names,
        {IDENTIFIERS.format(table="works_authoridentifier", key="author_id", of="a.id")} AS identifiers,
        a.created_at AS recorded_at
    FROM works_author a WHERE a.merged_into_id IS NULL AND NOT a.is_suppressed ORDER BY a.id
"""
# Who hides names has other keys; nobody else's are looked for.
WORKS = f"""
    SELECT w.public_id AS id, w.type, w.title, w.abstract, w.abstract_from, w.year, w.published_on, w.language, w.notice,
        s.public_id AS source, w.volume, w.issue, w.pages, w.publisher, w.authors_count, w.is_byline_cut,
        {IDENTIFIERS.format(table="works_workidentifier", key="work_id", of="w.id")} AS identifiers,
        coalesce((SELECT json_agg(t.public_id ORDER BY wt.place, wt.id)
            FROM works_worktopic wt JOIN works_topic t ON t.id = wt.topic_id WHERE wt.work_id = w.id), '[]') AS topics,
        coalesce((SELECT json_agg(json_build_object(
            'position', p.position, 'author', a.public_id, 'name', p.name, 'present', a.name,
            'hidden', CASE WHEN a.other_keys <> '' THEN
                (SELECT json_agg(h.name_key) FROM works_authorname h WHERE h.author_id = a.id AND NOT h.is_public) END,
            'orcid', p.orcid, 'orcid_asserted_by', p.orcid_asserted_by, 'matched_by', p.matched_by, 'confidence', p.confidence,
            'affiliations', coalesce((SELECT json_agg(json_build_object(
                'place', f.place, 'raw', f.raw, 'institution', n.public_id, 'asserted_by', f.asserted_by, 'is_inferred', f.is_inferred
            ) ORDER BY f.place) FROM works_affiliation f LEFT JOIN works_institution n ON n.id = f.institution_id
            WHERE f.authorship_id = p.id), '[]')
        ) ORDER BY p.position)
        FROM works_authorship p LEFT JOIN works_author a ON a.id = p.author_id AND NOT a.is_suppressed AND a.merged_into_id IS NULL
        WHERE p.work_id = w.id), '[]') AS authorships,
        w.created_at AS recorded_at
    FROM works_work w LEFT JOIN works_source s ON s.id = w.source_id WHERE w.merged_into_id IS NULL ORDER BY w.id
"""
REFERENCES = """
    SELECT w.public_id AS work,
        (SELECT json_agg(json_build_array(r.scheme, r.value, c.public_id) ORDER BY r.scheme COLLATE "C", r.value COLLATE "C")
            FROM works_reference r LEFT JOIN works_work c ON c.id = r.cited_id WHERE r.work_id = w.id) AS "references"
    FROM works_work w WHERE w.merged_into_id IS NULL AND EXISTS (SELECT FROM works_reference r WHERE r.work_id = w.id) ORDER BY w.id
"""
NOTICES = """
    SELECT registry, key, kind, scheme, value, notice_scheme, notice_value, title, published_on FROM works_notice ORDER BY id
"""
REDIRECTS = """
    SELECT kind, id, "to" FROM (
        SELECT 'author' AS kind, gone.public_id AS id, stays.public_id AS "to", gone.id AS place
        FROM works_author gone JOIN works_author stays ON stays.id = gone.merged_into_id
        WHERE stays.merged_into_id IS NULL AND NOT gone.is_suppressed AND NOT stays.is_suppressed
        UNION ALL
        SELECT 'work', gone.public_id, stays.public_id, gone.id
        FROM works_work gone JOIN works_work stays ON stays.id = gone.merged_into_id WHERE stays.merged_into_id IS NULL
        UNION ALL
        SELECT f.kind, f.public_id, coalesce(t.public_id, n.public_id, s.public_id), 0
        FROM works_formerid f
        LEFT JOIN works_topic t ON f.kind = 'topic' AND t.id = f.subject
        LEFT JOIN works_institution n ON f.kind = 'institution' AND n.id = f.subject
        LEFT JOIN works_source s ON f.kind = 'source' AND s.id = f.subject
        WHERE coalesce(t.id, n.id, s.id) IS NOT NULL
    ) AS redirects ORDER BY kind COLLATE "C", place, id COLLATE "C"
"""


class Content(NamedTuple):
    """One file: its name, the statement, what is done to each line before it is written, and how many rows are fetched at a time."""

    name: str
    statement: str
    mended: Callable[[dict[str, Any]], dict[str, Any]]
    at_once: int


def as_it_is(line: dict[str, Any]) -> dict[str, Any]:
    return line


def without_mail(line: dict[str, Any]) -> dict[str, Any]:
    """An author without identifiers that are somebody's address."""
    line["identifiers"] = [one for one in line["identifiers"] if "@" not in one[1]]
    return line


def as_shown(line: dict[str, Any]) -> dict[str, Any]:
    """A work as everybody may read it: no hidden names, no addresses."""
    for place in line["authorships"]:
        hidden, present = place.pop("hidden"), place.pop("present")
        if hidden:
            place["name"] = printed_name(place["name"], present, hidden)
        for affiliation in place["affiliations"]:
            affiliation["raw"] = without_addresses(affiliation["raw"])
    return line


# In the order in which they are restored: each names only what stands in those before it.
CONTENTS = [
    Content("sources", SOURCES, as_it_is, 1_000),
    Content("topics", TOPICS, as_it_is, 1_000),
    Content("institutions", INSTITUTIONS, as_it_is, 1_000),
    Content("authors", AUTHORS, without_mail, 1_000),
    Content("works", WORKS, as_shown, 50),
    Content("references", REFERENCES, as_it_is, 50),
    Content("notices", NOTICES, as_it_is, 1_000),
    Content("redirects", REDIRECTS, as_it_is, 1_000),
]
