"""Topics: what a registry says that a work is about."""

from django.db import models

from works.names import slugify


class Topic(models.Model):
    """A term of one scheme: an arXiv category, an OpenAlex topic, a keyword."""

    public_id = models.CharField(max_length=16, unique=True)
    scheme = models.CharField(max_length=16)
    code = models.CharField(max_length=200)
    label = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scheme", "code"], name="topic_stands_once_in_its_scheme")]

    def __str__(self) -> str:
        return self.label

    @property
    def slug(self) -> str:
        return f"{slugify(self.label)}-{self.public_id}"
