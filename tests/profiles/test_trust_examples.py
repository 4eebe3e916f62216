"""The table of examples of docs/trust.md, out of rows that the ordinary actions made: import, claim, evidence, review, confirmation."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from profiles.actions import claims, evidence
from profiles.actions.claims import ClaimRefused
from profiles.models import Claim, Evidence, Trust
from tests.factories import deeds
from tests.factories.people import PASSWORD, code_of
from tests.factories.verified import account, bring_in, figure, person, printed, record, settle, staff
from works.models import Author, Authorship

pytestmark = pytest.mark.django_db

HERE, THERE = "05591te55", "04kyh2m11"
ORCID = "0000-0002-1825-0097"
NAMES = [
    "Ada Ahlgren", "Boris Bratko", "Chiara Conti", "Dilek Demir", "Elena Engel", "Femi Falade", "Goran Galic", "Hanna Holm",
]  # fmt: skip


def test_the_reference_page():
    """Unclaimed, two preprints of 2022, two topics, six close collaborators, none of them verified, no followers."""
    bring_in(
        record("On meta knowledge", ["Boxiao Liu", "Jihao Liu", "Hongsheng Li", "Yu Liu"], topics=1),
        record("On noisy faces", ["Bingqi Ma", "Guanglu Song", "Boxiao Liu", "Yu Liu"], topics=2),
    )
    settle()
    assert figure(person("Boxiao Liu")) == (13, "unverified", 1)


@pytest.fixture
def student() -> Author:
    """Two works with a publisher that prints affiliation and iD; the advisor wrote both with them, and one more alone."""
    author = printed("Sami Student", ror=HERE, orcid=ORCID)
    bring_in(
        record("On the first thing", [author, "Anna Advisor"], registry="crossref", topics=2),
        record("On the second thing", [author, "Bo Bond", "Cai Carr", "Dan Dorn", "Anna Advisor"], registry="crossref", topics=2),
        record("By the advisor alone", ["Anna Advisor"], registry="crossref"),
    )
    settle()
    return person("Sami Student")


def claim_by_orcid_and_mail(author: Author) -> Claim:
    claim = deeds.begin(author)
    deeds.prove_orcid(claim, orcid=ORCID)
    deeds.prove_mail(claim, ror=HERE)
    deeds.approve(claim)
    return claim


def test_student_with_a_verified_advisor(student):
    claim_by_orcid_and_mail(student)
    advisors = deeds.begin(person("Anna Advisor"), titles=("By the advisor alone",))
    deeds.prove_mail(advisors, ror=THERE)
    advisor = deeds.approve(binding(advisors))
    deeds.check(advisors)
    settle()
    assert figure(person("Anna Advisor"))[2] == 4
    assert figure(student) == (42, "established", 3)  # the advisor is verified, and has confirmed no joint work yet
    deeds.confirm(advisor, "On the first thing", "On the second thing")
    settle()
    assert figure(student) == (49, "established", 3)
    network = Trust.objects.get(author=student).institutions
    assert [(item["name"], item["vouchers"], len(item["works"]), item["micropoints"]) for item in network] == [
        (f"University {THERE}", 1, 2, 7_000_000)
    ]
    assert network[0]["people"] == [["Anna Advisor", person("Anna Advisor").slug]]
    assert [title for title, _ in network[0]["titles"]] == ["On the first thing", "On the second thing"]


def binding(claim: Claim) -> Claim:
    """A mailbox alone is too little for an approval: a member of staff has looked into it as well."""
    claims.bind_by_staff(claim, note="Called the institute.", by=staff(7))
    return claim


def test_student_whose_advisor_is_not_verified(student):
    claim_by_orcid_and_mail(student)
    deeds.approve(deeds.begin(person("Anna Advisor")))
    settle()
    assert figure(person("Anna Advisor"))[2] == 2
    assert figure(student) == (42, "established", 3)


def test_student_with_one_preprint_then_after_an_identity_check():
    """No publisher prints where they work: the mailbox counts with the word of a verified co-author, who confirms no joint work."""
    bring_in(
        record("The only preprint", ["Sami Student", "Bo Bond", "Cai Carr", "Dan Dorn", "Eva Ende"], topics=2),
        record("By Ende alone", ["Eva Ende"]),
    )
    settle()
    author = person("Sami Student")
    endes = deeds.begin(person("Eva Ende"), titles=("By Ende alone",))
    ende = deeds.approve(endes)
    deeds.check(endes)
    settle()
    claim = deeds.begin(author)
    deeds.prove_mail(claim, ror=HERE)
    deeds.attest(claim, by=ende)
    deeds.approve(claim)
    settle()
    assert figure(author) == (37, "established", 3)
    deeds.check(claim)
    settle()
    assert figure(author) == (57, "verified", 4)


@pytest.fixture
def professor() -> Author:
    """300 works in three registries; two verified people at each of two institutions wrote a work alone with them, and confirmed it."""
    author = printed("Petra Professor", ror=HERE, orcid=ORCID)
    bring_in(
        *(record(f"Work number {n} of many", [author, NAMES[n % 8]], registry=("crossref", "pubmed", "arxiv")[n % 3]) for n in range(292)),
        *(record(f"Joint with {name}", [author, name], registry="crossref", topics=3) for name in NAMES),
    )
    settle()
    for place, name in enumerate(NAMES[:4]):
        claim = binding(deeds.begin(person(name), titles=(f"Joint with {name}",)))
        deeds.prove_mail(claim, ror=(HERE, THERE)[place % 2])
        deeds.approve(claim)
        deeds.check(claim)
    settle()
    return person("Petra Professor")


def test_senior_professor_from_unclaimed_to_level_5(professor, django_capture_on_commit_callbacks, same_minute):
    assert professor.works_count == 300
    assert figure(professor) == (36, "corroborated", 1)

    # Somebody else claims the page, with much that proves nothing about these works: nothing changes.
    hijack = deeds.begin(professor, titles=("Work number 1 of many",))
    deeds.prove_mail(hijack, ror=THERE)
    with pytest.raises(ClaimRefused, match="is on none of these works"):
        deeds.prove_orcid(hijack, orcid="0000-0001-5109-3700")
    evidence.name_page(hijack, url="https://hijacker.example/", by=deeds.owner_of(hijack))
    claims.submit_claim(hijack, by=deeds.owner_of(hijack))
    settle()
    assert figure(professor) == (36, "corroborated", 1)

    user = account(professor)
    claim = deeds.begin(professor, user=user, titles=("Work number 0 of many",))
    deeds.prove_orcid(claim, orcid=ORCID)
    deeds.approve(claim)
    deeds.check(claim)
    settle()
    hijack.refresh_from_db()
    assert hijack.status == "superseded"
    assert figure(professor) == (85, "verified", 4)

    with django_capture_on_commit_callbacks(execute=True):
        client = switch_on_an_app(user.email)
    settle()
    assert figure(professor) == (95, "verified", 5)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/totp/deactivate/")
    settle()
    assert figure(professor) == (85, "verified", 4)


def switch_on_an_app(email: str) -> Client:
    """The owner logs in and sets up an app for the second factor, as on the page of the account."""
    client = Client()
    client.post("/accounts/login/", {"login": email, "password": PASSWORD})
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert Authenticator.objects.filter(user__email=email, type=Authenticator.Type.TOTP).exists()
    return client


def test_sybil_with_every_free_signal_and_then_one_fooled_verified_person():
    ring = ["Syb One", "Syb Two", "Syb Three", "Syb Four", "Syb Five"]
    bring_in(
        *(
            record(f"Invented {place} by all of them", ring, registry=("arxiv", "hal", "datacite")[place % 3], topics=3)
            for place in range(9)
        ),
        record("Fooled into signing", ["Syb One", "Vera Verified"]),
        record("By Vera alone", ["Vera Verified"]),
    )
    settle()
    sybil = person("Syb One")
    claim = binding(deeds.begin(sybil))
    deeds.prove_mail(claim, ror=HERE)
    deeds.approve(claim)
    veras = deeds.begin(person("Vera Verified"), titles=("By Vera alone",))
    vera = deeds.approve(veras)
    deeds.check(veras)
    settle()
    assert figure(sybil) == (24, "unverified", 2)
    deeds.confirm(vera, "Fooled into signing")
    settle()
    assert figure(sybil) == (31, "corroborated", 2)


def test_nothing_of_this_was_made_by_hand(student):
    """Every piece of evidence has its event: it came through an action."""
    claim = claim_by_orcid_and_mail(student)
    deeds.check(claim)
    told = {event.data["evidence"] for event in claim.events.filter(kind="evidence-proved")}
    by_approval = Evidence.objects.filter(claim=claim, detail__by="approval")
    assert set(Evidence.objects.filter(author=student).values_list("pk", flat=True)) == told | {by_approval.get().pk}
    assert Authorship.objects.filter(author=student).count() == 2
