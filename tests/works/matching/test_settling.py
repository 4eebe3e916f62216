"""Blocks told apart in the database: who is moved, what follows, what is left alone."""

import csv
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories.records import make_record
from works.actions.attribution import owe_everything, settle
from works.actions.imports.batch import take_in
from works.models import Author, Authorship, MergeProposal, UnsettledBlock

pytestmark = pytest.mark.django_db


def take(*records) -> None:
    with transaction.atomic():
        take_in([("here", record) for record in records], run_id=None)


def test_a_file_that_comes_later_bridges_two_people():
    take(make_record("First", ["Wei Wang", "Ada Lovelace"]), make_record("Second", ["Wei Wang", "Emmy Noether"]))
    settle()
    assert Author.objects.with_works().filter(name="Wei Wang").count() == 2

    take(make_record("Third", ["Wei Wang", "Ada Lovelace", "Emmy Noether"]))
    settle()

    wei = Author.objects.with_works().get(name="Wei Wang")
    assert wei.works_count == 3
    assert list(Author.objects.filter(name="Wei Wang", merged_into=wei).values_list("works_count", flat=True)) == [0]
    assert not UnsettledBlock.objects.exists()
    place = Authorship.objects.get(work__title="First", position=1)
    assert place.matched_by == "coauthor"
    assert place.confidence is not None
    assert place.confidence > 0.9
    assert place.evidence["coauthor"] > 0 > place.evidence["name"]
    assert place.work.card["authors"][0]["slug"] == wei.slug


def test_matching_anew_changes_nothing():
    take(make_record("First", ["Jane Smith", "Ada Lovelace"]), make_record("Second", ["J. Smith", "Ada Lovelace"]))
    settle()
    before = list(Authorship.objects.order_by("pk").values())
    owe_everything()
    assert settle() == set()
    assert list(Authorship.objects.order_by("pk").values()) == before


def test_a_claimed_record_gains_nobody_else_s_places_but_a_proposal():
    take(make_record("First", ["Wei Wang", "Ada Lovelace"]), make_record("Second", ["Wei Wang", "Emmy Noether"]))
    settle()
    mine, other = (Authorship.objects.get(work__title=title, position=1).author for title in ("First", "Second"))
    Author.objects.filter(pk=mine.pk).update(is_claimed=True)

    take(make_record("Third", ["Wei Wang", "Ada Lovelace", "Emmy Noether"]))
    settle()

    assert Authorship.objects.get(work__title="Second", position=1).author == other
    assert Authorship.objects.get(work__title="Third", position=1).author == mine
    proposal = MergeProposal.objects.get()
    assert {proposal.author_a, proposal.author_b} == {mine, other}
    assert "They have co-authors in common." in [reason["says"] for reason in proposal.reasons]


def test_settling_takes_no_more_statements_for_more_people():
    def statements(title: str, count: int) -> int:
        take(*(make_record(f"{title} {number}", ["Wei Wang", f"Person{number} Of{title}"]) for number in range(count)))
        with CaptureQueriesContext(connection) as seen:
            settle()
        return len(seen)

    statements("First", 3)
    few = statements("Second", 3)
    assert statements("Third", 30) <= few


def test_the_dump_and_its_evaluation(tmp_path):
    take(make_record("First", ["Wei Wang", "Ada Lovelace"], key="1"), make_record("Second", ["Wei Wang", "Ada Lovelace"], key="2"))
    settle()
    call_command("dump_authorships", output=tmp_path / "dump.csv")
    rows = list(csv.DictReader((tmp_path / "dump.csv").read_text().splitlines()))
    assert list(rows[0]) == ["source", "source_work_id", "byline_position", "raw_name", "author_public_id", "confidence"]
    assert [(row["source_work_id"], row["byline_position"], row["raw_name"]) for row in rows] == [
        ("1", "1", "Wei Wang"), ("1", "2", "Ada Lovelace"), ("2", "1", "Wei Wang"), ("2", "2", "Ada Lovelace"),
    ]  # fmt: skip
    assert rows[0]["author_public_id"] == rows[2]["author_public_id"]

    truth = tmp_path / "truth.csv"
    truth.write_text("source,source_work_id,byline_position,true_id\narxiv,1,1,a\narxiv,2,1,b\narxiv,1,2,c\n")
    out = StringIO()
    call_command("evaluate_matching", str(truth), stdout=out)
    assert "3 positions compared; 0 of the file" in out.getvalue()
    assert "0.6667 1.0000 0.8000" in out.getvalue()
