"""The pages of claims: what the claimant can do there, and that nobody else sees it."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from graph.actions.collaborations import count_collaborations, mark_collaborations_stale
from profiles.actions import claims, evidence
from profiles.actions.claims import pieces_of
from profiles.actions.claims.notices import not_me_address, send_notices
from profiles.claiming import is_enough
from profiles.evidence import homepage
from profiles.models import Claim, EmailDomain, Evidence, Profile, Trust
from tests.bzpeer.markup import parse
from tests.factories.claims import make_approved, make_claimable, make_person, make_reviewer, make_submitted, prove, tick
from tests.factories.people import PASSWORD, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def author():
    return make_claimable()


@pytest.fixture
def wei():
    return make_person("wei")


def post(client, claim, step, **given):
    """A button of the claim's page, and what the page says afterwards."""
    answer = client.post(reverse("profiles:claim_step", args=[claim.public_id, step]), given, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


def test_from_the_first_click_to_the_queue(author, wei):
    EmailDomain.objects.create(domain="example.edu", kind="academic")
    client = signed_in(wei)
    answer = client.post(reverse("profiles:claim_begin", args=[author.slug]))
    claim = Claim.objects.get()
    assert (claim.user, claim.author, claim.status) == (wei, author, "draft")
    assert answer["Location"] == claim.get_absolute_url()
    assert b"Say of at least one work" in client.get(claim.get_absolute_url()).content

    works = reverse("profiles:claim_works", args=[claim.public_id])
    line = author.authorships.first()
    client.post(works, {f"work-{line.work_id}-{line.position}": "mine", "work-999-1": "mine"}, follow=True)
    assert list(claim.answers.values_list("work", "position", "is_mine")) == [(line.work_id, 1, True)]

    assert post(client, claim, "code", address="wei@cs.example.edu") == ["A code is on its way to that address. It works for an hour."]
    code = next(text for text in mail.outbox[0].body.split() if text.count("-") == 2 and text.isupper())
    assert mail.outbox[0].to == ["wei@cs.example.edu"]
    assert code not in client.get(claim.get_absolute_url()).content.decode()
    assert post(client, claim, "enter-code", code=code.lower()) == ["The address is proved."]
    assert post(client, claim, "submit", text="I am at the department.") == ["Your claim is handed in."]
    claim.refresh_from_db()
    assert (claim.status, claim.statement) == ("review", "I am at the department.")
    kinds = ["begun", "works-answered", "evidence-awaited", "code-sent", "evidence-proved", "submitted"]
    assert list(claim.events.values_list("kind", flat=True)) == kinds


def test_a_pending_claim_is_seen_by_its_claimant_alone(author, wei):
    claim = make_submitted(author, wei)
    page = author.get_absolute_url()
    assert "Go on with your claim" in signed_in(wei).get(page).content.decode()
    for client in (Client(), signed_in(make_person("rival"))):
        seen = client.get(page).content.decode()
        assert "This is me" in seen
        assert claim.public_id not in seen
    rival = signed_in(make_person("other"))
    assert rival.get(claim.get_absolute_url()).status_code == 404
    assert rival.get(reverse("profiles:claim_works", args=[claim.public_id])).status_code == 404
    for step in ("submit", "withdraw", "code", "enter-code", "release"):
        assert rival.post(reverse("profiles:claim_step", args=[claim.public_id, step])).status_code == 404
    claim.refresh_from_db()
    assert claim.status == "review"


def test_the_panel_begins_a_claim_in_place(author, wei):
    client = signed_in(wei)
    answer = client.post(reverse("profiles:claim_begin", args=[author.slug]), headers={"HX-Request": "true"})
    assert parse(answer.content).cssselect("#claim-panel a.button")[0].get("href") == Claim.objects.get().get_absolute_url()
    assert "account/login" in Client().post(reverse("profiles:claim_begin", args=[author.slug]))["Location"].replace("accounts", "account")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("needs_info", "Hand in the answer"),
        ("rejected", "Appeal to another reviewer"),
        ("approved", "Give up the page"),
        ("review", "Withdraw"),
    ],
)
def test_the_page_offers_what_can_be_done_now(author, wei, status, words):
    claim = make_submitted(author, wei)
    reviewer = make_reviewer()
    if status == "needs_info":
        claims.ask_for_more(claim, question="Which institute?", by=reviewer)
    elif status == "rejected":
        claims.reject_claim(claim, reason="other-person", note="Another Wei Wang.", by=reviewer)
    elif status == "approved":
        claims.approve_claim(claim, by=reviewer)
    page = signed_in(wei).get(claim.get_absolute_url()).content.decode()
    assert words in page
    assert str(reviewer) not in page


