"""OpenAlex works: 2023 and 2026, whole pages and damaged ones."""

import gzip
from typing import Any

import orjson
import pytest

from tests.works.importers.samples import one_rejection, one_work, read, rejections, works
from works.importers import openalex
from works.importers.record import ImportedAffiliation, from_json, to_json

NEVADA = {
    "id": "https://openalex.org/I133999245",
    "display_name": "University of Nevada, Las Vegas",
    "ror": "https://ror.org/0406gha72",
    "country_code": "US",
    "type": "funder",
    "lineage": ["https://openalex.org/I133999245"],
}
PRINTED = "Department of Environmental Studies, University of Nevada, Las Vegas"
WORK: dict[str, Any] = {
    "id": "https://openalex.org/W1984314264",
    "doi": "https://doi.org/10.1111/j.1936-704X.2009.00057.x",
    "title": "Problem\u2010Centered <i>vs.</i> Discipline\u2010Centered Research &amp; Exploration\u2028of Sustainability",
    "publication_year": 2009,
    "publication_date": "2009-08-01",
    "language": "en",
    "type": "article",
    "type_crossref": "journal-article",
    "updated_date": "2025-01-01T00:00:00",
    "ids": {
        "openalex": "https://openalex.org/W1984314264",
        "pmid": "https://pubmed.ncbi.nlm.nih.gov/25207351",
        "pmcid": "https://www.ncbi.nlm.nih.gov/pmc/articles/4167664",
        "mag": "1984314264",
    },
    "primary_location": {
        "source": {
            "id": "https://openalex.org/S191088137",
            "display_name": "Journal of Contemporary Water Research & Education",
            "issn_l": "1936-7031",
            "issn": ["1936-7031", "1936-704X"],
            "type": "journal",
        }
    },
    "authorships": [
        {
            "author_position": "first",
            "raw_author_name": "William James Smith",
            "institutions": [NEVADA],
            "raw_affiliation_strings": [PRINTED, "Elsewhere"],
            "author": {
                "id": "https://openalex.org/A5105270016",
                "display_name": "William J. Smith",
                "orcid": "https://orcid.org/0000-0002-1825-0097",
            },
            "affiliations": [{"raw_affiliation_string": PRINTED, "institution_ids": ["https://openalex.org/I133999245"]}],
        }
    ],
    "is_retracted": False,
    "is_paratext": False,
    "abstract_inverted_index": {"Abstract": [0], "We": [1, 7], "show": [3], "that": [12]},
    "primary_topic": {"id": "https://openalex.org/T10969", "display_name": "Water resources management and optimization"},
    "topics": [
        {"id": "https://openalex.org/T11810", "display_name": "Complex Systems and Decision Making"},
        {"id": "https://openalex.org/T10969", "display_name": "Water resources management and optimization"},
    ],
    "referenced_works": ["https://openalex.org/W1531601525", "https://openalex.org/W1531601525", "https://openalex.org/W1984314264"],
}


def work_with(**fields: Any) -> Any:
    return one_work(openalex, orjson.dumps({**WORK, **fields}))


def test_a_work():
    work = work_with()
    assert (work.registry, work.key, work.asserted_by, work.type, work.year) == ("openalex", "W1984314264", "aggregator", "article", 2009)
    assert work.title == "Problem\u2010Centered vs. Discipline\u2010Centered Research & Exploration of Sustainability"
    assert (work.published_on, work.language, work.notice, work.updated) == ("2009-08-01", "en", "", "2025-01-01T00:00:00")
    assert work.identifiers == (
        ("openalex", "W1984314264"), ("doi", "10.1111/j.1936-704x.2009.00057.x"), ("pmid", "25207351"), ("pmcid", "PMC4167664")
    )  # fmt: skip
    assert work.source.identifiers == (("openalex", "S191088137"), ("issn", "1936-7031"), ("issn", "1936-704X"))
    assert (work.source.name, work.source.kind) == ("Journal of Contemporary Water Research & Education", "journal")
    assert [(topic.scheme, topic.code) for topic in work.topics] == [("openalex", "T10969"), ("openalex", "T11810")]
    assert work.references == (("openalex", "W1531601525"),)
    assert from_json(to_json(work)) == work


