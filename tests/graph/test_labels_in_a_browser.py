"""The labels of the explorer's map in a real browser: none lies on another, whatever is in the middle."""

from __future__ import annotations

from itertools import combinations

import pytest

from graph.actions.builds import build
from graph.actions.slices import request_slice
from graph.models import Subject
from tests.factories.works import make_author, make_work
from tests.graph.conftest import Cast
from tests.waiting import wait_for
from works.actions.shelves import rebuild_shelves
from works.models import Institution, Topic

# What the map writes onto the canvas of its labels, as boxes, until it is wiped.
NOTE_LABELS = """
    window.labels = [];
    const { fillText, clearRect } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.clearRect = function (...where) {
      if (this.canvas.matches(".sigma-labels")) window.labels = [];
      return clearRect.apply(this, where);
    };
    CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
      if (this.canvas.matches(".sigma-labels")) window.labels.push({ text, x, y, right: x + this.measureText(text).width });
      return fillText.call(this, text, x, y);
    };
"""


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", ["desktop", "phone"])
@pytest.mark.parametrize("kind", ["topic", "institution"])
def test_no_label_of_the_map_lies_on_another(site, transactional_db, open_page, width, kind):
    people = [make_author(f"Somebody With A Long Name {number}") for number in range(30)]
    for number in range(12):
        topics = ["Computer Vision and Pattern Recognition", *(f"Field of Study Number {number + more}" for more in range(4))]
        institutions = dict.fromkeys(people[number : number + 9], f"University of Place {number % 5}")
        make_work(f"A Work About Something {number}", 2010 + number, people[number : number + 9], topics, institutions=institutions)
    Cast.count_these(*people)
    rebuild_shelves()
    subject: Subject = Topic.objects.get(label__startswith="Computer") if kind == "topic" else Institution.objects.order_by("pk")[0]
    assert request_slice(subject)
    assert build(kind=kind, subject_id=subject.pk)
    page = open_page("", width=width)
    page.add_init_script(NOTE_LABELS)
    page.goto(f"/graph/?seed={kind}:{subject.public_id}&tab=map")
    labels = wait_for(lambda: (found := page.evaluate("window.labels")) and len(found) > 2 and found, "labels on the map")
    assert str(subject)[:18] in {label["text"][:18] for label in labels}
    for one, other in combinations(labels, 2):
        assert one["right"] <= other["x"] or other["right"] <= one["x"] or abs(one["y"] - other["y"]) >= 13, (one, other)
