"""Topics: what a registry says that a work is about."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Func, Value
from django.urls import reverse

from works.names import slugify


class Topic(models.Model):
    """A term of one scheme: an arXiv category, an OpenAlex topic, a keyword."""

    public_id = models.CharField(max_length=16, unique=True)
    scheme = models.CharField(max_length=16)
    code = models.CharField(max_length=200)
    label = models.CharField(max_length=300)

    class Meta:
        # Of "cs.LG" and "Human-centred computing" each part is a word.
        indexes = [
            GinIndex(
                SearchVector(
                    Func(
                        F("label"),
                        Value("[^[:alnum:]]+"),
                        Value(" "),
                        Value("g"),
                        function="regexp_replace",
                        output_field=models.TextField(),
                    ),
                    config="simple",
                ),
                name="topic_label_words",
            ),
            models.Index(fields=["scheme", "id"], name="topic_of_scheme"),
        ]
        constraints = [models.UniqueConstraint(fields=["scheme", "code"], name="topic_stands_once_in_its_scheme")]

    def __str__(self) -> str:
        return self.label

    @property
    def slug(self) -> str:
        return f"{slugify(self.label)}-{self.public_id}"

    def get_absolute_url(self) -> str:
        return reverse("works:topic", args=[self.slug])
