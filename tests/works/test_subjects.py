"""The pages of topics, institutions and sources, and the status of sources."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.bzpeer.markup import links_of, parse, refused_by_policy, text_of
from tests.factories.imported import import_and_announce, the_author
from tests.factories.records import make_imported_author, make_record
from works.actions.imports.institutions import take_in_institutions
from works.actions.imports.listed import take_in_listed
from works.actions.shelves import shelve
from works.importers.record import ImportedAffiliation, ImportedInstitution, ImportedMergedId, ImportedSource
from works.models import Author, ImportRun, Institution, Source, Topic

pytestmark = pytest.mark.django_db
UNI = ImportedAffiliation(name="Uni One", raw="Uni One", identifiers=(("ror", "00000one1"),), country="CH")


def shelved(*records) -> None:
    import_and_announce(*records)
    while shelve():
        pass


def some_works(number: int, **fields) -> None:
    shelved(
        *(
            make_record(
                f"Fish {part}",
                [
                    make_imported_author(f"Person {chr(65 + part)}", affiliations=(UNI,)),
                    make_imported_author("Ann Lee", affiliations=(UNI,)),
                ],
                topics=["fish", f"sea {part}"],
                year=2000 + part,
                **fields,
            )
            for part in range(number)
        )
    )


def subjects() -> dict[str, str]:
    return {
        "topic": Topic.objects.get(label="fish").get_absolute_url(),
        "institution": Institution.objects.get(name="Uni One").get_absolute_url(),
        "source": Source.objects.get().get_absolute_url(),
    }


def test_a_topic_says_what_stands_under_it_and_beside_it(client):
    some_works(3)
    content = client.get(subjects()["topic"]).content
    text = text_of(content)
    assert "Topic fish arXiv category fish: works that a registry files under it." in text
    assert "3 works 4 people" in text
    assert "Ann Lee3 works, 2000–2002" in text
    assert "None of them has claimed their page." in text
    assert sorted(item.text_content() for item in parse(content).cssselect(".beside > div:first-child li")) == [
        "sea 0 1",
        "sea 1 1",
        "sea 2 1",
    ]
    assert "Institutions that write on it Uni One 3" in text
    assert "Where it appears arXiv 3" in text
    assert "The works shown come from arXiv (retrieved" in text
    assert [heading.text_content() for heading in parse(content).cssselect(".works h3")] == ["Fish 2", "Fish 1", "Fish 0"]
    assert list(refused_by_policy(content)) == []


def test_years_are_bars_and_a_list_and_narrow_the_works(client):
    some_works(3)
    here = subjects()["source"]
    root = parse(client.get(here).content)
    assert [bar.get("height") for bar in root.cssselect("svg .bar")] == ["40.00"] * 3
    assert [link.get("href") for link in root.cssselect(".year-bars li a")] == [f"{here}?year={year}#works" for year in (2002, 2001, 2000)]
    narrowed = client.get(here, {"year": "2001"}).content
    assert [heading.text_content() for heading in parse(narrowed).cssselect(".works h3")] == ["Fish 1"]
    assert "None of its works is of 1990." in text_of(client.get(here, {"year": "1990"}).content)


def test_who_claimed_their_page_is_counted(client):
    some_works(1)
    Author.objects.filter(name="Ann Lee").update(is_claimed=True)
    text = text_of(client.get(subjects()["topic"]).content)
    assert "Ann Lee1 work, 2000 · claimed" in text
    assert "1 of them has claimed their page." in text


def test_an_institution_says_what_registries_list_of_it(client):
    some_works(1)
    listed: dict[str, Any] = {"registry": "ror", "country": "CH", "city": "Bern", "kind": "education", "status": "active"}
    with transaction.atomic():
        take_in_institutions(
            [
                ImportedInstitution(
                    key="00000one1",
                    name="Uni One",
                    identifiers=(("ror", "00000one1"), ("wikidata", "Q1")),
                    names=(("name", "Uni One"), ("alias", "Einheit Eins"), ("acronym", "U1")),
                    relations=(("parent", "ror", "00000all1"), ("related", "ror", "00000not1")),
                    **listed,
                ),
                ImportedInstitution(key="00000all1", name="All Unis", identifiers=(("ror", "00000all1"),), **listed),
            ]
        )
    content = client.get(subjects()["institution"]).content
    text = text_of(content)
    assert "Institution · education Uni One Bern, CH" in text
    assert [name.text_content() for name in parse(content).cssselect("#names dd:first-of-type bdi")] == ["U1", "Einheit Eins"]
    assert "Part ofAll Unis" in text
    assert "Related toROR 00000not1" in text
    assert "Name, place and relations are from ROR" in text
    parent = Institution.objects.get(name="All Unis")
    assert f"/institutions/{parent.public_id}/" in links_of(content)
    data = json.loads(parse(content).cssselect("script[type='application/ld+json']")[0].text)
    assert (data["@type"], data["name"], data["sameAs"]) == ("Organization", "Uni One", ["https://ror.org/00000one1"])
    empty = client.get(parent.get_absolute_url())
    assert "No work in the record stands here now." in text_of(empty.content)


def test_addresses_survive_a_new_name_and_a_merge(client):
    sources = [ImportedSource(name=name, kind="journal", identifiers=(("openalex", name[-2:]),)) for name in ("Fish S1", "Fish S2")]
    shelved(*(make_record(f"On {source.name}", ["Ann Lee"], source=source) for source in sources))
    gone, kept = Source.objects.order_by("name")
    old = f"/sources/some-old-name-{gone.public_id}/"
    assert client.get(f"{old}?year=2022")["Location"] == f"{gone.get_absolute_url()}?year=2022"
    with transaction.atomic():
        take_in_listed([("1", ImportedMergedId(kind="source", scheme="openalex", old="S1", new="S2"))])
    response = client.get(old)
    assert (response.status_code, response["Location"]) == (301, kept.get_absolute_url())
    assert client.get(f"{old}people/")["Location"] == f"{kept.get_absolute_url()}people/"


@pytest.mark.parametrize(
    "address", ["/topics/fish-00000000/", "/institutions/x/", "/sources/%00-00000000/", "/topics/fish-00000000/people/"]
)
def test_what_is_not_in_the_record_is_not_found(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(("kind", "queries"), [("topic", 9), ("institution", 13), ("source", 8)])
def test_pages_cost_the_same_queries_whatever_stands_there(client, kind, queries):
    for number in (1, 3):
        some_works(number)
        address = subjects()[kind]
        with CaptureQueriesContext(connection) as counted:
            client.get(address)
        assert len(counted) == queries


def test_further_works_and_people_are_read_from_a_place_on(client):
    shelved(
        *(
            make_record(f"Fish {n:02}", [f"Person {chr(65 + n)}x"], topics=["fish"], year=None if n % 3 == 0 else 2000 + n % 2)
            for n in range(25)
        )
    )
    shelved(*(make_record(f"Crowd {n}", [f"Crowd {chr(65 + n)} {chr(65 + m)}own" for m in range(20)], topics=["fish"]) for n in range(2)))
    here = subjects_topic = Topic.objects.get(label="fish").get_absolute_url()
    seen, address = [], here
    while address:
        root = parse(client.get(address, headers={"HX-Request": "true"}).content)
        seen += [heading.text_content() for heading in root.cssselect("h3")]
        address = next((link.get("href") for link in root.cssselect(".more a")), "")
    assert len(seen) == 27
    assert len(set(seen)) == 27
    people, address = [], f"{subjects_topic}people/"
    while address:
        root = parse(client.get(address).content)
        people += [link.get("href") for link in root.cssselect(".people-grid a")]
        address = next((link.get("href") for link in root.cssselect("a[rel=next]")), "")
    assert len(people) == 65
    assert len(set(people)) == 65


def test_markup_in_names_is_text(client):
    evil = '<script>alert("1")</script>'
    shelved(make_record("Fish", [f"Ann {evil}"], topics=[f"fish{evil}"], source=ImportedSource(name=f"J{evil}", kind="journal")))
    for subject in (Topic.objects.get(), Source.objects.get()):
        content = client.get(subject.get_absolute_url()).content
        assert list(refused_by_policy(content)) == []
        assert evil in text_of(content)


def test_sources_say_how_fresh_they_are_and_on_what_terms(client):
    some_works(2)
    ImportRun.objects.create(
        source="arxiv", request={}, fingerprint="x", status="finished", finished_at="2026-03-04T05:06Z", new=2, merged=1, changed=5
    )
    content = client.get("/sources/").content
    text = text_of(content)
    assert [cell.text_content() for cell in parse(content).cssselect("tbody tr")[0]][:2] == ["arXiv", "3"]
    assert "4 March 2026," in text
    assert "OpenAlex" in text
    assert "arXiv repository · 2 works · 3 people" in text
    assert Source.objects.get().get_absolute_url() in links_of(content)


def test_the_pages_of_a_person_lead_to_topics(client):
    some_works(1)
    assert subjects()["topic"] in links_of(client.get(the_author("Ann Lee").get_absolute_url()).content)
