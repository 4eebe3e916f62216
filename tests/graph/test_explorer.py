"""The explorer: its state, the merged graph, its page, and a walk through it in a real browser."""

from __future__ import annotations

import gzip
import re
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.conf import settings
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Locator, Page, expect

from graph.actions.builds import build
from graph.actions.slices import request_slice
from graph.explorer.merge import merge
from graph.explorer.state import KINDS, RELATIONS, TABS, State, parse, query
from graph.models import KIND_OF, SLICE_VERSION, InstitutionSlice, Slice, Subject, TopicSlice, WorkSlice
from tests.factories.works import make_author
from tests.graph.conftest import Cast
from tests.graph.test_arrangements import payload_of
from tests.waiting import fits, settled
from works.actions.search import rebuild_search
from works.actions.shelves import rebuild_shelves
from works.models import Author, Institution, Topic

PEOPLE = st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=8, max_size=8).map("person:{}".format)
NO_WEBGL = """
    const get = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
      return kind.startsWith("webgl") ? null : get.call(this, kind, ...rest);
    };
"""
YEARS = st.none() | st.integers(1000, 2999)


@st.composite
def states(draw: st.DrawFn) -> State:
    shown = draw(st.lists(PEOPLE, unique=True, max_size=12))
    seeds = draw(st.integers(0, len(shown)))
    pins = draw(st.dictionaries(PEOPLE, st.tuples(st.integers(-100, 100), st.integers(-100, 100)), max_size=5))
    return State(
        seeds=tuple(shown[:seeds]),
        expanded=tuple(shown[seeds:]),
        hidden=frozenset(draw(st.sets(st.sampled_from(KINDS)))),
        cut=frozenset(draw(st.sets(st.sampled_from(RELATIONS)))),
        first_year=draw(YEARS),
        last_year=draw(YEARS),
        community=draw(st.just("") | PEOPLE),
        pins=tuple((node, *place) for node, place in pins.items()),
        is_whole=draw(st.booleans()),
        chosen=tuple(draw(st.lists(PEOPLE, max_size=2))),
        find=" ".join(draw(st.text(max_size=30)).split()),
        tab=draw(st.sampled_from(TABS)),
    )


@given(states())
def test_an_address_gives_the_state_that_made_it(state):
    assert parse(parse_qsl(query(state))) == state


@given(st.lists(st.tuples(st.sampled_from(["seed", "open", "pin", "from", "node", "hide", "tab", "find", "x"]), st.text()), max_size=20))
def test_no_query_fails(pairs):
    state = parse(pairs)
    assert parse(parse_qsl(query(state))) == state


@pytest.fixture
def built(cast: Cast) -> Cast:
    cast.count()
    for author in (cast.boxiao, cast.yu, cast.jihao):
        cast.build(author)
    return cast


def node_of(author) -> str:
    return f"person:{author.public_id}"


def ask(client, text: str):
    response = client.get(f"/graph/?{text}")
    assert response.status_code == 200
    return response


def test_two_slices_become_one_graph(built: Cast):
    slices: list[Any] = [Slice.objects.get(author=author).payload for author in (built.boxiao, built.yu)]
    merged = merge(slices, State(seeds=(node_of(built.boxiao), node_of(built.yu))), version=1)
    ids = [node["id"] for node in merged["nodes"]]
    assert sorted(ids) == sorted({node["id"] for kept in slices for node in kept["nodes"]})
    ties = [frozenset((edge["source"], edge["target"])) for edge in merged["edges"] if edge["kind"] == "co-wrote"]
    assert len(ties) == len(set(ties))
    assert all(-1 <= node[axis] <= 1 for node in merged["nodes"] for axis in "xy")
    assert merge(slices, State(seeds=(node_of(built.boxiao), node_of(built.yu))), version=1) == merged


def test_one_slice_alone_stands_as_on_its_page(built: Cast, client):
    payload: Any = Slice.objects.get(author=built.boxiao).payload
    merged = ask(client, f"seed={node_of(built.boxiao)}&format=json").json()
    places = {node["id"]: (node["x"], node["y"]) for node in merged["nodes"]}
    assert places == {node["id"]: (node["x"], node["y"]) for node in payload["nodes"]}
    assert len(merged["edges"]) == len(payload["edges"])
    assert set(payload) <= set(merged)


def test_filters_by_kind_relation_and_year(built: Cast, client):
    seed = f"seed={node_of(built.boxiao)}"
    hidden = ask(client, f"{seed}&hide=topic&format=json").json()
    assert {node["kind"] for node in hidden["nodes"]} == {"person", "work", "institution"}
    cut = ask(client, f"{seed}&without=co-wrote&format=json").json()
    assert "co-wrote" not in {edge["kind"] for edge in cut["edges"]}
    late = ask(client, f"{seed}&from=2023&format=json").json()
    assert [node["label"] for node in late["nodes"] if node["kind"] == "work"] == [built.faces.title]


