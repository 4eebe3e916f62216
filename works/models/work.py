"""Works, and what each registry says of them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector, SearchVectorField
from django.db import models
from django.urls import reverse

from works.models.identifier import Identifier
from works.models.source import Source
from works.models.topic import Topic
from works.names import fold


class WorkQuerySet(models.QuerySet["Work"]):
    def newest_first(self) -> WorkQuerySet:
        """Latest year first; works without a year last."""
        return self.order_by(models.F("year").desc(nulls_last=True), "-pk")

    def matching_title(self, text: str) -> WorkQuerySet:
        """Works whose title holds the words of `text`, best match first; blind to accents, case and word forms. One query."""
        query = SearchQuery(fold(text), config="english", search_type="plain")
        return self.filter(title_search=query).order_by(SearchRank(models.F("title_search"), query).desc(), "-year", "pk")


class Work(models.Model):
    """One scholarly work, however many registries tell of it and in however many versions.

    Every column follows from the work's registry records (works.actions.imports chooses among them by precedence);
    `card` holds what a list shows of a work, so that a page of works is one query:
    {"authors": [{"name", "slug" | null}] (the first 20), "topics": [{"label", "slug"}], "identifiers": [[scheme, value]],
    "source": name | null}.
    """

    class Type(models.TextChoices):
        ARTICLE = "article"
        BOOK = "book"
        BOOK_CHAPTER = "book-chapter"
        CONFERENCE_PAPER = "conference-paper"
        DATASET = "dataset"
        DISSERTATION = "dissertation"
        EDITORIAL = "editorial"
        LETTER = "letter"
        PREPRINT = "preprint"
        REPORT = "report"
        REVIEW = "review"
        SOFTWARE = "software"
        OTHER = "other"

    class Notice(models.TextChoices):
        NONE = ""
        RETRACTED = "retracted"
        WITHDRAWN = "withdrawn"

    public_id = models.CharField(max_length=16, unique=True)
    type = models.CharField(max_length=20, choices=Type)
    title = models.TextField()
    title_key = models.TextField()
    title_hash = models.BigIntegerField(db_index=True)
    abstract = models.TextField(blank=True)
    abstract_from = models.CharField(max_length=16, blank=True)
    abstract_sought_at = models.DateTimeField(null=True)
    year = models.PositiveSmallIntegerField(null=True)
    published_on = models.DateField(null=True)
    language = models.CharField(max_length=8, blank=True)
    notice = models.CharField(max_length=12, choices=Notice, blank=True)
    source = models.ForeignKey(Source, null=True, on_delete=models.SET_NULL, related_name="works")
    authors_count = models.PositiveIntegerField(default=0)
    is_byline_cut = models.BooleanField(default=False)
    card = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    title_search = models.GeneratedField(
        expression=SearchVector("title_key", config="english"), output_field=SearchVectorField(), db_persist=True
    )

    objects = WorkQuerySet.as_manager()

    class Meta:
        indexes = [GinIndex(fields=["title_search"], name="work_title_search", fastupdate=False)]
        constraints = [
            models.CheckConstraint(condition=~models.Q(title=""), name="work_has_a_title"),
            models.CheckConstraint(condition=models.Q(year__isnull=True) | models.Q(year__range=(1000, 2999)), name="work_year_is_a_year"),
            models.CheckConstraint(
                condition=models.Q(
                    type__in=[
                        "article", "book", "book-chapter", "conference-paper", "dataset", "dissertation", "editorial",
                        "letter", "preprint", "report", "review", "software", "other",
                    ]
                ),
                name="work_type_is_known",
            ),
            models.CheckConstraint(condition=models.Q(notice__in=["", "retracted", "withdrawn"]), name="work_notice_is_known"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("works:work", args=[self.public_id])


class WorkIdentifier(Identifier):
    """DOI, arXiv id, PMID, OpenAlex work id, dblp key, …"""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="identifiers")

    class Meta(Identifier.Meta):
        pass


class WorkTopic(models.Model):
    """A work is about a topic, says a registry; the first place is its primary topic."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="work_topics")
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="work_topics")
    place = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["work", "topic"], name="worktopic_stands_once")]

    def __str__(self) -> str:
        return f"{self.place}. {self.topic}"


class Reference(models.Model):
    """A work cites what an identifier names; `cited` is filled in as soon as that work is in the record."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="references")
    scheme = models.CharField(max_length=16)
    value = models.CharField(max_length=400)
    cited = models.ForeignKey(Work, null=True, on_delete=models.SET_NULL, related_name="citations")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["work", "scheme", "value"], name="reference_stands_once"),
            models.CheckConstraint(
                condition=models.Q(cited__isnull=True) | ~models.Q(cited=models.F("work")), name="reference_is_to_another_work"
            ),
        ]
        indexes = [models.Index(fields=["scheme", "value"], condition=models.Q(cited__isnull=True), name="reference_not_yet_found")]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


class RegistryRecord(models.Model):
    """What one registry says of one work: the parsed record itself, so that the work can be derived again at any time.

    `past_hashes` holds the content hashes of what this record said before (newest last, at most ten): an old copy that comes
    again changes nothing.
    """

    registry = models.CharField(max_length=16)
    key = models.CharField(max_length=400)
    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="records")
    content_hash = models.BinaryField(max_length=16)
    past_hashes = ArrayField(models.BinaryField(max_length=16), default=list)
    payload = models.JSONField()
    run_id = models.BigIntegerField(null=True)
    retrieved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registry", "key"], name="registryrecord_stands_once")]

    def __str__(self) -> str:
        return f"{self.registry}:{self.key}"
