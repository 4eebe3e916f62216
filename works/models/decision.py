"""What people said of the record's attributions: answers to byline positions, and readers' doubts about them."""

from __future__ import annotations

from django.db import models

from works.models.audit import Event
from works.models.author import Author
from works.models.work import Work


class Role(models.TextChoices):
    """In what capacity somebody decided: for their own record, or for the site."""

    OWNER = "owner", "the author"
    STAFF = "staff", "staff"


class AuthorshipDecision(models.Model):
    """A person's answer to one byline position of one work: it is this author's, or it is not. No import and no matching overrides it.

    `position` is where the place stands in the byline now; null once a newer copy of the byline does not have it any more: then the answer
    is kept and needs a look. `decided_position` and `raw_name` are as they were when it was given, `name_key` is that name folded.
    The account is a number, so that the answer outlives it.
    """

    class Answer(models.TextChoices):
        MINE = "mine", "this author’s"
        NOT_MINE = "not-mine", "not this author’s"

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="decisions")
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="decisions")
    position = models.PositiveSmallIntegerField(null=True)
    decided_position = models.PositiveSmallIntegerField()
    raw_name = models.CharField(max_length=1000)
    name_key = models.CharField(max_length=500)
    answer = models.CharField(max_length=8, choices=Answer)
    decided_by = models.BigIntegerField(null=True)
    role = models.CharField(max_length=8, choices=Role)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["work", "position", "author"], name="authorshipdecision_once_each_author"),
            models.UniqueConstraint(
                fields=["work", "position"], condition=models.Q(answer="mine"), name="authorshipdecision_one_owner_of_a_position"
            ),
            models.UniqueConstraint(
                fields=["work", "author"],
                condition=models.Q(answer="mine", position__isnull=False),
                name="authorshipdecision_one_position_of_an_author",
            ),
            models.CheckConstraint(condition=models.Q(answer__in=["mine", "not-mine"]), name="authorshipdecision_answer_is_known"),
            models.CheckConstraint(condition=models.Q(role__in=["owner", "staff"]), name="authorshipdecision_role_is_known"),
        ]
        indexes = [models.Index(fields=["author"], condition=models.Q(position__isnull=True), name="authorshipdecision_needs_look")]

    def __str__(self) -> str:
        return f"{self.work_id}.{self.position}: {self.answer} of {self.author_id}"

    @property
    def needs_a_look(self) -> bool:
        """Whether the byline that it answered has changed so far that the place was not found again."""
        return self.position is None


class Correction(models.Model):
    """A reader doubts an attribution: this byline position is another person's, or the work does not belong here at all.

    It waits for the owner of a claimed record, else for staff. Of a reader without an account only a salted hash of the address is kept,
    to count reports by.
    """

    class Kind(models.TextChoices):
        NOT_THIS_PERSON = "not-this-person", "This is not the same person"
        WRONG_WORK = "wrong-work", "Wrong work"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Accepted"
        DISMISSED = "dismissed", "Dismissed"

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="corrections")
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="corrections")
    position = models.PositiveSmallIntegerField()
    raw_name = models.CharField(max_length=1000)
    kind = models.CharField(max_length=16, choices=Kind)
    note = models.TextField(max_length=2000, blank=True)
    reporter_id = models.BigIntegerField(null=True)
    reporter_hash = models.CharField(max_length=64)
    goes_to = models.CharField(max_length=8, choices=Role)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_role = models.CharField(max_length=8, choices=Role, blank=True)
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(max_length=2000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["work", "author", "reporter_hash"], condition=models.Q(state="open"), name="correction_one_open_of_a_reader"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=["not-this-person", "wrong-work"]), name="correction_kind_is_known"),
            models.CheckConstraint(condition=models.Q(goes_to__in=["owner", "staff"]), name="correction_goes_to_somebody"),
            models.CheckConstraint(
                condition=models.Q(state="open", decided_at__isnull=True)
                | models.Q(state__in=["accepted", "dismissed"], decided_at__isnull=False),
                name="correction_decision_has_a_date",
            ),
        ]
        indexes = [
            models.Index(fields=["goes_to", "id"], condition=models.Q(state="open"), name="correction_waiting"),
            models.Index(fields=["reporter_hash", "created_at"], name="correction_of_a_reader"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.work_id}.{self.position}"


class RecordEvent(Event):
    """What somebody decided about the record: an answer, a merge, a split, an undo, a correction. Authors and works by number."""

    about_author = models.BigIntegerField(null=True)
    about_work = models.BigIntegerField(null=True)

    class Meta(Event.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["about_author"], condition=models.Q(about_author__isnull=False), name="recordevent_about_author"),
            models.Index(fields=["about_work"], condition=models.Q(about_work__isnull=False), name="recordevent_about_work"),
        ]