def test_a_pinned_node_stands_where_it_was_put(built: Cast, client):
    merged = ask(client, f"seed={node_of(built.boxiao)}&pin={node_of(built.yu)}@25,-50&format=json").json()
    assert next((node["x"], node["y"]) for node in merged["nodes"] if node["id"] == node_of(built.yu)) == (0.25, -0.5)


def around_everything(cast: Cast) -> str:
    """Slices of one subject of each kind, built; the state that joins them."""
    rebuild_shelves()
    subjects: list[Subject] = [cast.faces, Topic.objects.get(label="Machine Learning"), Institution.objects.get()]
    for subject in subjects:
        request_slice(subject)
        build(kind=KIND_OF[type(subject)], subject_id=subject.pk)
    return "&".join(f"open={KIND_OF[type(subject)]}:{subject.public_id}" for subject in subjects)


def test_works_topics_and_institutions_can_be_opened_too(built: Cast, client, django_assert_num_queries):
    opened = around_everything(built)
    state = f"seed={node_of(built.boxiao)}&{opened}"
    with django_assert_num_queries(4):
        merged = ask(client, f"{state}&format=json").json()
    assert merged["parameters"]["seeds"] == [one.partition("=")[2] for one in state.split("&")]
    kept = [Slice.objects.get(author=built.boxiao), WorkSlice.objects.get(), TopicSlice.objects.get(), InstitutionSlice.objects.get()]
    assert {node["id"] for node in merged["nodes"]} == {node["id"] for one in kept for node in one.payload["nodes"]}
    page = ask(client, state).content.decode()
    for kind in ("person", "work", "topic", "institution"):
        assert f'<svg class="swatch kind-{kind}"' in page
    assert page.count(">Collapse<") == 3
    topic = opened.partition("open=topic:")[2][:8]
    panel = ask(client, f"{state}&node=topic:{topic}").content.decode()
    assert 'hx-select=".facts-line"' in panel
    assert ">wrote on<" in panel


def test_who_objected_or_was_merged_away_begins_no_graph(built: Cast, client):
    Author.objects.filter(pk=built.yu.pk).update(is_suppressed=True)
    Author.objects.filter(pk=built.jihao.pk).update(merged_into=built.boxiao)
    for author in (built.yu, built.jihao):
        assert ask(client, f"seed={node_of(author)}&format=json").json()["nodes"] == []


def test_a_name_finds_people_works_and_topics_to_go_on_with(built: Cast, client, django_assert_num_queries):
    Author.objects.update(works_count=2)
    rebuild_search()
    state = f"seed={node_of(built.boxiao)}&from=2020"
    page = ask(client, f"{state}&add=yu+liu").content.decode()
    assert f'href="?seed=person%3A{built.boxiao.public_id}&amp;seed=person%3A{built.yu.public_id}&amp;from=2020"' in page
    with django_assert_num_queries(1):
        part = client.get(f"/graph/?{state}&add=machine", headers={"HX-Request": "true", "HX-Target": "explorer-found"}).content.decode()
    assert "<html" not in part
    assert f"seed=topic%3A{Topic.objects.get(label='Machine Learning').public_id}" in part
    assert "Nothing of this name" in ask(client, "add=zzzz").content.decode()


def test_the_drawing_has_a_link_for_each_node_and_states_its_cut(built: Cast, client):
    state = f"seed={node_of(built.boxiao)}"
    part = ask(client, f"{state}&tab=map&part=drawing").content.decode()
    payload: Any = Slice.objects.get(author=built.boxiao).payload
    for node in payload["nodes"]:
        assert f'href="?seed=person%3A{built.boxiao.public_id}&amp;tab=map&amp;node={node["id"].replace(":", "%3A")}"' in part
    assert part.count('<a class="node') == len(payload["nodes"])
    assert part.count('<a href="/graph/edges/') == len(payload["edges"])
    assert "style" not in part
    assert "drawn are" not in part


def test_a_connection_is_told_by_its_own_page(built: Cast, client):
    page = ask(client, f"seed={node_of(built.boxiao)}&node={node_of(built.boxiao)}~{node_of(built.yu)}").content.decode()
    url = "/graph/edges/" + "/".join(sorted((node_of(built.boxiao), node_of(built.yu)))) + "/"
    assert f'<a href="{url}">Why, work by work</a>' in page
    assert f'hx-get="{url}" hx-select=".edge-facts"' in page
    assert 'class="edge-facts"' in client.get(url, headers={"HX-Request": "true"}).content.decode()


