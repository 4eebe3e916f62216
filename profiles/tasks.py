"""What workers do for people's pages. Each task calls one action and may be delivered twice or never: see profiles.sweep."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic

from celery import shared_task
from django.db import OperationalError

from profiles.actions import claims, contact, evidence, introductions, review, trust
from profiles.actions.additions import are_additions_due, pay_additions
from profiles.actions.claims.answers import are_answers_due, settle_answers
from profiles.actions.claims.notices import are_notices_owed, send_notices
from profiles.actions.digests import are_digests_owed, are_plans_due, forget_digests, plan_digests, send_digests
from profiles.actions.mails import forget_mails
from profiles.actions.notifications import forget_notifications
from profiles.actions.privacy.deletion import are_deletions_due, delete_due
from profiles.actions.privacy.keeping import forget_overnight
from profiles.actions.profiles import are_links_unread, look_at_old_links, read_links
from profiles.actions.waiting import are_mails_due, send_waiting

COMPUTE_SECONDS = 60
DIGEST_SECONDS = 120
SWEEP_AFTER = timedelta(seconds=2)


@shared_task(name="profiles.compute_trust", autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def compute_trust() -> None:
    """Compute until nothing can be paid; after a minute let other tasks come first."""
    until = monotonic() + COMPUTE_SECONDS
    while trust.compute_stale():
        if monotonic() > until:
            compute_trust.delay()
            return


@shared_task(name="profiles.sweep", soft_time_limit=90, time_limit=120)
def sweep() -> None:
    """Pay what messages did not bring about: trust owed for two seconds or more, answers, links to look at, mails, works to add."""
    if trust.is_trust_owed(since=SWEEP_AFTER):
        compute_trust()
    for is_owed, task in (
        (are_answers_due, settle_claims),
        (evidence.are_links_due, check_links),
        (are_notices_owed, mail_notices),
        (review.are_claims_unweighed, weigh_claims),
        (are_links_unread, read_own_links),
        (contact.are_held_deliverable, release_invitations),
        (are_mails_due, mail_waiting),
        (are_deletions_due, delete_accounts),
    ):
        if is_owed():
            task()
    if are_additions_due():
        add_works.apply_async(expires=30)  # registries take their time


@shared_task(name="profiles.settle_claims", autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def settle_claims() -> None:
    """Let the record follow what owners answered."""
    settle_answers()


@shared_task(name="profiles.check_links", autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def check_links() -> None:
    """Look at the pages on which a link should stand. Three seconds each at most."""
    evidence.look_at_links()


@shared_task(name="profiles.mail_notices", autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def mail_notices() -> None:
    send_notices()


@shared_task(name="profiles.nightly", soft_time_limit=300, time_limit=330)
def nightly() -> None:
    """Close claims and codes that have waited too long; drop old notifications and lines of the mail log; compute again whom the
    calendar concerns, and whatever no event brought about.
    """
    claims.expire_claims()
    evidence.void_codes()
    look_at_old_links()
    contact.expire_invitations()
    introductions.end_introductions()
    forget_overnight()
    trust.mark_overnight()
    forget_notifications()
    forget_mails()
    forget_digests()
    compute_trust()


@shared_task(name="profiles.look_at_graph", soft_time_limit=900, time_limit=960)
def look_at_graph() -> None:
    """Once a week: which claimed pages trust from verified people hardly reaches, and who vouched in rings. For staff."""
    from profiles.actions.sybils import look_at_graph as look  # needs scipy, which only this task should load

    look()


@shared_task(name="profiles.weigh_claims", autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def weigh_claims() -> None:
    """Weigh the claims that wait for staff."""
    review.weigh_waiting()


@shared_task(name="profiles.read_own_links", autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def read_own_links() -> None:
    """Look whether the pages that people link to link back."""
    read_links()


@shared_task(name="profiles.add_works", autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def add_works() -> None:
    """Read what owners asked for, and take in what they chose."""
    pay_additions()


@shared_task(name="profiles.release_invitations", autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def release_invitations() -> None:
    """Deliver held invitations whose author has claimed the page and is open to collaborate."""
    contact.release_held()


@shared_task(name="profiles.mail_waiting", autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def mail_waiting() -> None:
    """Mails that say that something waits."""
    send_waiting()


@shared_task(name="profiles.delete_accounts", autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def delete_accounts() -> None:
    """Delete the accounts whose fourteen days are over."""
    delete_due()


@shared_task(name="profiles.send_digests", autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def digests() -> None:
    """Write down the digests whose hour has come, and send them, batch by batch; after two minutes let other tasks come first."""
    until = monotonic() + DIGEST_SECONDS
    while are_plans_due() or are_digests_owed():
        plan_digests()
        send_digests(limit=10)
        if monotonic() > until:
            digests.delay()
            return
