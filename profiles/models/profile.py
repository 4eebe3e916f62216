"""Profiles: a person's own page, once their claim to an author record was approved."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib.postgres.fields import ArrayField
from django.db import models

from profiles.models.user import User
from works.models import Author, Institution, Work

MOST_LINKS, MOST_PINS, MOST_AFFILIATIONS, MOST_TOPICS = 12, 6, 20, 12


class Profile(models.Model):
    """What the person says. The registries' facts stay at the author, visible and sourced either way.

    It lives and dies with the approved claim: profiles.actions.claims alone makes and removes one. One record an account, one account a
    record. The name that the person chose is the author's (works.actions.names). `is_open_to_collaborate` is null as long as the person
    has not said. `hidden` names sections that the person does not show.
    `card` is what the researcher page shows, put together by profiles.actions.profiles with every change, so that the page of somebody who
    claimed it costs no query more: {"headline", "biography" (safe HTML), "open", "topics": [{"label", "slug"}],
    "affiliations": [{"name", "slug", "role", "years"}], "links": [{"label", "url", "is_mutual"}],
    "pins": [{"title", "public_id", "year"}], "names": [other names that are public]}. What is hidden is not in it.
    """

    class Section(models.TextChoices):
        BIOGRAPHY = "biography", "Biography"
        TOPICS = "topics", "Topics in your own words"
        AFFILIATIONS = "affiliations", "Affiliations"
        LINKS = "links", "Links"
        PINS = "pins", "Selected works"

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="profile")
    author = models.OneToOneField(Author, on_delete=models.PROTECT, related_name="profile")
    claimed_at = models.DateTimeField()
    headline = models.CharField(max_length=160, blank=True)
    biography = models.TextField(max_length=5000, blank=True)
    topics = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    is_open_to_collaborate = models.BooleanField(null=True)
    hidden = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    card = models.JSONField(default=dict, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return str(self.author)


class ProfileAffiliation(models.Model):
    """Where the person says that they work or worked: an institution of the record, or its name as typed."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="affiliations")
    institution = models.ForeignKey(Institution, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=300)
    role = models.CharField(max_length=100, blank=True)
    from_year = models.PositiveSmallIntegerField(null=True)
    to_year = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = [models.F("to_year").desc(nulls_first=True), models.F("from_year").desc(nulls_last=True), "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(from_year=None) | models.Q(to_year=None) | models.Q(to_year__gte=models.F("from_year")),
                name="profileaffiliation_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def years(self) -> str:
        """ "2019 to 2023", "since 2019", "until 2023", or nothing."""
        if self.from_year and self.to_year:
            return str(self.from_year) if self.from_year == self.to_year else f"{self.from_year} to {self.to_year}"
        if self.from_year:
            return f"since {self.from_year}"
        return f"until {self.to_year}" if self.to_year else ""


class ProfileLink(models.Model):
    """A page elsewhere that the person calls theirs. `is_mutual`: that page was seen to link back with rel=me; null until it was read.

    `check_owed_at` says since when a worker owes it a look.
    """

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="links")
    url = models.URLField(max_length=500)
    label = models.CharField(max_length=60, blank=True)
    is_mutual = models.BooleanField(null=True)
    checked_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True)
    check_owed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["profile", "url"], name="profilelink_once_each_address")]
        indexes = [
            models.Index(fields=["check_owed_at"], condition=models.Q(check_owed_at__isnull=False), name="profilelink_check_owed"),
        ]

    def __str__(self) -> str:
        return self.label or self.host

    @property
    def host(self) -> str:
        return (urlsplit(self.url).hostname or self.url).removeprefix("www.")


class PinnedWork(models.Model):
    """A work that the person puts first, in the order of `place`."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="pins")
    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="+")
    place = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["place", "pk"]
        constraints = [models.UniqueConstraint(fields=["profile", "work"], name="pinnedwork_once")]

    def __str__(self) -> str:
        return f"{self.place}: {self.work_id}"

    def as_card(self) -> dict[str, Any]:
        return {"title": self.work.title, "public_id": self.work.public_id, "year": self.work.year}
