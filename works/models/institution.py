"""Institutions: where authors say that they work."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.urls import reverse

from works.models.identifier import Identifier
from works.names import slugify


class Institution(models.Model):
    """An organisation that a registry names as such. A raw affiliation string alone makes none: see Affiliation.

    `name`, `city` and `status` are ROR's where ROR knows it. One that is withdrawn was no organisation, or is listed under another id now.
    """

    class Status(models.TextChoices):
        UNKNOWN = ""
        ACTIVE = "active"
        INACTIVE = "inactive"
        WITHDRAWN = "withdrawn"

    public_id = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=500)
    name_key = models.CharField(max_length=500)
    country_code = models.CharField(max_length=2, blank=True)
    kind = models.CharField(max_length=32, blank=True)
    city = models.CharField(max_length=200, blank=True, db_default="")
    status = models.CharField(max_length=10, choices=Status, blank=True, db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["name_key", "country_code"], name="institution_by_name"),
            GinIndex(SearchVector("name_key", config="simple"), name="institution_name_words"),
            models.Index(fields=["country_code", "id"], name="institution_of_country"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["", "active", "inactive", "withdrawn"]), name="institution_status_is_known"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def slug(self) -> str:
        return f"{slugify(self.name)}-{self.public_id}"

    def get_absolute_url(self) -> str:
        return reverse("works:institution", args=[self.slug])


class InstitutionIdentifier(Identifier):
    """ROR id, OpenAlex institution id."""

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="identifiers")

    class Meta(Identifier.Meta):
        pass


class InstitutionRecord(models.Model):
    """That a registry lists an institution under a key of its own, and a hash of what it last said of it."""

    registry = models.CharField(max_length=16)
    key = models.CharField(max_length=400)
    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="records")
    content_hash = models.BinaryField(max_length=16)
    retrieved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registry", "key"], name="institutionrecord_stands_once")]

    def __str__(self) -> str:
        return f"{self.registry}:{self.key}"


class InstitutionName(models.Model):
    """A name by which a registry knows an institution: what affiliation strings are matched with."""

    class Kind(models.TextChoices):
        NAME = "name"
        LABEL = "label"
        ALIAS = "alias"
        ACRONYM = "acronym"

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="names")
    registry = models.CharField(max_length=16)
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=500)
    name_key = models.CharField(max_length=500)

    class Meta:
        indexes = [
            models.Index(fields=["name_key"], name="institutionname_by_key"),
            GinIndex(SearchVector("name_key", config="simple"), name="institutionname_words"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["institution", "registry", "kind", "name_key"], name="institutionname_stands_once"),
            models.CheckConstraint(condition=~models.Q(name_key=""), name="institutionname_has_letters"),
        ]

    def __str__(self) -> str:
        return self.name


class InstitutionRelation(models.Model):
    """What an institution is to another, which is named by identifier and need not be in the record."""

    class Kind(models.TextChoices):
        PARENT = "parent"
        CHILD = "child"
        RELATED = "related"
        PREDECESSOR = "predecessor"
        SUCCESSOR = "successor"

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="relations")
    registry = models.CharField(max_length=16)
    kind = models.CharField(max_length=12, choices=Kind)
    scheme = models.CharField(max_length=16)
    value = models.CharField(max_length=400)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution", "registry", "kind", "scheme", "value"], name="institutionrelation_stands_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.scheme}:{self.value}"
