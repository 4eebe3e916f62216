"""Events: what people decided about the record, kept for good, in the order in which it was sealed."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import models
from django.utils import timezone


class Event(models.Model):
    """One decision. Its table only grows: a trigger in Postgres refuses to change or delete a row; only sealing and blanking `text` may.

    The actor is the number of an account and no foreign key, so that the event outlives the account. Everything that a person wrote in
    their own words stands in `text` alone, which can be blanked when they leave; the seal covers its digest, so that the chain still holds.
    `place` and `seal` are null until works.actions.audit seals the event: the seal is the SHA-256 of the seal before it and of this row.
    """

    class Role(models.TextChoices):
        READER = "reader"
        CLAIMANT = "claimant"
        OWNER = "owner"
        VOUCHER = "voucher"
        REVIEWER = "reviewer"
        CURATOR = "curator"
        ADMINISTRATOR = "administrator"
        SYSTEM = "system"

    kind = models.CharField(max_length=32)
    actor_id = models.BigIntegerField(null=True)
    actor_role = models.CharField(max_length=16, choices=Role)
    reason = models.CharField(max_length=40, blank=True)
    before = models.CharField(max_length=16, blank=True)
    after = models.CharField(max_length=16, blank=True)
    data = models.JSONField(default=dict)
    text = models.TextField(blank=True)
    text_digest = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(default=timezone.now)
    place = models.BigIntegerField(null=True, unique=True)
    seal = models.BinaryField(max_length=32, null=True)

    class Meta:
        abstract = True
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind}, {self.at:%Y-%m-%d %H:%M:%S}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.text_digest = hashlib.sha256(self.text.encode()).hexdigest() if self.text else ""
        super().save(*args, **kwargs)


# What a migration runs for each table of events.
APPEND_ONLY_FUNCTION = """
CREATE OR REPLACE FUNCTION works_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept jsonb; given jsonb;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        kept := to_jsonb(OLD) - 'text' - 'place' - 'seal';
        given := to_jsonb(NEW) - 'text' - 'place' - 'seal';
        IF kept = given AND NEW.text IN (OLD.text, '')
            AND (OLD.place IS NULL OR (NEW.place = OLD.place AND NEW.seal = OLD.seal)) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'events of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def append_only(table: str) -> str:
    """SQL that makes a table of events grow only."""
    return f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION works_append_only()"
