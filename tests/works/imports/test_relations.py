"""A preprint and its article under other words: one work where a record says so, whichever comes first."""

from typing import Any

import pytest

from tests.factories.records import make_record
from tests.works.imports.test_batch import take
from works.models import MergeProposal, RegistryRecord, Work

pytestmark = pytest.mark.django_db

PREPRINT = make_record("First thoughts on parsing", ["Ada Lovelace"], key="p", identifiers=(("doi", "10.1101/p"),))


def article(*relations: tuple[str, str, str], **fields):
    given: dict[str, Any] = {
        "key": "a",
        "identifiers": (("doi", "10.1000/a"),),
        "type": "article",
        "year": 2025,
        "registry": "crossref",
    } | fields
    return make_record("A theory of grammar at last", ["Ada Lovelace"], relations=relations, **given)


@pytest.mark.parametrize("kind", ["has-preprint", "is-version-of"])
@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
@pytest.mark.parametrize("at_once", [True, False])
def test_a_relation_joins_in_either_order(kind: str, order: list[int], at_once: bool):
    records = [(PREPRINT, article((kind, "doi", "10.1101/p")))[place] for place in order]
    if at_once:
        take(*records)
    else:
        for record in records:
            take(record)
    assert Work.objects.get().title == "A theory of grammar at last"
    assert RegistryRecord.objects.count() == 2


def test_a_correction_joins_nothing():
    take(PREPRINT, article(("is-corrected-by", "doi", "10.1101/p")))
    assert Work.objects.count() == 2


def test_a_relation_does_not_outweigh_an_identifier():
    take(
        make_record("First thoughts on parsing", ["Ada Lovelace"], key="p", identifiers=(("doi", "10.1101/p"), ("arxiv", "2001.1"))),
        article(("has-preprint", "doi", "10.1101/p"), identifiers=(("doi", "10.1000/a"), ("arxiv", "2002.2"))),
    )
    assert Work.objects.count() == 2


def test_works_that_stood_already_are_proposed_for_a_merge():
    take(PREPRINT)
    take(article(updated="2025-01-01"))
    assert (Work.objects.count(), MergeProposal.objects.count()) == (2, 0)
    take(article(("has-preprint", "doi", "10.1101/p"), updated="2025-02-01"))
    proposal = MergeProposal.objects.get()
    assert {proposal.work_a_id, proposal.work_b_id} == set(Work.objects.values_list("pk", flat=True))
    assert proposal.reasons[0]["says"] == "crossref says that they are states of one work"
