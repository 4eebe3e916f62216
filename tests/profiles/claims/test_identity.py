"""Who the owner of a page is: asked for by the owner, checked by two members of staff, or vouched for by two verified co-authors."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from profiles.actions import claims, evidence
from profiles.actions.claims import ClaimRefused
from profiles.actions.claims.notices import send_notices
from profiles.actions.review import accept_vouches, check_identity, decline_identity_check
from profiles.models import Claim, ClaimEvent, Evidence, Notification, Trust
from tests.bzpeer.markup import text_of
from tests.factories.claims import make_approved, make_claimable, make_person, make_reviewer, make_submitted
from tests.factories.people import signed_in
from tests.factories.verified import K, bring_in, claimed, figure, identity_checked, person, record, settle

pytestmark = pytest.mark.django_db

REACH = "Call the number on my page at the university."


@pytest.fixture
def wei():
    return make_person("wei")


@pytest.fixture
def held(wei) -> Claim:
    return make_approved(make_claimable(), wei, by=make_reviewer("first"))


def refused(action, *given, **named) -> str:
    with pytest.raises(ClaimRefused) as failure:
        action(*given, **named)
    return failure.value.code


def test_an_owner_asks_and_two_members_of_staff_check(held, wei):
    owner, rita = signed_in(wei), make_reviewer("rita")
    desk = signed_in(rita)
    assert "Ask for an identity check" in text_of(owner.get(held.get_absolute_url()).content)
    owner.post(f"{held.get_absolute_url()}identity/", {"text": REACH})
    assert "You asked on" in text_of(owner.get(held.get_absolute_url()).content)
    assert refused(claims.ask_for_identity_check, held, text=REACH, by=wei) == "asked-already"
    for query in ("", "?state=identity", "?order=age"):
        assert "asks for an identity check" in text_of(desk.get(f"/review/{query}").content)
    assert "asks for an identity check" not in text_of(desk.get("/review/?state=review").content)
    assert REACH in text_of(desk.get(f"/review/{held.public_id}/").content)

    desk.post(f"/review/{held.public_id}/decide/", {"verb": "identity", "method": "video", "text": "Seen"})
    held.refresh_from_db()
    assert held.is_identity_awaited  # one of two
    Claim.objects.update(leased_by=None)
    check_identity(held, method="in-person", note="Met", by=make_reviewer("sam"))
    held.refresh_from_db()
    assert not held.is_identity_awaited
    send_notices()
    assert mail.outbox[-1].subject == "BZPEER: Your identity was checked"
    assert mail.outbox[-1].to == [wei.email]
    assert Notification.objects.filter(recipient=wei, text__startswith="Two members of staff have checked").count() == 1
    assert refused(claims.ask_for_identity_check, held, text=REACH, by=wei) == "checked-already"
    Evidence.objects.filter(kind=K.IDENTITY_CHECK).update(expires_on=timezone.localdate() + timedelta(days=60))
    assert claims.ask_for_identity_check(held, text=REACH, by=wei).is_identity_awaited  # in time for the next


def test_a_request_is_turned_down_with_a_word(held, wei):
    reviewer = make_reviewer("rita")
    assert refused(decline_identity_check, held, note="Nobody answered.", by=reviewer) == "not-asked"
    claims.ask_for_identity_check(held, text=REACH, by=wei)
    desk = signed_in(reviewer)
    desk.post(f"/review/{held.public_id}/decide/", {"verb": "decline-identity", "text": "Nobody answered."})
    held.refresh_from_db()
    assert (held.status, held.identity_asked_at) == ("approved", None)
    send_notices()
    assert "Nobody answered." in mail.outbox[-1].body
    assert "Nobody answered." in text_of(signed_in(wei).get(held.get_absolute_url()).content)
    assert refused(claims.ask_for_identity_check, held, text=REACH, by=wei) == "cool-down"


def test_only_an_undisputed_owner_asks(held, wei):
    assert refused(claims.ask_for_identity_check, held, text=REACH, by=make_person("rival")) == "not-yours"
    waiting = make_submitted(make_claimable("Other"), make_person("other"))
    assert refused(claims.ask_for_identity_check, waiting, text=REACH, by=waiting.user) == "not-identity-asked"
    claims.freeze_claim(held)
    assert refused(claims.ask_for_identity_check, held, text=REACH, by=wei) == "disputed"
    assert not ClaimEvent.objects.filter(kind="identity-asked").exists()


def test_two_co_authors_of_two_institutions_vouch_and_staff_accept():
    bring_in(
        record("First", ["Vera One", "Mid Person"]),
        record("Second", ["Vik Two", "Mid Person"]),
        record("Third", ["Mid Person", "Last Person"]),
    )
    settle()
    middle = person("Mid Person")
    givers = [identity_checked(person(name), ror=ror) for name, ror in (("Vera One", "05591te55"), ("Vik Two", "04kyh2m11"))]
    owner = claimed(middle)
    settle()
    claim, reviewer = Claim.objects.get(user=owner), make_reviewer("rita")
    assert figure(middle)[2] == 2
    for place, giver in enumerate(givers):
        window = signed_in(owner)
        window.post(f"{claim.get_absolute_url()}ask/", {"voucher": giver.pk, "kind": "identity-vouch", "text": "Do you know me?"})
        asked = Evidence.objects.get(given_by=giver, kind=K.IDENTITY_VOUCH)
        assert refused(accept_vouches, claim, note="Read both.", by=reviewer) == "too-few-vouches"
        desk = signed_in(giver)
        assert "They ask you to vouch for who they are" in text_of(desk.get(f"/vouches/{asked.pk}/").content)
        desk.post(f"/vouches/{asked.pk}/", {"answer": "vouch"})
        asked.refresh_from_db()
        assert (asked.status, asked.expires_on.year) == ("proved", timezone.localdate().year + 3)
        settle()
        assert figure(middle)[2] == 2, place
    accept_vouches(claim, note="Read both.", by=reviewer)
    settle()
    assert figure(middle)[2] == 4
    assert Trust.objects.get(author=middle).own_level == 2  # no chains: who stands on others' word gives none
    last = claims.begin_claim(person("Last Person"), by=make_person("last"))
    assert refused(evidence.ask_for_vouch, last, voucher=owner.pk, message="", by=last.user) == "no-such-voucher"
    evidence.revoke_vouch(Evidence.objects.get(given_by=givers[0], kind=K.IDENTITY_VOUCH), by=givers[0])
    settle()
    assert figure(middle)[2] == 2


def test_identity_is_vouched_for_once_the_page_is_ones_own():
    bring_in(record("First", ["Vera One", "Mid Person"]))
    settle()
    giver = identity_checked(person("Vera One"), ror="05591te55")
    settle()
    owner = make_person("mid")
    claim = claims.begin_claim(person("Mid Person"), by=owner)
    for kind, code in ((K.IDENTITY_VOUCH, "not-held"), (K.IDENTITY_CHECK, "no-such-word")):
        assert refused(evidence.ask_for_vouch, claim, voucher=giver.pk, message="", kind=kind, by=owner) == code
    asked = evidence.ask_for_vouch(claim, voucher=giver.pk, message="", by=owner)
    window = signed_in(owner)
    assert "Ask no longer" in text_of(window.get(claim.get_absolute_url()).content)
    window.post(f"{claim.get_absolute_url()}drop/", {"evidence": asked.pk})
    asked.refresh_from_db()
    assert asked.status == "failed"
