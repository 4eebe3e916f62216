"""Reports, findings, appeals, suspensions: what they cost, who may decide, and that the events tell it."""

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, transaction

from profiles.actions import findings
from profiles.actions.findings import FindingRefused, appeal, decide, lift, report, suspend, take_case
from profiles.models import Finding, FindingEvent, ModerationEntry, Trust
from tests.factories.people import make_user, signed_in
from tests.factories.verified import K, bring_in, claimed, confirm, figure, identity_checked, person, prove, record, settle, staff
from works.actions.audit import broken_seals, seal_events

pytestmark = pytest.mark.django_db


@pytest.fixture
def student():
    bring_in(record("The only preprint", ["Sami Student", "Bo Bond", "Cai Carr", "Dan Dorn", "Eva Ende"], topics=2))
    settle()
    return person("Sami Student")


def test_an_open_report_keeps_the_figure_from_rising_and_an_upheld_one_costs_15(student):
    user = claimed(student, K.INSTITUTION_LOGIN, ror="05591te55")
    settle()
    assert figure(student) == (37, "established", 3)
    reported = report(author=student, kind="identity", statement="Look at the mail address.", by=make_user())
    for number in (1, 2):
        prove(student, user, K.IDENTITY_CHECK, given_by=staff(number))
    settle()
    assert figure(student) == (37, "established", 4)
    conduct = Trust.objects.get(author=student).lines[-1]
    assert conduct["fact"] == "A report is open: until it is decided the figure stays at 37 or below"
    assert sum(line["micropoints"] for line in Trust.objects.get(author=student).lines) == 37_000_000

    taken = take_case(finding=reported, by=staff(3))
    decided = decide(finding=taken, is_upheld=True, decision="The address belongs to somebody else.", by=staff(3))
    settle()
    assert figure(student) == (42, "corroborated", 4)

    appealed = appeal(finding=decided, statement="It is my maiden name.", by=user)
    with pytest.raises(FindingRefused, match="Another member of staff"):
        decide(finding=appealed, is_upheld=False, decision="So it is.", by=staff(3))
    settle()
    assert figure(student) == (42, "corroborated", 4)  # it stands until the appeal is decided
    decide(finding=appealed, is_upheld=False, decision="So it is.", by=staff(4))
    settle()
    assert figure(student) == (57, "verified", 4)
    events = list(FindingEvent.objects.order_by("pk").values_list("kind", "before", "after", "actor_role"))
    assert events == [
        ("reported", "", "reported", "reader"),
        ("taken", "reported", "case", "reviewer"),
        ("decided", "case", "upheld", "reviewer"),
        ("appealed", "upheld", "appealed", "owner"),
        ("decided", "appealed", "dismissed", "reviewer"),
    ]
    with pytest.raises(FindingRefused, match="appealed once"):
        appeal(finding=decided, statement="Again.", by=user)


def test_a_suspension_takes_the_level_at_once_and_what_it_lifted(student):
    bring_in(record("With the advisor", ["Sami Student", "Anna Advisor"]))
    settle()
    advisor = person("Anna Advisor")
    identity_checked(advisor, ror="04kyh2m11")
    confirm(advisor)
    settle()
    before = figure(student)
    suspension = suspend(author=advisor, reason="The check turns out to be forged.", by=staff(3))
    settle()
    assert figure(advisor)[2] == 1
    assert figure(student)[0] == before[0] - 7
    with pytest.raises(FindingRefused, match="suspended already"):
        suspend(author=advisor, reason="Again.", by=staff(3))
    lift(suspension=suspension, by=staff(4))
    settle()
    assert figure(student) == before