def test_two_people_lead_to_the_path_between_them(built: Cast, client):
    boxiao, yu, jihao = (node_of(author) for author in (built.boxiao, built.yu, built.jihao))

    def asked(state: str) -> list[tuple[str, str]]:
        page = ask(client, state).content.decode()
        return re.findall(
            r'<a href="(/graph/path/[^"]+)" rel="nofollow">(How [^?]+\?)</a>', page.replace("<bdi>", "").replace("</bdi>", "")
        )

    both = f"/graph/path/?from={built.boxiao.slug}&amp;to={built.yu.slug}"
    question = "How are Boxiao Liu and Yu Liu connected?"
    assert asked(f"seed={boxiao}") == []
    assert asked(f"seed={boxiao}&seed={yu}") == [(both, question)]
    assert asked(f"seed={boxiao}&pin={yu}@10,10") == [(both, question)]
    assert asked(f"seed={boxiao}&node={boxiao}~{yu}") == [(both, question)]
    pinned = asked(f"seed={boxiao}&pin={yu}@10,10&node={jihao}")
    assert [words for _, words in pinned] == ["How are Jihao Liu and Boxiao Liu connected?", "How are Jihao Liu and Yu Liu connected?"]
    alone = f"/graph/path/?from={built.boxiao.slug}"
    assert asked(f"seed={boxiao}&node={boxiao}") == [(alone, "How is Boxiao Liu connected with somebody else?")]
    assert client.get(both.replace("&amp;", "&")).status_code == client.get(alone).status_code == 200
    work = f"work:{built.faces.public_id}"
    assert asked(f"seed={boxiao}&seed={yu}&node={work}") == []


def test_a_build_that_failed_is_told_and_not_waited_for(built: Cast, client):
    Slice.objects.filter(author=built.yu).update(built_at=None, error="It broke.")
    page = ask(client, f"seed={node_of(built.yu)}").content.decode()
    assert "Could not be built: Yu Liu" in page
    assert "data-building" not in page


@pytest.mark.parametrize("people", [1, 3])
def test_one_query_for_any_number_of_slices(built: Cast, client, people, django_assert_num_queries):
    state = "&".join(f"seed={node_of(author)}" for author in (built.boxiao, built.yu, built.jihao)[:people])
    with django_assert_num_queries(1):
        ask(client, state)


def test_the_list_says_all_and_names_what_is_chosen(built: Cast, client):
    state = f"seed={node_of(built.boxiao)}&node={node_of(built.yu)}"
    page = ask(client, state).content.decode()
    for node in Slice.objects.get(author=built.boxiao).payload["nodes"]:
        assert f"<bdi>{node['label']}</bdi>" in page
    assert "11 of 11 nodes" in page
    assert f'hx-get="{built.yu.get_absolute_url()}"' in page
    why = ask(client, f"seed={node_of(built.boxiao)}&node={node_of(built.boxiao)}~{node_of(built.yu)}").content.decode()
    assert "Wrote together <span>2 in the record, 2022–2023" in why


def test_a_slice_that_is_missing_is_asked_for(cast: Cast, client):
    cast.count()
    page = ask(client, f"seed={node_of(cast.boxiao)}").content.decode()
    assert "Still being built: Boxiao Liu" in page
    assert Slice.objects.get(author=cast.boxiao).is_owed


def test_nothing_of_the_record_or_of_the_query_is_markup(db, client):
    author = make_author("<script>alert(1)</script>")
    page = ask(client, f"seed=person:{author.public_id}&find=<script>&add=<script>").content.decode()
    assert "<script>" not in page.replace("<script src", "")


@pytest.mark.parametrize("name", ["svg", "png", "graphml", "gexf", "csv", "json"])
def test_what_is_shown_can_be_had_as_a_file(built: Cast, client, name):
    for state in ("", f"seed={node_of(built.boxiao)}&open={node_of(built.yu)}&"):
        assert len(ask(client, f"{state}format={name}").content) > 50


def test_own_code_is_small():
    code = (settings.BASE_DIR / "static" / "js" / "explorer.js").read_bytes()
    assert len(gzip.compress(code)) <= 15_000


