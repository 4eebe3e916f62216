"""Authorships: one byline position of one work; and the affiliations printed with it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from works.models.author import Author
from works.models.institution import Institution
from works.models.work import Work


class AuthorshipQuerySet(models.QuerySet["Authorship"]):
    def newest_first(self) -> AuthorshipQuerySet:
        """Latest year first, works without a year last: the order of the index on an author's authorships."""
        return self.order_by(models.F("year").desc(nulls_last=True), "-work")

    def after(self, year: int | None, work_id: int) -> AuthorshipQuerySet:
        """What follows this place in `newest_first`. After a place with a year it holds works with a year only, so that Postgres
        starts reading at that place; `undated` holds the rest."""
        if year is None:
            return self.filter(year__isnull=True, work__lt=work_id)
        return self.filter(models.Q(year__lte=year) & (models.Q(year__lt=year) | models.Q(work__lt=work_id)))

    def undated(self) -> AuthorshipQuerySet:
        return self.filter(year__isnull=True)

    def with_cards(self) -> AuthorshipQuerySet:
        """With what a list shows of each work, and nothing more, in the same query."""
        return self.select_related("work").only(
            "matched_by", "confidence", "evidence", "year", "work__public_id", "work__type", "work__title", "work__abstract",
            "work__year", "work__notice",
            "work__authors_count", "work__card", "work__abstract_sought_at",
        )  # fmt: skip


class Authorship(models.Model):
    """One byline position, counted from 1, with the name as the source gives it.

    `author` is null for what is no person ("The BABAR Collaboration"). `matched_by` says why this author and no other;
    `orcid` is the iD that a registry gives at this very position, and `orcid_asserted_by` is what kind of registry gives it (the strongest
    of those that give this one): a publisher has asked the person, an aggregator has guessed.
    `confidence` is how sure matching is of that, from 0 to 1; null until the place's block is settled. `evidence` holds what spoke for
    it and against it, in log-odds by kind: {"name": 2.1, "coauthor": 3.4, "affiliation": -0.8}. `block` is the name's (works.names),
    empty for what is no person; `person_ids` are other registries' identifiers of the person at this very position, as "scheme:value".
    `year` repeats the work's, so that the newest works of an author of thousands are read from an index.
    """

    class Match(models.TextChoices):
        IDENTIFIER = "identifier", "an identifier that the registry gives at this position"
        COAUTHOR = "coauthor", "a name that fits and a co-author in common"
        AFFILIATION = "affiliation", "a name that fits and an affiliation in common"
        TOPIC = "topic", "a name that fits and words or topics in common"
        NAME = "name", "a name that fits and that few people of the record have"
        FIRST = "first", "the first work under this name, or nothing in common with another of the name"
        DECIDED = "decided", "an answer by the author or by staff"
        MERGED = "merged", "two records of one person, merged by staff or by the author"
        SPLIT = "split", "a record of several people, split by staff or by the author"
        SUPPRESSED = "suppressed", "nobody: the person objected to a page"
        NOT_A_PERSON = "not-a-person", "a group or an organisation, not a person"

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="authorships")
    position = models.PositiveSmallIntegerField()
    author = models.ForeignKey(Author, null=True, on_delete=models.SET_NULL, related_name="authorships")
    raw_name = models.CharField(max_length=1000)
    name = models.CharField(max_length=500)
    orcid = models.CharField(max_length=19, blank=True)
    orcid_asserted_by = models.CharField(max_length=16, blank=True)
    matched_by = models.CharField(max_length=16, choices=Match)
    confidence = models.FloatField(null=True)
    evidence = models.JSONField(default=dict, db_default={})
    block = models.CharField(max_length=520, default="", db_default="", blank=True)
    person_ids = ArrayField(models.CharField(max_length=420), default=list, db_default=[])
    year = models.PositiveSmallIntegerField(null=True)

    objects = AuthorshipQuerySet.as_manager()

    class Meta:
        indexes = [
            # It holds all that a list of works asks of an authorship. Without that, the plan that Postgres keeps for a prepared statement
            # is made for the average author: it fetches and sorts all works of an author of thousands.
            models.Index(
                models.F("author"),
                models.F("year").desc(nulls_last=True),
                models.F("work").desc(),
                include=["id", "matched_by", "confidence", "evidence"],
                name="authorship_newest_of_author",
            ),
            models.Index(fields=["block"], name="authorship_of_block"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["work", "position"], name="authorship_one_each_position"),
            models.UniqueConstraint(fields=["author", "work"], name="authorship_one_each_author"),
            models.CheckConstraint(condition=models.Q(confidence__range=(0, 1)), name="authorship_confidence_is_a_share"),
            models.CheckConstraint(condition=models.Q(position__gte=1), name="authorship_positions_count_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.name} at {self.position}"


class Affiliation(models.Model):
    """An affiliation printed at a byline position; `institution` where the registry itself names which one is meant.

    `is_inferred`: no registry does, and works.affiliations found the institution in the printed line. A line that names several
    institutions stands once for each.
    """

    authorship = models.ForeignKey(Authorship, on_delete=models.CASCADE, related_name="affiliations")
    place = models.PositiveSmallIntegerField()
    raw = models.CharField(max_length=2000)
    institution = models.ForeignKey(Institution, null=True, on_delete=models.SET_NULL, related_name="affiliations")
    asserted_by = models.CharField(max_length=16)
    is_inferred = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authorship", "place"], name="affiliation_one_each_place")]

    def __str__(self) -> str:
        return self.raw
