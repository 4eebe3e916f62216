"""What a merge would do, before it is done. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from works.actions.imports.staging import select
from works.actions.merges.parties import against_authors, against_works, ids_of
from works.models import Author, AuthorIdentifier, Authorship, Work

SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`refusals`: why it cannot be; `warnings`: what speaks against it; `moves`: (what, how many); `sample`: the first of the places that
    would move; `more`: how many further ones.
    """

    refusals: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    moves: list[tuple[str, int]] = field(default_factory=list)
    sample: list[Authorship] = field(default_factory=list)
    more: int = 0

    @property
    def is_possible(self) -> bool:
        return not self.refusals


def preview_author_merge(winner: Author, losers: Sequence[Author]) -> Preview:
    """What merging the losers into the winner would move. Eight queries, however much it is."""
    if refusals := against_authors(winner, losers):
        return Preview(refusals=refusals)
    ids = [loser.pk for loser in losers]
    places = Authorship.objects.filter(author__in=ids)
    of = places.count()
    counts = select(
        """
        SELECT (SELECT count(*) FROM works_authoridentifier WHERE author_id = ANY(%(ids)s)),
            (SELECT count(*) FROM works_authorshipdecision WHERE author_id = ANY(%(ids)s)),
            (SELECT count(*) FROM works_correction WHERE author_id = ANY(%(ids)s) AND state = 'open')
        """,
        {"ids": ids},
    )[0]
    orcids: dict[int, set[str]] = {}
    for author, value in AuthorIdentifier.objects.filter(author__in=[winner.pk, *ids], scheme="orcid").values_list("author", "value"):
        orcids.setdefault(author, set()).add(value)
    warnings = []
    if len(orcids) > 1:
        warnings.append(
            "They have different ORCID iDs: registries take them for different people. "
            "Some people do have two; look at both iDs before you go on."
        )
    if winner.is_claimed:
        warnings.append("The record that stays is claimed: its owner will see what was added.")
    return Preview(
        warnings=warnings,
        moves=[
            ("works", of),
            ("identifiers", counts[0]),
            ("answers by people", counts[1]),
            ("open corrections", counts[2]),
        ],
        sample=list(places.select_related("work").newest_first()[:SHOWN]),
        more=max(0, of - SHOWN),
    )


def preview_work_merge(winner: Work, losers: Sequence[Work]) -> Preview:
    """What merging the losers into the winner would move. Five queries, however much it is."""
    if refusals := against_works(winner, losers):
        return Preview(refusals=refusals)
    ids = [loser.pk for loser in losers]
    warnings = []
    for scheme, values in select(
        """
        SELECT scheme, array_agg(value ORDER BY value) FROM works_workidentifier
        WHERE work_id = ANY(%s) AND scheme IN ('arxiv', 'pmid', 'openalex')
        GROUP BY scheme HAVING count(DISTINCT work_id) > 1 ORDER BY scheme
        """,
        [ids_of(winner, losers)],
    ):
        warnings.append(f"They have different identifiers of one registry ({scheme}: {', '.join(values)}), which has told them apart.")
    counts = select(
        """
        SELECT (SELECT count(*) FROM works_registryrecord WHERE work_id = ANY(%(ids)s)),
            (SELECT count(*) FROM works_workidentifier WHERE work_id = ANY(%(ids)s)),
            (SELECT count(*) FROM works_reference WHERE work_id = ANY(%(ids)s)),
            (SELECT count(*) FROM works_reference WHERE cited_id = ANY(%(ids)s)),
            (SELECT count(*) FROM works_authorshipdecision WHERE work_id = ANY(%(ids)s))
        """,
        {"ids": ids},
    )[0]
    names = ("registry records", "identifiers", "references", "citations", "answers by people")
    return Preview(
        warnings=warnings,
        moves=list(zip(names, counts, strict=True)),
        sample=list(Authorship.objects.filter(work__in=ids).select_related("work").order_by("work", "position")[:SHOWN]),
        more=max(0, sum(loser.authors_count for loser in losers) - SHOWN),
    )
