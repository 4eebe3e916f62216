"""What should not work: each attempt is refused with a sentence that says why, is logged, and changes nothing."""

import logging
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client
from django.utils import timezone

from graph.actions.collaborations import count_collaborations, mark_collaborations_stale
from profiles.actions import claims, evidence
from profiles.actions.claims import ClaimRefused
from profiles.actions.tokens import create_token
from profiles.models import Claim, EmailDomain, Evidence, Profile, User
from profiles.models.token import Scope
from tests.factories.claims import make_approved, make_claimable, make_person, make_reviewer, make_submitted, prove, tick
from tests.factories.people import signed_in
from tests.factories.works import make_author, make_work
from works.models import Authorship, Institution, RegistryRecord

pytestmark = pytest.mark.django_db

ORCID = "0000-0002-1825-0097"


@pytest.fixture
def author():
    return make_claimable()


@pytest.fixture
def wei():
    return make_person("wei")


@pytest.fixture
def claim(author, wei):
    return tick(claims.begin_claim(author, by=wei), by=wei)


@pytest.fixture
def refused(caplog):
    """`refused("code", action, …)`: it is refused by that rule, and the log says so."""

    def check(rule, action, /, *given, **named):
        caplog.clear()
        with caplog.at_level(logging.WARNING), pytest.raises(ClaimRefused) as failure:
            action(*given, **named)
        assert failure.value.code == rule
        assert f"claim refused: {rule} " in caplog.text
        return str(failure.value)

    return check


def mailed_code(place=-1):
    return next(word for word in mail.outbox[place].body.split() if word.count("-") == 2 and word.isupper())


# --- Who claims ------------------------------------------------------------------------------------------------------


def test_a_request_cannot_claim_for_somebody_else(author, wei):
    rival = make_person("rival")
    signed_in(wei).post(f"{author.get_absolute_url()}claim/", {"user": rival.pk, "user_id": rival.pk, "claimant": rival.pk, "by": rival.pk})
    assert [claim.user for claim in Claim.objects.all()] == [wei]


def test_nobody_acts_on_somebody_elses_claim(claim, refused):
    rival, line = make_person("rival"), claim.author.authorships.first()
    for action, named in (
        (claims.answer_works, {"answers": {(line.work_id, line.position): True}}),
        (claims.submit_claim, {}),
        (claims.answer_question, {"text": "x"}),
        (claims.withdraw_claim, {}),
        (claims.appeal_claim, {"text": "x"}),
        (claims.dispute, {"statement": "x"}),
        (claims.release_claim, {}),
        (evidence.prove_by_orcid, {}),
        (evidence.send_code, {"address": "a@example.edu"}),
        (evidence.enter_code, {"code": "x"}),
        (evidence.name_page, {"url": "https://a.example"}),
    ):
        refused("not-yours", action, claim, **named, by=rival)


def test_works_of_other_records_cannot_be_answered_for(claim, wei, refused):
    other = make_work("Elsewhere", authors=[make_author("Somebody Else")])
    refused("not-of-this-record", claims.answer_works, claim, answers={(other.pk, 1): True}, by=wei)


def test_an_account_needs_a_confirmed_address_that_lasts(author, refused):
    person = make_person("late")
    EmailAddress.objects.filter(user=person).update(verified=False)
    refused("address-unconfirmed", claims.begin_claim, author, by=person)
    EmailAddress.objects.filter(user=person).update(verified=True, email="x@sub.mailinator.com")
    assert "disposable" in refused("disposable-mail", claims.begin_claim, author, by=person)


def test_a_thousand_claims_by_one_account(wei, refused):
    """Three are open at a time and five begun in a day, whatever is withdrawn between."""
    authors = [make_claimable(f"Author {number}", works=1) for number in range(10)]
    for author in authors[:3]:
        claims.begin_claim(author, by=wei)
    refused("too-many-open", claims.begin_claim, authors[3], by=wei)
    for place in (3, 4):
        claims.withdraw_claim(Claim.objects.live().filter(user=wei)[0], by=wei)
        claims.begin_claim(authors[place], by=wei)
    claims.withdraw_claim(Claim.objects.live().filter(user=wei)[0], by=wei)
    refused("too-many-today", claims.begin_claim, authors[5], by=wei)
    assert Claim.objects.count() == 5