def test_an_authorship():
    (author,) = work_with().authors
    assert (author.raw_name, author.name, author.is_person) == ("William James Smith", "William James Smith", True)
    assert author.identifiers == (("openalex", "A5105270016"), ("orcid", "0000-0002-1825-0097"))
    assert author.affiliations == (
        ImportedAffiliation(
            raw=PRINTED, name="University of Nevada, Las Vegas", country="US", kind="funder",
            identifiers=(("ror", "0406gha72"), ("openalex", "I133999245")),
        ),
        ImportedAffiliation(raw="Elsewhere"),
    )  # fmt: skip


def test_an_author_without_id_and_an_institution_without_printed_string():
    authorship = {
        "author": {"id": None, "display_name": "Célia A. Harvey", "orcid": None},
        "raw_author_name": "Harvey, Célia A.",
        "institutions": [NEVADA],
    }
    (author,) = work_with(authorships=[authorship]).authors
    assert (author.name, author.raw_name, author.identifiers) == ("Célia A. Harvey", "Harvey, Célia A.", ())
    assert [(item.raw, item.name) for item in author.affiliations] == [("University of Nevada, Las Vegas",) * 2]


def test_one_string_and_one_institution_belong_together_in_old_records():
    authorship = {"author": {"display_name": "A. B."}, "raw_affiliation_string": PRINTED, "institutions": [NEVADA]}
    (author,) = work_with(authorships=[authorship]).authors
    assert [(item.raw, item.name) for item in author.affiliations] == [(PRINTED, "University of Nevada, Las Vegas")]


def test_the_abstract_is_put_in_order_whatever_the_positions():
    assert work_with().abstract == "We show We that"
    assert work_with(abstract_inverted_index=None).abstract == ""
    assert work_with(title="Abstract algebra", abstract_inverted_index={"Abstract": [0], "Groups": [1]}).abstract == "Abstract Groups"


@pytest.mark.parametrize(
    ("fields", "type_"),
    [
        ({"type": "article", "type_crossref": "proceedings-article"}, "conference-paper"),
        (
            {"type": "article", "type_crossref": None, "primary_location": {"source": {"display_name": "ECCV", "type": "conference"}}},
            "conference-paper",
        ),
        ({"type": "journal-article", "type_crossref": None}, "article"),
        ({"type": "preprint", "type_crossref": "posted-content"}, "preprint"),
        ({"type": "book-chapter"}, "book-chapter"),
        ({"type": "review"}, "review"),
        ({"type": "standard", "type_crossref": None}, "other"),
        ({"type": None, "type_crossref": "dissertation"}, "dissertation"),
    ],
)
def test_types(fields: dict[str, Any], type_: str):
    assert work_with(**fields).type == type_


@pytest.mark.parametrize(
    ("type_", "reason"), [("paratext", "paratext is not a work of a researcher"), ("grant", "a grant is not a work of a researcher")]
)
def test_what_is_no_work_is_refused_even_without_a_title(type_: str, reason: str):
    rejection = one_rejection(openalex, orjson.dumps({**WORK, "type": type_, "title": None, "display_name": None}), "works.jsonl")
    assert (rejection.place, rejection.key, rejection.reason) == ("works.jsonl:1", WORK["id"], reason)


def test_a_retraction_shows():
    assert work_with(is_retracted=True).notice == "retracted"


def test_a_work_known_to_arxiv():
    assert ("arxiv", "2208.04352") in work_with(doi="https://doi.org/10.48550/arXiv.2208.04352").identifiers
    location = {"landing_page_url": "http://arxiv.org/abs/2208.04352v2", "pdf_url": "https://arxiv.org/pdf/2208.04352"}
    assert ("arxiv", "2208.04352") in work_with(locations=[location]).identifiers
    two = [location, {"landing_page_url": "http://arxiv.org/abs/1707.08567"}]
    assert all(scheme != "arxiv" for scheme, _ in work_with(locations=two).identifiers)


