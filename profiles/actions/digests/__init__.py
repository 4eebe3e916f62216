"""Digests: what followed people published and did, by mail, once a day or a week.

    choose_digest(*, rhythm, time_zone, by)       at /me/settings/
    stop_digest(*, by)                            the one click of a mail
    plan_digests()                                whose hour has come: rows of the outbox
    send_digests()                                the outbox, each at most once

Planning and sending are apart, so that either may be killed or run twice: planning writes a row for an account and a period, which Postgres
lets stand once; sending takes a row by a lease with a number, says "I am sending" in a transaction of its own, and then hands the mail
over. Who dies before has sent nothing, and another begins anew; who dies after may have sent it, and nobody sends it again.
"""

from profiles.actions.digests.choosing import UnknownChoice, choose_digest, stop_digest, stop_word, user_of_word
from profiles.actions.digests.planning import are_plans_due, plan_digests
from profiles.actions.digests.sending import are_digests_owed, forget_digests, send_digests

__all__ = [
    "UnknownChoice",
    "are_digests_owed",
    "are_plans_due",
    "choose_digest",
    "forget_digests",
    "plan_digests",
    "send_digests",
    "stop_digest",
    "stop_word",
    "user_of_word",
]
