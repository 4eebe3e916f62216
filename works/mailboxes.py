"""What is kept of e-mail addresses: enough to see that two are the same mailbox, and no more."""

from __future__ import annotations

from django.utils.crypto import salted_hmac


def digest_of_mailbox(address: str) -> str:
    """A digest that nobody can search for without the site's secret. Case does not matter, and a tag (name+tag@) is the same mailbox."""
    local, _, domain = address.lower().rpartition("@")
    return salted_hmac("profiles.evidence.mailbox", f"{local.partition('+')[0] or local}@{domain}", algorithm="sha256").hexdigest()
