"""What people say of byline positions stands above what registries and matching say."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories.records import make_imported_author, make_record, meta_knowledge_distillation, noisy_faces
from tests.works.imports.content import content
from works.actions.attribution import settle
from works.actions.authorships import Answer, decide_authorships, withdraw_decisions
from works.actions.imports.batch import take_in
from works.actions.journal import Actor
from works.models import Author, AuthorIdentifier, Authorship, AuthorshipDecision, RecordEvent, Work
from works.models.decision import Role

pytestmark = pytest.mark.django_db

OWNER = Actor(account=7, role=Role.OWNER)
STAFF = Actor(account=1, role=Role.STAFF)
ORCID = "0000-0002-1825-0097"


def take(*records) -> None:
    with transaction.atomic():
        take_in([(str(place), record) for place, record in enumerate(records)], run_id=None)
    settle()


def byline(work: Work) -> list[tuple[str, str, str]]:
    """Name, whose page, why."""
    rows = Authorship.objects.filter(work=work).order_by("position").values_list("name", "author__name", "author__public_id", "matched_by")
    return [(name, f"{author} {opaque}", reason) for name, author, opaque, reason in rows]


def answer(work, position: int, author, is_mine: bool, **fields) -> Answer:
    return Answer(work=work.pk, position=position, author=author.pk, is_mine=is_mine, **fields)


@pytest.fixture
def work() -> Work:
    take(meta_knowledge_distillation())
    return Work.objects.get()


@pytest.fixture
def namesake():
    """Another Boxiao Liu, with a work of their own in another field."""
    take(make_record("Sediment transport in braided rivers", ["Boxiao Liu", "Ann Field"], topics=["physics.geo-ph"], year=1988))
    return Authorship.objects.get(name="Boxiao Liu", work__title__startswith="Sediment").author


def test_no_import_overrides_an_answer(work, namesake):
    outcome = decide_authorships([answer(work, 2, namesake, True)], by=OWNER)

    assert (outcome.changed, outcome.refused) == (1, [])
    place = Authorship.objects.get(work=work, position=2)
    assert (place.author, place.matched_by) == (namesake, "decided")
    work.refresh_from_db()
    namesake.refresh_from_db()
    assert work.card["authors"][1] == {"name": "Boxiao Liu", "slug": namesake.slug}
    assert namesake.works_count == 2
    before = content()

    take(meta_knowledge_distillation(abstract="A newer copy.", updated="2023-01-01"))

    work.refresh_from_db()
    assert work.abstract == "A newer copy."
    assert content()["authorships"] == before["authorships"]
    assert content()["summaries"] == before["summaries"]


def test_what_is_not_mine_goes_to_somebody_new_and_never_comes_back(work):
    boxiao = Author.objects.get(name="Boxiao Liu")

    decide_authorships([answer(work, 2, boxiao, False)], by=OWNER)

    other = Authorship.objects.get(work=work, position=2).author
    assert other != boxiao
    assert (other.name, other.works_count) == ("Boxiao Liu", 1)
    boxiao.refresh_from_db()
    assert boxiao.works_count == 0
    # The iD of the first one printed at that very place does not bring the work back either.
    AuthorIdentifier.objects.create(author=boxiao, scheme="orcid", value=ORCID)
    boxiao_with_id = make_imported_author("Boxiao Liu", identifiers=(("orcid", ORCID),))
    authors = make_record("x", [boxiao_with_id, "Jihao Liu", "Hongsheng Li", "Yu Liu"]).authors
    record = replace(meta_knowledge_distillation(updated="2023-01-01"), authors=authors)
    take(record)
    assert Authorship.objects.get(work=work, name="Boxiao Liu").author != boxiao


def test_answers_follow_their_place_through_newer_bylines(work):
    boxiao, yu = Author.objects.get(name="Boxiao Liu"), Author.objects.get(name="Yu Liu")
    decide_authorships([answer(work, 2, boxiao, True), answer(work, 4, yu, True), answer(work, 4, boxiao, False)], by=OWNER)

    turned = make_record("x", ["Yu Liu", "Hongsheng Li", "Liu, Boxiao", "Jihao Liu"]).authors
    take(replace(meta_knowledge_distillation(updated="2023-01-01"), authors=turned))

    assert [(name, reason) for name, _, reason in byline(work)] == [
        ("Yu Liu", "decided"), ("Hongsheng Li", "first"), ("Liu, Boxiao", "decided"), ("Jihao Liu", "first")
    ]  # fmt: skip
    assert list(AuthorshipDecision.objects.order_by("pk").values_list("author", "position", "decided_position", "answer")) == [
        (boxiao.pk, 3, 2, "mine"), (yu.pk, 1, 4, "mine"), (boxiao.pk, 1, 4, "not-mine")
    ]  # fmt: skip


def test_an_answer_whose_place_is_gone_needs_a_look_and_comes_back(work):
    boxiao = Author.objects.get(name="Boxiao Liu")
    decide_authorships([answer(work, 2, boxiao, True)], by=OWNER)

    take(replace(meta_knowledge_distillation(updated="2023-01-01"), authors=make_record("x", ["Jihao Liu", "Yu Liu"]).authors))
    decision = AuthorshipDecision.objects.get()
    assert decision.needs_a_look
    assert (decision.decided_position, decision.raw_name) == (2, "Boxiao Liu")
    assert not boxiao.authorships.exists()

    take(meta_knowledge_distillation(updated="2024-01-01"))
    decision.refresh_from_db()
    assert decision.position == 2
    assert boxiao.authorships.get().matched_by == "decided"


def test_the_same_answer_twice_changes_nothing(work):
    yu = Author.objects.get(name="Yu Liu")
    decide_authorships([answer(work, 4, yu, True)], by=OWNER)
    events = RecordEvent.objects.count()

    assert decide_authorships([answer(work, 4, yu, True)], by=STAFF).changed == 0
    assert RecordEvent.objects.count() == events == 1


def test_a_wrong_position_is_put_right(work):
    """Yu Liu says: I am the third name, not the fourth. The fourth goes to somebody new, the third's former author loses it."""
    yu, hongsheng = Author.objects.get(name="Yu Liu"), Author.objects.get(name="Hongsheng Li")
    decide_authorships([answer(work, 4, yu, True)], by=OWNER)

    assert decide_authorships([answer(work, 3, yu, True)], by=OWNER).changed == 1

    assert Authorship.objects.get(work=work, position=3).author == yu
    assert Authorship.objects.get(work=work, position=4).author not in {yu, hongsheng}
    assert list(AuthorshipDecision.objects.values_list("position", "answer")) == [(3, "mine")]