def test_after_a_rejection_one_waits(author, wei, refused):
    claim = claims.reject_claim(make_submitted(author, wei), reason="other-person", by=make_reviewer())
    refused("cool-down", claims.begin_claim, author, by=wei)
    Claim.objects.filter(pk=claim.pk).update(status_at=timezone.now() - timedelta(days=15))
    assert claims.begin_claim(author, by=wei).status == "draft"


def test_a_page_is_not_held_in_doubt_by_one_dispute_after_another(author, wei, refused):
    owner = make_approved(author, make_person("owner"), by=make_reviewer())
    theirs = tick(claims.begin_claim(author, by=wei), by=wei)
    prove(wei, author, "link", source="wei.example")
    claims.dispute(theirs, statement="Mine.", by=wei)
    claims.withdraw_claim(theirs, by=wei)
    owner.refresh_from_db()
    assert owner.status == "upheld"
    assert "let it drop" in refused("cool-down", claims.begin_claim, author, by=wei)
    Claim.objects.filter(pk=theirs.pk).update(status_at=timezone.now() - timedelta(days=15))
    assert claims.begin_claim(author, by=wei).status == "draft"


# --- Evidence --------------------------------------------------------------------------------------------------------


def print_orcid(author, *, asserted_by, orcid=ORCID):
    line = author.authorships.first()
    Authorship.objects.filter(pk=line.pk).update(orcid=orcid, orcid_asserted_by=asserted_by)
    RegistryRecord.objects.create(
        registry="crossref", key=orcid, work=line.work, content_hash=orcid.encode()[:16], retrieved_at=timezone.now(),
        payload={"asserted_by": asserted_by, "authors": [{"name": author.name, "identifiers": [["orcid", orcid]]}]},
    )  # fmt: skip


def test_an_orcid_id_counts_only_where_a_publisher_deposited_it(claim, author, wei, refused):
    refused("no-orcid", evidence.prove_by_orcid, claim, by=wei)
    SocialAccount.objects.create(user=wei, provider="orcid", uid=ORCID)
    assert "none of these works" in refused("orcid-on-no-work", evidence.prove_by_orcid, claim, by=wei)
    print_orcid(author, asserted_by="aggregator")
    assert "only an aggregator says so" in refused("orcid-on-no-work", evidence.prove_by_orcid, claim, by=wei)
    RegistryRecord.objects.all().delete()
    print_orcid(author, asserted_by="publisher")
    item = evidence.prove_by_orcid(claim, by=wei)
    assert (item.kind, item.status, item.source, item.value, item.detail["works"]) == ("orcid-on-work", "proved", "crossref", ORCID, 1)
    assert evidence.prove_by_orcid(claim, by=wei).pk == item.pk


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("wei@university.edu.evil.com", "unknown-domain"),
        ("wei@evil-university.edu", "unknown-domain"),
        ("wei@edu", "not-an-address"),
        ("wei@gmail.com", "personal-mail"),
        ("wei@mailinator.com", "disposable-mail"),
        ("wei@anything.mailinator.com", "disposable-mail"),
        ("wei\n@university.edu", "not-an-address"),
        ("a@b@university.edu", "not-an-address"),
        ("university.edu", "not-an-address"),
    ],
)
def test_only_an_institutions_mail_gets_a_code(claim, wei, refused, address, code):
    EmailDomain.objects.create(domain="university.edu", kind="academic")
    refused(code, evidence.send_code, claim, address=address, by=wei)
    assert (mail.outbox, Evidence.objects.count()) == ([], 0)


