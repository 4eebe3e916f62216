"""The pages of merges, splits and corrections."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.imported import import_records
from tests.factories.people import make_user, signed_in
from tests.factories.records import make_record, meta_knowledge_distillation, noisy_faces, noisy_faces_in_proceedings
from works.actions.proposals import ProposedPair, propose_merges
from works.models import Author, Authorship, Correction, Merge, MergeProposal, Work

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Client:
    import_records(
        meta_knowledge_distillation(), noisy_faces(), noisy_faces_in_proceedings(), make_record("Alone", ["B. Liu", "Ann Field"])
    )
    return signed_in(make_user("staff@example.org", is_staff=True, role="curator"))


def the(name: str) -> Author:
    return Author.objects.get(name=name)


def propose(one: Author, other: Author) -> MergeProposal:
    reasons = [{"says": "One of the names is the other with an initial.", "feature": "name", "value": 0.9}]
    propose_merges(authors=[ProposedPair(one=one.pk, other=other.pk, score=0.91, reasons=reasons)])
    return MergeProposal.objects.latest("pk")


def test_only_staff_curate(client, staff):
    proposal = propose(the("Boxiao Liu"), the("B. Liu"))
    reader = signed_in(make_user())
    for name, args in (("merge_proposals", []), ("merge_new", []), ("merge_journal", []), ("corrections", []), ("split_author", ["x"])):
        assert client.get(reverse(f"works:{name}", args=args)).status_code == 302
        assert reader.get(reverse(f"works:{name}", args=args)).status_code == 403
    assert reader.post(reverse("works:decide_proposal", args=[proposal.pk, "accept"])).status_code == 403
    assert not Merge.objects.exists()


def test_a_proposal_is_read_accepted_and_undone(staff, client):
    boxiao, liu = the("Boxiao Liu"), the("B. Liu")
    proposal = propose(liu, boxiao)

    page = staff.get(reverse("works:merge_proposals")).content.decode()
    assert "One of the names is the other with an initial." in page
    assert page.index("Boxiao Liu") < page.index("B. Liu")  # who has more works stays
    staff.post(reverse("works:decide_proposal", args=[proposal.pk, "accept"]))

    merge = Merge.objects.get()
    assert (merge.winner, merge.others, merge.actor_role) == (boxiao.pk, [liu.pk], "staff")
    answer = client.get(liu.get_absolute_url())
    assert (answer.status_code, answer["Location"]) == (301, boxiao.get_absolute_url())
    assert staff.get(reverse("works:merge_journal")).content.decode().count("Authors merged") == 1
    staff.post(merge.get_absolute_url())
    assert client.get(liu.get_absolute_url()).status_code == 200
    assert "was undone already" in staff.post(merge.get_absolute_url()).content.decode()


def test_a_declined_proposal_is_gone_for_good(staff):
    boxiao, liu = the("Boxiao Liu"), the("B. Liu")
    proposal = propose(boxiao, liu)
    staff.post(reverse("works:decide_proposal", args=[proposal.pk, "decline"]))
    again = staff.post(reverse("works:decide_proposal", args=[proposal.pk, "accept"]), follow=True).content.decode()
    assert "This proposal was declined meanwhile." in again
    assert "Nothing waits." in again
    assert not Merge.objects.exists()


def test_two_records_are_picked_by_address_previewed_and_merged(staff):
    boxiao, liu = the("Boxiao Liu"), the("B. Liu")
    addresses = {"winner": f"https://example.org{boxiao.get_absolute_url()}", "loser": liu.get_absolute_url()}

    page = staff.get(reverse("works:merge_new"), addresses).content.decode()
    assert "Alone" in page
    assert not Merge.objects.exists()
    done = staff.post(reverse("works:merge_new"), addresses | {"reason": "The same"})

    assert done["Location"] == Merge.objects.get().get_absolute_url()
    wrong = staff.get(reverse("works:merge_new"), {"winner": boxiao.get_absolute_url(), "loser": "/works/00000000/"})
    assert wrong.status_code == 422
    assert "Nobody and nothing in the record has this address." in wrong.content.decode()


def test_an_author_and_a_work_are_split(staff):
    boxiao = the("Boxiao Liu")
    place = boxiao.authorships.order_by("pk").first()
    staff.post(reverse("works:split_author", args=[boxiao.public_id]), {"chosen": [place.pk], "reason": "Another"})
    place.refresh_from_db()
    assert place.author != boxiao

    work = Work.objects.get(title__startswith="Rethinking")
    assert "crossref" in staff.get(reverse("works:split_work", args=[work.public_id])).content.decode()
    staff.post(reverse("works:split_work", args=[work.public_id]), {"chosen": [work.records.get(registry="crossref").pk]})
    assert sorted(Merge.objects.values_list("kind", flat=True)) == ["author-split", "work-split"]
    nothing = staff.post(reverse("works:split_author", args=[boxiao.public_id]), {})
    assert (nothing.status_code, "Choose at least one work" in nothing.content.decode()) == (422, True)


def test_the_address_of_a_merged_work_redirects(staff, client):
    works = list(Work.objects.order_by("pk")[:2])
    address = {"winner": works[0].get_absolute_url(), "loser": works[1].get_absolute_url()}
    staff.post(reverse("works:merge_new"), address)
    answer = client.get(works[1].get_absolute_url())
    assert (answer.status_code, answer["Location"]) == (301, works[0].get_absolute_url())


def test_a_reader_corrects_and_staff_accept(staff, client):
    place = Authorship.objects.get(name="B. Liu")
    liu = place.author
    assert f"/authorships/{place.pk}/correct/?kind=not-this-person" in client.get(liu.get_absolute_url()).content.decode()
    assert f"/authorships/{place.pk}/correct/?kind=wrong-work" in client.get(place.work.get_absolute_url()).content.decode()
    address = reverse("works:correct", args=[place.pk])
    assert client.get(address + "?kind=wrong-work").content.decode().count("checked") == 1
    for _ in range(2):  # said twice, it stands once
        client.post(address, {"kind": "not-this-person", "note": "She works on rivers."})
    correction = Correction.objects.get()
    assert (correction.goes_to, correction.reporter_id, len(correction.reporter_hash)) == ("staff", None, 64)

    page = staff.get(reverse("works:corrections")).content.decode()
    assert "She works on rivers." in page
    other = the("Hongsheng Li")
    staff.post(reverse("works:answer_correction", args=[correction.pk, "accept"]), {"to": other.get_absolute_url(), "answer": "Thank you"})

    place.refresh_from_db()
    correction.refresh_from_db()
    assert (place.author, place.matched_by, correction.state) == (other, "decided", "accepted")
    late = staff.post(reverse("works:answer_correction", args=[correction.pk, "dismiss"]), follow=True).content.decode()
    assert "This report was accepted meanwhile." in late


def test_corrections_about_a_claimed_record_are_its_owner_s(staff, client):
    place = Authorship.objects.get(name="B. Liu")
    Author.objects.filter(authorships=place).update(is_claimed=True)
    client.post(reverse("works:correct", args=[place.pk]), {"kind": "wrong-work"})
    assert Correction.objects.get().goes_to == "owner"
    assert "Nothing waits." in staff.get(reverse("works:corrections")).content.decode()
    assert "B. Liu" in staff.get(reverse("works:corrections"), {"for": "owner"}).content.decode()


def test_a_flood_of_corrections_is_stopped(staff, client):
    import_records(*(make_record(f"Flooded work number {n}", [f"Person {n}"]) for n in range(11)))
    answers = [
        client.post(reverse("works:correct", args=[place.pk]), {"kind": "wrong-work"})
        for place in Authorship.objects.filter(work__title__startswith="Flooded")
    ]
    assert [answer.status_code for answer in answers] == [302] * 10 + [422]
    assert "You have sent 10 reports lately." in answers[-1].content.decode()


def test_the_queue_costs_the_same_with_one_proposal_and_with_three(staff):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(reverse("works:merge_proposals")).status_code == 200
        return len(queries)

    propose(the("Boxiao Liu"), the("B. Liu"))
    one = cost()
    propose(the("Boxiao Liu"), the("Ann Field"))
    propose(the("Jihao Liu"), the("B. Liu"))
    assert cost() == one