def test_waiting_times_are_those_that_were(author, wei):
    client = signed_in(wei)
    claim = make_submitted(author, wei)
    assert "no typical wait is known" in client.get(claim.get_absolute_url()).content.decode()
    now = timezone.now()
    for days in (1, 5, 30):
        other = make_approved(make_claimable(f"Author {days}"), make_person(f"person{days}"), by=make_reviewer(f"reviewer{days}"))
        Claim.objects.filter(pk=other.pk).update(submitted_at=now - timedelta(days=days), decided_at=now)
    assert "Median wait: 5 days, of 3 decided" in client.get(claim.get_absolute_url()).content.decode()


def test_queries_do_not_grow_with_claims_evidence_and_history(author, wei):
    claim = tick(claims.begin_claim(author, by=wei), by=wei)
    client = signed_in(wei)
    pages = (claim.get_absolute_url(), reverse("profiles:claims"), reverse("profiles:claim_works", args=[claim.public_id]))

    def counts():
        found = []
        for page in pages:
            with CaptureQueriesContext(connection) as seen:
                assert client.get(page).status_code == 200
            found.append(len(seen))
        return found

    prove(wei, author)
    before = counts()
    for number in range(3):
        prove(wei, author, "link", source=f"host{number}.example")
    claims.begin_claim(make_claimable("Second"), by=wei)
    claims.begin_claim(make_claimable("Third"), by=wei)
    assert counts() == before


def test_this_was_not_me(author, wei):
    """Opening the link changes nothing; its button freezes the claim, tells the owner and calls the staff. A forged link does not exist."""
    reviewer = make_reviewer()
    claim = make_approved(author, wei, by=reviewer)
    send_notices()
    assert [message.to for message in mail.outbox] == [[wei.email]]
    link = not_me_address(claim).partition("://")[2].partition("/")[2]
    assert f"/{link.split('/')[0]}/" in mail.outbox[0].body
    client = Client()
    assert client.get(f"/{link}").status_code == 200
    claim.refresh_from_db()
    assert (claim.status, claim.frozen_at) == ("approved", None)
    assert client.post(f"/{link}").status_code == 200
    claim.refresh_from_db()
    assert (claim.status, claim.is_restricted) == ("disputed", True)
    assert client.get(f"/{link[:-3]}zz/").status_code == 404
    client.post(f"/{link}")
    assert claim.events.filter(kind="frozen").count() == 1
    send_notices()
    assert sorted(message.to[0] for message in mail.outbox[1:]) == sorted([wei.email, reviewer.email])
    claims.uphold(claim, reason="evidence-fits", by=make_reviewer("second"))
    claim.refresh_from_db()
    assert (claim.status, claim.frozen_at) == ("upheld", None)
    # Staff have decided: the same link does not stop the page once more, and says so.
    assert "Staff have looked at this objection" in client.post(f"/{link}", follow=True).content.decode()
    claim.refresh_from_db()
    assert (claim.status, claim.frozen_at) == ("upheld", None)


