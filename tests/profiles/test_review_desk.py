"""The review desk: who is let in, the queue, leases, decisions, identity checks, many at once, the audit, the public figures."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from graph.actions.collaborations import rebuild_graph
from profiles.actions.claims import ClaimRefused, answer_works, begin_claim, dispute
from profiles.actions.review import accept_vouches, check_identity, give_back, take_lease, weigh_waiting
from profiles.models import Claim, ClaimEvent, EmailDomain, Evidence, Profile, User
from profiles.roles import ADMINISTRATOR, CURATOR, may_curate, may_read_audit, may_review, sync_roles
from tests.bzpeer.markup import links_of, parse, refused_by_policy, text_of
from tests.factories.claims import claim_in_review, claimed, places_of, prove
from tests.factories.people import make_user, signed_in
from tests.factories.works import make_author, make_work
from works.actions.audit import seal_events
from works.models import Authorship

pytestmark = pytest.mark.django_db


@pytest.fixture
def author():
    ada = make_author("Ada Lovelace", works_count=1)
    make_work("Note G", 1843, [ada, make_author("Mary Somerville")])
    return ada


@pytest.fixture
def claim(author) -> Claim:
    return claim_in_review(author, by=make_user("ada@example.org"))


@pytest.fixture
def reviewer():
    return make_user("rita@example.org", is_staff=True)


@pytest.fixture
def desk(reviewer):
    return signed_in(reviewer)


def decide(desk, claim, verb, **fields):
    return desk.post(f"/review/{claim.public_id}/decide/", {"verb": verb, **fields})


# --- Roles -----------------------------------------------------------------------------------------------------------------------


def test_roles_are_groups_and_nothing_without_staff():
    people = {role: make_user(f"{role}@example.org", role=role, is_staff=True) for role in ("reviewer", "curator", "administrator")}
    asked = {role: (may_review(user), may_curate(user), may_read_audit(user)) for role, user in people.items()}
    assert asked == {"reviewer": (True, False, True), "curator": (False, True, False), "administrator": (True, True, True)}
    left = make_user("left@example.org")
    left.groups.add(Group.objects.get(name=ADMINISTRATOR))
    assert (may_review(left), may_curate(left), may_read_audit(left)) == (False, False, False)


def test_syncing_roles_twice_changes_nothing():
    before = {group.name: set(group.permissions.values_list("pk", flat=True)) for group in Group.objects.all()}
    sync_roles()
    assert {group.name: set(group.permissions.values_list("pk", flat=True)) for group in Group.objects.all()} == before
    assert set(before) == {"reviewer", "curator", "administrator"}


@pytest.mark.parametrize("address", ["/review/", "/review/audit/", "/review/{id}/"])
def test_the_desk_is_for_reviewers(client, claim, address):
    address = address.replace("{id}", claim.public_id)
    assert client.get(address).status_code == 302
    assert signed_in(make_user()).get(address).status_code == 403
    assert signed_in(make_user("c@example.org", is_staff=True, role=CURATOR)).get(address).status_code == 403


def test_a_curator_decides_about_no_claim(claim):
    curator = signed_in(make_user("c@example.org", is_staff=True, role=CURATOR))
    assert decide(curator, claim, "approve").status_code == 403
    assert curator.post("/review/decide/", {"claim": claim.public_id, "verb": "approve"}).status_code == 403
    claim.refresh_from_db()
    assert claim.status == Claim.Status.REVIEW


# --- The queue ---------------------------------------------------------------------------------------------------------------------


def test_the_queue_has_the_riskiest_first_or_the_oldest(desk):
    for number, name in enumerate(["Ada Lovelace", "Mary Somerville"]):
        person = make_author(name, works_count=1)
        make_work(f"Of {name}", 1843, [person])
        claim_in_review(person, by=make_user(f"{number}@mail{number}.example"))
    EmailDomain.objects.create(domain="mail1.example", kind="disposable")
    assert weigh_waiting() == 2
    assert weigh_waiting() == 0

    def names(query: str = "") -> list[str]:
        return [link.text_content() for link in parse(desk.get(f"/review/{query}").content).cssselect(".queue th a")]

    assert names() == ["Mary Somerville", "Ada Lovelace"]
    assert names("?order=age") == ["Ada Lovelace", "Mary Somerville"]
    assert names("?state=disputed") == []
    assert names("?state=nonsense&order=x&page=99") == ["Mary Somerville", "Ada Lovelace"]
    assert "Mail at mail1.example (disposable)" in text_of(desk.get("/review/").content)


@pytest.mark.parametrize("claims", [1, 3])
def test_the_queue_costs_the_same_however_long_it_is(desk, claims):
    for number in range(claims):
        person = make_author(f"Person {number}", works_count=1)
        make_work(f"Work {number}", 2000, [person])
        claim_in_review(person, by=make_user(f"{number}@example.org"))
    weigh_waiting()
    desk.get("/review/")
    with CaptureQueriesContext(connection) as queries:
        desk.get("/review/")
    assert len(queries) == 8, [query["sql"] for query in queries]


# --- A case ------------------------------------------------------------------------------------------------------------------------


def test_a_case_shows_record_and_claimant_side_by_side(desk, claim):
    content = desk.get(f"/review/{claim.public_id}/").content
    text = text_of(content)
    assert "mine Note G 1843, place 1, printed “Ada Lovelace”" in text
    assert "ORCID iD on a work: proved 0000-0002-1825-0097, says crossref" in text
    assert "These are my works." in text
    assert "Enough for your approval." in text
    assert "The mailbox repeats a part of the author’s name" not in text  # "ada" is too short to say anything
    assert "ada@example.org" not in text
    assert list(refused_by_policy(content)) == []


def test_a_long_record_shows_what_was_answered_first_and_folds_the_rest(desk, author):
    for year in range(1900, 1960):
        make_work(f"Of {year}", year, [author])
    person = make_user("ada@example.org")
    claim = begin_claim(author, by=person)
    oldest = Authorship.objects.get(author=author, work__title="Of 1900")
    answer_works(claim, answers={(oldest.work_id, oldest.position): False}, by=person)
    page = parse(desk.get(f"/review/{claim.public_id}/").content)
    lines = [line.text_content() for line in page.cssselect(".case-works > li")]
    assert len(lines) == 50
    assert "not mine" in lines[0]
    assert "Of 1900" in lines[0]
    assert "Of 1959" in lines[1]
    assert len(page.cssselect("details .case-works > li")) == 40


def test_two_reviewers_do_not_collide(desk, claim, reviewer):
    other = make_user("sam@example.org", is_staff=True)
    assert "On your table until" in text_of(desk.get(f"/review/{claim.public_id}/").content)
    seen = text_of(signed_in(other).get(f"/review/{claim.public_id}/").content)
    assert "Another reviewer has this case on the table. rita@example.org" in seen
    refused = decide(signed_in(other), claim, "approve")
    assert (refused.status_code, "Another reviewer has this case on the table." in text_of(refused.content)) == (422, True)
    assert not take_lease(claim, by=other)
    assert "yours, until" in text_of(desk.get("/review/").content)
    assert "rita@example.org" in text_of(signed_in(other).get("/review/").content)
    give_back(claim, by=other)
    assert not take_lease(claim, by=other)
    desk.post(f"/review/{claim.public_id}/decide/", {"give-back": "1"})
    assert take_lease(claim, by=other)
    Claim.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert take_lease(claim, by=reviewer)


def test_nobody_sees_the_form_for_their_own_or_a_coauthors_case(claim, author):
    rebuild_graph()
    mary = make_user("mary@example.org", is_staff=True)
    Profile.objects.create(
        user=mary, author=Claim.objects.get().author.__class__.objects.get(name="Mary Somerville"), claimed_at=timezone.now()
    )
    text = text_of(signed_in(mary).get(f"/review/{claim.public_id}/").content)
    assert "You may not decide here. You have joint works with this author." in text
    assert "Decide Each opens its form" not in text
    refused = decide(signed_in(mary), claim, "approve")
    assert refused.status_code == 422
    claim.refresh_from_db()
    assert (claim.status, claim.leased_by) == (Claim.Status.REVIEW, None)


def test_asking_answering_and_approving(desk, claim, author):
    assert decide(desk, claim, "ask", text="").status_code == 422
    asked = decide(desk, claim, "ask", question="orcid", text="Any of the two will do.")
    assert asked["Location"] == "/review/"
    claim.refresh_from_db()
    assert claim.status == Claim.Status.NEEDS_INFO
    question = claim.events.get(kind="questioned").text
    assert question.startswith("Please log in with ORCID")
    assert question.endswith("Any of the two will do.")
    Claim.objects.update(status=Claim.Status.REVIEW)
    assert decide(desk, claim, "approve").status_code == 302
    assert Profile.objects.get().author == author


def test_a_rejection_needs_a_reason_that_fits(desk, claim):
    for reason in ("", "evidence-fits", "dispute-upheld"):
        answer = decide(desk, claim, "reject", reason=reason, text="My words")
        assert answer.status_code == 422, reason
        assert "Choose a reason: the claimant reads it." in text_of(answer.content)
        assert "My words" in text_of(answer.content)
    assert decide(desk, claim, "reject", reason="nonsense").status_code == 422
    assert decide(desk, claim, "nonsense").status_code == 404
    assert decide(desk, claim, "reject", reason="other-person").status_code == 302
    claim.refresh_from_db()
    assert (claim.status, claim.reason) == (Claim.Status.REJECTED, "other-person")


def test_a_dispute_is_upheld_by_another_than_the_approver(desk, author, reviewer):
    owner = make_user("ada@example.org")
    held = claimed(author, by=owner, approved_by=reviewer)
    rival = make_user("rival@example.org")
    theirs = begin_claim(author, by=rival)
    answer_works(theirs, answers=dict.fromkeys(places_of(author), True), by=rival)
    prove(rival, author, Evidence.Kind.LINK, "rival.example")
    dispute(theirs, statement="It is me.", by=rival)
    assert "You approved this claim. Another reviewer decides the dispute." in text_of(decide(desk, held, "uphold").content)
    give_back(held, by=reviewer)
    other = signed_in(make_user("sam@example.org", is_staff=True))
    assert "Uphold" in text_of(other.get(f"/review/{held.public_id}/").content)
    assert decide(other, held, "uphold", text="The iD is hers.").status_code == 302
    held.refresh_from_db()
    assert held.status == Claim.Status.UPHELD
    assert Profile.objects.get().user == owner


def test_many_are_decided_each_by_itself(desk, claim, author):
    poor = make_author("Mary Poor", works_count=1)
    make_work("Alone", 1850, [poor])
    unproved = claim_in_review(poor, by=make_user("poor@example.org"))
    Evidence.objects.filter(user=unproved.user).delete()
    answer = desk.post(
        "/review/decide/", {"claim": [claim.public_id, unproved.public_id, "nonsense"], "verb": "approve", "reason": "evidence-fits"}
    )
    text = text_of(answer.content)
    assert "1 decided, 1 refused" in text
    assert "Ada Lovelace Approved." in text
    assert "Mary Poor Approval needs two independent pieces of evidence" in text
    assert desk.post("/review/decide/", {"verb": "approve"}).status_code == 302


# --- Identity ------------------------------------------------------------------------------------------------------------------------


def test_identity_takes_two_members_of_staff(desk, author, reviewer):
    held = claimed(author, by=make_user("ada@example.org"))
    assert decide(desk, held, "identity", method="", text="Saw the passport").status_code == 422
    assert decide(desk, held, "identity", method="video", text="Saw the passport").status_code == 302
    again = decide(desk, held, "identity", method="in-person", text="Once more")
    assert "The second check is another reviewer’s." in text_of(again.content)
    give_back(held, by=reviewer)
    check_identity(held, method="in-person", note="Met at a conference", by=make_user("sam@example.org", is_staff=True))
    checks = Evidence.objects.filter(kind=Evidence.Kind.IDENTITY_CHECK)
    assert [(item.given_by.email, item.detail, item.expires_on.year) for item in checks] == [
        ("rita@example.org", {"method": "video"}, timezone.localdate().year + 3),
        ("sam@example.org", {"method": "in-person"}, timezone.localdate().year + 3),
    ]
    give_back(held, by=User.objects.get(email="sam@example.org"))
    desk.post(f"/review/{held.public_id}/withdraw/", {"evidence": checks[0].pk, "text": "The call was with somebody else."})
    assert Evidence.objects.proved().filter(kind=Evidence.Kind.IDENTITY_CHECK).count() == 1
    assert ClaimEvent.objects.get(kind="evidence-revoked").text == "The call was with somebody else."
    assert desk.post(f"/review/{held.public_id}/withdraw/", {"evidence": "x"}).status_code == 404


def test_identity_is_checked_once_somebody_holds_the_record(claim, reviewer):
    with pytest.raises(ClaimRefused, match="once the claim is approved"):
        check_identity(claim, method="video", note="Seen", by=reviewer)


def test_vouches_are_accepted_where_there_are_two(author, reviewer):
    owner = make_user("ada@example.org")
    held = claimed(author, by=owner)
    prove(owner, author, Evidence.Kind.IDENTITY_VOUCH, "user:1", given_by=make_user("v1@example.org"))
    with pytest.raises(ClaimRefused, match="two verified people"):
        accept_vouches(held, note="Read both", by=reviewer)
    prove(owner, author, Evidence.Kind.IDENTITY_VOUCH, "user:2", given_by=make_user("v2@example.org"))
    assert accept_vouches(held, note="Read both", by=reviewer).kind == Evidence.Kind.STAFF_DECISION


# --- Audit and figures -----------------------------------------------------------------------------------------------------------------


def test_the_audit_pages_through_every_event_once(desk, claim, author):
    for number in range(60):
        ClaimEvent.objects.create(claim=claim, kind=f"note-{number}", actor_role="system")
    seen: list[str] = []
    address = "/review/audit/?table=claimevent"
    for _ in range(4):
        root = parse(desk.get(address).content)
        seen += [cell.text_content() for cell in root.cssselect("#events-head ~ * b, section:last-of-type tbody b")]
        following = [link.get("href") for link in root.cssselect("a") if link.text_content() == "Earlier events"]
        if not following:
            break
        address = f"/review/audit/{following[0]}"
    assert len(seen) == len(set(seen)) == ClaimEvent.objects.count()
    assert seen[0] == "note-59"


def test_the_audit_narrows_and_tells_whether_the_chain_holds(desk, claim):
    seal_events()
    text = text_of(desk.get(f"/review/audit/?kind=submitted&actor={claim.user_id}&check=1").content)
    assert "submitted" in text
    assert "works-answered" not in text
    assert "holds" in text
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE profiles_claimevent DISABLE TRIGGER USER;"
            "UPDATE profiles_claimevent SET reason = 'forged' WHERE place = 2"
        )
    assert "broken at 2" in text_of(desk.get("/review/audit/?check=1").content)
    assert "not checked now" in text_of(desk.get("/review/audit/?actor=x&since=y&after=claimevent:x,:,%00").content)


def test_the_public_figures_are_honest_when_few(client, author, reviewer):
    text = text_of(client.get("/about/claims/").content)
    assert "No claim has been decided yet." in text
    assert "so there is no median to give" in text
    claimed(author, by=make_user("ada@example.org"), approved_by=reviewer)
    text = text_of(client.get("/about/claims/").content)
    assert "The median rests on 1 decision." in text
    assert "None of 1 decision has been overturned; that is few to judge by." in text


def test_the_desk_is_reached_from_the_menu(desk, client):
    assert "/review/" in links_of(desk.get("/").content)
    assert "/review/" not in links_of(signed_in(make_user()).get("/").content)


# --- Admin -----------------------------------------------------------------------------------------------------------------------------


def test_the_admin_edits_mail_domains_and_nothing_that_actions_write(desk, claim):
    made = desk.post("/admin/profiles/emaildomain/add/", {"domain": "@CS.Example.EDU", "kind": "academic", "note": "", "institution": ""})
    assert made.status_code == 302
    assert EmailDomain.objects.get(domain="cs.example.edu").kind == "academic"
    assert "This is no domain name" in text_of(desk.post("/admin/profiles/emaildomain/add/", {"domain": "edu", "kind": "academic"}).content)
    assert desk.get(f"/admin/profiles/claim/{claim.pk}/change/").status_code == 200
    assert desk.post(f"/admin/profiles/claim/{claim.pk}/change/", {"status": "approved"}).status_code == 403
    assert desk.post(f"/admin/profiles/evidence/{Evidence.objects.get().pk}/delete/", {"post": "yes"}).status_code == 403
    assert desk.get("/admin/profiles/user/").status_code == 403


def test_an_administrator_gives_roles_and_cannot_raise_themselves():
    chief = make_user("chief@example.org", is_staff=True, role=ADMINISTRATOR)
    person, root = make_user("p@example.org"), make_user("root@example.org", is_superuser=True)
    client = signed_in(chief)
    group = Group.objects.get(name="reviewer")
    given = {"is_active": "on", "is_staff": "on", "is_superuser": "on", "groups": [group.pk], "email": "taken@example.org"}
    assert client.post(f"/admin/profiles/user/{person.pk}/change/", given).status_code == 302
    person.refresh_from_db()
    assert (person.is_staff, person.is_superuser, person.email, may_review(person)) == (True, False, "p@example.org", True)
    assert client.post(f"/admin/profiles/user/{root.pk}/change/", given).status_code == 403
    assert client.post(f"/admin/profiles/user/{chief.pk}/change/", given).status_code == 403
