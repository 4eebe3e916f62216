"""Author records that become one, and one that becomes two; and everything back again."""

import pytest
from django.db import transaction

from profiles.models import Follow, StaleTrust
from tests.factories.imported import import_records
from tests.factories.people import make_user
from tests.factories.records import make_imported_author, make_record, meta_knowledge_distillation, noisy_faces
from tests.works.merges.tables import differing, tables
from works.actions.authorships import Answer, decide_authorships
from works.actions.journal import Actor
from works.actions.merges import MergeRefused, merge_authors, preview_author_merge, split_author, undo_merge
from works.actions.proposals import ProposedPair, decline_proposal, propose_merges
from works.models import Author, AuthorIdentifier, Authorship, Merge, MergeProposal, RecordEvent
from works.models.decision import Role

pytestmark = pytest.mark.django_db

STAFF = Actor(account=1, role=Role.STAFF)
ORCID = "0000-0002-1825-0097"


def the(name: str) -> Author:
    return Author.objects.get(name=name)


@pytest.fixture
def pair() -> tuple[Author, Author]:
    """Boxiao Liu of two works, and "B. X. Liu" of a third, who has an iD."""
    liu = make_imported_author("B. X. Liu", identifiers=(("orcid", ORCID),))
    import_records(meta_knowledge_distillation(), noisy_faces(), make_record("A third work on faces", [liu, "Ann Field"], topics=["cs.CV"]))
    return the("Boxiao Liu"), the("B. X. Liu")


def merge(winner: Author, *losers: Author) -> Merge:
    return merge_authors(winner_id=winner.pk, loser_ids=[loser.pk for loser in losers], reason="One person", by=STAFF)


def test_the_winner_has_it_all_and_the_loser_is_a_redirect(pair):
    winner, loser = pair

    merge(winner, loser)

    winner.refresh_from_db()
    loser.refresh_from_db()
    assert (winner.works_count, loser.works_count, loser.merged_into) == (3, 0, winner)
    place = Authorship.objects.get(name="B. X. Liu")
    assert (place.author, place.matched_by) == (winner, "merged")
    place.work.refresh_from_db()
    assert place.work.card["authors"][0] == {"name": "B. X. Liu", "slug": winner.slug}
    assert AuthorIdentifier.objects.get(scheme="orcid").author == winner
    assert list(Author.objects.matching_name("Liu").values_list("pk", flat=True)).count(loser.pk) == 0
    assert winner.other_keys == "b x liu"
    assert list(RecordEvent.objects.values_list("kind", "text")) == [("authors-merged", "One person"), ("author-became-redirect", "")]


def test_an_import_neither_undoes_a_merge_nor_makes_the_loser_again(pair):
    winner, loser = pair
    merge(winner, loser)
    liu = make_imported_author("B. X. Liu", identifiers=(("orcid", ORCID),))
    people = Author.objects.count()

    import_records(
        make_record("A third work on faces", [liu, "Ann Field"], topics=["cs.CV"], abstract="New.", updated="2024-01-01"),
        make_record("A fourth work on faces", [liu], topics=["cs.CV"]),
    )

    assert Author.objects.count() == people
    assert set(Authorship.objects.filter(name="B. X. Liu").values_list("author", flat=True)) == {winner.pk}
    assert not loser.authorships.exists()


def test_follows_move_once_and_come_back(pair):
    winner, loser = pair
    both, only = make_user("both@example.org"), make_user("only@example.org")
    for author, user in ((winner, both), (loser, both), (loser, only)):
        Follow.objects.create(author=author, user=user)
    before = tables()

    done = merge(winner, loser)
    assert set(Follow.objects.values_list("author", "user")) == {(winner.pk, both.pk), (winner.pk, only.pk)}
    assert set(StaleTrust.objects.values_list("author", flat=True)) >= {winner.pk, loser.pk}

    undo_merge(done.pk, by=STAFF)
    assert differing(before, tables()) == []
    done.refresh_from_db()
    assert done.undone_by == STAFF.account


def test_why_two_records_cannot_become_one(pair):
    winner, loser = pair
    yu = the("Yu Liu")
    stranger = the("Ann Field")
    Author.objects.filter(pk=loser.pk).update(is_claimed=True)
    loser.refresh_from_db()

    def reasons(one: Author, other: Author) -> list[str]:
        found = preview_author_merge(one, [other]).refusals
        with pytest.raises(MergeRefused) as refused:
            merge(one, other)
        assert refused.value.reasons == found
        return found

    import_records(make_record("A common work", ["Eve Poe", "Dora Field"]))
    assert reasons(the("Dora Field"), the("Eve Poe")) == [
        "Both stand in the byline of “A common work” (at 1, 2): two people, unless that byline is wrong."
    ]
    assert reasons(winner, yu)[:1] == [
        "Both stand in the byline of “Meta Knowledge Distillation” (at 2, 4): two people, unless that byline is wrong.",
    ]
    assert reasons(winner, loser) == [f"B. X. Liu ({loser.public_id}) is claimed: merge the others into that record, not it into another."]
    assert reasons(winner, winner) == ["Choose two different authors."]
    place = Authorship.objects.get(name="Ann Field", work__title__startswith="A third")
    decide_authorships([Answer(work=place.work_id, position=1, author=stranger.pk, is_mine=False)], by=STAFF)
    assert "take that answer back first" in reasons(loser, stranger)[-1]


