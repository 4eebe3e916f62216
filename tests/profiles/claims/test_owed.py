"""What is owed and paid later: answers that become decisions, pages looked at again, evidence that runs out, an iD that is disconnected."""

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import orjson
import pytest
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.signals import social_account_removed
from django.db import transaction
from django.utils import timezone

from profiles.actions import claims, evidence
from profiles.actions.claims.answers import are_answers_due, settle_answers
from profiles.actions.trust import compute_stale, mark_overnight
from profiles.evidence.homepage import RECHECK, TRIES, address_of
from profiles.models import Claim, Evidence, StaleTrust, Trust
from tests.factories import verified
from tests.factories.claims import make_approved, make_claimable, make_person, make_reviewer, make_submitted, prove, tick
from works.actions.imports.batch import take_in
from works.importers import orcid
from works.importers.record import ImportedWork
from works.models import Authorship, AuthorshipDecision, RegistryRecord

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


# --- Answers -----------------------------------------------------------------------------------------------------------


def decisions():
    return set(AuthorshipDecision.objects.values_list("work", "position", "answer", "decided_by", "role"))


def test_ticked_works_become_decisions_on_approval_and_no_sooner(author, wei):
    claim = claims.begin_claim(author, by=wei)
    first, second = ((line.work_id, line.position) for line in author.authorships.order_by("work"))
    claims.answer_works(claim, answers={first: True, second: False}, by=wei)
    prove(wei, author)
    claims.submit_claim(claim, by=wei)
    assert (settle_answers(), decisions()) == (0, set())
    claims.approve_claim(claim, by=make_reviewer())
    assert are_answers_due()
    assert settle_answers() == 1
    assert decisions() == {(*first, "mine", wei.pk, "owner"), (*second, "not-mine", wei.pk, "owner")}
    assert Authorship.objects.get(work=first[0], position=first[1]).author == author
    assert Authorship.objects.get(work=second[0], position=second[1]).author != author
    assert (settle_answers(), are_answers_due()) == (0, False)


@pytest.mark.parametrize("ending", ["revoked", "released"])
def test_they_are_taken_back_when_the_claim_ends_and_staffs_stay(author, wei, ending):
    claim = make_approved(author, wei, by=make_reviewer())
    settle_answers()
    (mine,) = decisions()
    AuthorshipDecision.objects.create(
        work_id=author.authorships.exclude(work=mine[0]).get().work_id, author=author, position=1, decided_position=1, raw_name="Wei Wang",
        name_key="wei wang", answer="mine", decided_by=make_reviewer("curator").pk, role="staff", decided_at=timezone.now(),
    )  # fmt: skip
    if ending == "revoked":
        claims.revoke_claim(claim, reason="evidence-false", by=make_reviewer("other"))
    else:
        claims.release_claim(claim, by=wei)
    assert settle_answers() == 1
    assert [role for *_, role in decisions()] == ["staff"]
    assert Authorship.objects.get(work=mine[0], position=mine[1]).author == author


def test_an_approval_that_is_revoked_before_it_was_settled_leaves_nothing(author, wei):
    claim = make_approved(author, wei, by=make_reviewer())
    claims.revoke_claim(claim, reason="evidence-false", by=make_reviewer("other"))
    assert (settle_answers(), decisions()) == (1, set())


# --- Pages -------------------------------------------------------------------------------------------------------------


class HomeServer(ThreadingHTTPServer):
    page = "<p>Nothing here"


@pytest.fixture
def home(settings):
    """The web server of wei.example: `home.page` is what stands on its only page; empty for a server that fails."""

    class Home(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if web.page else 500)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(web.page.encode())

        def log_message(self, *_):
            pass

    web = HomeServer(("127.0.0.1", 0), Home)
    web.daemon_threads = True
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    settings.LINK_PROOF_HOSTS = {"wei.example": f"127.0.0.1:{web.server_port}"}
    yield web
    web.shutdown()
    web.server_close()
    thread.join()


@pytest.fixture
def page(claim, wei):
    """The page that Wei named, to be looked at."""
    item = evidence.name_page(claim, url="https://wei.example/", by=wei)
    evidence.look_again(claim, evidence_id=item.pk, by=wei)
    return item


def looked(item):
    assert evidence.look_at_links() == 1
    assert not evidence.are_links_due()
    item.refresh_from_db()
    return item


def days_pass(item, days):
    past = timedelta(days=days)
    item.due_at, item.proved_at, item.dated, item.expires_on = (
        item.due_at - past, item.proved_at - past, item.dated - past, item.expires_on - past,
    )  # fmt: skip
    item.save()


def test_a_page_without_the_link_waits_for_its_owner_and_says_why(home, page):
    assert looked(page).status == "pending"
    assert "has no link to" in page.detail["said"]
    assert (page.due_at, evidence.look_at_links()) == (None, 0)


