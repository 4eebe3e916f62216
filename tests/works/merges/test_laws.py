"""Whatever is merged, split and imported, in whatever order: what is undone stands again row by row, and what is counted is right."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from graph.actions.collaborations import count_collaborations, rebuild_graph
from graph.models import Collaboration
from profiles.models import Follow
from tests.factories.imported import import_records
from tests.factories.people import make_user
from tests.factories.records import make_imported_author, make_record
from tests.works.merges.tables import differing, tables
from works.actions.authorships import Answer, decide_authorships
from works.actions.imports.staging import select
from works.actions.journal import Actor
from works.actions.merges import MergeRefused, merge_authors, merge_works, split_author, split_work, undo_merge
from works.importers.record import ImportedAuthor
from works.models import Author, Authorship, Merge, RegistryRecord, Work
from works.models.decision import Role
from works.signals import authorships_changed

STAFF = Actor(account=1, role=Role.STAFF)
ANN = make_imported_author("Ann Lee", identifiers=(("orcid", "0000-0002-1825-0097"),))
BYLINES: list[list[str | ImportedAuthor]] = [
    ["Ann Lee", "Bo Chen"],
    ["Bo Chen", "Cy Dole", "Ann Lee"],
    ["A. Lee", "Bo Chen"],
    [ANN, "Dot Eve"],
    ["Dot Eve", "Cy Dole"],
]
TITLES = ["Moths at night and by day", "The flight of moths at night", "On the wings of butterflies"]


def record(number: int, version: int):
    """One of fifteen works in one of three versions: from two registries, citing one another, with bylines that change."""
    title, byline = TITLES[number % 3], BYLINES[(number + version) % 5]
    registry = "arxiv" if number % 2 else "crossref"
    return make_record(
        f"{title}, part {number}", byline, registry=registry, key=f"{number}", updated=f"202{version}-01-01", topics=[f"t{number % 4}"],
        asserted_by="repository" if number % 2 else "publisher", type="preprint" if number % 2 else "article",
        identifiers=(("doi", f"10.1/{number}"),), references=(("doi", f"10.1/{(number + 1) % 15}"),), abstract=f"Version {version}.",
    )  # fmt: skip


KINDS = ["merge authors", "merge works", "split author", "split work", "undo", "decide", "follow"]
numbers = st.integers(0, 1000)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("import"), st.integers(0, 14), st.integers(0, 2)),
        st.tuples(
            st.sampled_from(["merge authors", "merge works", "split author", "split work", "undo", "decide", "follow"]), numbers, numbers
        ),
    ),
    min_size=4,
    max_size=12,
)


# An import gives an author who was split another place of a work, and the split is undone.
A_SECOND_PLACE = [
    ("merge works", 388, 933), ("split author", 45, 499), ("import", 5, 0), ("import", 3, 1), ("import", 5, 1), ("split author", 307, 5),
    ("merge works", 680, 298), ("merge works", 330, 299), ("decide", 435, 686), ("import", 2, 2), ("import", 0, 0), ("import", 3, 0),
]  # fmt: skip


def take(number: int, version: int) -> None:
    import_records(record(number, version))
    authorships_changed.send(sender=None, author_ids=sorted(Author.objects.values_list("pk", flat=True)))


def pick(rows, number: int):
    found = list(rows.order_by("pk"))
    return found[number % len(found)] if found else None


def change(kind: str, one: int, other: int) -> Merge | None:
    """A merge or split of what the two numbers pick; None where it is refused."""
    authors, works = Author.objects.standing(), Work.objects.standing()
    try:
        if kind == "merge authors":
            return merge_authors(winner_id=pick(authors, one).pk, loser_ids=[pick(authors, other).pk], reason="", by=STAFF)
        if kind == "merge works":
            return merge_works(winner_id=pick(works, one).pk, loser_ids=[pick(works, other).pk], reason="", by=STAFF)
        if kind == "split author":
            author = pick(authors.with_works(), one)
            places = list(Authorship.objects.filter(author=author).order_by("pk").values_list("pk", flat=True))
            return split_author(author_id=author.pk, authorship_ids=places[: 1 + other % len(places)], reason="", by=STAFF)
        work = pick(works, one)
        records = list(RegistryRecord.objects.filter(work=work).order_by("pk").values_list("pk", flat=True))
        return split_work(work_id=work.pk, record_ids=records[: 1 + other % len(records)], reason="", by=STAFF)
    except MergeRefused:
        return None


def redirects_of_splits() -> frozenset[tuple[str, int]]:
    """What an undone split leaves behind on purpose."""
    tables_of = {"author-split": "works_author", "work-split": "works_work"}
    undone = Merge.objects.filter(kind__in=tables_of, undone_at__isnull=False)
    return frozenset((tables_of[merge.kind], other) for merge in undone for other in merge.others)


def decide(one: int, other: int) -> None:
    place = pick(Authorship.objects.filter(author__isnull=False), one)
    author = place.author_id if other % 2 else pick(Author.objects.standing(), other).pk
    decide_authorships([Answer(work=place.work_id, position=place.position, author=author, is_mine=other % 3 > 0)], by=STAFF)


def check_counts() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert (
        select("SELECT id FROM works_author a WHERE works_count <> (SELECT count(*) FROM works_authorship WHERE author_id = a.id)", [])
        == []
    )
    assert not Authorship.objects.filter(author__merged_into__isnull=False).exists()
    assert not Authorship.objects.filter(work__merged_into__isnull=False).exists()
    assert not Follow.objects.filter(author__merged_into__isnull=False).exists()
    assert not RegistryRecord.objects.filter(work__merged_into__isnull=False).exists()
    assert (
        select("SELECT id FROM works_author WHERE merged_into_id IN (SELECT id FROM works_author WHERE merged_into_id IS NOT NULL)", [])
        == []
    )
    for work in Work.objects.standing():
        places = Authorship.objects.filter(work=work).select_related("author").order_by("position")
        assert [person["slug"] for person in work.card["authors"]] == [place.author.slug for place in places]
    while count_collaborations():
        pass
    pairs = ("author_a", "author_b", "works_count", "strength_units", "first_year", "last_year")
    counted = sorted(Collaboration.objects.values_list(*pairs))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    rebuild_graph()
    assert sorted(Collaboration.objects.values_list(*pairs)) == counted
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def play(script, user) -> None:
    for number in range(6):
        take(number, 0)
    standing: list[tuple[Merge, dict, int]] = []  # each with what stood before it, and the number of changes from outside then
    outside = 0
    for kind, one, other in script:
        if kind == "import":
            take(one, other)
            outside += 1
        elif kind == "decide":
            decide(one, other)
            outside += 1
        elif kind == "follow":
            Follow.objects.get_or_create(user=user, author=pick(Author.objects.standing(), one))
            outside += 1
        elif kind == "undo" and standing:
            undo(*standing.pop(), outside)
        elif kind != "undo":
            before = tables()
            if merge := change(kind, one, other):
                standing.append((merge, before, outside))
        check_counts()
    while standing:
        undo(*standing.pop(), outside)
        check_counts()


def undo(merge: Merge, before: dict, outside_then: int, outside: int) -> None:
    """Undone at once, or after merges that are undone themselves, every row is as before; after imports and answers, what they left."""
    try:
        with transaction.atomic():
            undo_merge(merge.pk, by=STAFF)
    except MergeRefused:
        assert outside != outside_then, "nothing but merges came between, and they are undone"
        return
    if outside == outside_then:
        but = redirects_of_splits()
        known = {table: {row_id: row for row_id, row in rows.items() if (table, row_id) not in but} for table, rows in before.items()}
        assert differing(known, tables(but=but)) == []


@pytest.mark.django_db
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # to shrink a script of twelve steps takes longer than to read it
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(script=steps)
@example(script=[("split author", 22, 266), ("follow", 671, 0), ("undo", 0, 0)])
@example(script=A_SECOND_PLACE)
def test_undoing_restores_every_row_and_what_is_counted_is_right(script):
    with transaction.atomic():
        play(script, make_user())
        transaction.set_rollback(True)
