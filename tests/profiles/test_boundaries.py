"""Where one person's rights end and another's begin: between claimants and staff, between roles, between accounts, and in time."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from profiles.actions import claims, evidence, moderation
from profiles.actions.claims import ClaimRefused
from profiles.actions.claims.answers import settle_answers
from profiles.actions.evidence.links import PAGES_A_DAY
from profiles.actions.findings import FindingRefused, suspend
from profiles.evidence.vouch import why_not
from profiles.models import Claim, ModerationEntry, Profile
from profiles.roles import ADMINISTRATOR, CURATOR
from tests.factories.claims import claim_in_review, claimed, make_claimable, make_person, make_reviewer, places_of
from tests.factories.people import make_user, signed_in
from works.actions.journal import Actor
from works.actions.merges import merge_authors, split_author
from works.actions.names import NameRefused, rename_author
from works.mailboxes import digest_of_mailbox
from works.models import Author, Authorship, AuthorshipDecision
from works.models.decision import Role

pytestmark = pytest.mark.django_db

STAFF = Actor(account=1, role=Role.STAFF)


@pytest.fixture
def author() -> Author:
    return make_claimable(works=3)


@pytest.fixture
def wei():
    return make_person("wei")


def test_an_approval_does_not_bring_back_what_staff_took_out_after_the_tick(author, wei):
    claim = claim_in_review(author, by=wei)
    taken, *kept = Authorship.objects.filter(author=author).order_by("pk")
    split_author(author_id=author.pk, authorship_ids=[taken.pk], reason="Two people", by=STAFF)
    taken.refresh_from_db()
    claims.approve_claim(claim, by=make_reviewer())
    assert settle_answers() == 1

    assert Authorship.objects.get(pk=taken.pk).author_id == taken.author_id != author.pk
    said = AuthorshipDecision.objects.filter(author=author).order_by("work").values_list("work", "answer", "role")
    assert sorted(said) == sorted([(taken.work_id, "not-mine", "staff"), *((its.work_id, "mine", "owner") for its in kept)])


def test_an_approval_takes_no_work_from_another_claimed_page(author, wei):
    other = make_claimable("Wei Wang of Lhasa")
    claim = claim_in_review(author, by=wei)
    place = Authorship.objects.filter(author=author).first()
    claimed(other, by=make_person("other"))
    Authorship.objects.filter(pk=place.pk).update(author=other)
    claims.approve_claim(claim, by=make_reviewer())
    settle_answers()
    assert Authorship.objects.get(pk=place.pk).author_id == other.pk


def test_a_claim_that_stayed_at_a_merged_record_is_never_approved(author, wei):
    winner = make_claimable("Wei Wang of Lhasa")
    claim = claim_in_review(author, by=wei)
    claims.reject_claim(claim, reason="other-person", by=make_reviewer("first"))
    merge_authors(winner_id=winner.pk, loser_ids=[author.pk], reason="One person", by=STAFF)
    claims.appeal_claim(claim, text="Look again.", by=wei)
    claims.bind_by_staff(claim, note="Met in person.", by=make_reviewer("second"))
    with pytest.raises(ClaimRefused) as refused:
        claims.approve_claim(claim, by=make_reviewer("third"))
    assert refused.value.code == "record-merged"
    assert not Profile.objects.exists()


def test_a_step_that_a_merge_overtook_is_refused(author, wei):
    """As a page loaded it before the merge: the claim's author is not the one whose row the step locks."""
    winner = make_claimable("Wei Wang of Lhasa")
    claim = claim_in_review(author, by=wei)
    merge_authors(winner_id=winner.pk, loser_ids=[author.pk], reason="One person", by=STAFF)
    assert claim.author_id == author.pk
    with pytest.raises(ClaimRefused) as refused:
        claims.approve_claim(claim, by=make_reviewer())
    assert refused.value.code == "record-merged"
    claims.approve_claim(Claim.objects.get(pk=claim.pk), by=make_reviewer("second"))
    assert Profile.objects.get().author == winner


def test_forgetting_answers_costs_the_same_however_many(author, wei):
    claim = claims.begin_claim(author, by=wei)
    places = places_of(author)
    claims.answer_works(claim, answers=dict.fromkeys(places, True), by=wei)
    counts = []
    for some in (places[:1], places[1:]):
        with CaptureQueriesContext(connection) as queries:
            claims.answer_works(claim, answers=dict.fromkeys(some, None), by=wei)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert not claim.answers.exists()


