"""Names that people chose: shown everywhere, found under every name, and never undone by an import."""

import pytest

from tests.bzpeer.markup import text_of
from tests.factories.imported import import_records, the_author
from tests.factories.records import make_imported_author, make_record
from works.actions.names import NameRefused, add_name, remove_name, rename_author, restore_names
from works.models import Author, AuthorName, Authorship, Work

pytestmark = pytest.mark.django_db

ORCID = (("orcid", "0000-0002-1825-0097"),)


@pytest.fixture
def vivian() -> Author:
    """Somebody who published as Victor Chen and is Vivian Chen."""
    import_records(
        make_record("Early work", ["Mary Somerville", make_imported_author("Victor Chen", identifiers=ORCID)], topics=["t"]),
        make_record("Other work", ["Mary Somerville", make_imported_author("Victor Chen", identifiers=ORCID)], topics=["t"]),
    )
    author = the_author("Victor Chen")
    rename_author(author_id=author.pk, name="  Vivian   Chen ")
    author.refresh_from_db()
    return author


def found(words: str) -> list[str]:
    return list(Author.objects.matching_name(words).values_list("name", flat=True))


def test_a_chosen_name_is_shown_and_every_name_is_found(vivian):
    assert (vivian.name, vivian.slug.startswith("vivian-chen-")) == ("Vivian Chen", True)
    assert found("vivian chen") == found("victor") == ["Vivian Chen"]


def test_a_hidden_name_stands_on_no_page(client, vivian):
    other = the_author("Mary Somerville")
    addresses = [vivian.get_absolute_url(), other.get_absolute_url(), "/search/?q=victor+chen", "/", "/search/?q=early+work"]
    addresses.append(Work.objects.get(title="Early work").get_absolute_url())
    for address in addresses:
        text = text_of(client.get(address).content).replace("“victor chen”", "")
        assert "victor" not in text.lower(), address
    assert Authorship.objects.filter(author=vivian)[0].raw_name == "Victor Chen"  # the record itself stays as it is


def test_a_public_former_name_stays_where_it_was_printed(client, vivian):
    add_name(author_id=vivian.pk, name="Victor Chen", is_public=True)
    text = text_of(client.get(Work.objects.get(title="Early work").get_absolute_url()).content)
    assert "Victor Chen" in text
    assert [item["name"] for item in Work.objects.get(title="Early work").card["authors"]] == ["Mary Somerville", "Victor Chen"]


def test_an_import_finds_the_person_under_a_hidden_name_and_does_not_show_it(vivian):
    import_records(make_record("Third work", ["Mary Somerville", "Victor Chen"], topics=["t"]))
    import_records(make_record("Fourth work", ["Mary Somerville", "Vivian Chen"], topics=["t"]))
    vivian.refresh_from_db()
    assert (vivian.works_count, vivian.name) == (4, "Vivian Chen")
    assert [item["name"] for item in Work.objects.get(title="Third work").card["authors"]] == ["Mary Somerville", "Vivian Chen"]


def test_names_come_and_go(vivian):
    add_name(author_id=vivian.pk, name="V. Marlow", is_public=False)
    assert found("marlow") == ["Vivian Chen"]
    remove_name(author_id=vivian.pk, name_id=AuthorName.objects.get(name="V. Marlow").pk)
    assert found("marlow") == []
    with pytest.raises(NameRefused, match="can be hidden, not removed"):
        remove_name(author_id=vivian.pk, name_id=AuthorName.objects.get(is_of_record=True).pk)
    with pytest.raises(NameRefused, match="at least one letter"):
        rename_author(author_id=vivian.pk, name=" … ")
    with pytest.raises(NameRefused, match="already"):
        add_name(author_id=vivian.pk, name="vivian chen", is_public=True)


def test_choosing_the_name_of_the_record_again_leaves_no_trace(vivian):
    rename_author(author_id=vivian.pk, name="Viv Chen")
    rename_author(author_id=vivian.pk, name="Victor Chen")
    assert not AuthorName.objects.exists()
    assert found("viv") == []
    assert found("victor") == ["Victor Chen"]


def test_the_end_of_a_claim_brings_the_name_of_the_record_back(vivian):
    add_name(author_id=vivian.pk, name="V. Marlow", is_public=True)
    restore_names(author_id=vivian.pk)
    vivian.refresh_from_db()
    assert (vivian.name, vivian.other_keys, AuthorName.objects.count()) == ("Victor Chen", "", 0)
    assert Work.objects.get(title="Early work").card["authors"][1] == {"name": "Victor Chen", "slug": vivian.slug}
