"""Mails that left: of what kind, to whom, what became of them, never what they said. And addresses to which none go any more."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from profiles.models.user import User


def hash_of_address(address: str) -> bytes:
    """What is kept of an address: enough to know it again, and nothing to write to."""
    plain = address.strip().lower()
    return salted_hmac("profiles.mail.address", plain, secret=settings.SUPPRESSION_SECRET, algorithm="sha256").digest()


class SentMail(models.Model):
    """One line of the mail log. profiles.actions.mails and profiles.actions.mail_reports alone write it.

    `message_id` stands in the mail, and so in what mail servers send back about it. `status` is a mail server's code, such as 5.1.1.
    """

    class Kind(models.TextChoices):
        ACCOUNT = "account", "Account: log-in, addresses, passwords"
        CODE = "code", "Code for a claim"
        CLAIM = "claim", "A step of a claim"
        OWNERSHIP = "ownership", "A page changes hands"
        WAITING = "waiting", "Something waits"
        DIGEST = "digest", "Digest"

    class Outcome(models.TextChoices):
        SENT = "sent", "Handed to the mail server"
        FAILED = "failed", "Refused by the mail server"
        UNCERTAIN = "uncertain", "Nobody knows whether it left"
        WITHHELD = "withheld", "Not sent: mail to the address is paused"
        RETURNED = "returned", "Came back, perhaps for now"
        BOUNCED = "bounced", "Came back for good"
        COMPLAINED = "complained", "Reported as unwanted"

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    outcome = models.CharField(max_length=10, choices=Outcome)
    at = models.DateTimeField(default=timezone.now)
    message_id = models.CharField(max_length=200, unique=True)
    address_hash = models.BinaryField(max_length=32)
    status = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = "mail"
        verbose_name_plural = "mail log"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["account", "code", "claim", "ownership", "waiting", "digest"]), name="sentmail_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["sent", "failed", "uncertain", "withheld", "returned", "bounced", "complained"]),
                name="sentmail_outcome_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["at"], name="sentmail_at"),
            models.Index(fields=["address_hash", "at"], condition=models.Q(outcome="returned"), name="sentmail_returned"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


class PausedAddressQuerySet(models.QuerySet["PausedAddress"]):
    def of_addresses(self, addresses: list[str]) -> PausedAddressQuerySet:
        return self.filter(address_hash__in=[hash_of_address(address) for address in addresses])


class PausedAddress(models.Model):
    """An address to which no digest and no notice goes: mail to it came back, or was called unwanted. `user`: whose mail that was."""

    class Reason(models.TextChoices):
        BOUNCE = "bounce", "Mail came back"
        COMPLAINT = "complaint", "Mail was reported as unwanted"
        STAFF = "staff", "Staff paused it"

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    address_hash = models.BinaryField(max_length=32, unique=True)
    reason = models.CharField(max_length=10, choices=Reason)
    status = models.CharField(max_length=20, blank=True)
    paused_at = models.DateTimeField(default=timezone.now)

    objects = PausedAddressQuerySet.as_manager()

    class Meta:
        verbose_name = "paused address"
        verbose_name_plural = "paused addresses"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(reason__in=["bounce", "complaint", "staff"]), name="pausedaddress_reason_is_known"),
        ]

    def __str__(self) -> str:
        return f"address {self.pk}, paused {self.paused_at:%Y-%m-%d}"
