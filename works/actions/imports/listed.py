"""What registries list besides works and institutions: sources, topics, authors, and ids that were merged into others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from django.db import connection
from django.utils import timezone

from works.actions.imports.batch import Tally
from works.actions.imports.entities import SOURCE, find_or_make, find_or_make_topics, source_entity
from works.actions.imports.locks import lock_record
from works.actions.imports.staging import insert_missing, select
from works.actions.shelves import lead_from, owe_shelving
from works.importers.checks import rejected
from works.importers.record import Identifier, ImportedItem, ImportedMergedId, ImportedPerson, ImportedSource, ImportedTopic
from works.models import MergeProposal
from works.signals import subjects_united

# The identifiers of each kind of thing, and whose they are.
OWNERS = {
    "author": ("works_authoridentifier", "author_id"),
    "work": ("works_workidentifier", "work_id"),
    "institution": ("works_institutionidentifier", "institution_id"),
    "source": ("works_sourceidentifier", "source_id"),
}
# What points at institutions and sources, which are united at once: nobody claims them.
POINTING = {
    "institution": [
        ("works_affiliation", "institution_id"),
        ("works_institutionidentifier", "institution_id"),
        ("works_institutionrecord", "institution_id"),
    ],
    "source": [("works_work", "source_id"), ("works_sourceidentifier", "source_id")],
}
# The works and people that stand under some institutions or sources.
CONCERNED = {
    "institution": "SELECT work_id, author_id FROM works_authorship authorship JOIN works_affiliation affiliation"
    " ON affiliation.authorship_id = authorship.id WHERE affiliation.institution_id = ANY(%s)",
    "source": "SELECT work.id, authorship.author_id FROM works_work work"
    " LEFT JOIN works_authorship authorship ON authorship.work_id = work.id WHERE work.source_id = ANY(%s)",
}
SURE = 0.95  # of two authors or works that a registry united: it may be wrong, so that a person decides


def take_in_listed(records: Sequence[tuple[str, ImportedItem]]) -> Tally:
    """Write them; a fixed number of statements for each kind. Places are told where something is left out."""
    tally = Tally()
    lock_record()
    take_in_sources([item for _, item in records if isinstance(item, ImportedSource)], tally)
    take_in_topics([item for _, item in records if isinstance(item, ImportedTopic)], tally)
    take_in_people([(place, item) for place, item in records if isinstance(item, ImportedPerson)], tally)
    for kind in OWNERS:
        take_in_merged_ids(kind, [item for _, item in records if isinstance(item, ImportedMergedId) and item.kind == kind], tally)
    return tally


def owners_of(kind: str, identifiers: Iterable[Identifier]) -> dict[Identifier, int]:
    table, column = OWNERS[kind]
    pairs = sorted(set(identifiers))
    return {
        (scheme, value): owner
        for scheme, value, owner in select(
            f"SELECT scheme, value, {column} FROM {table}"
            " JOIN unnest(%s::text[], %s::text[]) AS wanted (scheme, value) USING (scheme, value)",
            [[scheme for scheme, _ in pairs], [value for _, value in pairs]],
        )
    }


def take_in_sources(sources: Sequence[ImportedSource], tally: Tally) -> None:
    if not sources:
        return
    pairs = {pair for source in sources for pair in source.identifiers}
    standing = owners_of("source", pairs)
    find_or_make(SOURCE, [source_entity(source) for source in sources])
    for source in sources:
        known = sum(pair in standing for pair in source.identifiers)
        tally.new += not known
        tally.changed += 0 < known < len(source.identifiers)
        tally.unchanged += known == len(source.identifiers)


def take_in_topics(topics: Sequence[ImportedTopic], tally: Tally) -> None:
    if not topics:
        return
    labels = {(topic.scheme, topic.code): topic.label for topic in topics}
    keys = sorted(labels)
    before = {
        (scheme, code): label
        for scheme, code, label in select(
            "SELECT scheme, code, label FROM works_topic JOIN unnest(%s::text[], %s::text[]) AS wanted (scheme, code) USING (scheme, code)",
            [[scheme for scheme, _ in keys], [code for _, code in keys]],
        )
    }
    find_or_make_topics(topics)
    renamed = [key for key in keys if key in before and before[key] != labels[key]]
    if renamed:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE works_topic SET label = told.label FROM unnest(%s::text[], %s::text[], %s::text[]) AS told (scheme, code, label)"
                " WHERE works_topic.scheme = told.scheme AND works_topic.code = told.code",
                [[scheme for scheme, _ in renamed], [code for _, code in renamed], [labels[key] for key in renamed]],
            )
    tally.new += len(keys) - len(before)
    tally.changed += len(renamed)
    tally.unchanged += len(topics) - (len(keys) - len(before)) - len(renamed)


def take_in_people(people: Sequence[tuple[str, ImportedPerson]], tally: Tally) -> None:
    """Authors come with their works. Of one who stands in the record, the ORCID iD is kept that the registry ties to its own id; it is the
    registry's cluster, and so no evidence that the person gave it."""
    if not people:
        return
    standing = owners_of("author", {pair for _, person in people for pair in person.identifiers})
    owners = {standing[pair] for pair in standing}
    with_orcid = {
        author
        for (author,) in select(
            "SELECT DISTINCT author_id FROM works_authoridentifier WHERE scheme = 'orcid' AND author_id = ANY(%s)", [sorted(owners)]
        )
    }
    added: dict[Identifier, int] = {}
    for place, person in people:
        author = standing.get(person.identifiers[0])
        orcid = next((pair for pair in person.identifiers if pair[0] == "orcid"), None)
        if author is None:
            tally.rejections.append(
                rejected(place, "no work of this author is in the record; authors come with their works", key=person.identifiers[0][1])
            )
        elif orcid and orcid not in standing and author not in with_orcid and orcid not in added:
            added[orcid] = author
            with_orcid.add(author)
            tally.changed += 1
        else:
            tally.unchanged += 1
    insert_missing(
        "works_authoridentifier",
        {"scheme": "text", "value": "text", "author_id": "int8"},
        sorted((*pair, author) for pair, author in added.items()),
        key=("scheme", "value"),
    )


