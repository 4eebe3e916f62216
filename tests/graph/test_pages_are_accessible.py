"""Every other page of the graph under axe-core: slices of topics and institutions, edges, the explorer on each of them, a snapshot."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from graph.actions.builds import build
from graph.actions.slices import request_slice
from graph.explorer.state import State
from graph.models import KIND_OF, Slice, Subject
from graph.models.slice import graph_url
from profiles.actions.snapshots import take_snapshot
from tests.factories.people import make_user
from tests.graph.conftest import Cast
from works.actions.shelves import rebuild_shelves
from works.models import Institution, Topic

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pages(site: str, transactional_db: None, cast: Cast) -> list[str]:
    """Addresses: the graphs of a topic and an institution, the explorer on each, one edge of every kind, a snapshot."""
    cast.count()
    cast.build()
    rebuild_shelves()
    subjects: list[Subject] = [Topic.objects.get(label="Machine Learning"), Institution.objects.get(name="SenseTime Research")]
    for subject in subjects:
        assert request_slice(subject)
        assert build(kind=KIND_OF[type(subject)], subject_id=subject.pk)
    payload: Any = Slice.objects.get(author=cast.boxiao).payload
    edges = {edge["kind"]: edge["url"] for edge in payload["edges"]}
    assert set(edges) == {"co-wrote", "wrote", "about", "affiliated", "cites"}
    state = State(seeds=(f"person:{cast.boxiao.public_id}",))
    snapshot = take_snapshot(state=state, by=make_user("reader@example.org"))
    explored = [f"/graph/?seed={KIND_OF[type(subject)]}:{subject.public_id}&tab=map" for subject in subjects]
    return [*map(graph_url, subjects), *explored, *edges.values(), snapshot.get_absolute_url()]


@pytest.mark.parametrize("width", ["desktop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_of_the_graph_is_accessible(pages, open_page, accessibility_violations, width, theme):
    page = open_page("", width=width, theme=theme)
    for address in pages:
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()
        if "tab=map" in address:
            expect(page.locator("#explorer-map canvas").first).to_be_visible()
        assert (address, accessibility_violations(page)) == (address, [])
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
