"""Names that may be one person's, and names that may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from works.names import agreement, parse_name
from works.names.parts import CONFLICT, FULL

SAME = [
    ("J. Smith", "Jane Smith"),
    ("Hal Daumé", "Hal Daumé III"),
    ("Rüdiger Dillmann", "Ruediger Dillmann"),
    ("David Martı́nez-Rubio", "David Martinez-Rubio"),
    ("Xiao-Ming Zhang", "Xiaoming Zhang"),
    ("Zhang Xiaoming", "Xiaoming Zhang"),
    ("江常皓", "Changhao Jiang"),
    ("Y. J. Cho", "Young-Jo Cho"),
    ("K. Madhava Krishna", "K. M. Krishna"),
    ("Jur van den Berg", "J. van den Berg"),
    ("Hangeun Kim", "Hanguen Kim"),
]
DIFFERENT = [
    ("Jane Smith", "John Smith"),
    ("Wei Wang", "Wen Wang"),
    ("Jane A. Smith", "Jane B. Smith"),
    ("Hal Daumé II", "Hal Daumé III"),
    ("Jian Li", "Juan Li"),
    ("Mausam", "Mausam Singh"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_names_that_may_be_one_person_s_have_one_block(one, other):
    assert agreement(parse_name(one), parse_name(other)) != CONFLICT
    assert parse_name(one).block == parse_name(other).block


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_names_that_exclude_each_other(one, other):
    assert agreement(parse_name(one), parse_name(other)) == CONFLICT


names = st.text(alphabet="aeilmnorst JKLM.-'éüı江王", min_size=1, max_size=24).filter(lambda text: any(map(str.isalpha, text)))


@given(names, names)
def test_agreement_is_mutual_and_whole_with_itself(one, other):
    parsed, theirs = parse_name(one), parse_name(other)
    assert agreement(parsed, theirs) == agreement(theirs, parsed)
    assert agreement(parsed, parsed) == FULL
