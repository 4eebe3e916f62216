"""Events grow only, and their chain shows what was done to them behind the program's back."""

import pytest
from django.db import IntegrityError, connection, transaction

from profiles.models import Claim, ClaimEvent
from tests.factories.people import make_user
from works.actions.audit import broken_seals, seal_events
from works.models import Author

pytestmark = pytest.mark.django_db

# What only somebody with the database in hand can do; it ends with the test's transaction.
UNGUARD = "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE profiles_claimevent DISABLE TRIGGER USER"


@pytest.fixture
def events():
    claim = Claim.objects.create(user=make_user(), author=Author.objects.create(public_id="a1", name="Wei Wang", name_key="wei wang"))
    return [
        ClaimEvent.objects.create(claim=claim, kind=kind, actor_id=7, actor_role="claimant", data={"n": 1, "a": [2]}, text="my own words")
        for kind in ("begun", "submitted", "withdrawn")
    ]


def test_sealing_gives_each_event_its_place_once(events):
    assert (seal_events(), seal_events()) == (3, 0)
    assert list(ClaimEvent.objects.values_list("place", flat=True)) == [1, 2, 3]
    assert broken_seals(ClaimEvent) == []


def test_an_event_is_neither_changed_nor_deleted(events):
    seal_events()
    for change in (
        lambda: ClaimEvent.objects.filter(pk=events[0].pk).update(reason="other"),
        lambda: ClaimEvent.objects.filter(pk=events[0].pk).update(text="other words"),
        lambda: ClaimEvent.objects.filter(pk=events[0].pk).update(place=9),
        lambda: ClaimEvent.objects.filter(pk=events[0].pk).delete(),
    ):
        with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
            change()


def test_text_can_be_blanked_and_the_chain_still_holds(events):
    seal_events()
    ClaimEvent.objects.update(text="")
    assert broken_seals(ClaimEvent) == []


def test_tampering_past_the_trigger_is_found(events):
    seal_events()
    with connection.cursor() as cursor:
        cursor.execute(f"{UNGUARD}; UPDATE profiles_claimevent SET reason = 'forged' WHERE place = 2")
    assert broken_seals(ClaimEvent) == [2]


def test_a_missing_event_is_found(events):
    seal_events()
    with connection.cursor() as cursor:
        cursor.execute(f"{UNGUARD}; DELETE FROM profiles_claimevent WHERE place = 2")
    assert broken_seals(ClaimEvent) == [3]
