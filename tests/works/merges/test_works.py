"""Works that become one, and one that becomes two; and everything back again."""

import pytest

from tests.factories.imported import import_records
from tests.factories.records import make_imported_author, make_record
from tests.factories.works import make_author
from tests.works.merges.tables import differing, tables
from works.actions.authorships import Answer, decide_authorships
from works.actions.journal import Actor
from works.actions.merges import MergeRefused, merge_works, preview_work_merge, split_work, undo_merge
from works.actions.merges.authors import recount
from works.models import (
    Author,
    AuthorIdentifier,
    Authorship,
    AuthorshipDecision,
    Merge,
    MergeProposal,
    Reference,
    RegistryRecord,
    Work,
    WorkIdentifier,
)
from works.models.decision import Role
from works.models.finding import find_works

pytestmark = pytest.mark.django_db

STAFF = Actor(account=1, role=Role.STAFF)
ARXIV, DOI = ("arxiv", "2201.00001"), ("doi", "10.5555/moths")


def preprint(**fields):
    people = ["Ada Byron", "Bo Chen", "Cy Dole"]
    return make_record("Moths at night", people, topics=["q-bio"], **{"key": "2201.00001", "identifiers": (ARXIV,)} | fields)


def article(**fields):
    """The same under another title, with one author more, and an identifier of Bo Chen."""
    bo = make_imported_author("Bo Chen", identifiers=(("openalex", "A1"),))
    given = {
        "registry": "crossref", "key": DOI[1], "identifiers": (DOI,), "type": "article", "asserted_by": "publisher", "year": 2023,
        "references": (("doi", "10.5555/other"),),
    } | fields  # fmt: skip
    return make_record("Nocturnal flight of moths", ["Cy Dole", bo, "Ada Byron", "Dot Eve"], topics=["entomology"], **given)


def citing():
    return make_record("A survey of moths", ["Zoe Young"], references=(ARXIV, DOI))


@pytest.fixture
def both() -> tuple[Work, Work]:
    import_records(preprint(), article(), citing(), make_record("Other moths", ["Dot Eve", "Cy Dole"]))
    works = Work.objects.get(title="Moths at night"), Work.objects.get(title="Nocturnal flight of moths")
    # The importer took the two of the name for one; here they are two.
    other = make_author("Bo Chen")
    Authorship.objects.filter(work=works[1], name="Bo Chen").update(author=other)
    AuthorIdentifier.objects.update(author=other)
    recount(authors=list(Author.objects.values_list("pk", flat=True)), works=[work.pk for work in works])
    return works


def merge(winner: Work, loser: Work) -> Merge:
    return merge_works(winner_id=winner.pk, loser_ids=[loser.pk], reason="One work", by=STAFF)


def test_a_preprint_and_its_article_become_one_and_two_again(both):
    winner, loser = both
    before = tables()
    assert dict(preview_work_merge(winner, [loser]).moves) == {
        "registry records": 1, "identifiers": 1, "references": 1, "citations": 1, "answers by people": 0
    }  # fmt: skip

    done = merge(winner, loser)

    winner.refresh_from_db()
    loser.refresh_from_db()
    assert loser.merged_into == winner
    assert (winner.title, winner.type, winner.year) == ("Nocturnal flight of moths", "article", 2023)
    assert [name for name, in Authorship.objects.filter(work=winner).order_by("position").values_list("name")] == [
        "Cy Dole", "Bo Chen", "Ada Byron", "Dot Eve"
    ]  # fmt: skip
    assert not loser.authorships.exists()
    assert set(winner.identifiers.values_list("scheme", "value")) == {ARXIV, DOI}
    assert set(Reference.objects.filter(work__title="A survey of moths").values_list("cited", flat=True)) == {winner.pk}
    assert find_works("moths flight").ids == (winner.pk,)
    assert [person["name"] for person in winner.card["authors"]] == ["Cy Dole", "Bo Chen", "Ada Byron", "Dot Eve"]
    # Those who stood in one of the bylines only are one with their namesakes now; the iD came along.
    assert AuthorIdentifier.objects.get(value="A1").author == Authorship.objects.get(work=winner, name="Bo Chen").author
    assert Author.objects.standing().filter(name="Bo Chen").count() == 1
    cy = Authorship.objects.get(work=winner, name="Cy Dole").author
    assert cy.works_count == 2  # the one of two works kept the place

    undo_merge(done.pk, by=STAFF)
    assert differing(before, tables()) == []


