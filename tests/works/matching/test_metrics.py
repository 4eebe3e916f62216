"""The measures beside their definitions, item by item and pair by pair."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from works.matching.evaluation import Judged, evaluate
from works.matching.metrics import b_cubed, pairwise

groupings = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=25)


@given(groupings)
def test_b_cubed_is_its_definition(items):
    predicted, true = [one for one, _ in items], [other for _, other in items]
    precisions, recalls = [], []
    for at in range(len(items)):
        group = {other for other in range(len(items)) if predicted[other] == predicted[at]}
        truth = {other for other in range(len(items)) if true[other] == true[at]}
        precisions.append(len(group & truth) / len(group))
        recalls.append(len(group & truth) / len(truth))
    quality = b_cubed(predicted, true)
    assert quality.precision == pytest.approx(sum(precisions) / len(items) if items else 1)
    assert quality.recall == pytest.approx(sum(recalls) / len(items) if items else 1)


@given(groupings)
def test_pairwise_is_its_definition(items):
    put = {pair for pair in combinations(range(len(items)), 2) if items[pair[0]][0] == items[pair[1]][0]}
    belong = {pair for pair in combinations(range(len(items)), 2) if items[pair[0]][1] == items[pair[1]][1]}
    quality = pairwise([one for one, _ in items], [other for _, other in items])
    assert quality.precision == (len(put & belong) / len(put) if put else 1)
    assert quality.recall == (len(put & belong) / len(belong) if belong else 1)


@given(groupings)
def test_swapping_prediction_and_truth_swaps_precision_and_recall(items):
    predicted, true = [one for one, _ in items], [other for _, other in items]
    for measure in (b_cubed, pairwise):
        assert measure(predicted, true).precision == measure(true, predicted).recall


def test_the_parts_of_an_evaluation():
    lines = evaluate([Judged("Wei Wang", 1, "a"), Judged("Wei Wang", 1, "b"), Judged("Jane Smith", 2, "c")])
    assert [(line.part, line.positions, line.people, round(line.b_cubed.precision, 2)) for line in lines] == [
        ("all", 3, 3, 0.67),
        ("names that several people share", 2, 2, 0.5),
        ("Chinese surnames", 2, 2, 0.5),
        ("other surnames", 1, 1, 1.0),
        ("a name of one person", 1, 1, 1.0),
        ("shared by 2", 2, 2, 0.5),
    ]
