"""The attack benchmark in small; `make attacks` runs it whole."""

from dataclasses import replace
from random import Random

from tests.attacks.benchmark import Report, free_base, lowered_by_one_verification, run
from tests.attacks.worlds import attacked, honest_world, synthetic_bylines

HONEST, SYBILS = 1_200, 200


def test_every_bound_holds_and_the_table_has_its_rows():
    report = Report()
    run("small", synthetic_bylines(HONEST, Random(5)), HONEST, sybils=SYBILS, edges=(0, 40), seed=5, report=report)
    assert report.broken == []
    assert len(report.rows) == 2 * 4
    assert "EigenTrust" in report.table()
    assert free_base() == 24_000_000


def test_one_verification_lowers_nobody_here_and_many_elsewhere():
    lowered = lowered_by_one_verification(synthetic_bylines(HONEST, Random(5)), HONEST, seed=5, report=Report())
    assert lowered["BZPEER"] == 0
    assert lowered["EigenTrust"] > HONEST // 2
    assert lowered["SybilRank"] > HONEST // 2


def test_the_benchmark_sees_a_broken_bound():
    """Sybils with bought verifications do gain: the measure is not blind."""
    world = attacked(honest_world(synthetic_bylines(300, Random(5)), 300, Random(5)), sybils=100, edges=0, rng=Random(5))
    bought = replace(
        world,
        level=[4] * world.people,
        confirmed=[(person, number) for number, work in enumerate(world.works) for person in work.authors if person >= 300],
    )
    assert sum(bought.networks(range(300, 400)).values()) > 0
    report = Report()
    report.hold("nothing", holds=False)
    assert report.broken == ["nothing"]
