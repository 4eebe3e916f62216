"""The search page: what is found, in which order, narrowed by what."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from profiles.models import Trust
from tests.bzpeer.markup import links_of, parse, text_of
from tests.factories.imported import import_records, the_author
from tests.factories.people import make_user, signed_in
from tests.factories.records import make_imported_author, make_record, meta_knowledge_distillation, noisy_faces
from works.actions.search import rebuild_search
from works.actions.shelves import rebuild_shelves
from works.importers.record import ImportedAffiliation
from works.models import Author, Institution, Source, Topic, Work

pytestmark = pytest.mark.django_db


def search(client, **query: str) -> bytes:
    response = client.get("/search/", query)
    assert response.status_code == 200
    return bytes(response.content)


def people_of(content: bytes) -> list[str]:
    return [heading.text_content() for heading in parse(content).cssselect(".results h3")]


def works_of(content: bytes) -> list[str]:
    return [heading.text_content() for heading in parse(content).cssselect(".works h3")]


@pytest.mark.parametrize("query", ["Łukasz", "lukasz zolc", "ZOLC luk", "zółć"])
def test_people_are_found_without_accents_in_any_order(client, query):
    import_records(make_record("On bile", ["Łukasz Żółć"]))
    assert people_of(search(client, q=query)) == ["Łukasz Żółć"]


def test_a_person_is_told_from_a_namesake(client):
    at_cuhk = make_imported_author("Yu Liu", identifiers=(("openalex", "A1"),))
    elsewhere = make_imported_author("Yu Liu", identifiers=(("openalex", "A2"),))
    import_records(make_record("On faces", [at_cuhk], topics=["faces"]), make_record("On rivers", [elsewhere], topics=["rivers"]))
    text = text_of(search(client, q="yu liu"))
    assert "2 found" in text
    assert "affiliation not imported · 1 work · faces On faces" in text
    assert "affiliation not imported · 1 work · rivers On rivers" in text


def test_works_are_found_by_words_of_their_titles(client):
    import_records(meta_knowledge_distillation(), noisy_faces())
    assert works_of(search(client, q="distilling knowledge")) == ["Meta Knowledge Distillation"]


def test_a_topic_narrows_people_and_works(client):
    import_records(meta_knowledge_distillation(), noisy_faces())
    slug = next(topic["slug"] for topic in the_author("Hongsheng Li").topics)
    content = search(client, q="li", topic=slug)
    assert "Boxiao Liu" in people_of(content)
    assert "Bingqi Ma" not in people_of(search(client, q="bingqi", topic=slug))
    assert works_of(search(client, topic=slug)) == ["Meta Knowledge Distillation"]
    assert "There is no such topic in the record" in text_of(search(client, q="li", topic="nothing-00000000"))


@pytest.mark.parametrize(
    "query", ["2202.07940", "arXiv:2202.07940v1", "https://arxiv.org/abs/2202.07940", "10.48550/arXiv.2202.07940", " 2202.07940 "]
)
def test_a_pasted_arxiv_id_leads_to_the_work(client, query):
    import_records(meta_knowledge_distillation())
    assert client.get("/search/", {"q": query})["Location"] == Work.objects.get().get_absolute_url()


def test_a_pasted_doi_or_orcid_leads_to_its_page(client):
    author = make_imported_author("Josiah Carberry", identifiers=(("orcid", "0000-0002-1825-0097"),))
    import_records(make_record("Psychoceramics", [author], identifiers=(("doi", "10.5555/12345678"),)))
    doi = client.get("/search/", {"q": "https://doi.org/10.5555/12345678"})
    orcid = client.get("/search/", {"q": "https://orcid.org/0000-0002-1825-0097"})
    assert doi["Location"] == Work.objects.get().get_absolute_url()
    assert orcid["Location"] == the_author("Josiah Carberry").get_absolute_url()


@pytest.mark.parametrize(
    ("query", "to"),
    [
        ("https://aclanthology.org/P19-1001.pdf", "work"),
        ("P19-1001", "work"),
        ("PMID: 4242", "work"),
        ("https://pubmed.ncbi.nlm.nih.gov/4242/", "work"),
        ("https://openalex.org/W2741809807", "work"),
        ("https://ror.org/052gg0110", "institution"),
        ("052gg0110", "institution"),
        ("I40120149", "institution"),
        ("S4306400806", "source"),
    ],
)
def test_any_pasted_identifier_leads_to_its_page(client, query, to):
    ids = (("acl", "P19-1001"), ("pmid", "4242"), ("openalex", "W2741809807"))
    import_records(make_record("On identifiers", ["Ida Lind"], identifiers=ids))
    institution = Institution.objects.create(public_id="0xf00000", name="University of Oxford", name_key="university of oxford")
    institution.identifiers.create(scheme="ror", value="052gg0110")
    institution.identifiers.create(scheme="openalex", value="I40120149")
    source = Source.objects.create(public_id="src00000", name="Journal of Tests", name_key="journal of tests", kind="journal")
    source.identifiers.create(scheme="openalex", value="S4306400806")
    there: dict[str, Work | Institution | Source] = {"work": Work.objects.get(), "institution": institution, "source": source}
    assert client.get("/search/", {"q": query})["Location"] == there[to].get_absolute_url()


def test_topics_institutions_and_sources_are_found_by_their_words(client):
    import_records(make_record("On faces", ["Ida Lind"], topics=["cs.CV"]))
    oxford = Institution.objects.create(
        public_id="0xf00000", name="University of Oxford", name_key="university of oxford", country_code="GB"
    )
    oxford.names.create(registry="ror", kind="acronym", name="OXON", name_key="oxon")
    Source.objects.create(public_id="src00000", name="Oxford Letters", name_key="oxford letters", kind="journal")
    topic = Topic.objects.get()
    assert people_of(search(client, q="oxford")) == ["University of Oxford", "Oxford Letters"]
    assert people_of(search(client, q="oxon")) == ["University of Oxford"]
    assert topic.get_absolute_url() in links_of(search(client, q="cs.cv"))
    assert oxford.get_absolute_url() in links_of(search(client, q="univ oxf"))
    assert client.get(oxford.get_absolute_url()).status_code == 200


def test_a_mistyped_orcid_says_so(client):
    assert "its last character does not fit the others" in text_of(search(client, q="0000-0002-1825-0098"))


@pytest.mark.parametrize(
    ("query", "help_text"),
    [
        ("2202.07940", "manage.py import_works arxiv --ids 2202.07940"),
        ("10.5555/UNKNOWN", "manage.py import_works openalex --ids 10.5555/unknown"),
        ("0000-0002-1825-0097", "with all works of its public record"),
        ("nobody of this name", "Nothing in the record fits “nobody of this name”."),
    ],
)
def test_nothing_found_says_what_to_do(client, query, help_text):
    assert help_text in text_of(search(client, q=query))


def test_pages_are_numbered(client):
    import_records(*(make_record(f"Report {number}", [f"Annie Jump {chr(65 + number)}annon"]) for number in range(25)))
    both = search(client, q="annie")
    assert len(people_of(both)) == 5
    assert "?q=annie&kind=people" in links_of(both)
    seen = [people_of(search(client, q="annie", kind="people", page=page)) for page in ("1", "2", "3")]
    assert [len(page) for page in seen] == [20, 5, 5]  # beyond the last page stands the last page
    assert len({*seen[0], *seen[1]}) == 25
    second = parse(search(client, q="annie", kind="people", page="2")).cssselect(".pages a")
    assert [(link.get("href"), link.get("aria-current")) for link in second] == [
        ("?q=annie&kind=people", None),
        ("?q=annie&kind=people&page=2", "page"),
    ]


@pytest.mark.parametrize(
    "query",
    [
        {"q": "\x00"},
        {"q": "x" * 5000},
        {"q": "'; DROP TABLE works_work; --"},
        {"q": "a & | ! <-> :*"},
        {"q": "\\"},
        {"q": "li", "page": "-1"},
        {"q": "li", "page": "999999999999999999"},
        {"q": "li", "kind": "stars"},
        {"q": "😀"},
        {"topic": "\x00"},
        {"q": "10.1/%zz"},
    ],
)
def test_no_query_breaks_the_search(client, query):
    import_records(meta_knowledge_distillation())
    assert client.get("/search/", query).status_code == 200
    assert Work.objects.count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_a_search_costs_eight_queries(client, number):
    import_records(*(make_record(f"Fish {part}", [f"Fish Person{chr(97 + part)}"]) for part in range(number)))
    rebuild_search()
    with CaptureQueriesContext(connection) as queries:
        search(client, q="fish")
    assert len(queries) == 8


# --- Narrowing, order, kinds ------------------------------------------------------------------------------------------


def paper(number: int, **fields):
    given = {"year": 2015 + number % 4, "type": ("article", "book")[number % 2], "topics": [f"field {number % 3}"]} | fields
    return make_record(f"Fishing for whales, part {number}", [f"Fish Person{chr(97 + number)}"], **given)


def choices_of(content: bytes) -> dict[str, list[str]]:
    """What the page offers to narrow by: of each group the choices with their counts."""
    return {
        group.cssselect("p")[0].text_content(): [" ".join(item.text_content().split()) for item in group.cssselect("li")]
        for group in parse(content).cssselect(".facets > div")
    }


def chips_of(content: bytes) -> list[str]:
    return [" ".join(link.text_content().split()) for link in parse(content).cssselect(".chosen a")]


def test_works_are_narrowed_by_choices_with_counts_that_hold(client):
    import_records(*(paper(number) for number in range(12)), paper(12, registry="crossref", source=None))
    rebuild_search()
    content = search(client, q="whales", kind="works")
    groups = choices_of(content)
    assert groups == {
        "Year": ["2018 3", "2017 3", "2016 3", "2015 4"],
        "Type": ["article 7", "book 6"],
        "Topic": ["field 0 5", "field 1 4", "field 2 4"],
        "Registry": ["arXiv 12", "Crossref 1"],
    }
    for link in parse(content).cssselect(".facets li a"):
        count = int(link.getparent().cssselect("span")[0].text_content())
        narrowed = client.get(f"/search/{link.get('href')}").content
        assert len(works_of(narrowed)) == count, link.get("href")
        assert len(chips_of(narrowed)) == 1
    both = search(client, q="whales", kind="works", year="2015", type="article")
    assert chips_of(both) == ["Year: 2015 ×, remove", "Type: article ×, remove"]
    assert "?q=whales&kind=works&type=article" in links_of(both)
    assert "?q=whales&kind=works&year=2015" in links_of(both)


def test_a_filter_of_works_alone_means_works(client):
    import_records(*(paper(number) for number in range(3)))
    rebuild_search()
    content = search(client, q="fish", year="2016")
    assert (people_of(content), works_of(content)) == ([], ["Fishing for whales, part 1"])
    assert parse(content).cssselect(".tabs [aria-current]")[0].get("href") == "?q=fish&year=2016&kind=works"


def test_people_are_narrowed_by_claim_band_topic_and_institution(client):
    oslo_as_printed = ImportedAffiliation(raw="Oslo", name="University of Oslo", identifiers=(("ror", "01xtthb56"),))
    here = make_imported_author("Lena Fisher", affiliations=(oslo_as_printed,))
    import_records(make_record("On whales", [here], topics=["whales"]), make_record("On cats", ["Lena Fischbach"], topics=["cats"]))
    rebuild_search()
    lena = the_author("Lena Fisher")
    Author.objects.filter(pk=lena.pk).update(is_claimed=True)
    for author, band in ((lena, "verified"), (the_author("Lena Fischbach"), "unverified")):
        Trust.objects.create(
            author=author, micropoints=0, score=0, level=0, band=band, lines=[], formula="t", input_hash="", computed_at=timezone.now()
        )
    content = search(client, q="lena", kind="people")
    assert choices_of(content) == {
        "Claimed": ["Claimed 1", "Not claimed yet 1"],
        "Topic": ["cats 1", "whales 1"],
        "Trust": ["Unverified 1", "Verified 1"],
    }
    assert people_of(search(client, q="lena", claimed="yes")) == ["Lena Fisher claimed"]
    assert people_of(search(client, q="lena", claimed="no")) == ["Lena Fischbach"]
    assert people_of(search(client, q="lena", band="verified")) == ["Lena Fisher claimed"]
    assert len(people_of(search(client, q="lena", band="divine"))) == 2
    oslo = Institution.objects.get()
    assert people_of(search(client, q="lena", institution=oslo.slug)) == ["Lena Fisher claimed"]
    rebuild_shelves()
    assert people_of(search(client, institution=oslo.slug, kind="people")) == ["Lena Fisher claimed"]
    assert works_of(search(client, institution=oslo.slug)) == ["On whales"]
    assert works_of(search(client, q="on", institution=oslo.slug, kind="works")) == []  # a stop word alone finds nothing


def test_orders_are_links_and_trust_is_none_of_them(client):
    import_records(*(paper(number) for number in range(4)), make_record("Whales again", ["Fish Persona"], year=2019))
    rebuild_search()
    newest = search(client, q="whales", kind="works", sort="newest")
    assert works_of(newest)[0] == "Whales again"
    assert works_of(search(client, q="whales", kind="works", sort="oldest"))[0] == "Fishing for whales, part 0"
    orders = [(link.get("href"), link.text) for link in parse(newest).cssselect(".sorts a")]
    assert orders == [
        ("?q=whales&kind=works", "Best match"), ("?q=whales&kind=works&sort=newest", "Newest"),
        ("?q=whales&kind=works&sort=oldest", "Oldest"), ("?q=whales&kind=works&sort=cited", "Most cited here"),
    ]  # fmt: skip
    people = search(client, q="fish", kind="people", sort="newest")
    assert people_of(people)[0] == "Fish Persona"
    assert [link.text for link in parse(people).cssselect(".sorts a")] == ["Best match", "Most works", "Latest work"]
    assert search(client, q="fish", kind="people", sort="trust") == search(client, q="fish", kind="people")


def test_kinds_are_tabs_with_figures(client):
    import_records(*(paper(number) for number in range(3)), make_record("Fish", ["A. Body"], topics=["fish"]))
    Institution.objects.create(public_id="fsh00000", name="Fish Institute", name_key="fish institute")
    rebuild_search()
    tabs = parse(search(client, q="fish")).cssselect(".tabs li")
    assert [" ".join(tab.text_content().split()) for tab in tabs] == [
        "All",
        "People 3",
        "Works 4",
        "Topics 1",
        "Institutions 1",
        "Sources 0",
    ]
    assert [tab.cssselect("a")[0].get("href") if tab.cssselect("a") else None for tab in tabs] == [
        "?q=fish", "?q=fish&kind=people", "?q=fish&kind=works", "?q=fish&kind=topics", "?q=fish&kind=institutions", None,
    ]  # fmt: skip
    assert people_of(search(client, q="fish", kind="institutions")) == ["Fish Institute"]
    assert people_of(search(client, q="fish", kind="topics")) == ["fish"]


def test_more_than_can_be_paged_through_is_said(client):
    Work.objects.bulk_create(
        Work(public_id=f"c{n}", type="article", title=f"Learning {n}", title_key=f"learning {n}", title_hash=n, year=2000)
        for n in range(1_010)
    )
    rebuild_search()
    last = search(client, q="learning", kind="works", page="50")
    assert "more than 1,000 found" in text_of(last)
    assert "These are the first 1,000; there are more." in text_of(last)
    pages = [link.text_content() for link in parse(last).cssselect(".pages a, .pages > span")]
    assert pages == ["Page 1", "…", "Page 48", "Page 49", "Page 50"]
    assert len(works_of(last)) == 20
    assert "there are more" not in text_of(search(client, q="learning", kind="works"))


def test_the_words_that_were_found_are_marked_and_escaped(client):
    import_records(make_record("Distilling <b>knowledge</b> & $x<1$ amp", ["Amp Lee <i>"]))
    rebuild_search()
    content = search(client, q="distillation amp knowledge").decode()
    assert "<mark>Distilling</mark> &lt;b&gt;<mark>knowledge</mark>&lt;/b&gt; &amp; <math" in content
    assert "</math> <mark>amp</mark></a></h3>" in content
    assert "<bdi><mark>Amp</mark> Lee" in search(client, q="amp").decode()


def test_nothing_found_names_the_nearest_words(client):
    import_records(make_record("Whales sing", ["Ida Lind"]))
    rebuild_search()
    page = parse(search(client, q="ida whaels zzzzzz"))
    near = [(link.text, link.get("href")) for link in page.cssselect(".nothing p a")]
    assert near == [("ida", "?q=ida"), ("whales", "?q=whales")]
    assert page.cssselect(".search-feed a")[0].get("href") == "/search/feed/?q=ida+whaels+zzzzzz"


def test_what_was_pasted_can_be_imported(client):
    strangers = links_of(search(client, q="https://doi.org/10.5555/A&B"))
    assert "/accounts/login/?next=%2Fme%2Fworks%2Fadd%2F%3Fids%3D10.5555%252Fa%2526b" in strangers
    staff = signed_in(make_user(is_staff=True))
    form = next(link for link in links_of(search(staff, q="2202.07940")) if link.startswith("/imports/?"))
    fields = parse(staff.get(form).content).cssselect("textarea[name=ids], option[selected]")
    assert [field.text.strip() for field in fields] == ["arXiv", "2202.07940"]


def test_htmx_gets_the_results_alone(client):
    import_records(meta_knowledge_distillation())
    rebuild_search()
    part = client.get("/search/", {"q": "liu"}, headers={"HX-Request": "true", "HX-Target": "results", "HX-Boosted": "true"})
    assert part.content.decode().lstrip().startswith("<title>liu – search – BZPEER</title>")
    assert b"<html" not in part.content
    assert [element.get("id") for element in parse(part.content).cssselect("[id=results]")] == ["results"]
    assert part["Vary"].startswith("HX-Request, HX-Target")
    pasted = client.get("/search/", {"q": "2202.07940"}, headers={"HX-Request": "true", "HX-Target": "results"})
    assert pasted["HX-Redirect"] == Work.objects.get().get_absolute_url()
