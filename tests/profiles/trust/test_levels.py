from datetime import date, timedelta

import pytest

from profiles.trust.levels import MEANINGS, Evidence, Kind, level, months_later
from tests.profiles.trust.examples import (
    ACCOUNT,
    BOUND_ORCID,
    CHECKS,
    LAST_MONTH,
    LOGIN,
    MAILBOX,
    PRINTED,
    SECOND_FACTOR,
    TODAY,
    UNIVERSITY,
)

ATTESTATION = Evidence(kind=Kind.COAUTHOR_ATTESTATION, dated=LAST_MONTH, source="co-author")
MARKER = Evidence(kind=Kind.ORCID_AFFILIATION, dated=LAST_MONTH, source=UNIVERSITY, institution=UNIVERSITY)
DECISION = Evidence(kind=Kind.STAFF_DECISION, dated=LAST_MONTH, source="staff 1")


def vouch(person: str, institution: str) -> Evidence:
    return Evidence(kind=Kind.IDENTITY_VOUCH, dated=LAST_MONTH, source=person, institution=institution)


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ((), 1),
        ((ACCOUNT,), 1),
        ((BOUND_ORCID,), 1),
        ((ACCOUNT, BOUND_ORCID), 2),
        ((ACCOUNT, Evidence(kind=Kind.EMAIL_ON_WORK, dated=LAST_MONTH)), 2),
        ((ACCOUNT, ATTESTATION), 2),
        ((ACCOUNT, Evidence(kind=Kind.STAFF_BINDING, dated=LAST_MONTH)), 2),
        ((ACCOUNT, BOUND_ORCID, MAILBOX), 2),
        ((ACCOUNT, BOUND_ORCID, PRINTED), 2),
        ((ACCOUNT, BOUND_ORCID, MAILBOX, PRINTED), 3),
        ((ACCOUNT, BOUND_ORCID, MAILBOX, ATTESTATION), 3),
        ((ACCOUNT, BOUND_ORCID, LOGIN), 3),
        ((ACCOUNT, BOUND_ORCID, MARKER), 3),
        ((ACCOUNT, LOGIN, MAILBOX, PRINTED, *CHECKS, SECOND_FACTOR), 1),
        ((ACCOUNT, BOUND_ORCID, *CHECKS), 4),
        ((ACCOUNT, BOUND_ORCID, CHECKS[0]), 2),
        ((ACCOUNT, BOUND_ORCID, CHECKS[0], CHECKS[0]), 2),
        ((ACCOUNT, BOUND_ORCID, vouch("a", "x"), vouch("b", "y"), DECISION), 4),
        ((ACCOUNT, BOUND_ORCID, vouch("a", "x"), vouch("b", "y")), 2),
        ((ACCOUNT, BOUND_ORCID, vouch("a", "x"), vouch("b", "x"), DECISION), 2),
        ((ACCOUNT, BOUND_ORCID, vouch("a", "x"), vouch("a", "y"), DECISION), 2),
        ((ACCOUNT, BOUND_ORCID, *CHECKS, SECOND_FACTOR), 4),
        ((ACCOUNT, BOUND_ORCID, *CHECKS, LOGIN), 4),
        ((ACCOUNT, BOUND_ORCID, *CHECKS, LOGIN, SECOND_FACTOR), 5),
    ],
)
def test_level_is_what_the_evidence_earns(evidence, expected):
    assert level(evidence, registry_works=1, on=TODAY) == expected


def test_without_a_registered_work_everything_is_level_0():
    assert level((ACCOUNT, BOUND_ORCID, *CHECKS, LOGIN, SECOND_FACTOR), registry_works=0, on=TODAY) == 0


def test_suspension_means_level_1_at_once():
    assert level((ACCOUNT, BOUND_ORCID, *CHECKS), registry_works=1, on=TODAY, is_suspended=True) == 1
    assert level((), registry_works=0, on=TODAY, is_suspended=True) == 0


@pytest.mark.parametrize(("days", "expected"), [(89, 2), (90, 3)])
def test_a_printed_affiliation_backs_a_mailbox_when_it_is_90_days_older_than_the_account(days, expected):
    printed = Evidence(kind=Kind.PUBLISHER_AFFILIATION, dated=ACCOUNT.dated - timedelta(days=days), institution=UNIVERSITY)
    assert level((ACCOUNT, BOUND_ORCID, MAILBOX, printed), registry_works=1, on=TODAY) == expected


def test_a_printed_affiliation_of_another_institution_backs_no_mailbox():
    elsewhere = Evidence(kind=Kind.PUBLISHER_AFFILIATION, dated=PRINTED.dated, institution="elsewhere")
    nowhere = Evidence(kind=Kind.PUBLISHER_AFFILIATION, dated=PRINTED.dated)
    mail_of_nobody = Evidence(kind=Kind.INSTITUTION_EMAIL, dated=LAST_MONTH)
    assert level((ACCOUNT, BOUND_ORCID, MAILBOX, elsewhere), registry_works=1, on=TODAY) == 2
    assert level((ACCOUNT, BOUND_ORCID, mail_of_nobody, nowhere), registry_works=1, on=TODAY) == 2


@pytest.mark.parametrize(
    ("kept", "lapsing", "months", "before", "after"),
    [
        ((ACCOUNT,), (ATTESTATION,), 24, 2, 1),
        ((ACCOUNT, BOUND_ORCID), (LOGIN,), 12, 3, 2),
        ((ACCOUNT, BOUND_ORCID, PRINTED), (MAILBOX,), 12, 3, 2),
        ((ACCOUNT, BOUND_ORCID), (MARKER,), 24, 3, 2),
        ((ACCOUNT, BOUND_ORCID), CHECKS, 36, 4, 2),
        ((ACCOUNT, BOUND_ORCID), (vouch("a", "x"), vouch("b", "y"), DECISION), 36, 4, 2),
        ((ACCOUNT, BOUND_ORCID, *CHECKS, MARKER), (SECOND_FACTOR,), 12, 5, 4),
    ],
)
def test_evidence_lapses_on_its_day(kept, lapsing, months, before, after):
    last_day = months_later(LAST_MONTH, months) - timedelta(days=1)
    assert level((*kept, *lapsing), registry_works=1, on=last_day) == before
    assert level((*kept, *lapsing), registry_works=1, on=last_day + timedelta(days=1)) == after


def test_revoked_evidence_ends_on_the_day_of_its_revocation_and_future_evidence_has_not_begun():
    revoked = Evidence(kind=Kind.STAFF_BINDING, dated=LAST_MONTH, expires=TODAY)
    assert level((ACCOUNT, revoked), registry_works=1, on=TODAY - timedelta(days=1)) == 2
    assert level((ACCOUNT, revoked), registry_works=1, on=TODAY) == 1
    assert level((ACCOUNT, BOUND_ORCID), registry_works=1, on=LAST_MONTH - timedelta(days=1)) == 1


def test_months_end_where_the_month_and_the_calendar_end():
    assert months_later(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_later(date(2026, 12, 1), 1) == date(2027, 1, 1)
    assert months_later(date(9999, 6, 1), 12) == date.max


def test_every_level_has_a_meaning():
    assert len(set(MEANINGS)) == 6
