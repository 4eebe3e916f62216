"""Tokens by which programs act for an account."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from profiles.models.user import User


class Scope(models.TextChoices):
    """What a token may be allowed to do. Reading what everybody may read needs no token and no scope."""

    ACCOUNT_READ = "account:read", "Read what this account is and may do"
    CLAIMS_READ = "claims:read", "Read this account's claims and their state"
    IMPORTS_READ = "imports:read", "Read import runs (staff)"
    IMPORTS_WRITE = "imports:write", "Start imports (staff)"


class Plan(models.TextChoices):
    """How often a token may ask: settings say how many requests a minute that is. Staff raise a program to another plan."""

    STANDARD = "standard", "Standard: shares the account's limit"
    PARTNER = "partner", "Partner: a higher limit of its own"


STAFF_SCOPES = {Scope.IMPORTS_READ, Scope.IMPORTS_WRITE}


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def live(self, at: datetime | None = None) -> ApiTokenQuerySet:
        """Tokens that are neither revoked nor expired."""
        return self.filter(revoked_at=None).filter(models.Q(expires_at=None) | models.Q(expires_at__gt=at or timezone.now()))


class ApiToken(models.Model):
    """A token of an account. The token itself is shown once and not kept: `digest` is its SHA-256, which is enough for 256 random bits;
    `prefix` is its beginning, by which its owner recognises it. `last_used_on` is a day, not a trail.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=32), default=list)
    plan = models.CharField(max_length=8, choices=Plan, default=Plan.STANDARD, db_default=Plan.STANDARD)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_on = models.DateField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="apitoken_has_a_name"),
            models.CheckConstraint(condition=models.Q(plan__in=["standard", "partner"]), name="apitoken_plan_is_known"),
            models.CheckConstraint(condition=models.Q(digest__regex=r"^[0-9a-f]{64}$"), name="apitoken_keeps_a_digest_only"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}…"

    @property
    def state(self) -> str:
        """ "live", "expired" or "revoked"."""
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= timezone.now() else "live"

    @property
    def scope_labels(self) -> list[str]:
        labels = dict(Scope.choices)
        return [str(labels.get(scope, scope)) for scope in self.scopes]


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
