"""Introductions: somebody on the way between two people is asked to pass an invitation on."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils import timezone

from profiles import inviting
from profiles.models.invitation import Invitation, opaque_id
from profiles.models.user import User
from works.models import Author


class IntroductionQuerySet(models.QuerySet["Introduction"]):
    def open(self) -> IntroductionQuerySet:
        """Those that the requester still hopes for: asked, or refused without their knowing."""
        return self.filter(status__in=Introduction.OPEN, expires_at__gt=timezone.now())

    def between(self, one: User, other: User) -> IntroductionQuerySet:
        """Those in which both have a part."""
        parts = ("requester", "middle", "author__profile__user")
        pairs = [(a, b) for a in parts for b in parts if a != b]
        return self.filter(models.Q(*[models.Q(**{a: one, b: other}) for a, b in pairs], _connector=models.Q.OR))


class Introduction(models.Model):
    """`requester` asks `middle` to introduce them to who is behind `author`. profiles.actions.introductions alone writes it.

        asked → passed_on (it is an invitation now) | declined | withdrawn | ended (run out, or somebody blocked somebody)

    Until it runs out the requester sees "asked" for a refusal too: whoever does not want to introduce somebody has not to explain that.
    """

    class Status(models.TextChoices):
        ASKED = "asked", "Asked"
        PASSED_ON = "passed_on", "Passed on"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Taken back"
        ENDED = "ended", "Ended"

    OPEN = (Status.ASKED, Status.DECLINED)

    public_id = models.CharField(max_length=20, unique=True, default=opaque_id)
    requester = models.ForeignKey(User, on_delete=models.CASCADE, related_name="introductions_asked")
    middle = models.ForeignKey(User, on_delete=models.CASCADE, related_name="introductions_to_answer")
    middle_author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="+")
    status = models.CharField(max_length=9, choices=Status, default=Status.ASKED)
    purpose = models.CharField(max_length=12, choices=Invitation.Purpose)
    message = models.TextField(max_length=inviting.MESSAGE_LENGTH[1])
    asked_at = models.DateTimeField(default=timezone.now)
    status_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    invitation = models.OneToOneField(Invitation, null=True, on_delete=models.SET_NULL, related_name="introduction")

    objects = IntroductionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["requester", "middle", "author"],
                condition=models.Q(status__in=["asked", "declined"]),
                name="introduction_one_open_by_a_way",
            ),
            models.CheckConstraint(condition=~models.Q(requester=models.F("middle")), name="introduction_is_by_somebody_else"),
            models.CheckConstraint(condition=~models.Q(author=models.F("middle_author")), name="introduction_leads_to_a_third"),
            models.CheckConstraint(
                condition=models.Q(status__in=["asked", "passed_on", "declined", "withdrawn", "ended"]),
                name="introduction_status_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=models.Q(status__in=["asked", "declined"]), name="introduction_running_out")
        ]

    def __str__(self) -> str:
        return f"introduction {self.public_id} ({self.status})"

    def get_absolute_url(self) -> str:
        return reverse("profiles:introduction", args=[self.public_id])

    @property
    def is_asked(self) -> bool:
        return self.status == self.Status.ASKED and self.expires_at > timezone.now()

    @property
    def state_for_requester(self) -> str:
        """What the requester reads. A refusal looks like no answer yet, and then like none at all."""
        if self.status in self.OPEN:
            return "Asked, no answer yet" if self.expires_at > timezone.now() else "No introduction came about"
        return {self.Status.PASSED_ON: "Passed on", self.Status.WITHDRAWN: "Taken back"}.get(
            self.Status(self.status), "No introduction came about"
        )
