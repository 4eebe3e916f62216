"""Laws of the layout, and its documented examples."""

import doctest
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph import communities, drawing, layout, paths, similar, slices
from graph.layout import CROWD, LOWER_ARC, RECORD_ARC, Mark, Spot, arrange, label_box, overlap, place_labels

years = st.none() | st.integers(1990, 2030)
people = st.lists(st.tuples(years, st.integers(0, 4), st.floats(0, 20)), max_size=80).map(
    lambda rows: [Spot(f"person:{n}", "person", year, group, strength) for n, (year, group, strength) in enumerate(rows)]
)
works = st.lists(years, max_size=40).map(lambda rows: [Spot(f"work:{n}", "work", year) for n, year in enumerate(rows)])
below = st.tuples(st.integers(0, 16), st.integers(0, 13)).map(
    lambda counts: (
        [Spot(f"topic:{n}", "topic") for n in range(counts[0])] + [Spot(f"institution:{n}", "institution") for n in range(counts[1])]
    )
)
networks = st.tuples(people, works, below).map(lambda parts: [spot for part in parts for spot in part])


@pytest.mark.parametrize("module", [layout, slices, drawing, communities, paths, similar])
def test_the_documented_examples_hold(module):
    found = doctest.testmod(module)
    assert found.attempted >= 3
    assert found.failed == 0


@given(networks, st.randoms())
def test_every_node_has_one_place_on_the_plane_whatever_the_order(spots, random):
    places = arrange(spots)
    assert set(places) == {spot.id for spot in spots}
    assert all(-1.06 <= x <= 1.06 and -1.06 <= y <= 1.06 for x, y in places.values())
    assert len(set(places.values())) == len(spots)
    shuffled = list(spots)
    random.shuffle(shuffled)
    assert arrange(shuffled) == places


@given(networks)
def test_works_stand_inside_people_and_what_they_are_about_below(spots):
    places = arrange(spots)
    for spot in spots:
        x, y = places[spot.id]
        if spot.kind == "work":
            assert hypot(x, y) < 0.51
        elif spot.kind == "person":
            assert hypot(x, y) > 0.62
        else:
            assert y > 0.5


@given(networks, st.sampled_from(["person", "work"]))
def test_a_newcomer_moves_nobody_by_more_than_a_seat(spots, kind):
    """Who comes in last with a new work takes a seat at the end of a row; the others move up by less than its width."""
    row = [spot for spot in spots if spot.kind == kind]
    if (kind == "person" and len(row) == CROWD) or (kind == "work" and len(row) in {12, 28}):
        return  # one more and the row stands in more files: the one step that is not small
    newcomer = Spot(f"{kind}:new", kind, 2031, community=9)
    before, after = arrange(spots), arrange([*spots, newcomer])
    share = (1 + layout.COMMUNITY_GAP) / (len(row) + 1)
    widest = 2 * 3.1416 * (RECORD_ARC[1] - RECORD_ARC[0]) * share * 1.06 + 0.002
    rings = 0.18 if kind == "work" else 0.0  # a work that moves up one seat changes its ring
    for spot in spots:
        (x, y), (x2, y2) = before[spot.id], after[spot.id]
        moved = hypot(x2 - x, y2 - y)
        assert moved <= (widest + rings if spot.kind == kind else 0.0)


@given(networks)
def test_a_stronger_tie_moves_only_its_own_end(spots):
    someone = next((spot for spot in spots if spot.kind == "person"), None)
    if someone is None:
        return
    before = arrange(spots)
    stronger = Spot(someone.id, "person", someone.year, someone.community, someone.strength + 1)
    after = arrange([stronger if spot is someone else spot for spot in spots])
    assert {node for node in before if before[node] != after[node]} <= {someone.id}


def test_people_stand_clockwise_by_year_and_nearer_for_a_stronger_tie():
    places = arrange(
        [
            Spot("person:late", "person", 2024, strength=0.1),
            Spot("person:early", "person", 2001, strength=3.0),
            Spot("person:middle", "person", 2010, strength=0.5),
        ]
    )
    assert places["person:early"][0] < places["person:middle"][0] < places["person:late"][0]
    assert places["person:middle"][0] == 0.0
    assert hypot(*places["person:early"]) < hypot(*places["person:middle"]) < hypot(*places["person:late"])


def test_the_two_arcs_do_not_meet():
    assert RECORD_ARC[1] < LOWER_ARC[0]
    assert LOWER_ARC[1] < 1 + RECORD_ARC[0]


marks = st.lists(
    st.tuples(st.floats(-420, 420), st.floats(-360, 360), st.floats(4, 20), st.text(min_size=1, max_size=30)), min_size=1, max_size=60
).map(lambda rows: [Mark(f"n{n}", *row, reach=450.0) for n, row in enumerate(rows)])


@given(marks)
def test_labels_lie_neither_on_each_other_nor_on_nodes_nor_outside(marks):
    frame = (-680.0, -450.0, 680.0, 450.0)
    labels = place_labels(marks[:15], marks, frame)
    boxes = {mark.id: label_box(mark, labels[mark.id]) for mark in marks if mark.id in labels}
    for node, box in boxes.items():
        assert box[0] >= frame[0]
        assert box[1] >= frame[1]
        assert box[2] <= frame[2]
        assert not any(overlap(box, other) for name, other in boxes.items() if name != node)
        assert not any(overlap(box, (m.x - m.radius, m.y - m.radius, m.x + m.radius, m.y + m.radius)) for m in marks)