def test_a_page_is_proved_and_looked_at_again_after_thirty_days(home, page, claim):
    home.page = f'<a rel="me" href="{address_of(page.pk)}">me</a>'
    assert looked(page).status == "proved"
    assert page.detail["is_rel_me"] is True
    assert page.due_at - timezone.now() > RECHECK - timedelta(hours=1)
    assert evidence.look_at_links() == 0
    days_pass(page, 30)
    assert looked(page).dated == timezone.localdate()
    assert page.expires_on - timezone.localdate() >= timedelta(days=365)
    assert [event.kind for event in claim.events.order_by("pk")][-2:] == ["evidence-proved", "evidence-proved"]


@pytest.mark.parametrize("says", ["", "<p>I moved"])
def test_a_link_that_is_gone_is_looked_for_on_three_days_before_it_counts_no_more(home, page, claim, says):
    home.page = f'<a href="{address_of(page.pk)}">me</a>'
    looked(page)
    home.page = says
    days_pass(page, 30)
    for _ in range(TRIES - 1):
        assert looked(page).status == "proved"
        days_pass(page, 1)
    assert looked(page).status == "revoked"
    assert (page.due_at, page.revoked_at is not None) == (None, True)
    assert claim.events.latest("pk").kind == "evidence-revoked"
    assert StaleTrust.objects.filter(author=claim.author_id).exists()


def test_a_link_that_comes_back_in_time_starts_afresh(home, page):
    home.page = f'<a href="{address_of(page.pk)}">me</a>'
    looked(page)
    there, home.page = home.page, "<p>Moving"
    days_pass(page, 30)
    assert looked(page).detail["tries"] == 1
    home.page = there
    days_pass(page, 1)
    assert (looked(page).detail["tries"], page.status) == (0, "proved")


def test_a_page_that_another_worker_looks_at_is_left_alone(page):
    Evidence.objects.filter(pk=page.pk).update(due_at=timezone.now() + timedelta(hours=1))
    assert evidence.look_at_links() == 0


# --- Days --------------------------------------------------------------------------------------------------------------


def test_what_ran_out_carries_no_approval(author, wei):
    claim = make_submitted(author, wei)
    Evidence.objects.update(expires_on=timezone.localdate())
    with pytest.raises(claims.ClaimRefused, match="two independent pieces"):
        claims.approve_claim(claim, by=make_reviewer())
    Evidence.objects.update(expires_on=timezone.localdate() + timedelta(days=1))
    assert claims.approve_claim(claim, by=make_reviewer("other")).status == "approved"


def test_a_level_falls_on_the_day_on_which_its_evidence_runs_out():
    verified.bring_in(verified.record("On the days of a year", ["Wei Wang", "Ada Other"]))
    author = verified.person("Wei Wang")
    user = verified.claimed(author)
    item = verified.prove(author, user, "orcid-affiliation", ror="02bfwt286", days=100)
    verified.settle()
    assert verified.figure(author)[2] == 3
    Evidence.objects.filter(pk=item.pk).update(expires_on=timezone.localdate())
    Trust.objects.filter(author=author).update(changes_on=timezone.localdate())
    mark_overnight()
    while compute_stale():
        pass
    assert verified.figure(author)[2] == 2


# --- An iD -------------------------------------------------------------------------------------------------------------


def deposit(author, wei, *, written_by="institution", retrieved_at=None):
    """A publisher printed Wei's iD on a work, and the iD's own record tells of an employment."""
    line, now = author.authorships.first(), timezone.now()
    Authorship.objects.filter(pk=line.pk).update(orcid=ORCID, orcid_asserted_by="publisher")
    person = {"name": author.name, "identifiers": [["orcid", ORCID]]}
    at = {"raw": "Monash University", "identifiers": [["ror", "02bfwt286"]], "asserted_by": written_by}
    for registry, asserted_by, affiliations in (("crossref", "publisher", []), ("orcid", "aggregator", [at])):
        RegistryRecord.objects.create(
            registry=registry, key=ORCID, work=line.work, content_hash=registry.encode(), retrieved_at=retrieved_at or now,
            payload={"asserted_by": asserted_by, "authors": [{**person, "affiliations": affiliations}]},
        )  # fmt: skip
    verified.institution("02bfwt286")
    return SocialAccount.objects.create(user=wei, provider="orcid", uid=ORCID)


def disconnect(connection):
    """As allauth does it."""
    connection.delete()
    social_account_removed.send(sender=SocialAccount, request=None, socialaccount=connection)


def standing(user):
    return sorted(Evidence.objects.proved().filter(user=user).exclude(kind="staff-binding").values_list("kind", "source", "value"))


def test_what_an_institution_wrote_into_the_orcid_record_is_proved_with_the_id(author, claim, wei):
    long_ago = timezone.now() - timedelta(days=100)
    deposit(author, wei, retrieved_at=long_ago)
    evidence.prove_by_orcid(claim, by=wei)
    evidence.prove_by_orcid(claim, by=wei)
    assert standing(wei) == [("orcid-affiliation", "02bfwt286", ORCID), ("orcid-on-work", "crossref", ORCID)]
    item = Evidence.objects.get(kind="orcid-affiliation")
    assert (item.dated, item.institution.name) == (long_ago.date(), "University 02bfwt286")
    assert item.expires_on is not None
    assert timedelta(days=600) < item.expires_on - timezone.localdate() < timedelta(days=640)


