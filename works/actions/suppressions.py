"""An objection, carried out: the page goes, and what is left are hashes by which no import brings it back."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Q

from works.actions.attribution.writing import refresh_slugs
from works.actions.imports.locks import lock_record
from works.actions.imports.staging import select
from works.actions.imports.suppressed import (
    COAUTHORS_UP_TO,
    SUPPRESSED,
    known_as,
    of_coauthor,
    of_identifier,
    of_name,
    of_whole_name,
    of_work,
)
from works.actions.journal import Actor, append, event_by
from works.actions.search import forget_completions
from works.models import (
    Author,
    AuthorIdentifier,
    AuthorName,
    Authorship,
    AuthorshipDecision,
    Correction,
    Merge,
    MergeProposal,
    MovedRow,
    Suppression,
    SuppressionMark,
)
from works.signals import author_suppressed, authorships_changed

NOBODY = "Removed"


class SuppressionRefused(ValueError):
    """The page cannot be removed. The message is for who asked."""


@transaction.atomic
def suppress_author(*, author_id: int, by: Actor) -> Suppression:
    """Remove an author's page for good. Their works stay, with the name as printed. About thirty statements, and the works' of this author.

    The row stays as an empty one that nothing leads to, so that its address is never somebody else's. A claimed page is given up first.
    """
    lock_record()
    author = Author.objects.select_for_update().get(pk=author_id)
    if author.is_claimed:
        raise SuppressionRefused("Somebody holds this page. Its owner gives it up, or staff revoke the claim, before it is removed.")
    if author.is_suppressed or author.merged_into_id:
        raise SuppressionRefused("This page is not there any more.")
    everywhere = [author_id, *Author.objects.filter(merged_into=author).values_list("pk", flat=True)]
    suppression = hash_person(author, everywhere)
    works = set(Authorship.objects.filter(author=author).values_list("work", flat=True))
    coauthors = set(Authorship.objects.filter(work__in=works, author__isnull=False).values_list("author", flat=True)) - {author_id}
    Authorship.objects.filter(author=author).update(
        author=None, matched_by=SUPPRESSED, confidence=None, evidence={}, block="", person_ids=[], orcid="", orcid_asserted_by=""
    )
    forget(everywhere)
    Author.objects.filter(pk__in=everywhere).update(
        name=NOBODY,
        name_key="",
        other_keys="",
        summary={},
        works_count=0,
        topics_count=0,
        first_year=None,
        last_year=None,
        is_suppressed=True,
    )
    refresh_slugs(works)
    append(event_by(by, "author-suppressed", author=author_id, suppression=suppression.pk))
    author_suppressed.send(sender=Author, author_ids=everywhere, public_id=author.public_id)
    authorships_changed.send(sender=Author, author_ids=sorted({author_id, *coauthors}))
    return suppression


def hash_person(author: Author, everywhere: list[int]) -> Suppression:
    """Hash what a record may say of this person."""
    places = list(Authorship.objects.filter(author=author).select_related("work").only("name", "orcid", "person_ids", "work__title_hash"))
    identifiers = set(AuthorIdentifier.objects.filter(author__in=everywhere).values_list("scheme", "value"))
    identifiers |= {("orcid", place.orcid) for place in places if place.orcid}
    identifiers |= {(scheme, value) for place in places for scheme, _, value in (one.partition(":") for one in place.person_ids)}
    names = set(Author.objects.filter(pk__in=everywhere).values_list("name", flat=True)) | {place.name for place in places}
    names |= set(AuthorName.objects.filter(author__in=everywhere).values_list("name", flat=True))
    tokens = set().union(*(known_as(name) for name in names))
    works = [place.work_id for place in places]
    marks = {of_identifier(*one) for one in identifiers} | {of_name(token) for token in tokens}
    for token in tokens:
        marks |= {of_work(token, "title", str(place.work.title_hash)) for place in places}
    for scheme, value in select("SELECT scheme, value FROM works_workidentifier WHERE work_id = ANY(%s)", [works]):
        marks |= {of_work(token, scheme, value) for token in tokens}
    for (name,) in select(
        "SELECT DISTINCT name FROM works_authorship WHERE work_id = ANY(%s) AND position <= %s AND author_id IS DISTINCT FROM %s",
        [works, COAUTHORS_UP_TO, author.pk],
    ):
        marks |= {of_coauthor(token, name) for token in tokens}
    keys = {author.name_key, *filter(None, author.other_keys.split("\n"))}
    shared = set(Author.objects.with_works().filter(name_key__in=keys).exclude(pk__in=everywhere).values_list("name_key", flat=True))
    if not shared:
        marks |= {of_whole_name(token) for token in tokens if token.startswith("name ")}
    suppression = Suppression.objects.create(has_orcid=any(scheme == "orcid" for scheme, _ in identifiers))
    SuppressionMark.objects.bulk_create(SuppressionMark(suppression=suppression, digest=mark) for mark in sorted(marks))
    return suppression


def forget(authors: list[int]) -> None:
    """What else names these authors: identifiers, names, answers, doubts, proposals; and the journals of merges, never to be undone."""
    for table in (AuthorIdentifier, AuthorName, AuthorshipDecision, Correction):
        table._default_manager.filter(author__in=authors).delete()  # noqa: SLF001 -- Django's public way
    MergeProposal.objects.filter(Q(author_a__in=authors) | Q(author_b__in=authors)).delete()
    merges = Merge.objects.filter(Q(winner__in=authors) | Q(others__overlap=authors), kind__in=Merge.ABOUT["author"])
    MovedRow.objects.filter(merge__in=merges).delete()
    merges.update(parties={"winner": [NOBODY, ""], "others": []}, reason="")
    forget_completions(author_ids=authors)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM works_authorword WHERE author_id = ANY(%s)", [authors])
        cursor.execute(
            "UPDATE works_namecompletion SET author_ids = (SELECT coalesce(array_agg(one), '{}') FROM unnest(author_ids) one"
            " WHERE one <> ALL(%(ids)s::bigint[])) WHERE author_ids && %(ids)s::bigint[]",
            {"ids": authors},
        )