def test_addresses_rest_for_three_days_and_while_a_claim_is_frozen(author, wei, quick_passwords):
    """Whoever took an account over cannot shut out those who are told of it by mail."""
    wei.set_password(PASSWORD)
    wei.save()
    client = Client()
    client.post("/accounts/login/", {"login": wei.email, "password": PASSWORD})
    EmailAddress.objects.create(user=wei, email="other@mail.example", verified=True)
    claim = make_approved(author, wei, by=make_reviewer())

    def try_all():
        cache.clear()  # so many changes in a minute would be refused for their number alone
        client.post("/accounts/email/", {"action_add": "", "email": "third@mail.example"})
        client.post("/accounts/email/", {"action_primary": "", "email": "other@mail.example"})
        client.post("/accounts/email/", {"action_remove": "", "email": "other@mail.example"})
        client.post("/accounts/email/", {"action_remove": "", "email": wei.email})
        return sorted(EmailAddress.objects.filter(user=wei).values_list("email", "primary"))

    before = [("other@mail.example", False), (wei.email, True)]
    assert "less than 72 hours ago" in client.get("/accounts/email/").content.decode()
    assert try_all() == before
    Claim.objects.filter(pk=claim.pk).update(decided_at=timezone.now() - timedelta(hours=73))
    claims.freeze_claim(claim)
    assert "Your claim is frozen" in client.get("/accounts/email/").content.decode()
    assert try_all() == before
    claims.uphold(claim, by=make_reviewer("second"))
    assert "action_remove" in client.get("/accounts/email/").content.decode()
    assert try_all() == [("other@mail.example", True), ("third@mail.example", False)]


def test_the_address_of_a_proof_says_nothing_before_the_claim_holds(author, wei):
    claim = tick(claims.begin_claim(author, by=wei), by=wei)
    item = evidence.name_page(claim, url="https://wei.example/", by=wei)
    path = "/" + homepage.address_of(item.pk).partition("://")[2].partition("/")[2]
    seen = Client().get(path).content.decode()
    assert author.name not in seen
    assert Client().get(path[:-2] + "x/").status_code == 404
    Evidence.objects.filter(pk=item.pk).update(status="proved", proved_at=timezone.now(), dated=timezone.localdate())
    assert author.name not in Client().get(path).content.decode()
    prove(wei, author)
    claims.approve_claim(claims.submit_claim(claim, by=wei), by=make_reviewer())
    assert Client().get(path)["Location"] == author.get_absolute_url()


def test_a_co_author_is_asked_and_vouches(author, wei):
    """Somebody whose own identity two members of staff have checked; they can decline, and take their word back."""
    coauthor = author.authorships.first().work.authorships.get(position=2).author
    mark_collaborations_stale(author_ids=[author.pk, coauthor.pk])
    count_collaborations()
    voucher = make_person("voucher")
    Profile.objects.create(user=voucher, author=coauthor, claimed_at=timezone.now())
    give_level(coauthor, 4)
    claim = tick(claims.begin_claim(author, by=wei), by=wei)
    client, their = signed_in(wei), signed_in(voucher)
    assert coauthor.name in client.get(claim.get_absolute_url()).content.decode()
    assert post(client, claim, "ask", voucher=wei.pk) == ["This person cannot be asked: only verified co-authors of the record can."]
    post(client, claim, "ask", voucher=voucher.pk, text="We met in Graz.")
    item = Evidence.objects.get()
    page = reverse("profiles:vouch", args=[item.pk])
    assert client.get(page).status_code == 404
    seen = their.get(page).content.decode()
    assert "We met in Graz." in seen
    assert wei.email not in seen
    assert "Only somebody whose own identity was checked by two members of staff" in seen
    their.post(page, {"answer": "vouch"})
    item.refresh_from_db()
    assert item.status == "pending"
    for name in ("one", "two"):
        reviewer = make_reviewer(name)
        prove(voucher, coauthor, "identity-check", source=f"user:{reviewer.pk}", given_by=reviewer)
    their.post(page, {"answer": "vouch"})
    item.refresh_from_db()
    assert (item.status, item.source) == ("proved", f"user:{voucher.pk}")
    assert is_enough(pieces_of([item]))
    their.post(page, {"answer": "revoke"})
    item.refresh_from_db()
    assert item.status == "revoked"
    kinds = list(claim.events.filter(kind__startswith="evidence-").values_list("kind", "actor_id", "actor_role"))
    assert kinds == [
        ("evidence-awaited", wei.pk, "claimant"),
        ("evidence-proved", voucher.pk, "voucher"),
        ("evidence-revoked", voucher.pk, "voucher"),
    ]


def give_level(author, level):
    Trust.objects.update_or_create(
        author=author,
        defaults={
            "micropoints": 54_000_000, "score": 54, "level": level, "own_level": level, "band": "verified", "lines": [],
            "formula": "test", "input_hash": "", "computed_at": timezone.now(),
        },
    )  # fmt: skip
