"""People, accounts and tokens as the API shows them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from profiles.models import Claim, Evidence
from profiles.models.token import ApiToken
from works.models import Author
from works.names import without_addresses
from works.serializers.record import IdentifierSerializer, LabelSerializer, id_in


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token, without what would let anybody use it."""

    class Meta:
        model = ApiToken
        fields = ["name", "prefix", "scopes", "plan", "created_at", "expires_at", "last_used_on"]


class AccountSerializer(serializers.Serializer[dict[str, Any]]):
    """An account as it may see itself."""

    joined_at = serializers.DateTimeField(source="user.date_joined", help_text="When the account was made.")
    is_staff = serializers.BooleanField(source="user.is_staff", help_text="Whether it belongs to the site's staff.")
    token = TokenSerializer(allow_null=True, help_text="The token that asked; null in a browser.")


class TrustLineSerializer(serializers.Serializer[dict[str, Any]]):
    """One summand."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    micropoints = serializers.IntegerField(help_text="Millionths of a point; the lines sum to the headline.")
    maximum = serializers.IntegerField(help_text="The most that this line can give, in millionths of a point.")
    fact = serializers.CharField(help_text="What was counted.")
    asserted_by = serializers.CharField(allow_blank=True)
    as_of = serializers.DateField(allow_null=True)


class BackingSerializer(serializers.Serializer[dict[str, Any]]):
    """What one institution's vouchers give if no other institution speaks."""

    name = serializers.CharField(allow_blank=True, help_text="Empty for people without an institution.")
    vouchers = serializers.IntegerField()
    works = serializers.ListField(child=serializers.CharField(), help_text="Public ids of the works that they confirmed.")
    micropoints = serializers.IntegerField(help_text="Of at most 10,000,000.")


class ChangedLineSerializer(serializers.Serializer[dict[str, str]]):
    label = serializers.CharField()  # type: ignore[assignment]
    before = serializers.CharField()
    after = serializers.CharField()
    fact = serializers.CharField()


class TrustChangeSerializer(serializers.Serializer[Any]):
    """What changed on a day, and why."""

    day = serializers.DateField()
    before = serializers.SerializerMethodField(method_name="score_before")
    after = serializers.SerializerMethodField(method_name="score_after")
    formula = serializers.CharField(source="after.formula")
    reasons = serializers.ListField(child=serializers.CharField())
    lines = ChangedLineSerializer(many=True)

    def score_before(self, change: Any) -> int:
        return int(change.scores[0])

    def score_after(self, change: Any) -> int:
        return int(change.scores[1])


class TrustSerializer(serializers.Serializer[dict[str, Any]]):
    """Trust: the figure, its lines, what was not counted, and what changed. Addresses of people are in no answer of the API."""

    author = serializers.CharField(source="author.public_id")
    score = serializers.IntegerField(source="trust.score", help_text="0 to 100: the whole points, rounded down.")
    micropoints = serializers.IntegerField(source="trust.micropoints")
    band = serializers.ChoiceField(source="trust.band", choices=["unverified", "corroborated", "established", "verified"])
    meaning = serializers.CharField(source="trust.band_meaning")
    level = serializers.IntegerField(source="trust.level", help_text="Verification level, 0 to 5.")
    formula = serializers.CharField(source="trust.formula")
    computed_at = serializers.DateTimeField(source="trust.computed_at")
    lines = TrustLineSerializer(source="trust.lines", many=True)
    network = BackingSerializer(source="trust.institutions", many=True)
    not_counted = serializers.ListField(source="trust.not_counted", child=serializers.CharField())
    changes = TrustChangeSerializer(many=True)


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    """A piece of evidence: what was proved, by whose word, until when. Never an address or a code."""

    class Meta:
        model = Evidence
        fields = ["kind", "status", "source", "value", "dated", "expires_on"]


