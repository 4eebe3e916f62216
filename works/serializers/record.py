"""The record as the API says it. Nothing here asks the database: views fetch what is shown."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from works.identifiers import address
from works.mathematics import to_plain
from works.models import Affiliation, Author, Authorship, Institution, Notice, Reference, RegistryRecord, Source, Topic, Work
from works.names import printed_name, without_addresses


class IdentifierSerializer(serializers.Serializer[Any]):
    """A value of a scheme, and where it leads."""

    scheme = serializers.CharField()
    value = serializers.CharField()
    url = serializers.SerializerMethodField(help_text="Empty where the scheme has no address.")

    def get_url(self, identifier: Any) -> str:
        return address(identifier.scheme, identifier.value)


class NamedSerializer(serializers.Serializer[Any]):
    """Something of the record, by its public id. The id is null where the record has no more than the name."""

    id = serializers.CharField(allow_null=True)
    name = serializers.CharField()


class PersonSerializer(serializers.ModelSerializer[Author]):
    """An author in short."""

    id = serializers.CharField(source="public_id")
    url = serializers.CharField(source="get_absolute_url", help_text="The page.")

    class Meta:
        model = Author
        fields = ["id", "name", "url"]


class CountedSerializer(serializers.Serializer[Any]):
    """What stands under a topic, an institution or a source, as counted by workers after each import."""

    works_count = serializers.IntegerField()
    people_count = serializers.IntegerField(help_text="Who wrote one of those works; of an institution its own people.")


class SourceSerializer(CountedSerializer, serializers.ModelSerializer[Source]):
    """Where works appear: a journal, proceedings, a repository."""

    id = serializers.CharField(source="public_id")
    identifiers = IdentifierSerializer(many=True)
    url = serializers.CharField(source="get_absolute_url", help_text="Its page.")

    class Meta:
        model = Source
        fields = ["id", "name", "kind", "identifiers", "works_count", "people_count", "url"]


class SourceInShortSerializer(serializers.ModelSerializer[Source]):
    id = serializers.CharField(source="public_id")

    class Meta:
        model = Source
        fields = ["id", "name", "kind"]


class TopicInShortSerializer(serializers.ModelSerializer[Topic]):
    """A term of one scheme: an arXiv category, an OpenAlex topic, a keyword."""

    id = serializers.CharField(source="public_id")
    url = serializers.CharField(source="get_absolute_url", help_text="Its page.")

    class Meta:
        model = Topic
        fields = ["id", "scheme", "code", "label", "url"]


class TopicSerializer(CountedSerializer, TopicInShortSerializer):
    """The same with its figures."""

    class Meta(TopicInShortSerializer.Meta):
        fields = [*TopicInShortSerializer.Meta.fields, "works_count", "people_count"]


class InstitutionSerializer(CountedSerializer, serializers.ModelSerializer[Institution]):
    """An organisation that a registry names as such."""

    id = serializers.CharField(source="public_id")
    identifiers = IdentifierSerializer(many=True)
    names = serializers.SerializerMethodField(help_text="Every name by which a registry knows it.")
    url = serializers.CharField(source="get_absolute_url", help_text="Its page.")

    class Meta:
        model = Institution
        fields = [
            "id", "name", "names", "country_code", "city", "kind", "status", "identifiers", "works_count", "people_count", "url",
        ]  # fmt: skip

    def get_names(self, institution: Institution) -> list[str]:
        return list(dict.fromkeys(name.name for name in institution.names.all()))


class BylineEntrySerializer(serializers.Serializer[dict[str, Any]]):
    """A name of a byline. The id is null where nobody's record is behind it: a group, an organisation."""

    id = serializers.SerializerMethodField()
    name = serializers.CharField()

    @extend_schema_field({"type": ["string", "null"]})
    def get_id(self, entry: dict[str, Any]) -> str | None:
        return id_in(entry.get("slug"))


class LabelSerializer(serializers.Serializer[dict[str, Any]]):
    """A topic in short."""

    id = serializers.SerializerMethodField()
    label = serializers.CharField()  # type: ignore[assignment]

    def get_id(self, entry: dict[str, Any]) -> str:
        return str(id_in(entry["slug"]))


class PairSerializer(serializers.Serializer[list[str]]):
    """An identifier as a work's card holds it."""

    scheme = serializers.SerializerMethodField(method_name="first")
    value = serializers.SerializerMethodField(method_name="second")
    url = serializers.SerializerMethodField(help_text="Empty where the scheme has no address.")

    def first(self, pair: list[str]) -> str:
        return pair[0]

    def second(self, pair: list[str]) -> str:
        return pair[1]

    def get_url(self, pair: list[str]) -> str:
        return address(*pair)


class WorkInShortSerializer(serializers.ModelSerializer[Work]):
    """A work as lists show it. Of its byline the first 20 names; `/api/v1/authorships/?work=` has them all."""

    id = serializers.CharField(source="public_id")
    title_plain = serializers.SerializerMethodField(help_text="The title without TeX.")
    authors = BylineEntrySerializer(source="card.authors", many=True, default=[])
    topics = LabelSerializer(source="card.topics", many=True, default=[])
    identifiers = PairSerializer(source="card.identifiers", many=True, default=[])
    source = serializers.CharField(source="card.source", allow_null=True, default=None, help_text="The name of where it appeared.")  # type: ignore[assignment]
    url = serializers.CharField(source="get_absolute_url", help_text="Its page.")

    class Meta:
        model = Work
        fields = [
            "id", "type", "title", "title_plain", "year", "notice", "authors_count", "authors", "topics", "identifiers", "source", "url",
        ]  # fmt: skip

    def get_title_plain(self, work: Work) -> str:
        return to_plain(work.title)


