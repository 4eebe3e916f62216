"""How long a frame of the explorer's map takes while it is dragged, beside a bare page of sigma with the same nodes and edges."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import cos, sin
from random import Random
from statistics import mean, quantiles
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, Page

from graph.actions.arrangements import build_arrangement, key_of, request_arrangement
from graph.models import SLICE_VERSION, Slice
from tests.benchmarks.report import figure, table
from works.models import Author

SIZES = (300, 1_000, 5_000)
EACH = 150  # nodes of a slice
SECONDS = 3
VENDOR = settings.BASE_DIR / ".browser"
BARE = "<!doctype html><body style='margin:0'><div id=map style='width:656px;height:576px'></div>"
BUILD = """
    (payload) => {
      const graph = new graphology.MultiDirectedGraph();
      for (const { id, label, x, y, size } of payload.nodes) {
        graph.addNode(id, { label, x, y: -y, size: Math.max(3, size * 0.2), color: "#0c4a70" });
      }
      for (const { source, target } of payload.edges) graph.addEdge(source, target, { size: 1, color: "#999999" });
      new Sigma(graph, document.getElementById("map"));
    }
"""
WATCH = """
    () => {
      window.frames_seen = [];
      let last = performance.now();
      const note = (now) => { window.frames_seen.push(now - last); last = now; requestAnimationFrame(note); };
      requestAnimationFrame(note);
    }
"""


def slices_of(nodes: int) -> list[Author]:
    """People whose slices together have so many nodes, stored as a worker stores them."""
    rng = Random(nodes)
    authors = list(Author.objects.filter(slice=None, works_count__gt=0).order_by("pk")[: nodes // EACH])
    for number, author in enumerate(authors):
        centre = f"person:{author.public_id}"
        others = [f"{rng.choice(('person', 'work', 'topic'))}:{number:03}{place:05}" for place in range(EACH - 1)]
        same = {"community": 0, "year": 2020, "url": "/"}
        shown = [
            same | {"id": node, "kind": node.partition(":")[0], "label": f"Node {node[-8:]}", "size": 20, "x": cos(place), "y": sin(place)}
            for place, node in enumerate([centre, *others])
        ]
        ties = [(centre, node) for node in others] + [tuple(rng.sample(others, 2)) for _ in range(2 * EACH)]
        edges = [
            {"source": one, "target": other, "kind": "co-wrote", "weight": 1.0, "evidence": 1, "years": [2020, 2020], "url": "/"}
            for one, other in dict.fromkeys(ties)
        ]
        payload: dict[str, Any] = {
            "version": SLICE_VERSION, "built_at": "2026-01-01T00:00:00+00:00", "centre": centre, "parameters": {}, "nodes": shown,
            "edges": edges, "communities": [], "totals": {}, "coverage": {},
        }  # fmt: skip
        Slice.objects.create(author=author, version=SLICE_VERSION, payload=payload, built_at=timezone.now())
    return authors


def dragged(page: Page) -> tuple[float, float]:
    """The mean and the 95th percentile of the milliseconds from frame to frame while the map is dragged to and fro."""
    box = page.locator("canvas.sigma-mouse").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x + 3, y + 3)
    page.mouse.down()
    page.evaluate(WATCH)
    for step in range(40 * SECONDS):
        page.mouse.move(x + 120 * sin(step / 6), y + 80 * cos(step / 5))
    page.mouse.up()
    frames = page.evaluate("() => window.frames_seen")[2:]
    return mean(frames), quantiles(frames, n=20)[-1]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)
    yield context.new_page()
    context.close()


def test_explorer_frames(benchmark, report, port, page):
    def measure() -> list[list[str]]:
        rows = []
        for nodes in SIZES:
            authors = slices_of(nodes)
            shown = [f"person:{author.public_id}" for author in authors]
            if nodes > min(SIZES):
                request_arrangement(shown=shown)
                build_arrangement(key=key_of(shown))
            page.goto(f"http://127.0.0.1:{port}/graph/?{'&'.join(f'seed={node}' for node in shown)}&whole=1&tab=map")
            page.locator("canvas.sigma-mouse").wait_for(timeout=60_000)
            payload = page.evaluate("async () => (await fetch(location.href + '&format=json')).json()")
            own = dragged(page)
            page.goto("about:blank")
            page.set_content(BARE)
            for file in ("graphology.umd.min.js", "sigma.min.js"):
                page.add_script_tag(path=str(VENDOR / file))
            page.evaluate(BUILD, json.loads(json.dumps(payload)))
            bare = dragged(page)
            rows.append(
                [
                    f"{len(payload['nodes']):,}",
                    f"{len(payload['edges']):,}",
                    *(f"{figure(span)} ms" for span in (*own, *bare)),
                    f"{own[0] / bare[0]:.1f}×",
                ]
            )
        return rows

    rows = benchmark.pedantic(measure, rounds=1)
    head = ["nodes", "edges", "explorer, mean", "p95", "bare sigma, mean", "p95", "explorer / bare"]
    note = f"From frame to frame while the map is dragged for some {SECONDS} s, in Chromium with WebGL in software: there is no GPU."
    report("explorer", f"{note}\n\n{table(head, rows)}")
