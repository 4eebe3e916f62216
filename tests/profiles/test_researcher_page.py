"""The researcher page: what a stranger reads, in every state, and how many queries it takes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from graph.actions.collaborations import rebuild_graph
from profiles.actions.trust import compute_trust
from profiles.models import Follow, Trust
from tests.bzpeer.markup import links_of, parse, refused_by_policy, text_of
from tests.factories.imported import import_records, the_author
from tests.factories.people import make_user, signed_in
from tests.factories.records import make_imported_author, make_record, meta_knowledge_distillation, noisy_faces
from works.importers.record import ImportedAffiliation
from works.models import Author, Authorship, Work

pytestmark = pytest.mark.django_db


@pytest.fixture
def liu() -> Author:
    """The author of the reference page, with trust and collaborators counted."""
    import_records(meta_knowledge_distillation(abstract="Recent studies pointed out two problems."), noisy_faces())
    rebuild_graph()
    author = the_author("Boxiao Liu")
    compute_trust(author_ids=[author.pk])
    return author


def page(client, author: Author, query: str = "") -> bytes:
    response = client.get(f"{author.get_absolute_url()}{query}")
    assert response.status_code == 200
    return bytes(response.content)


def titles(content: bytes) -> list[str]:
    return [heading.text_content() for heading in parse(content).cssselect(".works h3")]


def make_oeuvre(years: list[int | None], **fields) -> Author:
    import_records(
        *(
            make_record(f"Work number {number}", ["Ada Lovelace", "Mary Somerville"], topics=["t"], year=year, **fields)
            for number, year in enumerate(years)
        )
    )
    return the_author("Ada Lovelace")


# --- What it says -----------------------------------------------------------------------------------------------------


def test_the_head_is_the_reference_pages(client, liu):
    text = text_of(page(client, liu))
    assert "Researcher profile Boxiao Liu Cs.CV, cs.LG · works 2022 Researcher Affiliation not imported" in text
    assert "Collaboration: not stated yet" in text
    assert "Trust snapshot – quick read Trust 13 – Unverified" in text
    assert "Verification L1Imported: at least one work carries a registry's identifier. Nobody has proved to be this author." in text
    assert "Unclaimed author" in text
    assert "2 works 0 followers 2 topics 5 close collaborators" in text


def test_every_number_is_a_link(client, liu):
    root = parse(page(client, liu))
    here = liu.get_absolute_url()
    assert [link.get("href") for link in root.cssselect(".counts a")] == ["#works", "#actions", f"{here}topics/", f"{here}collaborators/"]
    assert {root.get_element_by_id(name).tag for name in ("works", "actions")} == {"section"}
    assert all(client.get(f"{here}{name}/").status_code == 200 for name in ("topics", "collaborators"))
    assert root.cssselect(".trust-figure a")[0].get("href") == f"{liu.get_absolute_url()}trust/"


def test_sections_come_in_the_order_of_the_reference_page(client, liu):
    headings = [heading.text_content().split(" –")[0] for heading in parse(page(client, liu)).cssselect("article h2")]
    assert headings == [
        "Trust snapshot",
        "Actions",
        "Identity and collaboration",
        "Direct collaboration",
        "Research graph",
        "Close collaborators",
        "Topics",
        "Published work",
        "Similar people",
    ]


def test_works_carry_what_the_record_has(client, liu):
    content = page(client, liu)
    text = text_of(content)
    assert "2 published items" in text
    assert titles(content) == ["Rethinking Robust Representation Learning Under Fine-grained Noisy Faces", "Meta Knowledge Distillation"]
    assert "2022 preprint arXiv Meta Knowledge Distillation Jihao Liu, Boxiao Liu, Hongsheng Li, Yu Liu" in text
    assert "Recent studies pointed out two problems." in text
    assert "Abstract not imported." in text
    links = links_of(content)
    assert "https://arxiv.org/abs/2202.07940" in links
    assert f"/researchers/{the_author('Yu Liu').slug}/" in links
    assert Work.objects.get(title="Meta Knowledge Distillation").get_absolute_url() in links


def test_each_work_says_why_it_is_here(client, liu):
    Authorship.objects.filter(author=liu, work__title="Meta Knowledge Distillation").update(matched_by=Authorship.Match.IDENTIFIER)
    reasons = [details.text_content() for details in parse(page(client, liu)).cssselect(".why")]
    assert reasons[0].startswith("Match uncertainListed here because of a name that fits and that few people of the record have.")
    assert "it may be a namesake’s" in reasons[0]
    assert reasons[1].startswith("Matched by identifierListed here because of an identifier that the registry gives at this position.")


def test_close_collaborators_stand_by_name(client, liu):
    people = [item.text_content().strip() for item in parse(page(client, liu)).cssselect("#collaborators li:not(.more)")]
    assert people[0] == "Yu Liu 2 joint works, 2022 · strength 0.67"
    assert {person.split(" 1 ")[0] for person in people[1:]} == {"Jihao Liu", "Hongsheng Li", "Bingqi Ma", "Guanglu Song"}


def test_a_long_abstract_is_whole_in_the_page_and_folded_by_a_check_box(client):
    pair = ["Ada Lovelace", "Mary Somerville"]
    import_records(make_record("Long", pair, abstract="word " * 300 + "end."), make_record("Short", pair, abstract="Brief."))
    root = parse(page(client, the_author("Ada Lovelace")))
    assert len(root.cssselect("input.fold")) == 1
    assert root.cssselect("input.fold + p.abstract")[0].text_content().endswith("word end.")
    assert root.cssselect("input.fold + p.abstract + label")[0].text_content() == "Whole abstract"


# --- States -----------------------------------------------------------------------------------------------------------


def test_a_stranger_may_log_in_and_come_back(client, liu):
    links = links_of(page(client, liu))
    claim = f"{liu.get_absolute_url()}claim/"
    assert claim in links
    assert f"/accounts/login/?next={claim}" in links_of(client.get(claim).content)


def test_whoever_is_signed_in_can_claim_at_once(liu):
    text = text_of(page(signed_in(make_user()), liu))
    assert "This is me" in text
    assert "You log in first" not in text.partition("Identity and collaboration")[2]


def test_followers_are_counted(client, liu):
    Follow.objects.create(user=make_user(), author=liu)
    assert "1 follower " in text_of(page(client, liu))


def test_unknown_trust_is_unknown(client, liu):
    Trust.objects.all().delete()
    text = text_of(page(client, liu))
    assert "Trust: not computed yet" in text
    assert "Trust 0" not in text


def test_uncounted_collaborators_are_not_none(client):
    author = make_oeuvre([2020])
    assert "Not counted yet." in text_of(page(client, author))
    rebuild_graph()
    assert "Mary Somerville 1 joint work, 2020 · strength 1.00" in text_of(page(client, author))


def test_an_affiliation_takes_the_place_of_the_reason(client):
    at_sea = make_imported_author("Grace Hopper", affiliations=(ImportedAffiliation(raw="US Navy", name="US Navy"),))
    import_records(make_record("On compilers", [at_sea]))
    text = text_of(page(client, the_author("Grace Hopper")))
    assert "Researcher US Navy Collaboration" in text
    assert "Affiliation not imported" not in text


def test_an_author_without_works_says_so(client):
    author = Author.objects.create(public_id="abcdefgh", name="Nobody Left", name_key="nobody left")
    text = text_of(page(client, author))
    assert "No works point at this record any more" in text
    assert "0 published items" in text


# --- Addresses --------------------------------------------------------------------------------------------------------


def test_an_old_name_in_the_address_leads_to_the_present_one(client, liu):
    response = client.get(f"/researchers/b-liu-{liu.public_id}/?type=preprint")
    assert (response.status_code, response["Location"]) == (301, f"{liu.get_absolute_url()}?type=preprint")


@pytest.mark.parametrize("slug", ["boxiao-liu-00000000", "boxiao-liu", "x", "boxiao-liu-\x00\x00\x00\x00\x00\x00\x00\x00"])
def test_an_address_of_nobody_is_not_found(client, liu, slug):
    assert client.get(f"/researchers/{slug}/").status_code == 404


def test_a_name_in_another_script_has_its_page(client):
    import_records(make_record("知识蒸馏", ["江常皓"]))
    author = the_author("江常皓")
    assert parse(page(client, author)).cssselect("h1")[0].text_content() == "江常皓"


# --- Filters and further works ------------------------------------------------------------------------------------------


def test_works_narrow_by_year_type_and_topic(client):
    import_records(
        make_record("One", ["Ada Lovelace"], year=2020, topics=["x"], type="article"),
        make_record("Two", ["Ada Lovelace"], year=2021, topics=["x", "y"]),
        make_record("Three", ["Ada Lovelace"], year=2021, topics=["y"], type="article"),
    )
    author = the_author("Ada Lovelace")
    slugs = {topic["label"]: topic["slug"] for topic in author.topics}
    assert titles(page(client, author, "?year=2021")) == ["Three", "Two"]
    assert titles(page(client, author, "?type=article")) == ["Three", "One"]
    assert titles(page(client, author, f"?topic={slugs['x']}")) == ["Two", "One"]
    assert titles(page(client, author, f"?year=2021&type=article&topic={slugs['y']}")) == ["Three"]
    for nonsense in ("?year=2020x", "?year=99999999999", "?type=%00", "?topic=%00", "?topic=none-00000000"):
        content = page(client, author, nonsense)
        assert titles(content) == []
        assert "None of the works fits." in text_of(content)


def test_filters_are_links_that_keep_one_another(client):
    author = make_oeuvre([2020, 2021])
    root = parse(page(client, author, "?year=2021"))
    chosen = root.cssselect(".filters a[aria-current]")
    assert [(link.text_content(), link.get("href")) for link in chosen] == [("2021", f"{author.get_absolute_url()}#works")]
    other = next(link for link in root.cssselect(".filters a") if link.text_content() == "2020")
    assert other.get("href") == f"{author.get_absolute_url()}?year=2020#works"


@pytest.mark.parametrize(
    "years", [[2020] * 45, [1980 + number for number in range(45)], [2020] * 15 + [None] * 30, [None] * 41, [2020] * 20 + [None]]
)
def test_following_the_links_reads_every_work_once_newest_first(client, years):
    author = make_oeuvre(years)
    expected = list(
        Authorship.objects.filter(author=author).newest_first().values_list("work__title", flat=True)  # the whole list, at once
    )
    seen: list[str] = []
    address = author.get_absolute_url()
    for _ in range(4):
        content = client.get(address).content
        assert len(titles(content)) <= 20
        seen += titles(content)
        more = parse(content).cssselect("li.more a")
        if not more:
            break
        address = more[0].get("href")
    assert seen == expected


def test_htmx_gets_the_further_works_alone(client):
    author = make_oeuvre([2020] * 25)
    more = parse(page(client, author)).cssselect("li.more a")[0].get("href")
    response = client.get(more, headers={"HX-Request": "true"})
    assert "HX-Request" in response["Vary"]
    assert response.content.decode().strip().startswith("<li")
    assert response.content.count(b'<li class="work"') == 5
    assert b"<html" not in response.content


def test_a_byline_is_cut_at_twenty_names(client):
    import_records(make_record("Crowd", [f"Person Number{number:04}" for number in range(3000)]))
    content = page(client, the_author("Person Number0007"))
    root = parse(content)
    assert len(root.cssselect(".byline a")) == 20  # nineteen others and the link to all
    assert root.cssselect(".more-authors")[0].text_content() == "and 2,980 more"


# --- Cost and safety ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("works", [1, 3, 30])
def test_a_stranger_costs_two_queries(client, works):
    author = make_oeuvre([2020] * works)
    rebuild_graph()
    client.get(author.get_absolute_url())
    with CaptureQueriesContext(connection) as queries:
        page(client, author, "?made=anew")  # kept pages: test_kept_for_strangers.py
    assert len(queries) == 2, [query["sql"] for query in queries]


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)//",
    "{{ settings.SECRET_KEY }}{% now 'Y' %}",
    "</title><style>*{display:none}</style>",
    "$\\href{javascript:alert(1)}{x}$ ${7*7}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_registry_says_is_text(client, text):
    import_records(
        make_record(
            f"{text} title",
            [make_imported_author(f"{text} Smith", affiliations=(ImportedAffiliation(raw=text, name=text),)), f"{text} Other"],
            topics=[text],
            abstract=f"{text} abstract",
            identifiers=(("doi", f'10.1/"onclick={text}'), ("odd<b>", text)),
        )
    )
    rebuild_graph()
    author = Author.objects.get(name__endswith="Smith")
    work = Work.objects.get()
    for address in (author.get_absolute_url(), work.get_absolute_url(), "/search/?q=smith", "/"):
        content = client.get(address).content
        assert list(refused_by_policy(content)) == []
        assert text in parse(content).text_content()
        assert not parse(content).cssselect("img, iframe, object, b[onclick]")