def test_a_code_is_the_claimants_own_and_works_once(author, claim, wei, refused, caplog):
    EmailDomain.objects.create(domain="university.edu", kind="academic")
    rival = make_person("rival")
    theirs = claims.begin_claim(author, by=rival)
    evidence.send_code(claim, address="wei@university.edu", by=wei)
    evidence.send_code(theirs, address="rival@university.edu", by=rival)
    code = mailed_code(0)
    refused("wrong-code", evidence.enter_code, theirs, code=code, by=rival)
    assert "the code of another proof was entered" in caplog.text
    assert evidence.enter_code(claim, code=code, by=wei).status == "proved"
    refused("no-code", evidence.enter_code, claim, code=code, by=wei)
    evidence.send_code(theirs, address="wei@university.edu", by=rival)
    refused("mailbox-taken", evidence.enter_code, theirs, code=mailed_code(), by=rival)


def test_a_code_is_void_after_five_wrong_ones_an_hour_or_a_newer_one(claim, wei, refused):
    EmailDomain.objects.create(domain="university.edu", kind="academic")
    evidence.send_code(claim, address="wei@university.edu", by=wei)
    first = mailed_code()
    evidence.send_code(claim, address="wei@university.edu", by=wei)
    refused("wrong-code", evidence.enter_code, claim, code=first, by=wei)
    for _ in range(4):
        refused("wrong-code", evidence.enter_code, claim, code="AAAA-BBBB-CCCC", by=wei)
    refused("too-many-attempts", evidence.enter_code, claim, code=mailed_code(), by=wei)
    refused("no-code", evidence.enter_code, claim, code=mailed_code(), by=wei)
    evidence.send_code(claim, address="wei@university.edu", by=wei)
    Evidence.objects.update(token_expires_at=timezone.now() - timedelta(seconds=1))
    refused("no-code", evidence.enter_code, claim, code=mailed_code(), by=wei)
    for _ in range(2):
        evidence.send_code(claim, address="wei@university.edu", by=wei)
    refused("too-many-mails", evidence.send_code, claim, address="wei@university.edu", by=wei)


def test_no_code_or_address_stands_in_rows_logs_pages_or_the_api(claim, wei, caplog):
    EmailDomain.objects.create(domain="university.edu", kind="academic")
    with caplog.at_level(logging.DEBUG):
        item = evidence.send_code(claim, address="secret.name@university.edu", by=wei)
        code = mailed_code()
        token = create_token(name="script", scopes=[Scope.CLAIMS_READ], by=wei)[1]
        answer = Client().get("/api/v1/me/claims/", headers={"Authorization": f"Bearer {token}"})
        page = signed_in(wei).get(claim.get_absolute_url()).content.decode()
    item.refresh_from_db()
    rows = str({field.attname: getattr(item, field.attname) for field in item._meta.fields}) + str(list(claim.events.values()))
    assert [one["status"] for one in answer.json()["results"][0]["evidence"]] == ["pending"]
    for place in (rows, caplog.text, page, answer.content.decode()):
        assert code not in place
        assert code.replace("-", "") not in place
        assert "secret.name" not in place
        assert item.token_hash not in place.replace(rows, "")


def test_an_address_backed_by_a_publisher_is_strong(author, claim, wei):
    place = Institution.objects.create(public_id="i1", name="University", name_key="university")
    EmailDomain.objects.create(domain="university.edu", kind="academic", institution=place)
    line = author.authorships.first()
    line.affiliations.create(place=1, raw="University", institution=place, asserted_by="publisher")
    evidence.send_code(claim, address="wei@cs.university.edu", by=wei)
    assert evidence.enter_code(claim, code=mailed_code(), by=wei).detail["backed"] is True


def test_a_page_and_a_mailbox_of_one_institution_are_one_voice(author, claim, wei, refused):
    EmailDomain.objects.create(domain="university.edu", kind="academic")
    item = evidence.name_page(claim, url="https://people.university.edu/~wei", by=wei)
    assert item.source == "university.edu"
    Evidence.objects.filter(pk=item.pk).update(status="proved", proved_at=timezone.now(), dated=timezone.localdate())
    prove(wei, author, "institution-email", source="university.edu")
    claims.submit_claim(claim, by=wei)
    refused("not-enough-evidence", claims.approve_claim, claim, by=make_reviewer())


# --- Who decides -----------------------------------------------------------------------------------------------------


