"""What the search box suggests while somebody types."""

import pytest

from tests.bzpeer.markup import parse
from tests.factories.imported import import_records
from tests.factories.records import make_record
from works.actions.journal import Actor
from works.actions.search import mark_names_stale, rebuild_search
from works.actions.shelves import rebuild_shelves
from works.actions.suppressions import suppress_author
from works.importers.record import ImportedSource
from works.models import Author, Completion, Institution, Source, StaleBeginning, Topic, Work
from works.models.completion import complete
from works.models.decision import Role
from works.tasks import index_words_task

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("number", [1, 3])
def test_suggestions_cost_one_query(client, django_assert_num_queries, number):
    import_records(*(make_record(f"Fishing {part}", [f"Fish Person{chr(97 + part)}"]) for part in range(number)))
    rebuild_search()
    with django_assert_num_queries(1):
        content = client.get("/search/suggest/", {"q": "fish per"}, headers={"HX-Request": "true"}).content
    assert len(parse(content).cssselect("[role=option]")) == number


def test_suggestions_tell_namesakes_apart(client):
    import_records(make_record("Distilling knowledge from teachers", ["Boxiao Liu"], topics=["cs.LG"]))
    rebuild_search()
    said = parse(client.get("/search/suggest/", {"q": "liu"}, headers={"HX-Request": "true"}).content)
    [option] = said.cssselect("[role=option]")
    assert option.get("href") == Author.objects.get().get_absolute_url()
    assert "1 work" in option.text_content()
    work = parse(client.get("/search/suggest/", {"q": "distilling kn"}, headers={"HX-Request": "true"}).content)
    assert [one.get("href") for one in work.cssselect("[role=option]")] == [Work.objects.get().get_absolute_url()]


def test_suggestions_opened_alone_are_the_search(client):
    assert client.get("/search/suggest/", {"q": "liu & co"})["Location"] == "/search/?q=liu+%26+co"


@pytest.mark.parametrize("query", ["", "'", "a:b & |", "%", "x" * 400, "江", "\\", "wang wang w", "abcdefghijkl"])
def test_no_text_breaks_the_suggestions(client, query):
    assert client.get("/search/suggest/", {"q": query}, headers={"HX-Request": "true"}).status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_suggestions_for_one_word_cost_one_query(client, django_assert_num_queries, number):
    import_records(*(make_record(f"Fishing {part}", [f"Fish Person{chr(97 + part)}"]) for part in range(number)))
    rebuild_search()
    with django_assert_num_queries(1):
        content = client.get("/search/suggest/", {"q": "fish"}, headers={"HX-Request": "true"}).content
    assert len(parse(content).cssselect("[role=option]")) == 2 * number


def suggested(client, text: str) -> dict[str, list[str]]:
    """Of each group the first line of every suggestion."""
    content = client.get("/search/suggest/", {"q": text}, headers={"HX-Request": "true"}).content
    if not content.strip():
        return {}
    groups = parse(content).cssselect("[role=group]")
    return {group.get("aria-label"): [line.cssselect("bdi")[0].text for line in group.cssselect("[role=option]")] for group in groups}


def test_suggestions_are_grouped_by_kind(client):
    import_records(
        make_record("Oslo by night", ["Osloana Lind"], topics=["Oslo studies"], source=ImportedSource(name="Oslo Letters", kind="journal"))
    )
    oslo = Institution.objects.create(public_id="0sl00000", name="Universitetet", name_key="universitetet", city="Oslo", country_code="NO")
    oslo.names.create(registry="ror", kind="label", name="University of Oslo", name_key="university of oslo")
    Institution.objects.create(public_id="0sl00001", name="Oslo Gone", name_key="oslo gone", status="withdrawn")
    rebuild_search()
    assert suggested(client, "oslo") == {
        "People": ["Osloana Lind"],
        "Works": ["Oslo by night"],
        "Topics": ["Oslo studies"],
        "Institutions": ["Universitetet"],
        "Sources": ["Oslo Letters"],
    }
    assert suggested(client, "university of os") == {"Institutions": ["Universitetet"]}
    assert suggested(client, "os") == {"People": ["Osloana Lind"]}  # half of all names begin with two letters