def test_a_later_copy_stays_with_the_winner_and_goes_back_with_its_record(both):
    winner, loser = both
    done = merge(winner, loser)
    works = Work.objects.count()

    import_records(article(abstract="What flies at night.", updated="2024-01-01"), preprint(abstract="Dark.", updated="2024-01-01"))
    winner.refresh_from_db()
    assert (Work.objects.count(), winner.abstract) == (works, "What flies at night.")

    undo_merge(done.pk, by=STAFF)

    winner.refresh_from_db()
    loser.refresh_from_db()
    assert (winner.title, winner.abstract, loser.title, loser.abstract, loser.merged_into) == (
        "Moths at night", "Dark.", "Nocturnal flight of moths", "What flies at night.", None
    )  # fmt: skip
    assert set(WorkIdentifier.objects.values_list("value", "work")) >= {(ARXIV[1], winner.pk), (DOI[1], loser.pk)}
    names = {work: list(Authorship.objects.filter(work=work).order_by("position").values_list("name", flat=True)) for work in both}
    assert names == {winner: ["Ada Byron", "Bo Chen", "Cy Dole"], loser: ["Cy Dole", "Bo Chen", "Ada Byron", "Dot Eve"]}
    assert Authorship.objects.get(work=winner, name="Bo Chen").author != Authorship.objects.get(work=loser, name="Bo Chen").author


def test_answers_come_along_to_their_new_places(both):
    winner, loser = both
    ada = Authorship.objects.get(work=winner, name="Ada Byron").author
    dot = Authorship.objects.get(work=loser, name="Dot Eve").author
    decide_authorships(
        [Answer(work=winner.pk, position=1, author=ada.pk, is_mine=True), Answer(work=loser.pk, position=4, author=dot.pk, is_mine=True)],
        by=STAFF,
    )

    merge(winner, loser)

    assert set(AuthorshipDecision.objects.values_list("work", "position", "author")) == {(winner.pk, 3, ada.pk), (winner.pk, 4, dot.pk)}
    assert set(Authorship.objects.filter(matched_by="decided").values_list("author", flat=True)) == {ada.pk, dot.pk}


def test_a_claimed_namesake_is_proposed_and_not_merged(both):
    winner, loser = both
    people = {work: Authorship.objects.get(work=work, name="Bo Chen").author for work in both}
    Author.objects.filter(pk=people[winner].pk).update(is_claimed=True)

    merge(winner, loser)

    assert Authorship.objects.get(work=winner, name="Bo Chen").author == people[winner]
    assert not Author.objects.filter(pk=people[loser].pk, merged_into__isnull=False).exists()
    pairs = set(MergeProposal.objects.filter(state="open").values_list("author_a", "author_b"))
    assert (min(its.pk for its in people.values()), max(its.pk for its in people.values())) in pairs


def test_records_that_were_mixed_up_are_two_works(both):
    work = merge_and_get(both)
    before = tables()
    chosen = RegistryRecord.objects.get(registry="crossref")

    done = split_work(work_id=work.pk, record_ids=[chosen.pk], reason="Two works", by=STAFF)

    chosen.refresh_from_db()
    new = chosen.work
    work.refresh_from_db()
    assert (work.title, new.title, work.type, new.type) == ("Moths at night", "Nocturnal flight of moths", "preprint", "article")
    assert dict(Authorship.objects.filter(work=new).values_list("name", "author"))["Ada Byron"] == (
        Authorship.objects.get(work=work, name="Ada Byron").author_id
    )
    assert set(WorkIdentifier.objects.filter(work__in=[work, new]).values_list("value", "work")) == {(ARXIV[1], work.pk), (DOI[1], new.pk)}
    import_records(citing())

    undo_merge(done.pk, by=STAFF)
    new.refresh_from_db()
    assert new.merged_into == work
    assert differing(before, tables(but=frozenset({("works_work", new.pk)}))) == []


def merge_and_get(both: tuple[Work, Work]) -> Work:
    winner, loser = both
    merge(winner, loser)
    winner.refresh_from_db()
    return winner


def test_why_works_cannot_be_merged_or_split(both):
    winner, loser = both
    assert preview_work_merge(winner, [winner]).refusals == ["Choose two different works."]
    with pytest.raises(MergeRefused, match="One registry record alone tells of this work"):
        split_work(work_id=winner.pk, record_ids=[], reason="", by=STAFF)
    merge(winner, loser)
    loser.refresh_from_db()
    assert preview_work_merge(winner, [loser]).refusals[0].endswith("was merged into another work already.")
