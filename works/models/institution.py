"""Institutions: where authors say that they work."""

from django.db import models

from works.models.identifier import Identifier
from works.names import slugify


class Institution(models.Model):
    """An organisation that a registry names as such. A raw affiliation string alone makes none: see Affiliation."""

    public_id = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=500)
    name_key = models.CharField(max_length=500)
    country_code = models.CharField(max_length=2, blank=True)
    kind = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes = [models.Index(fields=["name_key", "country_code"], name="institution_by_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def slug(self) -> str:
        return f"{slugify(self.name)}-{self.public_id}"


class InstitutionIdentifier(Identifier):
    """ROR id, OpenAlex institution id."""

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="identifiers")

    class Meta(Identifier.Meta):
        pass