def test_a_later_merge_of_the_same_rows_is_undone_first(pair):
    winner, loser = pair
    third = the("Jihao Liu")
    import_records(make_record("Elsewhere", ["C. Cantor"]))
    other = the("C. Cantor")
    before = tables()
    first = merge(winner, loser)
    second = merge(other, winner)
    loser.refresh_from_db()
    assert loser.merged_into == other  # one step from the old address to the page
    assert third.pk

    with pytest.raises(MergeRefused, match=f"number {second.pk}\\) changed the same rows: undo that first"):
        undo_merge(first.pk, by=STAFF)
    undo_merge(second.pk, by=STAFF)
    undo_merge(first.pk, by=STAFF)

    assert differing(before, tables()) == []
    with pytest.raises(MergeRefused, match="undone already"):
        undo_merge(first.pk, by=STAFF)


def test_what_came_since_stays_with_the_winner(pair):
    winner, loser = pair
    done = merge(winner, loser)
    liu = make_imported_author("B. X. Liu", identifiers=(("orcid", ORCID),))
    import_records(make_record("A fourth work on faces", [liu, "Ann Field"], topics=["cs.CV"]))

    undo_merge(done.pk, by=STAFF)

    winner.refresh_from_db()
    loser.refresh_from_db()
    assert (winner.works_count, loser.works_count, loser.merged_into) == (3, 1, None)
    assert AuthorIdentifier.objects.get(scheme="orcid").author == loser


def test_a_later_answer_stands_in_the_way_of_the_undo(pair):
    winner, loser = pair
    done = merge(winner, loser)
    place = Authorship.objects.get(name="B. X. Liu")
    decide_authorships([Answer(work=place.work_id, position=1, author=winner.pk, is_mine=True)], by=STAFF)

    with pytest.raises(MergeRefused, match="Place 1 of “A third work on faces” has been answered for since"):
        undo_merge(done.pk, by=STAFF)


def test_a_split_stays_split(pair):
    winner, _ = pair
    place = Authorship.objects.get(author=winner, work__title="Meta Knowledge Distillation")
    before = tables()

    done = split_author(author_id=winner.pk, authorship_ids=[place.pk], reason="Two people", by=STAFF)

    place.refresh_from_db()
    new = place.author
    assert (new.name, new.works_count, place.matched_by) == ("Boxiao Liu", 1, "split")
    import_records(meta_knowledge_distillation(abstract="New.", updated="2024-01-01"))
    assert Authorship.objects.get(work=place.work, position=place.position).author == new
    assert propose_merges(authors=[ProposedPair(one=winner.pk, other=new.pk, score=0.9)]) == 0
    import_records(meta_knowledge_distillation(updated="2025-01-01"))  # as it was, but for the record's own marks

    undo_merge(done.pk, by=STAFF)

    new.refresh_from_db()
    assert (new.merged_into, new.works_count) == (winner, 0)
    after = tables(but=frozenset({("works_author", new.pk)}))
    for rows in (before, after):
        del rows["works_registryrecord"], rows["works_worktopic"]
    assert differing(before, after) == []


def test_a_split_needs_something_on_both_sides(pair):
    winner, _ = pair
    every = list(winner.authorships.values_list("pk", flat=True))
    for chosen, reason in (([], "Choose at least one work"), (every, "Leave at least one work")):
        with pytest.raises(MergeRefused, match=reason):
            split_author(author_id=winner.pk, authorship_ids=chosen, reason="", by=STAFF)


def test_proposals_wait_are_declined_and_never_come_back(pair):
    winner, loser = pair
    proposed = ProposedPair(one=loser.pk, other=winner.pk, score=0.8, reasons=[{"says": "Same initials.", "feature": "name", "value": 1}])
    assert propose_merges(authors=[proposed, proposed]) == 1
    assert propose_merges(authors=[proposed]) == 1  # renewed
    proposal = MergeProposal.objects.get()
    assert (proposal.author_a_id, proposal.author_b_id) == (min(winner.pk, loser.pk), max(winner.pk, loser.pk))

    decline_proposal(proposal.pk, by=STAFF)

    assert propose_merges(authors=[proposed]) == 0
    # Nor for who took the place of one of them.
    import_records(make_record("Elsewhere", ["C. Cantor"]))
    with transaction.atomic():
        merge(the("C. Cantor"), loser)
    assert propose_merges(authors=[ProposedPair(one=the("C. Cantor").pk, other=winner.pk, score=0.9)]) == 0


def test_a_merge_settles_the_proposals_about_its_parties(pair):
    winner, loser = pair
    other = the("Hongsheng Li")
    pairs = [(winner, loser), (loser, other)]
    propose_merges(authors=[ProposedPair(one=a.pk, other=b.pk, score=0.8) for a, b in pairs])

    done = merge(winner, loser)
    assert sorted(MergeProposal.objects.values_list("state", flat=True)) == ["accepted", "superseded"]

    undo_merge(done.pk, by=STAFF)
    assert set(MergeProposal.objects.values_list("state", "merge")) == {("open", None)}
