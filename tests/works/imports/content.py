"""The record as comparable rows."""

from works.models import Affiliation, Author, AuthorIdentifier, Authorship, Reference, RegistryRecord, Work, WorkIdentifier, WorkTopic

BYLINE = ("work__public_id", "position", "author__public_id", "name", "orcid")
PRINTED = ("authorship__work__public_id", "authorship__position", "place")


def content() -> dict[str, list[tuple] | list[str]]:
    """All rows, without what a database numbers or dates by itself."""
    return {
        "authors": sorted(Author.objects.values_list("public_id", "name", "name_key", "works_count", "topics_count", "last_year")),
        "summaries": sorted(str(pair) for pair in Author.objects.values_list("public_id", "summary")),
        "works": sorted(str(row) for row in Work.objects.values_list(
            "public_id", "type", "title", "title_key", "abstract", "year", "notice", "source__name", "authors_count", "card",
            "volume", "issue", "pages", "publisher",
        )),
        "authorships": sorted(Authorship.objects.values_list(*BYLINE, "matched_by", "year")),
        "affiliations": sorted(Affiliation.objects.values_list(*PRINTED, "raw", "institution__name")),
        "identifiers": sorted(WorkIdentifier.objects.values_list("scheme", "value", "work__public_id")),
        "people": sorted(AuthorIdentifier.objects.values_list("scheme", "value", "author__public_id")),
        "topics": sorted(WorkTopic.objects.values_list("work__public_id", "topic__code", "place")),
        "references": sorted(Reference.objects.values_list("work__public_id", "scheme", "value", "cited__public_id")),
        "records": sorted(RegistryRecord.objects.values_list("registry", "key", "work__public_id", "content_hash")),
    }  # fmt: skip
