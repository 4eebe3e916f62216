"""What is computed from the record, as the API says it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from graph.loading.paths import Path, Tie
from graph.models import Collaboration
from works.serializers.record import PersonSerializer

NODE_KINDS = ("person", "work", "topic", "institution")
OUTCOMES = ("found", "none", "limited", "same")
EDGE_KINDS = ("wrote", "co-wrote", "about", "affiliated", "cites")


class CollaborationSerializer(serializers.ModelSerializer[Collaboration]):
    """Somebody with joint works. Each joint work of k authors, k at most 25, adds 1/(k-1) to the strength."""

    author = PersonSerializer(source="other")
    strength = serializers.FloatField(min_value=0, help_text="From 0.2 on it is a close collaboration.")
    url = serializers.SerializerMethodField(help_text="The joint works, as authorships of the other.")

    class Meta:
        model = Collaboration
        fields = ["author", "works_count", "strength", "first_year", "last_year", "url"]

    def get_url(self, collaboration: Collaboration) -> str:
        return f"/api/v1/authorships/?author={vars(collaboration)['other'].public_id}"


class NodeSerializer(serializers.Serializer[dict[str, Any]]):
    """A person, work, topic or institution of a slice. Positions lie in [-1, 1], y pointing down; sizes are thousandths of that unit."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=NODE_KINDS)
    label = serializers.CharField()  # type: ignore[assignment]
    x = serializers.FloatField()
    y = serializers.FloatField()
    size = serializers.FloatField()
    community = serializers.IntegerField(allow_null=True)
    year = serializers.IntegerField(allow_null=True)
    url = serializers.CharField()


class EdgeSerializer(serializers.Serializer[dict[str, Any]]):
    """What connects two nodes: its kind, its weight, how many works or statements make it, and, between people, the years."""

    source = serializers.CharField()  # type: ignore[assignment]
    target = serializers.CharField()
    kind = serializers.ChoiceField(choices=EDGE_KINDS)
    weight = serializers.FloatField()
    evidence = serializers.IntegerField()
    years = serializers.ListField(child=serializers.IntegerField(allow_null=True), required=False)
    url = serializers.CharField(required=False, help_text="The page that says what makes it. Slices of the form 1 have none.")


class CommunitySerializer(serializers.Serializer[dict[str, Any]]):
    """A group of people in a slice, named by the topics of their works, or by the first of its people."""

    id = serializers.IntegerField(help_text="The `community` of its people.")
    label = serializers.CharField()  # type: ignore[assignment]
    topics = serializers.ListField(child=serializers.CharField(), help_text="The ids of the topics that name it.")
    people = serializers.IntegerField()
    lead = serializers.CharField(help_text="The id of the first of its people.")


@extend_schema_field({"type": "object", "additionalProperties": {"type": "object", "additionalProperties": {"type": "integer"}}})
class FiguresField(serializers.DictField):
    pass


class SliceSerializer(serializers.Serializer[dict[str, Any]]):
    """The graph around an author, a work, a topic or an institution: at most 150 nodes, ranked, and how many there are in all."""

    version = serializers.IntegerField(help_text="Of this form.")
    built_at = serializers.DateTimeField()
    centre = serializers.CharField(help_text="The id of the node that all this is around.")
    parameters = serializers.DictField(child=serializers.IntegerField(), help_text="What is cut by rank where there is more.")
    nodes = NodeSerializer(many=True)
    edges = EdgeSerializer(many=True)
    communities = CommunitySerializer(many=True, required=False)
    totals = FiguresField(help_text="Of each kind how many are shown and how many are known.")
    coverage = FiguresField(help_text="Of how many of the works shown the references are known.")


class NamedTopicSerializer(serializers.Serializer[Any]):
    """A topic that is a reason."""

    id = serializers.SerializerMethodField()
    label = serializers.CharField()  # type: ignore[assignment]
    url = serializers.SerializerMethodField(help_text="Its page.")

    def get_id(self, topic: dict[str, str]) -> str:
        return topic["slug"].rpartition("-")[2]

    def get_url(self, topic: dict[str, str]) -> str:
        return f"/topics/{topic['slug']}/"


class AlikeSerializer(serializers.Serializer[Any]):
    """Somebody who resembles an author, and why."""

    author = PersonSerializer()
    topics = NamedTopicSerializer(many=True, help_text="Both wrote on these: up to three, the rarest first.")
    common = serializers.IntegerField(help_text="How many collaborators they have in common, of the author's closest forty.")
    collaborators = PersonSerializer(many=True, help_text="Up to three of these.")


class BridgeSerializer(serializers.Serializer[Any]):
    """Somebody partly similar, in a different circle: nobody among the author's closest collaborators wrote with them."""

    author = PersonSerializer()
    topics = NamedTopicSerializer(many=True, help_text="Both wrote on these.")
    beyond = NamedTopicSerializer(many=True, help_text="They also write on these, and the author does not.")


class SimilarPeopleSerializer(serializers.Serializer[Any]):
    """Who resembles an author by topics and common collaborators; trust, followers and citations play no part."""

    built_at = serializers.DateTimeField()
    is_stale = serializers.BooleanField(help_text="Whether a newer list is owed.")
    similar = AlikeSerializer(many=True, help_text="The most alike first.")
    bridges = BridgeSerializer(many=True)


class JointWorkSerializer(serializers.Serializer[Any]):
    """One of the works that make a tie."""

    id = serializers.CharField(source="public_id")
    title = serializers.CharField()
    year = serializers.IntegerField(allow_null=True)


class TieSerializer(serializers.Serializer[Tie]):
    """One hop of a path, from one person to the next."""

    source = serializers.CharField(source="source.public_id", help_text="The author's id.")  # type: ignore[assignment]
    target = serializers.CharField(source="target.public_id", help_text="The author's id.")
    works_count = serializers.IntegerField(help_text="Joint works of at most 50 authors.")
    strength = serializers.FloatField(min_value=0)
    first_year = serializers.IntegerField(allow_null=True)
    last_year = serializers.IntegerField(allow_null=True)
    works = JointWorkSerializer(many=True, help_text="The newest three.")
    url = serializers.CharField(help_text="The page that says what makes this tie.")


class PathSerializer(serializers.Serializer[Path]):
    """People in order, and what ties each to the next."""

    strength = serializers.FloatField(help_text="The product of s/(1+s) over the ties, of strength s each. It ranks paths of equal length.")
    people = PersonSerializer(many=True)
    ties = TieSerializer(many=True)


class PathLimitsSerializer(serializers.Serializer[Any]):
    """How far a search goes."""

    hops = serializers.IntegerField(help_text="Of a path.")
    ties = serializers.IntegerField(help_text="Of each person, the strongest.")
    people = serializers.IntegerField(help_text="Whose ties are read, from either end.")


class ConnectionSerializer(serializers.Serializer[dict[str, Any]]):
    """How two authors are connected by those whom they wrote with."""

    source = PersonSerializer()  # type: ignore[assignment]
    target = PersonSerializer()
    outcome = serializers.ChoiceField(
        choices=OUTCOMES,
        help_text="`none`: there is no path. `limited`: none was found within the limits, which is another thing. `same`: one author.",
    )
    hops = serializers.IntegerField(allow_null=True, help_text="Of each path; null where there is none.")
    paths = PathSerializer(many=True, help_text="At most three of the shortest, the strongest first.")
    looked_at = serializers.IntegerField(help_text="People whose ties were read.")
    is_cut = serializers.BooleanField(help_text="Whether the limits left somebody out: a shorter or stronger path may have been missed.")
    limits = PathLimitsSerializer()