def test_who_may_report_and_decide(student):
    reader, user = make_user(), claimed(student)
    for wrong, message in (("", "Say what is wrong"),):
        with pytest.raises(FindingRefused, match=message):
            report(author=student, kind="identity", statement=wrong, by=reader)
    with pytest.raises(FindingRefused, match="your own record"):
        report(author=student, kind="identity", statement="Me.", by=user)
    found = report(author=student, kind="identity", statement="Odd.", by=reader)
    with pytest.raises(FindingRefused, match="still open"):
        report(author=student, kind="identity", statement="Odd.", by=reader)
    others = [person(name) for name in ("Bo Bond", "Cai Carr", "Dan Dorn", "Eva Ende")]
    for other in others:
        report(author=other, kind="identity", statement="Odd.", by=reader)
    with pytest.raises(FindingRefused, match="5 reports today"):
        report(author=student, kind="identity", statement="Odd.", by=reader)
    with pytest.raises(FindingRefused, match="Only reviewers"):
        decide(finding=found, is_upheld=True, decision="x", by=reader)
    coauthor = claimed(others[0])
    coauthor.is_staff = True
    coauthor.save()
    coauthor.groups.add(Group.objects.get(name="reviewer"))
    settle()
    with pytest.raises(FindingRefused, match="joint works"):
        decide(finding=found, is_upheld=True, decision="x", by=coauthor)
    with pytest.raises(FindingRefused, match="Give the reason"):
        decide(finding=found, is_upheld=True, decision=" ", by=staff(3))
    assert Finding.objects.get(pk=found.pk).status == "reported"


def test_events_cannot_be_changed_and_the_chain_holds(student):
    report(author=student, kind="identity", statement="Odd.", by=make_user())
    seal_events()
    assert broken_seals(FindingEvent) == []
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        FindingEvent.objects.update(kind="nothing")


def test_the_pages(client, student):
    reader, owner = make_user(), claimed(student)
    settle()
    address = f"/researchers/{student.slug}/report/"
    assert client.get(address).status_code == 302  # to the log-in
    assert signed_in(reader).post(address, {"kind": "identity"}).status_code == 422
    assert signed_in(reader).post(address, {"kind": "identity", "statement": "<b>Odd</b>"}).status_code == 302
    found = Finding.objects.get()
    for browser in (signed_in(reader), signed_in(owner)):
        assert browser.get(found.get_absolute_url()).status_code == 404
        assert browser.get("/review/findings/").status_code == 403
    desk = signed_in(staff(3))
    assert b"Sami Student" in desk.get("/review/findings/").content
    assert b"&lt;b&gt;Odd" in desk.get(found.get_absolute_url()).content
    assert desk.post(found.get_absolute_url(), {"verb": "take"}).status_code == 302
    assert desk.post(found.get_absolute_url(), {"verb": "uphold"}).status_code == 422
    assert desk.post(found.get_absolute_url(), {"verb": "uphold", "decision": "Forged."}).status_code == 302
    assert b"Forged." in signed_in(owner).get(found.get_absolute_url()).content
    assert b"<b>Odd" not in signed_in(owner).get(found.get_absolute_url()).content
    assert signed_in(owner).post(found.get_absolute_url(), {"verb": "appeal", "statement": "No."}).status_code == 302
    refused = desk.post(found.get_absolute_url(), {"verb": "dismiss", "decision": "x"})
    assert (refused.status_code, b"Another member of staff" in refused.content) == (422, True)
    assert desk.post(f"/review/findings/suspend/{student.public_id}/", {"reason": "Forged."}).status_code == 302
    assert b"Forged." in desk.get("/review/findings/").content
    assert desk.post(f"/review/findings/lift/{student.suspensions.get().pk}/").status_code == 302
    assert student.suspensions.get().ended_by == staff(3)


def test_an_entry_of_the_queue_becomes_a_case_for_somebody_else(student):
    from django.utils import timezone

    entry = ModerationEntry.objects.create(author=student, found_at=timezone.now(), rank=1, reasons=["No chain of joint works."])
    desk = signed_in(staff(3))
    assert b"No chain of joint works." in desk.get("/review/findings/").content
    assert desk.post(f"/review/findings/look/{entry.pk}/", {"outcome": "case"}).status_code == 302
    found = Finding.objects.get()
    with pytest.raises(FindingRefused, match="Somebody else decides"):
        findings.decide(finding=found, is_upheld=True, decision="x", by=staff(3))
    assert b"No chain" not in desk.get("/review/findings/").content.split(b'id="entries-head"')[1]
