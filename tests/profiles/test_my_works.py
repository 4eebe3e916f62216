"""My works: what the owner of a page decides about its record, and what nobody else can."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from profiles.actions.claims import freeze_claim
from profiles.actions.profiles import pin_work
from profiles.models import Claim, PinnedWork, Profile
from tests.bzpeer.markup import parse, refused_by_policy, text_of
from tests.factories.claims import claimed
from tests.factories.imported import import_records, the_author
from tests.factories.people import make_user, signed_in
from tests.factories.records import make_record
from works.actions.corrections import Reader, report_correction
from works.actions.journal import Actor
from works.actions.merges import merge_works, split_work, undo_merge
from works.actions.proposals import ProposedPair, propose_merges
from works.models import Author, Authorship, AuthorshipDecision, Correction, Merge, MergeProposal, RegistryRecord, Work
from works.models.decision import Role

pytestmark = pytest.mark.django_db

WORKS = "/me/works/"


@pytest.fixture
def ada() -> Author:
    """Ada Lovelace, claimed by ada@example.org four days ago; a namesake with an initial."""
    import_records(*(make_record(f"Note {letter}", ["Ada Lovelace", "Mary Somerville"]) for letter in "ABC"))
    import_records(make_record("On engines", ["A. Lovelace", "Charles Babbage"]))
    author = the_author("Ada Lovelace")
    claimed(author, by=make_user("ada@example.org"))
    Claim.objects.update(decided_at=timezone.now() - timedelta(days=4))
    return author


@pytest.fixture
def owner(ada: Author) -> Client:
    return signed_in(Profile.objects.get().user)


def place_of(title: str, name: str) -> Authorship:
    return Authorship.objects.get(work__title=title, name=name)


def say(client: Client, place: Authorship, answer: str, **headers: str) -> str:
    given = {"place": place.pk, "answer": answer}
    return text_of(client.post(f"{WORKS}answer/", given, follow=True, headers=headers).content)


def press(client: Client, verb: str, value: int, **fields: str) -> str:
    return text_of(client.post(f"{WORKS}{verb}/", {"value": value, **fields}, follow=True).content)


def just_approved() -> None:
    Claim.objects.update(decided_at=timezone.now())


def test_the_owner_alone_sees_buttons_and_a_stranger_pays_nothing_for_them(client, ada, owner):
    page = owner.get(ada.get_absolute_url()).content
    assert len(parse(page).cssselect("form.own-answer")) == 3
    assert list(refused_by_policy(page)) == []
    assert b"own-answer" not in signed_in(make_user("reader@example.org")).get(ada.get_absolute_url()).content
    with CaptureQueriesContext(connection) as queries:
        assert b"own-answer" not in client.get(ada.get_absolute_url()).content
    assert len(queries) == 2


def test_not_mine_leaves_the_page_and_mine_brings_it_back(ada, owner):
    place = place_of("Note B", "Ada Lovelace")
    assert "Kept: it is not yours" in say(owner, place, "not-mine")
    place.refresh_from_db()
    assert place.author_id != ada.pk
    assert [its.answer for its in AuthorshipDecision.objects.filter(work=place.work_id, author=ada)] == ["not-mine"]
    assert "Yours, as you said." in say(owner, place, "mine", **{"HX-Request": "true"})
    place.refresh_from_db()
    assert (place.author_id, place.matched_by) == (ada.pk, "decided")


def test_mine_is_refused_for_other_names_and_for_pages_of_others(ada, owner):
    assert "“Mary Somerville” is none of your names." in say(owner, place_of("Note A", "Mary Somerville"), "mine")
    namesake = the_author("A. Lovelace")
    claimed(namesake, by=make_user("other@example.org"))
    assert "has claimed their page" in say(owner, place_of("On engines", "A. Lovelace"), "mine")
    assert "That place is not on your page." in say(owner, place_of("On engines", "A. Lovelace"), "not-mine")
    assert Authorship.objects.filter(author=ada).count() == 3


def test_a_namesakes_work_that_is_mine_comes_to_my_page(ada, owner):
    assert "Kept: it is yours." in say(owner, place_of("On engines", "A. Lovelace"), "mine")
    assert place_of("On engines", "A. Lovelace").author_id == ada.pk


def test_who_has_no_page_or_a_frozen_claim_decides_nothing(client, ada, owner):
    place = place_of("Note A", "Ada Lovelace")
    assert client.post(f"{WORKS}answer/", {"place": place.pk, "answer": "not-mine"})["Location"].startswith("/accounts/login/")
    say(signed_in(make_user("reader@example.org")), place, "not-mine")
    freeze_claim(Claim.objects.get())
    assert "Somebody objected to your claim." in say(owner, place, "not-mine")
    assert Authorship.objects.filter(author=ada).count() == 3


def test_answers_are_listed_and_taken_back_by_their_owner_alone(ada, owner):
    say(owner, place_of("Note A", "Ada Lovelace"), "not-mine")
    decision = AuthorshipDecision.objects.get(author=ada, answer="not-mine")
    assert "not mine" in text_of(owner.get(WORKS).content)
    import_records(make_record("By Mary", ["Mary Somerville"]))
    other = make_user("mary@example.org")
    claimed(the_author("Mary Somerville"), by=other)
    assert "That is no answer of yours" in press(signed_in(other), "take-back", decision.pk)
    assert "Taken back." in press(owner, "take-back", decision.pk)
    assert not AuthorshipDecision.objects.filter(pk=decision.pk).exists()


def test_an_answer_whose_place_was_lost_is_given_anew(ada, owner):
    AuthorshipDecision.objects.all().delete()
    place = place_of("Note A", "Ada Lovelace")
    say(owner, place, "mine")
    AuthorshipDecision.objects.update(position=None)
    root = parse(owner.get(WORKS).content)
    assert "Answers that need a look" in root.text_content()
    [button] = root.cssselect("form[action='/me/works/place/'] button")
    press(owner, "place", int(button.get("value")))
    assert AuthorshipDecision.objects.get(author=ada).position == 1
    assert "Answers that need a look" not in text_of(owner.get(WORKS).content)


def test_what_a_reader_doubts_is_the_owners_to_answer(ada, owner):
    reports = [
        report_correction(
            place=place_of(title, "Ada Lovelace"), kind="not-this-person", note="A namesake", by=Reader(account=None, address="192.0.2.1")
        )
        for title in ("Note A", "Note B")
    ]
    assert text_of(owner.get(WORKS).content).count("A namesake") == 2
    press(owner, "accept", reports[0].pk)
    press(owner, "dismiss", reports[1].pk, answer="It is mine")
    assert list(Correction.objects.order_by("pk").values_list("state", "decided_role", "answer")) == [
        ("accepted", "owner", ""),
        ("dismissed", "owner", "It is mine"),
    ]
    assert place_of("Note A", "Ada Lovelace").author_id != ada.pk
    assert place_of("Note B", "Ada Lovelace").author_id == ada.pk


def propose(one: Author, other: Author) -> MergeProposal:
    propose_merges(authors=[ProposedPair(one=one.pk, other=other.pk, score=0.5, reasons=[{"says": "An initial fits."}])])
    return MergeProposal.objects.latest("pk")


def test_the_owner_endorses_or_declines_a_merge_and_never_makes_one(ada, owner):
    proposal = propose(ada, the_author("A. Lovelace"))
    assert "An initial fits." in text_of(owner.get(WORKS).content)
    press(owner, "one", proposal.pk)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.endorsed_at is not None) == ("open", True)
    assert not Merge.objects.exists()
    staff = signed_in(make_user("staff@example.org", is_staff=True, role="curator"))
    assert "The owner of the claimed record says that they are one" in text_of(staff.get("/merges/").content)
    press(owner, "two", proposal.pk)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_role) == ("declined", "owner")


def test_others_proposals_and_the_first_three_days_are_closed(ada, owner):
    foreign = propose(the_author("Mary Somerville"), the_author("Charles Babbage"))
    assert "not about your record" in press(owner, "two", foreign.pk)
    own = propose(ada, the_author("A. Lovelace"))
    just_approved()
    assert "less than 72 hours ago" in press(owner, "two", own.pk)
    place = place_of("Note A", "Ada Lovelace")
    assert "less than 72 hours ago" in text_of(owner.post(f"{WORKS}split/", {"chosen": [place.pk]}).content)
    assert set(MergeProposal.objects.values_list("state", flat=True)) == {"open"}
    assert not Merge.objects.exists()


def test_the_owner_splits_what_is_one_other_persons(ada, owner):
    AuthorshipDecision.objects.all().delete()
    places = [place_of(title, "Ada Lovelace") for title in ("Note A", "Note B")]
    assert "Split. The works stand on a new page" in text_of(
        owner.post(f"{WORKS}split/", {"chosen": [place.pk for place in places]}, follow=True).content
    )
    assert Merge.objects.get().actor_role == "owner"
    assert len(set(Authorship.objects.filter(pk__in=[place.pk for place in places]).values_list("author", flat=True)) - {ada.pk}) == 1


def test_selected_works_follow_a_merge_and_come_back_with_its_undo(client, ada, owner):
    user = Profile.objects.get().user
    first, second = (Work.objects.get(title=title) for title in ("Note A", "Note B"))
    for work in (first, second):
        pin_work(public_id=work.public_id, by=user)
    AuthorshipDecision.objects.all().delete()
    merge = merge_works(winner_id=first.pk, loser_ids=[second.pk], reason="", by=Actor(account=None, role=Role.STAFF))
    assert list(PinnedWork.objects.values_list("work", flat=True)) == [first.pk]
    assert [pin["public_id"] for pin in Profile.objects.get().card["pins"]] == [first.public_id]
    undo_merge(merge.pk, by=Actor(account=None, role=Role.STAFF))
    assert list(PinnedWork.objects.order_by("place").values_list("work", flat=True)) == [first.pk, second.pk]
    assert len(Profile.objects.get().card["pins"]) == 2


def test_a_selected_new_work_of_a_split_that_is_undone_is_the_old_one(ada, owner):
    doi = (("doi", "10.1/note"),)
    for registry in ("arxiv", "crossref"):
        import_records(make_record("Note D", ["Ada Lovelace", "Mary Somerville"], registry=registry, key="d", identifiers=doi))
    work = Work.objects.get(title="Note D")
    record = RegistryRecord.objects.get(work=work, registry="crossref")
    split = split_work(work_id=work.pk, record_ids=[record.pk], reason="", by=Actor(account=None, role=Role.STAFF))
    pin_work(public_id=Work.objects.get(pk=split.others[0]).public_id, by=Profile.objects.get().user)
    undo_merge(split.pk, by=Actor(account=None, role=Role.STAFF))
    assert list(PinnedWork.objects.values_list("work", flat=True)) == [work.pk]
    assert [pin["public_id"] for pin in Profile.objects.get().card["pins"]] == [work.public_id]


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_however_much_waits(ada, owner, count):
    for title in ("Note A", "Note B", "Note C")[:count]:
        by = Reader(account=None, address="192.0.2.1")
        report_correction(place=place_of(title, "Ada Lovelace"), kind="not-this-person", note="", by=by)
        say(owner, place_of(title, "Ada Lovelace"), "mine")
    propose(ada, the_author("A. Lovelace"))
    owner.get(WORKS)
    with CaptureQueriesContext(connection) as queries:
        owner.get(WORKS)
    assert len(queries) == 11, [query["sql"] for query in queries]