def orcid_record(title, doi, *, source):
    """Josiah's public record as ORCID gives it: a work of 2022, and an employment since 2020 that `source` wrote."""
    at_brown = {
        "put-code": 1, "visibility": "public", "source": source, "start-date": {"year": {"value": "2020"}},
        "organization": {
            "name": "Brown University", "address": {"city": "Providence", "country": "US"},
            "disambiguated-organization": {
                "disambiguated-organization-identifier": "https://ror.org/05gq02987", "disambiguation-source": "ROR",
            },
        },
    }  # fmt: skip
    work = {
        "put-code": 2, "visibility": "public", "display-index": "1", "type": "journal-article", "title": {"title": {"value": title}},
        "publication-date": {"year": {"value": "2022"}}, "source": {"source-orcid": {"path": ORCID}},
        "external-ids": {"external-id": [
            {"external-id-type": "doi", "external-id-value": doi, "external-id-relationship": "self"},
        ]},
    }  # fmt: skip
    return {
        "orcid-identifier": {"path": ORCID},
        "person": {"name": {"given-names": {"value": "Josiah"}, "family-name": {"value": "Carberry"}}},
        "activities-summary": {
            "employments": {"affiliation-group": [{"summaries": [{"employment-summary": at_brown}]}]},
            "works": {"group": [{"work-summary": [work]}]},
        },
    }


@pytest.mark.parametrize(
    ("source", "level"),
    [
        ({"source-client-id": {"path": "APP-1"}, "source-name": {"value": "Brown University"}}, 3),
        ({"source-orcid": {"path": ORCID}, "source-name": {"value": "Josiah Carberry"}}, 2),
    ],
)
def test_an_imported_record_with_the_institutions_own_entry_leads_to_level_3(source, level):
    item = verified.record("On psychoceramics", [verified.printed("Josiah Carberry", orcid=ORCID)], registry="crossref")
    verified.bring_in(item)
    record = orcid_record(item["title"], item["identifiers"][0][1], source=source)
    found = list(orcid.parse(BytesIO(orjson.dumps(record)), name="record.json"))
    with transaction.atomic():
        take_in([(str(place), work) for place, work in enumerate(found) if isinstance(work, ImportedWork)], run_id=None)
    verified.institution("05gq02987")
    author = verified.person("Josiah Carberry")
    user = verified.account(author)
    SocialAccount.objects.create(user=user, provider="orcid", uid=ORCID)
    claim = tick(claims.begin_claim(author, by=user), by=user)
    evidence.prove_by_orcid(claim, by=user)
    claims.submit_claim(claim, by=user)
    claims.approve_claim(claim, by=make_reviewer())
    verified.settle()
    assert verified.figure(author)[2] == level
    disconnect(SocialAccount.objects.get())
    verified.settle()
    assert verified.figure(author)[2] == 2  # staff's binding stands


@pytest.mark.parametrize("written_by", ["", "publisher", "registry"])
def test_what_a_person_wrote_there_proves_nothing(author, claim, wei, written_by):
    deposit(author, wei, written_by=written_by)
    evidence.prove_by_orcid(claim, by=wei)
    assert standing(wei) == [("orcid-on-work", "crossref", ORCID)]


def test_an_id_that_no_publisher_printed_brings_no_institution_along(author, claim, wei):
    deposit(author, wei)
    Authorship.objects.update(orcid_asserted_by="aggregator")
    with pytest.raises(claims.ClaimRefused):
        evidence.prove_by_orcid(claim, by=wei)
    assert standing(wei) == []


def test_who_disconnects_their_id_loses_what_it_proved(author, claim, wei):
    connection = deposit(author, wei)
    evidence.prove_by_orcid(claim, by=wei)
    prove(wei, author, "link", source="wei.example")
    StaleTrust.objects.all().delete()
    disconnect(connection)
    assert standing(wei) == [("link", "wei.example", f"link of {wei.pk}")]
    assert set(Evidence.objects.filter(status="revoked").values_list("detail__said", flat=True)) == {
        "The ORCID iD was disconnected from the account."
    }
    assert [event.kind for event in claim.events.order_by("pk")][-2:] == ["evidence-revoked", "evidence-revoked"]
    assert list(StaleTrust.objects.values_list("author", flat=True)) == [author.pk]


def test_another_persons_evidence_by_another_id_stays(author, claim, wei):
    connection = deposit(author, wei)
    rival = make_person("rival")
    prove(rival, author, value=ORCID)
    prove(wei, author, value="0000-0001-5109-3700")
    disconnect(connection)
    assert Evidence.objects.proved().count() == 2


def test_an_account_that_goes_takes_its_connection_along_without_a_word(author, wei):
    deposit(author, wei)
    claim = claims.begin_claim(author, by=wei)
    evidence.prove_by_orcid(claim, by=wei)
    wei.delete()
    assert not Evidence.objects.exists()
    assert not SocialAccount.objects.exists()
    assert Claim.objects.get().events.filter(kind="evidence-revoked").count() == 0