def test_nobody_decides_their_own_or_a_co_authors_case(author, refused):
    coauthor = author.authorships.first().work.authorships.get(position=2).author
    mark_collaborations_stale(author_ids=[author.pk, coauthor.pk])
    count_collaborations()
    staff, friend, rival = (make_person(name, is_staff=True) for name in ("staff", "friend", "rival"))
    Profile.objects.create(user=friend, author=coauthor, claimed_at=timezone.now())
    claim = make_submitted(author, staff)
    make_submitted(author, rival)
    for by in (staff, friend, rival):
        for decide, named in (
            (claims.approve_claim, {}),
            (claims.reject_claim, {"reason": "other-person"}),
            (claims.ask_for_more, {"question": "x"}),
        ):
            refused("conflict-of-interest", decide, claim, **named, by=by)
    refused("not-a-reviewer", claims.approve_claim, claim, by=make_person("reader"))
    assert claims.approve_claim(claim, by=make_reviewer()).status == "approved"


def test_an_appeal_and_a_dispute_go_to_somebody_else(author, wei, refused):
    first, second = make_reviewer("first"), make_reviewer("second")
    claim = claims.reject_claim(make_submitted(author, wei), reason="other-person", by=first)
    claims.appeal_claim(claim, text="Look again.", by=wei)
    refused("decided-before", claims.approve_claim, claim, by=first)
    claims.approve_claim(claim, by=second)
    rival = make_person("rival")
    theirs = tick(claims.begin_claim(author, by=rival), by=rival)
    refused("no-evidence", claims.dispute, theirs, statement="Mine.", by=rival)
    refused("held", claims.submit_claim, theirs, statement="Mine.", by=rival)
    prove(rival, author)
    claims.dispute(theirs, statement="Mine.", by=rival)
    refused("decided-before", claims.uphold, claim, by=second)
    refused("decided-before", claims.revoke_claim, claim, reason="dispute-upheld", by=second)
    refused("held", claims.approve_claim, theirs, by=first)
    claims.revoke_claim(claim, reason="dispute-upheld", by=first)
    refused("needs-a-second", claims.approve_claim, theirs, by=first)
    claims.second_claim(theirs, by=second)
    assert claims.approve_claim(theirs, by=first).status == "approved"
    assert Profile.objects.get().user == rival


def test_a_reviewers_own_binding_does_not_carry_their_own_approval(author, wei, refused):
    claim = tick(claims.begin_claim(author, by=wei), by=wei)
    claims.submit_claim(claim, statement="Ask my institute.", by=wei)
    first, second = make_reviewer("first"), make_reviewer("second")
    claims.bind_by_staff(claim, note="Seen by video.", by=first)
    refused("not-enough-evidence", claims.approve_claim, claim, by=first)
    assert claims.approve_claim(claim, by=second).status == "approved"


def test_a_case_on_another_reviewers_table_waits(author, wei, refused):
    claim, first = make_submitted(author, wei), make_reviewer("first")
    Claim.objects.filter(pk=claim.pk).update(leased_by=first, leased_until=timezone.now() + timedelta(minutes=5))
    refused("leased", claims.approve_claim, claim, by=make_reviewer("second"))
    assert claims.approve_claim(claim, by=first).leased_by is None


# --- Whoever is wronged ----------------------------------------------------------------------------------------------


def test_rights_end_with_the_claim(author, wei):
    claim = make_approved(author, wei, by=make_reviewer())
    claims.release_claim(claim, by=wei)
    assert not Profile.objects.exists()
    author.refresh_from_db()
    assert author.is_claimed is False
    assert not Evidence.objects.proved().filter(kind="staff-binding").exists()


def test_a_closing_account_leaves_the_record_unclaimed_and_no_words(author, wei):
    claim = make_approved(author, wei, by=make_reviewer())
    other = tick(claims.begin_claim(make_claimable("Other"), by=make_person("x")), by=User.objects.get(email__startswith="x@"))
    claims.leave_claims(wei, by=wei)
    claim.refresh_from_db()
    other.refresh_from_db()
    assert (claim.status, claim.statement, other.status) == ("released", "", "evidence")
    wei.delete()
    claim.refresh_from_db()
    assert claim.user is None
    assert claim.events.filter(kind="approved").exists()