def take_in_merged_ids(kind: str, merged: Sequence[ImportedMergedId], tally: Tally) -> None:
    """Let an id that was merged away name what the id it was merged into names.

    Where the record knows both, institutions and sources become one; of authors and works, which people may have claimed, a merge is
    proposed.
    """
    if not merged:
        return
    table, _ = OWNERS[kind]
    standing = owners_of(kind, {(item.scheme, value) for item in merged for value in (item.old, item.new)})
    renamed, united, dropped = [], [], []
    for item in merged:
        old, new = standing.get((item.scheme, item.old)), standing.get((item.scheme, item.new))
        if old is None:
            tally.unchanged += 1
            continue
        tally.changed += 1
        if new is None:
            standing[item.scheme, item.new] = old
            renamed.append(item)
        elif new == old:
            dropped.append(item)
        else:
            united.append((old, new, item))
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} USING unnest(%s::text[]) AS gone (value) WHERE scheme = 'openalex' AND {table}.value = gone.value",
            [[item.old for item in dropped]],
        )
        cursor.execute(
            f"UPDATE {table} SET value = told.new FROM unnest(%s::text[], %s::text[]) AS told (old, new)"
            " WHERE scheme = 'openalex' AND value = told.old",
            [[item.old for item in renamed], [item.new for item in renamed]],
        )
    if kind == "work":
        rename_in_records([*renamed, *dropped])
    UNITE[kind](kind, united)


def rename_in_records(merged: Sequence[ImportedMergedId]) -> None:
    """The same in what is kept of records and cards, and in references to works, so that the old id does not come back."""
    pairs = [[item.old for item in merged], [item.new for item in merged]]
    told = "FROM unnest(%s::text[], %s::text[]) AS told (old, new)"
    quoted = "'\"' || told.old || '\"', '\"' || told.new || '\"'"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE works_work work SET card = replace(card::text, {quoted})::jsonb {told}"
            " JOIN works_workidentifier its ON its.scheme = 'openalex' AND its.value = told.new WHERE work.id = its.work_id",
            pairs,
        )
        cursor.execute(
            f"UPDATE works_registryrecord record SET payload = replace(payload::text, {quoted})::jsonb, key = told.new {told}"
            " WHERE record.registry = 'openalex' AND record.key = told.old AND NOT EXISTS"
            " (SELECT 1 FROM works_registryrecord other WHERE other.registry = 'openalex' AND other.key = told.new)",
            pairs,
        )


def propose(kind: str, united: Sequence[tuple[int, int, ImportedMergedId]]) -> None:
    """A proposed merge for each pair that was not proposed before."""
    MergeProposal.objects.bulk_create(
        (
            MergeProposal(
                kind=f"{kind}s",
                score=SURE,
                reasons=[
                    {
                        "says": f"OpenAlex merged its id {item.old} into {item.new}.",
                        "feature": "merged id",
                        "value": f"{item.old} {item.new}",
                    }
                ],
                proposed_at=timezone.now(),
                **{f"{kind}_a_id": min(old, new), f"{kind}_b_id": max(old, new)},
            )
            for old, new, item in united
        ),
        ignore_conflicts=True,
    )


def last_of(into: Mapping[int, int], one: int) -> int:
    """What becomes of one at last, where what it becomes becomes another in turn."""
    while one in into:
        one = into[one]
    return one


def unite(kind: str, united: Sequence[tuple[int, int, ImportedMergedId]]) -> None:
    """Two institutions or sources become the one under the newer id; the old id goes, and the old address leads to the new one."""
    table, _ = OWNERS[kind]
    into: dict[int, int] = {}
    for old, new, _ in united:
        if last_of(into, new) != old:
            into[old] = new
    into = {old: last_of(into, new) for old, new in into.items()}
    ids = [list(into), list(into.values())]
    lead_from(kind=kind, former=into)
    subjects_united.send(sender=MergeProposal, kind=kind, former=into)
    concerned = select(CONCERNED[kind], ids[:1])
    owe_shelving(work_ids={work for work, _ in concerned}, author_ids={author for _, author in concerned if author})
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE scheme = 'openalex' AND value = ANY(%s)", [[item.old for *_, item in united]])
        for pointing, column in POINTING[kind]:
            cursor.execute(
                f"UPDATE {pointing} SET {column} = told.new FROM unnest(%s::bigint[], %s::bigint[]) AS told (old, new)"
                f" WHERE {column} = told.old",
                ids,
            )
        if kind == "institution":
            for own in ("works_institutionname", "works_institutionrelation"):
                cursor.execute(f"DELETE FROM {own} WHERE institution_id = ANY(%s)", ids[:1])
        cursor.execute(f"DELETE FROM works_{kind} WHERE id = ANY(%s)", ids[:1])


UNITE: dict[str, Callable[[str, Sequence[tuple[int, int, ImportedMergedId]]], None]] = {
    "author": propose,
    "work": propose,
    "institution": unite,
    "source": unite,
}
