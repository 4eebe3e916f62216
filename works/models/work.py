"""Works, and what each registry says of them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models.fields.json import KeyTransform
from django.urls import reverse

from works.models.identifier import Identifier
from works.models.source import Source
from works.models.topic import Topic


class WorkQuerySet(models.QuerySet["Work"]):
    def standing(self) -> WorkQuerySet:
        """Works that were not merged into another: what was is a redirect only."""
        return self.filter(merged_into__isnull=True)

    def newest_first(self) -> WorkQuerySet:
        """Latest year first; works without a year last."""
        return self.order_by(models.F("year").desc(nulls_last=True), "-pk")


class Work(models.Model):
    """One scholarly work, however many registries tell of it and in however many versions.

    Every column follows from the work's registry records (works.actions.imports chooses among them by precedence);
    `card` holds what a list shows of a work, so that a page of works is one query:
    {"authors": [{"name", "slug" | null}] (the first 20), "topics": [{"label", "slug"}], "identifiers": [[scheme, value]],
    "source": name | null}.
    `volume`, `issue` and `pages` ("12-34") say where in the source it stands, as one registry record prints it.
    `title_hash` and `byline_hash` (the people, works.matching.byline_hash) are where the same work is looked for.
    `merged_into` makes the row a redirect: nothing hangs on it, and its address leads to the work that it was merged into.
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
    byline_hash = models.BigIntegerField(null=True)
    abstract = models.TextField(blank=True)
    abstract_from = models.CharField(max_length=16, blank=True)
    abstract_sought_at = models.DateTimeField(null=True)
    year = models.PositiveSmallIntegerField(null=True)
    published_on = models.DateField(null=True)
    language = models.CharField(max_length=8, blank=True)
    notice = models.CharField(max_length=12, choices=Notice, blank=True)
    source = models.ForeignKey(Source, null=True, on_delete=models.SET_NULL, related_name="works", db_index=False)
    volume = models.CharField(max_length=60, blank=True, default="", db_default="")
    issue = models.CharField(max_length=60, blank=True, default="", db_default="")
    pages = models.CharField(max_length=130, blank=True, default="", db_default="")
    publisher = models.CharField(max_length=300, blank=True, default="", db_default="")
    authors_count = models.PositiveIntegerField(default=0)
    is_byline_cut = models.BooleanField(default=False)
    card = models.JSONField(default=dict)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="absorbed", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)
    title_search = models.GeneratedField(
        expression=SearchVector("title_key", config="english"), output_field=SearchVectorField(), db_persist=True
    )

    objects = WorkQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["title_search"], name="work_title_search", fastupdate=False),
            models.Index(fields=["byline_hash", "id"], name="work_of_byline"),
            models.Index(fields=["source", "id"], name="work_of_source"),
            models.Index(fields=["year", "id"], name="work_of_year"),
            models.Index(fields=["merged_into"], condition=models.Q(merged_into__isnull=False), name="work_redirects"),
        ]
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
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | ~models.Q(merged_into=models.F("id")), name="work_is_merged_into_another"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def printed_place(self) -> str:
        """Where in its source it stands: "volume 12, issue 3, pages 45–67"."""
        is_range = "-" in self.pages or "," in self.pages
        told = (("volume", self.volume), ("issue", self.issue), ("pages" if is_range else "page", self.pages.replace("-", "–")))
        return ", ".join(f"{name} {value}" for name, value in told if value)

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
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="work_topics", db_index=False)
    place = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["work", "topic"], name="worktopic_stands_once")]
        indexes = [models.Index(fields=["topic", "work"], name="worktopic_of_topic")]

    def __str__(self) -> str:
        return f"{self.place}. {self.topic}"


class Reference(models.Model):
    """A work cites what an identifier names; `cited` is filled in as soon as that work is in the record."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="references")
    scheme = models.CharField(max_length=16)
    value = models.CharField(max_length=400)
    cited = models.ForeignKey(Work, null=True, on_delete=models.SET_NULL, related_name="citations", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["work", "scheme", "value"], name="reference_stands_once"),
            models.CheckConstraint(
                condition=models.Q(cited__isnull=True) | ~models.Q(cited=models.F("work")), name="reference_is_to_another_work"
            ),
        ]
        indexes = [
            models.Index(fields=["scheme", "value"], condition=models.Q(cited__isnull=True), name="reference_not_yet_found"),
            models.Index(fields=["cited", "work"], condition=models.Q(cited__isnull=False), name="reference_citing_first_last"),
        ]

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
        indexes = [
            GinIndex(
                OpClass(KeyTransform("relations", "payload"), name="jsonb_path_ops"),
                name="registryrecord_relations",
                condition=models.Q(payload__has_key="relations"),
            )
        ]
        constraints = [models.UniqueConstraint(fields=["registry", "key"], name="registryrecord_stands_once")]

    def __str__(self) -> str:
        return f"{self.registry}:{self.key}"