def test_a_tag_makes_no_second_mailbox():
    assert digest_of_mailbox("Wei.Wang+two@example.edu") == digest_of_mailbox("wei.wang@example.edu")
    assert digest_of_mailbox("wei.wang@cs.example.edu") != digest_of_mailbox("wei.wang@example.edu")
    assert digest_of_mailbox("+one@example.edu") != digest_of_mailbox("+two@example.edu")


def test_naming_and_dropping_pages_ends(author, wei):
    claim = claims.begin_claim(author, by=wei)
    for number in range(PAGES_A_DAY):
        page = evidence.name_page(claim, url=f"https://wei.example/{number}", by=wei)
        evidence.drop_evidence(claim, evidence_id=page.pk, by=wei)
    with pytest.raises(ClaimRefused, match="24 hours"):
        evidence.name_page(claim, url="https://wei.example/again", by=wei)


def test_whose_claim_is_frozen_vouches_for_nobody(author, wei):
    claim = claimed(author, by=wei)
    coauthor = Author.objects.get(name="Wei Wang Coauthor 1")
    claims.freeze_claim(claim)
    assert why_not(wei, coauthor).startswith("Somebody objected to your claim.")


# --- Roles -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/merges/", "/merges/new/", "/merges/journal/", "/corrections/"])
def test_only_curators_curate(address):
    assert signed_in(make_user("r@example.org", is_staff=True)).get(address).status_code == 403
    assert signed_in(make_user("c@example.org", is_staff=True, role=CURATOR)).get(address).status_code == 200


def test_only_reviewers_decide_about_conduct(author):
    curator = make_user("c@example.org", is_staff=True, role=CURATOR)
    assert signed_in(curator).get("/review/findings/").status_code == 403
    with pytest.raises(FindingRefused, match="Only reviewers"):
        suspend(author=author, reason="No reason", by=curator)


def test_nobody_empties_the_queue_of_their_own_entry_or_twice(author):
    owner, other = make_reviewer("owner"), make_reviewer("other")
    claimed(author, by=owner)
    entry = ModerationEntry.objects.create(author=author, found_at=timezone.now(), rank=1, reasons=["No chain of joint works."])
    with pytest.raises(FindingRefused, match="their own record"):
        moderation.look(entry=entry, outcome="fine", by=owner)
    moderation.look(entry=entry, outcome="fine", by=other)
    with pytest.raises(FindingRefused, match="meanwhile"):
        moderation.look(entry=entry, outcome="case", by=other)


def test_only_a_superuser_sets_passwords_and_nobody_deletes_accounts_by_hand(wei):
    address = f"/admin/profiles/user/{wei.pk}/"
    administrator = signed_in(make_user("a@example.org", is_staff=True, role=ADMINISTRATOR))
    root = signed_in(make_user("root@example.org", is_staff=True, is_superuser=True))
    assert (administrator.get(f"{address}password/").status_code, root.get(f"{address}password/").status_code) == (403, 200)
    assert root.post(f"{address}delete/", {"post": "yes"}).status_code == 403


# --- What people type ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Visit https://evil.example", "www.evil.example", "wei@evil.example", "Wei \u202egnaW"])
def test_a_name_carries_no_address_into_mails_and_pages(author, name):
    with pytest.raises(NameRefused):
        rename_author(author_id=author.pk, name=name)


@pytest.mark.parametrize("address", ["/claims/%00/", "/review/%00/", "/findings/%00/", "/review/findings/suspend/%00/"])
def test_an_address_with_a_nul_is_not_there(address):
    assert signed_in(make_reviewer()).get(address).status_code == 404


def test_each_setting_is_read_and_listed_once():
    root = Path(settings.BASE_DIR)
    read = re.findall(r"^([A-Z_]+) = env\.", (root / "bzpeer" / "settings.py").read_text(), re.MULTILINE)
    listed = re.findall(r"^([A-Z_]+)=", (root / ".env.example").read_text(), re.MULTILINE)
    assert len(read) == len(set(read))
    assert len(listed) == len(set(listed))
    assert urlsplit(settings.ORCID_API_URL).path == ""  # the version is whoever's who asks