class PrintedAffiliationSerializer(serializers.ModelSerializer[Affiliation]):
    """An affiliation as printed, without e-mail addresses; and the institution, where it is known which one is meant."""

    raw = serializers.SerializerMethodField()
    institution = serializers.SerializerMethodField()

    class Meta:
        model = Affiliation
        fields = ["raw", "institution", "asserted_by", "is_inferred"]

    def get_raw(self, affiliation: Affiliation) -> str:
        return without_addresses(affiliation.raw)

    @extend_schema_field(NamedSerializer(allow_null=True))
    def get_institution(self, affiliation: Affiliation) -> dict[str, Any] | None:
        found = affiliation.institution
        return {"id": found.public_id, "name": found.name} if found else None


class AuthorshipSerializer(serializers.ModelSerializer[Authorship]):
    """One byline position: who stands there, and why the record takes it for this author and no other."""

    author = PersonSerializer(allow_null=True)
    name = serializers.SerializerMethodField(help_text="As printed; the present name where a person hides the printed one.")
    orcid = serializers.CharField(allow_blank=True, help_text="The iD that a registry gives at this very position.")
    reason = serializers.CharField(source="get_matched_by_display", help_text="Why this author, in words.")
    confidence = serializers.FloatField(
        allow_null=True, min_value=0, max_value=1, help_text="How sure matching is of that; null until it is settled."
    )
    affiliations = PrintedAffiliationSerializer(many=True)

    class Meta:
        model = Authorship
        fields = ["position", "name", "author", "orcid", "orcid_asserted_by", "matched_by", "reason", "confidence", "affiliations"]

    def get_name(self, authorship: Authorship) -> str:
        hidden = vars(authorship).get("hidden")
        author = authorship.author
        return printed_name(authorship.name, author.name, hidden) if author and hidden else authorship.name


class AuthorshipOfWorkSerializer(AuthorshipSerializer):
    """The same with the work."""

    work = WorkInShortSerializer()

    class Meta(AuthorshipSerializer.Meta):
        fields = ["work", *AuthorshipSerializer.Meta.fields]


class VersionSerializer(serializers.ModelSerializer[RegistryRecord]):
    """The work as one registry tells of it: a preprint here, the article there."""

    type = serializers.CharField(source="payload.type")
    title = serializers.CharField(source="payload.title")
    year = serializers.IntegerField(source="payload.year", allow_null=True, default=None)
    version = serializers.CharField(source="payload.version", default="", help_text="As the registry counts them; may be empty.")
    source = serializers.CharField(source="payload.source.name", allow_null=True, default=None)  # type: ignore[assignment]

    class Meta:
        model = RegistryRecord
        fields = ["registry", "key", "type", "title", "year", "version", "source", "retrieved_at"]


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    """What a registry says has become of the work: corrected, retracted, withdrawn, questioned; and by which notice."""

    scheme = serializers.CharField(source="notice_scheme", allow_blank=True, help_text="Of the notice's own identifier.")
    value = serializers.CharField(source="notice_value", allow_blank=True)

    class Meta:
        model = Notice
        fields = ["kind", "registry", "scheme", "value", "title", "published_on"]


class WorkSerializer(serializers.ModelSerializer[Work]):
    """One work with all that the record says of it. Of its byline the first 100; `/api/v1/authorships/?work=` has them all."""

    id = serializers.CharField(source="public_id")
    title_plain = serializers.SerializerMethodField(help_text="The title without TeX.")
    abstract_from = serializers.CharField(help_text="The registry whose abstract it is.")
    source = SourceInShortSerializer(allow_null=True)  # type: ignore[assignment]
    is_byline_cut = serializers.BooleanField(help_text="Whether the registry itself leaves names out.")
    authorships = AuthorshipSerializer(source="first_authorships", many=True)
    topics = serializers.SerializerMethodField()
    identifiers = IdentifierSerializer(many=True)
    versions = VersionSerializer(source="records", many=True)
    notices = NoticeSerializer(source="all_notices", many=True)
    references_count = serializers.IntegerField(help_text="How many references are known.")
    references_here = serializers.IntegerField(help_text="How many of them lead to a work of this record.")
    citations_count = serializers.IntegerField(help_text="How many works of this record cite it.")
    url = serializers.CharField(source="get_absolute_url", help_text="Its page.")

    class Meta:
        model = Work
        fields = [
            "id", "type", "title", "title_plain", "abstract", "abstract_from", "year", "published_on", "language", "notice", "notices",
            "source", "volume", "issue", "pages", "publisher", "authors_count", "is_byline_cut", "authorships", "topics", "identifiers",
            "versions", "references_count", "references_here", "citations_count", "url",
        ]  # fmt: skip

    def get_title_plain(self, work: Work) -> str:
        return to_plain(work.title)

    @extend_schema_field(TopicInShortSerializer(many=True))
    def get_topics(self, work: Work) -> Any:
        return TopicInShortSerializer([line.topic for line in work.work_topics.all()], many=True).data


class ReferenceSerializer(serializers.ModelSerializer[Reference]):
    """A work that is cited, by its identifier; and the work itself, where the record has it."""

    url = serializers.SerializerMethodField(help_text="Empty where the scheme has no address.")
    work = WorkInShortSerializer(source="cited", allow_null=True)

    class Meta:
        model = Reference
        fields = ["scheme", "value", "url", "work"]

    def get_url(self, reference: Reference) -> str:
        return address(reference.scheme, reference.value)


def id_in(slug: str | None) -> str | None:
    """The public id that ends a slug."""
    return slug.rpartition("-")[2] if slug else None