def map_of(page: Page) -> Locator:
    """The map, once it shows what the address says."""
    page.locator("#explorer-map:not([aria-busy=true]) canvas").first.wait_for()
    return page.locator("#explorer-map")


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
def test_a_walk_through_the_explorer(site, transactional_db, built: Cast, open_page, accessibility_violations):
    """Choose, expand, filter; reload and back restore; the keyboard's walk is said; the page stays accessible."""
    page = open_page(f"/graph/?seed={node_of(built.boxiao)}")
    map_of(page)
    expect(page.locator("#explorer-list .slice").first).to_be_hidden()
    assert accessibility_violations(page) == []
    map_of(page).focus()
    page.keyboard.press("ArrowUp")
    said = page.locator("[data-said]")
    expect(said).to_have_text(re.compile("^Boxiao Liu, person"))
    page.keyboard.press("ArrowUp")
    expect(said).to_have_text(re.compile("^(?!Boxiao Liu).*, .* connections?"))
    page.keyboard.press("Enter")
    page.locator("#explorer-panel h2").wait_for()
    map_of(page)
    chosen = page.url
    page.locator("#explorer-side").get_by_role("link", name=re.compile("Topics.*shown")).click()
    page.locator("#explorer-side").get_by_role("link", name=re.compile("Topics.*hidden")).wait_for()
    expect(page).to_have_url(re.compile("hide=topic"))
    page.go_back()
    page.locator("#explorer-side").get_by_role("link", name=re.compile("Topics.*shown")).wait_for()
    expect(page).to_have_url(chosen)
    map_of(page)
    page.get_by_role("link", name="List", exact=True).click()
    page.locator("#explorer-list .slice").first.wait_for()
    page.reload()
    expect(page.locator("#explorer-list .slice").first).to_be_visible()
    page.locator("#explorer-list").get_by_role("link", name="Expand Yu Liu").click()
    page.wait_for_url(f"**open=person%3A{built.yu.public_id}**")
    page.get_by_role("link", name="Collapse Yu Liu").wait_for()


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
def test_without_webgl_the_drawing_and_without_javascript_the_list(
    site, transactional_db, built: Cast, open_page, accessibility_violations
):
    path = f"/graph/?seed={node_of(built.boxiao)}"
    page = open_page("", width="phone", theme="dark")
    page.add_init_script(NO_WEBGL)
    page.goto(path)
    expect(page.locator("#explorer-list .slice").first).to_be_visible()
    page.get_by_role("link", name="Map", exact=True).click()
    page.locator("#explorer-map .slice-svg").wait_for()
    assert accessibility_violations(page) == []
    assert fits(page)
    page.locator("#explorer-map .node", has_text="Yu Liu").click()
    page.locator("#explorer-panel h2", has_text="Yu Liu").wait_for()
    assert all("getParameter" in complaint for complaint in open_page.complaints)  # sigma's own, as its file finds no WebGL
    open_page.complaints.clear()
    plain = open_page(path, javascript=False)
    expect(plain.locator("#explorer-list .slice").first).to_be_visible()
    plain.get_by_role("link", name="Expand Yu Liu").click()
    expect(plain.get_by_role("link", name="Collapse Yu Liu")).to_be_visible()


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
def test_three_hundred_nodes_are_expanded_filtered_and_restored(site, transactional_db, open_page, accessibility_violations):
    """Ten slices opened one after the other; the address alone gives the same page again, and back leads through every step."""
    centres = [make_author(f"Centre {number:02}") for number in range(11)]
    for number, author in enumerate(centres):
        payload = payload_of(author, 100 * number, 27, also=centres if author == centres[0] else ())
        Slice.objects.create(author=author, version=SLICE_VERSION, payload=payload, built_at=timezone.now())
    page = open_page(f"/graph/?seed={node_of(centres[0])}&tab=list")
    parts = "() => [...document.querySelectorAll('[data-part]')].map((part) => part.innerHTML.replace(/ hx-[a-z-]+=\"[^\"]*\"/g, ''))"
    steps = [(page.url, page.locator(".slice-coverage").text_content())]
    for author in centres[1:]:
        page.locator("#explorer-list").get_by_role("link", name=f"Expand {author.name}").click()
        page.get_by_role("link", name=f"Collapse {author.name}").wait_for()
        expect(page.locator("#explorer-map")).not_to_have_attribute("aria-busy", "true")
        steps.append((page.url, page.locator(".slice-coverage").text_content()))
    assert steps[-1][1].startswith("300 of 308 nodes")
    page.locator("#explorer-head").get_by_role("link", name="Map").click()
    expect(page).to_have_url(re.compile("tab=map"))
    map_of(page)
    page.locator("#explorer-choices").get_by_role("link", name="Wrote together").click()
    expect(page).to_have_url(re.compile("without=co-wrote"))
    page.locator(".slice-coverage", has_text="11 of 11 nodes").wait_for()
    page.go_back()
    page.locator(".slice-coverage", has_text="300 of 308 nodes").wait_for()
    box = map_of(page).bounding_box()
    map_of(page).focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-said]")).to_have_text("Centre 00, person, 37 connections")
    page.keyboard.press("Enter")
    page.locator("#explorer-panel h2", has_text="Centre 00").wait_for()
    assert accessibility_violations(page) == []
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -240)  # interactive: it zooms, and nothing complains
    kept = settled(page).evaluate(parts)
    page.reload()
    map_of(page)
    assert settled(page).evaluate(parts) == kept
    page.go_back()
    page.go_back()
    for address, coverage in reversed(steps[:-1]):
        page.go_back()
        expect(page).to_have_url(address)
        page.locator(".slice-coverage", has_text=coverage).wait_for()
