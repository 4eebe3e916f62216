"""The page of a researcher's collaborators: order, what each entry says, reading on, cost."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import expect

from graph.loading.collaborators import load_collaborators
from graph.models import STRENGTH_UNIT, Collaboration, Neighbourhood
from tests.bzpeer.markup import links_of, parse, text_of
from tests.factories.works import make_author, make_work
from tests.graph.conftest import Cast
from tests.waiting import until
from works.models import Author

HTMX = {"HX-Request": "true"}


def see(client, author: Author, query: str = "", **headers: str) -> bytes:
    answer = client.get(f"{author.get_absolute_url()}collaborators/{query}", headers=headers)
    assert answer.status_code == 200
    return bytes(answer.content)


def names(content: bytes) -> list[str]:
    return [link.text_content() for link in parse(content).cssselect(".tie-who a")]


def tie(one: Author, other: Author, strength: float, works: int, year: int | None = 2020) -> None:
    first, second = sorted((one.pk, other.pk))
    Collaboration.objects.create(
        author_a_id=first,
        author_b_id=second,
        strength_units=round(strength * STRENGTH_UNIT),
        works_count=works,
        first_year=year,
        last_year=year,
    )


def test_each_entry_tells_works_years_strength_and_the_newest_work(cast: Cast, client):
    cast.count()
    content = see(client, cast.boxiao)
    assert names(content)[0] == "Yu Liu"
    assert "5 collaborators, 5 of them close; the strongest tie first." in text_of(content)
    first = parse(content).cssselect(".tie")[0]
    said = " ".join(first.text_content().split())
    newest = "Rethinking Robust Representation Learning Under Fine-grained Noisy Faces"
    assert said == f"Yu Liu 2 joint works with Yu Liu 2022–2023 strength 0.67, close Newest: {newest}"
    pair = sorted((f"person:{cast.boxiao.public_id}", f"person:{cast.yu.public_id}"))
    assert [link.get("href") for link in first.cssselect("a")] == [
        f"{cast.yu.get_absolute_url()}",
        f"/graph/edges/{pair[0]}/{pair[1]}/",
        cast.faces.get_absolute_url(),
    ]


def test_what_is_undated_or_too_long_has_no_wrong_newest_work(db, client):
    one, other, third = (make_author(name) for name in ("One", "Other", "Third"))
    make_work("Undated", None, [one, other])
    make_work("Crowd", 2024, [one, other, third], authors_count=51)
    make_work("Counted", 2020, [one, third])
    Cast.count_these(one, other, third)
    found, _ = load_collaborators(one.pk, None, 10)
    assert {person.name: person.newest_title for person in found} == {"Other": "Undated", "Third": "Counted"}


@pytest.mark.parametrize("most", [1, 2, 7])
def test_reading_on_gives_everybody_once_in_order(db, most):
    """Ties of equal strength and of equal works too, on both sides of the author's id."""
    others = [make_author(f"Other {number}") for number in range(4)]
    one = make_author("One")
    others += [make_author(f"Later {number}") for number in range(5)]
    for number, other in enumerate(others):
        tie(one, other, strength=[1, 0.5, 0.5][number % 3], works=1 + number % 2)
    expected = [
        person.name
        for person in sorted(others, key=lambda other: next(
            (-row.strength_units, -row.works_count, other.pk)
            for row in Collaboration.objects.all() if other.pk in {row.author_a_id, row.author_b_id}
        ))
    ]  # fmt: skip
    seen, place = load_collaborators(one.pk, None, most)
    read = [person.name for person in seen]
    while place:
        seen, place = load_collaborators(one.pk, place, most)
        read += [person.name for person in seen]
    assert read == expected


