from dataclasses import replace

import pytest

from profiles.trust.explain import BAND_LABELS, BAND_MEANINGS, LABELS, NEVER_COUNTED, explain, not_counted
from profiles.trust.score import Band, Finding, Inputs, Record, score
from tests.profiles.trust.examples import (
    ACCOUNT,
    BOUND_ORCID,
    CHECKS,
    INSTITUTE,
    LAST_MONTH,
    LONG_AGO,
    MAILBOX,
    PRINTED,
    PUBLISHED,
    REFERENCE,
    STUDENTS_RECORD,
    TODAY,
    UNIVERSITY,
    inputs,
    voucher,
)


def facts(page: Inputs) -> dict[str, tuple[str, str]]:
    return {row.key: (row.fact, row.asserted_by) for row in explain(page, score(page))}


def test_the_reference_page_in_words():
    assert facts(inputs(REFERENCE)) == {
        "identity": ("Imported: at least one work carries a registry's identifier. Nobody has proved to be this author.", "arXiv"),
        "works": ("2 works with an identifier of a registry", "arXiv"),
        "registries": ("1 registry: arXiv", "arXiv"),
        "topics": ("2 topics over all works", "arXiv"),
        "collaborators": ("5 close collaborators on works of at most 25 authors", "BZPEER, from the bylines"),
        "affiliation": ("No publisher or institution has asserted an affiliation", ""),
        "orcid": ("No works tied to an iD by a publisher", ""),
        "network": ("None of the 5 close collaborators is verified yet", ""),
        "conduct": ("No upheld findings", ""),
    }


def test_every_row_says_as_of_when():
    days = {row.key: row.as_of for row in explain(inputs(REFERENCE), score(inputs(REFERENCE)))}
    assert days.pop("network") == days.pop("conduct") == TODAY
    assert set(days.values()) == {LAST_MONTH}


def test_a_claimed_page_names_who_speaks():
    page = inputs(STUDENTS_RECORD, (ACCOUNT, BOUND_ORCID, MAILBOX, PRINTED), (voucher("a", UNIVERSITY), voucher("b", INSTITUTE, authors=3)))
    told = facts(page)
    assert told["identity"] == (
        "Institution-backed: an institution confirms the person who claimed this record.",
        "a publisher, an institution and Crossref",
    )
    assert told["affiliation"] == ("A university", "the publisher")
    assert told["orcid"] == ("2 works tied to an iD by a publisher", "the publishers")
    assert told["network"] == ("2 vouchers at 2 institutions, 2 confirmed joint works", f"{UNIVERSITY} and {INSTITUTE}")


def test_a_level_names_what_it_stands_on_and_since_when():
    """At level 2 what a publisher prints lifts nothing, and a registry is called by its name; the day is that of the newest evidence."""
    bound = replace(BOUND_ORCID, source="crossref", dated=LONG_AGO)
    page = inputs(STUDENTS_RECORD, (ACCOUNT, bound, PRINTED))
    row = explain(page, score(page))[0]
    assert (row.asserted_by, row.as_of) == ("a DOI registration agency", LONG_AGO)
    checked = inputs(STUDENTS_RECORD, (ACCOUNT, bound, PRINTED, *CHECKS))
    row = explain(checked, score(checked))[0]
    assert (row.asserted_by, row.as_of) == ("a DOI registration agency and BZPEER staff", CHECKS[0].dated)


def test_topics_say_where_they_come_from():
    record = replace(REFERENCE, topics_from=frozenset({"arxiv", "keyword", "openalex", "openalex-concept", "msc"}))
    assert facts(inputs(record))["topics"][1] == "arXiv, msc, OpenAlex and the authors’ keywords"


@pytest.mark.parametrize(
    ("close", "fact"),
    [
        (None, "Collaborators have not been counted yet"),
        (0, "No close collaborators are known who could vouch"),
        (1, "The one close collaborator is not verified yet"),
        (2, "None of the 2 close collaborators is verified yet"),
    ],
)
def test_an_empty_network_says_why(close, fact):
    assert facts(inputs(replace(REFERENCE, close_collaborators=close)))["network"][0] == fact


def test_verified_people_who_confirmed_nothing_are_told_of():
    page = inputs(REFERENCE, (), (voucher(is_confirmed=False),))
    assert facts(page)["network"][0] == "1 verified co-author; no joint work is confirmed in a way that counts"
    assert (
        not_counted(page, score(page))[0]
        == "1 verified co-author who confirmed no joint work: only a work that the verified person confirmed counts"
    )


def test_what_is_not_counted_is_listed():
    record = replace(REFERENCE, registries=frozenset({"arxiv", "openalex", "dblp"}), affiliations=PUBLISHED | {("repository", "Another")})
    report = Finding(key="1", kind=Finding.Kind.IDENTITY, is_upheld=False, found_on=LAST_MONTH)
    page = inputs(record, (ACCOUNT,), findings=(report,))
    assert not_counted(page, score(page)) == (
        "A claim that nothing ties to these works yet",
        "Records from dblp and openalex: an aggregator repeats what registries say",
        "1 affiliation given by the authors themselves or by an aggregator",
        "1 report that staff have not upheld",
        *NEVER_COUNTED,
    )


def test_conduct_and_suspension_are_said_plainly():
    upheld = Finding(key="1", kind=Finding.Kind.AUTHORSHIP, is_upheld=True, found_on=LAST_MONTH)
    told = facts(inputs(REFERENCE, findings=(upheld,), is_suspended=True))
    assert told["conduct"] == ("1 upheld finding; the band is at most Corroborated", "BZPEER staff")
    assert told["identity"] == ("Suspended: level 1 until staff decide.", "BZPEER staff")


def test_a_name_only_has_rows_too():
    told = facts(inputs(Record(close_collaborators=0)))
    assert told["works"] == ("No works with an identifier of a registry", "")
    assert told["registries"] == ("No registries", "")


def test_every_line_and_band_has_its_words():
    assert [line.key for line in score(inputs(REFERENCE)).lines] == list(LABELS)
    assert BAND_LABELS.keys() == BAND_MEANINGS.keys() == set(Band)