def test_two_people_cannot_both_have_a_place(work, namesake):
    boxiao = Authorship.objects.get(work=work, position=2).author
    decide_authorships([answer(work, 2, boxiao, True)], by=OWNER)

    outcome = decide_authorships([answer(work, 2, namesake, True), answer(work, 9, namesake, True)], by=STAFF)

    assert outcome.changed == 0
    assert [reason for _, reason in outcome.refused] == [
        "Boxiao Liu was confirmed as somebody else’s here; that answer has to be taken back first.",
        "The work has no such place in its byline.",
    ]
    decision = AuthorshipDecision.objects.get()
    decision.pk, decision.author = None, namesake
    with pytest.raises(IntegrityError, match="authorshipdecision_one_owner_of_a_position"), transaction.atomic():
        decision.save()


def test_not_mine_but_theirs(work, namesake):
    boxiao = Authorship.objects.get(work=work, position=2).author

    assert decide_authorships([answer(work, 2, boxiao, False, to=namesake.pk)], by=STAFF).refused == []

    assert Authorship.objects.get(work=work, position=2).author == namesake
    assert sorted(AuthorshipDecision.objects.values_list("author", "answer")) == sorted([(boxiao.pk, "not-mine"), (namesake.pk, "mine")])


def test_answers_can_be_taken_back(work, namesake):
    decide_authorships([answer(work, 2, namesake, True)], by=OWNER)

    assert withdraw_decisions([AuthorshipDecision.objects.get().pk], by=OWNER) == 1

    assert Authorship.objects.get(work=work, position=2).matched_by == "first"
    assert list(RecordEvent.objects.values_list("kind", flat=True)) == ["authorship-mine", "authorship-withdrawn"]


def test_one_answer_and_three_cost_the_same_queries(work):
    take(noisy_faces())
    places = list(Authorship.objects.filter(work=work).select_related("author").order_by("position"))

    def cost(some) -> int:
        with CaptureQueriesContext(connection) as queries:
            decide_authorships([answer(work, place.position, place.author, False) for place in some], by=STAFF)
        return len(queries)

    cost(places[:1])  # makes the temporary tables
    assert cost(places[1:2]) == cost(places[2:4])