def test_the_subject_with_most_works_is_suggested_first(client):
    import_records(
        make_record("One", ["A. Body"], topics=["fish"]), *(make_record(f"Work {n}", ["A. Body"], topics=["fisheries"]) for n in range(3))
    )
    rebuild_search()
    assert suggested(client, "fis") == {"Topics": ["fish", "fisheries"]}
    rebuild_shelves()
    index_words_task()
    assert suggested(client, "fis") == {"Topics": ["fisheries", "fish"]}


@pytest.mark.parametrize(
    ("typed", "titles"),
    [
        ("dist", ["Distant whales", "Distilling knowledge from teachers"]),
        ("distill", ["Distilling knowledge from teachers"]),
        ("distilling", ["Distilling knowledge from teachers"]),
        ("knowledge dis", ["Distilling knowledge from teachers"]),
        ("from distilling t", ["Distilling knowledge from teachers"]),
        ("whales know", []),
        ("dis", []),
        ("the", []),
        ("the the", []),
    ],
)
def test_titles_are_suggested_by_words_that_are_whole_or_begun(client, typed, titles):
    import_records(make_record("Distilling knowledge from teachers", ["A. Body"]), make_record("Distant whales", ["A. Body"], year=2024))
    rebuild_search()
    assert suggested(client, typed).get("Works", []) == titles


def index_everybody() -> None:
    """As workers do once they have told people apart."""
    mark_names_stale(author_ids=Author.objects.values_list("pk", flat=True))
    index_words_task()


def stored() -> dict[str, list[list[str]]]:
    return dict(Completion.objects.values_list("beginning", "answer"))


def test_what_is_stored_follows_the_record(client):
    """Made bit by bit it is what a rebuild makes: after imports, renamed, merged and withdrawn names."""
    import_records(
        make_record(
            "Oslo by night",
            ["Osloana Lind", "Bo Berg"],
            topics=["Oslo studies"],
            source=ImportedSource(name="Oslo Letters", kind="journal"),
        ),
        make_record("Distilling knowledge", ["Bo Berg"], topics=["fish"]),
    )
    index_everybody()
    assert stored()["oslo"][0][1] == "Osloana Lind"
    Topic.objects.filter(label="fish").update(label="whales")
    Source.objects.filter(name="Oslo Letters").update(name="Bergen Letters", name_key="bergen letters")
    Work.objects.filter(title="Oslo by night").update(title="Bergen by day", title_key="bergen by day")
    oslo = Institution.objects.create(public_id="0sl00000", name="Universitetet", name_key="universitetet", city="Oslo", country_code="NO")
    oslo.names.create(registry="ror", kind="label", name="University of Oslo", name_key="university of oslo")
    gone = Institution.objects.create(public_id="0sl00001", name="Oslo Gone", name_key="oslo gone")
    import_records(make_record("Third", ["Bo Berg", "Bodil Osk"]))
    index_everybody()
    gone.status = "withdrawn"
    gone.save()
    index_words_task()
    kept = stored()
    assert not StaleBeginning.objects.exists()
    assert [line[:2] for line in kept["oslo"]] == [["person", "Osloana Lind"], ["topic", "Oslo studies"], ["institution", "Universitetet"]]
    assert [line[:2] for line in kept["bergen"]] == [["work", "Bergen by day"], ["source", "Bergen Letters"]]
    assert "fish" not in kept
    assert next(line for line in kept["bo"] if line[1] == "Bo Berg")[3].endswith("3 works")
    rebuild_search()
    assert stored() == kept


def test_who_asked_to_be_removed_is_suggested_no_more(client):
    import_records(make_record("Oslo by night", ["Osloana Lind", "Bo Berg"]))
    index_everybody()
    assert suggested(client, "osl") == {"People": ["Osloana Lind"]}
    suppress_author(author_id=Author.objects.get(name="Osloana Lind").pk, by=Actor(account=1, role=Role.STAFF))
    assert suggested(client, "osl") == {}


def test_a_beginning_that_is_not_made_yet_is_answered_all_the_same():
    import_records(make_record("Oslo by night", ["Osloana Lind", "Bo Berg"]))
    rebuild_search()
    made = {text: complete(text) for text in ("oslo", "b", "berg", "night")}
    assert all(made.values())
    Completion.objects.all().delete()
    assert {text: complete(text) for text in made} == made