def test_fifty_on_a_page_and_the_rest_by_a_link(db, client):
    one = make_author("One")
    for number in range(60):
        tie(one, make_author(f"Other {number:02}"), strength=1, works=1)
    Neighbourhood.objects.create(author=one, collaborators_count=60, close_count=60, closest=[])
    content = see(client, one)
    more = parse(content).cssselect("li.more a")[0]
    assert (len(names(content)), more.get("href")) == (50, more.get("hx-get"))
    rest = client.get(more.get("href"))
    assert len(names(rest.content)) == 10
    assert 'content="noindex, follow"' in rest.content.decode()
    part = client.get(more.get("href"), headers=HTMX)
    assert "HX-Request" in part["Vary"]
    assert part.content.strip().startswith(b'<li class="tie"')
    assert part.content.count(b'<li class="tie"') == 10
    assert b"<html" not in part.content
    assert "That was the last one." in text_of(see(client, one, "?after=0-1-1"))
    for nonsense in ("?after=x", "?after=1-1", "?after=" + "9" * 40):
        assert len(names(see(client, one, nonsense))) == 50


def test_states_without_anybody(db, client):
    alone = make_author("Alone")
    assert "Not counted yet." in text_of(see(client, alone))
    make_work("Single", 2020, [alone])
    Cast.count_these(alone)
    assert "No joint works in the record." in text_of(see(client, alone))


def test_addresses(cast: Cast, client):
    cast.count()
    old = client.get(f"/researchers/b-liu-{cast.boxiao.public_id}/collaborators/?after=1-1-1")
    assert (old.status_code, old["Location"]) == (301, f"{cast.boxiao.get_absolute_url()}collaborators/?after=1-1-1")
    assert client.get("/researchers/boxiao-liu-00000000/collaborators/").status_code == 404
    Author.objects.filter(pk=cast.yu.pk).update(is_suppressed=True)
    assert "Yu Liu" not in names(see(client, cast.boxiao))
    assert client.get(f"{cast.yu.get_absolute_url()}collaborators/").status_code == 404
    Author.objects.filter(pk=cast.jihao.pk).update(merged_into=cast.boxiao)
    assert client.get(f"{cast.jihao.get_absolute_url()}collaborators/")["Location"].startswith(cast.boxiao.get_absolute_url())


@pytest.mark.parametrize("people", [1, 3])
def test_a_page_costs_two_queries(db, client, people):
    one = make_author("One")
    make_work("Joint", 2020, [one, *(make_author(f"Other {number}") for number in range(people))])
    Cast.count_these(one)
    client.get("/healthz")
    with CaptureQueriesContext(connection) as queries:
        content = see(client, one)
    assert len(names(content)) == people
    assert len(queries) == 2, [query["sql"] for query in queries]


def test_the_researcher_page_leads_there(cast: Cast, client):
    cast.count()
    root = parse(client.get(cast.boxiao.get_absolute_url()).content)
    there = f"{cast.boxiao.get_absolute_url()}collaborators/"
    assert root.cssselect(".counts a")[3].get("href") == there
    link = root.cssselect("#collaborators .more a")[0]
    assert (link.get("href"), link.get("hx-get")) == (there, there)
    part = client.get(there, headers=HTMX).content
    assert names(part)[0] == "Yu Liu"
    assert there not in links_of(part)


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
def test_the_list_loads_in_place_and_reading_goes_on_where_it_grew(site, open_page, accessibility_violations, cast: Cast):
    """Pressing "All" with the keyboard leaves the focus in the list; the page alone is the same list."""
    others = [make_author(f"Other {number}") for number in range(8)]
    make_work("Crowd", 2021, [cast.boxiao, *others])
    Cast.count_these(*cast.people, *others)
    page = open_page(cast.boxiao.get_absolute_url(), width="phone")
    page.get_by_role("link", name="All 13 collaborators").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#collaborators .tie")).to_have_count(13)
    until(page, "document.activeElement.closest('.tie') === document.querySelectorAll('#collaborators .tie')[5]")
    expect(page).to_have_url(f"{site}{cast.boxiao.get_absolute_url()}")
    assert accessibility_violations(page) == []
    page = open_page(f"{cast.boxiao.get_absolute_url()}collaborators/", theme="dark")
    expect(page.locator(".tie")).to_have_count(13)
    assert accessibility_violations(page) == []
    plain = open_page(cast.boxiao.get_absolute_url(), javascript=False)
    plain.get_by_role("link", name="All 13 collaborators").click()
    expect(plain).to_have_url(f"{site}{cast.boxiao.get_absolute_url()}collaborators/")