def test_concepts_stand_in_where_topics_did_not_exist_yet():
    old = {name: value for name, value in WORK.items() if name not in {"topics", "primary_topic"}}
    concepts = [{"id": f"https://openalex.org/C{10 + n}", "display_name": f"Concept {n}", "score": n / 10} for n in range(10)]
    work = one_work(openalex, orjson.dumps({**old, "concepts": concepts}))
    assert [(topic.scheme, topic.code) for topic in work.topics] == [("openalex-concept", f"C{n}") for n in (19, 18, 17, 16, 15)]


def test_a_bad_orcid_is_left_out_and_told():
    authorship = {**WORK["authorships"][0], "author": {"display_name": "A. B.", "orcid": "https://orcid.org/0000-0002-1825-0098"}}
    work, reservation = read(openalex, orjson.dumps({**WORK, "authorships": [authorship]}), "w.json")
    assert works([work])[0].authors[0].identifiers == ()
    assert rejections([reservation])[0].is_reservation
    assert "is not an ORCID iD" in rejections([reservation])[0].reason


OTHER = {**WORK, "id": "https://openalex.org/W22", "ids": {}}
PAGE = {
    "meta": {"count": 2, "next_cursor": None},
    "results": [WORK, OTHER, {"id": "https://openalex.org/C41008148", "display_name": "X"}],
}


@pytest.mark.parametrize("spread", [False, True])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("form", ["page", "array", "single", "lines"])
def test_every_form(form: str, pack: Any, spread: bool):
    option = orjson.OPT_INDENT_2 if spread else 0
    data = {
        "page": orjson.dumps(PAGE, option=option),
        "array": orjson.dumps(PAGE["results"], option=option),
        "single": orjson.dumps(WORK, option=option),
        "lines": b"\n".join(map(orjson.dumps, PAGE["results"])),
    }[form]
    found = read(openalex, pack(data))
    assert [work.key for work in works(found)] == (["W1984314264"] if form == "single" else ["W1984314264", "W22"])
    assert [item.reason for item in rejections(found)] == (
        [] if form == "single" else ["this is a concept of OpenAlex, not a work; works bring what the record needs of it"]
    )


@pytest.mark.parametrize("spread", [False, True])
@pytest.mark.parametrize("form", ["page", "array"])
def test_a_page_cut_short_gives_its_whole_works(form: str, spread: bool):
    data = orjson.dumps(PAGE if form == "page" else PAGE["results"], option=orjson.OPT_INDENT_2 if spread else 0)
    found = read(openalex, data[: data.index(b"W22")], "page.json")
    assert [work.key for work in works(found)] == ["W1984314264"]
    (rejection,) = rejections(found)
    assert "malformed JSON" in rejection.reason
    assert rejection.place == "page.json: after entry 1"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"meta": {}, "results": []}', ""),
        (b'{"entries": [], "meta": {}}', "manifest"),
        (b'{"error": "Invalid query", "message": "no such filter"}', "no such filter"),
        (b'{"itemType": "journalArticle"}', "no OpenAlex work"),
        (b"<html>", "neither JSON"),
    ],
)
def test_other_files_are_named(data: bytes, reason: str):
    if reason:
        assert reason in one_rejection(openalex, data).reason
    else:
        assert read(openalex, data) == []


@pytest.mark.parametrize("field", sorted(set(WORK) - {"id", "title", "is_retracted", "is_paratext"}))
@pytest.mark.parametrize("value", [None, 7, "text", [1], [{"a": [1]}], {"a": 1}])
def test_fields_of_a_wrong_kind_never_stop_the_file(field: str, value: object):
    found = read(openalex, orjson.dumps({**WORK, field: value}) + b"\n" + orjson.dumps(OTHER))
    assert works(found)[-1].key == "W22"
    assert len(works(found)) + len([item for item in rejections(found) if not item.is_reservation]) == 2