class ClaimSerializer(serializers.ModelSerializer[Claim]):
    """A claim of the account that asks."""

    author = serializers.CharField(source="author.public_id", help_text="The record that is claimed.")
    url = serializers.CharField(source="get_absolute_url", help_text="The claim's page on this site.")
    evidence = EvidenceSerializer(many=True)

    class Meta:
        model = Claim
        fields = ["public_id", "author", "url", "status", "reason", "created_at", "submitted_at", "decided_at", "appealed_at", "evidence"]


class TrustInShortSerializer(serializers.Serializer[Any]):
    """Trust without its lines: those are at `/api/v1/authors/{public_id}/trust/`."""

    score = serializers.IntegerField(min_value=0, max_value=100)
    band = serializers.ChoiceField(choices=["unverified", "corroborated", "established", "verified"])
    level = serializers.IntegerField(min_value=0, max_value=5, help_text="Verification level.")


class CountedTopicSerializer(LabelSerializer):
    works = serializers.IntegerField()


class AuthorAffiliationSerializer(serializers.Serializer[dict[str, Any]]):
    """Where works say that the author worked. The id is null where a printed line alone says so."""

    id = serializers.SerializerMethodField()
    name = serializers.SerializerMethodField()
    year = serializers.IntegerField(allow_null=True, help_text="Of the latest work that says so.")

    @extend_schema_field({"type": ["string", "null"]})
    def get_id(self, entry: dict[str, Any]) -> str | None:
        return id_in(entry["slug"])

    def get_name(self, entry: dict[str, Any]) -> str:
        return without_addresses(entry["name"])


class LinkSerializer(serializers.Serializer[dict[str, Any]]):
    label = serializers.CharField()  # type: ignore[assignment]
    url = serializers.CharField()
    is_mutual = serializers.BooleanField(allow_null=True, help_text="Whether that page links back; null until it was read.")


class OwnWordsSerializer(serializers.Serializer[dict[str, Any]]):
    """What the person says, as far as they show it."""

    headline = serializers.CharField(default="", allow_blank=True)
    biography = serializers.CharField(default="", allow_blank=True, help_text="Safe HTML.")
    is_open_to_collaborate = serializers.BooleanField(source="open", allow_null=True, default=None, help_text="Null: not said.")
    topics = serializers.SerializerMethodField()
    links = LinkSerializer(many=True, default=[])

    def get_topics(self, card: dict[str, Any]) -> list[str]:
        return [str(topic["label"]) for topic in card.get("topics", ())]


class AuthorSerializer(serializers.ModelSerializer[Author]):
    """An author: what the record says, what the person says, and how far both can be trusted. Addresses of people are in no answer."""

    id = serializers.CharField(source="public_id")
    other_names = serializers.SerializerMethodField(help_text="Those that the person shows.")
    identifiers = IdentifierSerializer(many=True)
    topics = CountedTopicSerializer(many=True)
    affiliations = AuthorAffiliationSerializer(source="summary.affiliations", many=True, default=[])
    years = serializers.SerializerMethodField(help_text="Pairs: a year and how many works.")
    followers_count = serializers.IntegerField()
    collaborators_count = serializers.IntegerField(
        source="neighbourhood.collaborators_count", allow_null=True, default=None, help_text="Null until it is counted."
    )
    close_collaborators_count = serializers.IntegerField(source="neighbourhood.close_count", allow_null=True, default=None)
    trust = TrustInShortSerializer(allow_null=True, default=None, help_text="Null until it is computed.")
    profile = OwnWordsSerializer(
        source="profile.card", allow_null=True, default=None, help_text="Null while nobody has claimed the record."
    )
    url = serializers.CharField(source="get_absolute_url", help_text="The page.")

    class Meta:
        model = Author
        fields = [
            "id", "name", "other_names", "identifiers", "works_count", "topics_count", "first_year", "last_year", "topics", "affiliations",
            "years", "is_claimed", "followers_count", "collaborators_count", "close_collaborators_count", "trust", "profile", "url",
        ]  # fmt: skip

    def get_other_names(self, author: Author) -> list[str]:
        return [name.name for name in vars(author)["public_names"]]

    @extend_schema_field({"type": "array", "items": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}})
    def get_years(self, author: Author) -> list[list[int]]:
        return list(author.summary.get("years", []))
