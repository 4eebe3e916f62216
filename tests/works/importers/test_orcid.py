"""ORCID: one work a group, whichever form and version; names, employers, what is public; records by iD."""

from typing import Any

import orjson
import pytest

from tests.works.importers.samples import one_rejection, one_work, read, rejections, works
from tests.works.importers.server import Reply, serving
from works.importers import orcid
from works.importers.record import ImportedAffiliation, ImportedSource

OWNER = "0000-0002-1825-0097"
OWN = {"source-orcid": {"path": OWNER}, "source-client-id": None, "source-name": {"value": "J. Carberry"}}
CROSSREF = {"source-orcid": None, "source-client-id": {"path": "0000-0001-9884-1913"}, "source-name": {"value": "Crossref"}}


def summary(put_code: int, **fields: Any) -> dict[str, Any]:
    return {
        "put-code": put_code,
        "source": OWN,
        "visibility": "PUBLIC",
        "type": "JOURNAL_ARTICLE",
        "display-index": "0",
        "title": {"title": {"value": f"Toward a unified theory ({put_code})"}, "subtitle": None},
        "publication-date": {"year": {"value": "2012"}, "month": {"value": "10"}, "day": None},
        "journal-title": {"value": "Psychoceramics"},
        "last-modified-date": {"value": 1543452874018},
        "external-ids": {
            "external-id": [
                {
                    "external-id-type": "doi",
                    "external-id-value": "10.1087/20120404",
                    "external-id-relationship": "SELF",
                    "external-id-url": "",
                },
                {"external-id-type": "isbn", "external-id-value": "9780387310732", "external-id-relationship": "PART_OF"},
                {"external-id-type": "source-work-id", "external-id-value": "x1", "external-id-relationship": "SELF"},
            ]
        },
    } | fields


def employment(name: str, since: str, until: Any = None, source: Any = None, **organisation: Any) -> dict[str, Any]:
    return {
        "source": source or OWN,
        "department-name": "Physics",
        "start-date": {"year": {"value": since}, "month": None, "day": None},
        "end-date": {"year": {"value": until}} if until else None,
        "organization": {"name": name, "address": {"city": "Providence", "country": "US"}} | organisation,
    }


def record(*groups: list[dict[str, Any]], name: Any = None, employments: Any = None) -> dict[str, Any]:
    return {
        "orcid-identifier": {"path": OWNER},
        "person": {"name": name if name is not None else {"given-names": {"value": "Josiah"}, "family-name": {"value": "Carberry"}}},
        "activities-summary": {
            "employments": employments or {"employment-summary": []},
            "works": {"group": [{"work-summary": group} for group in groups]},
        },
    }


def dumped(value: Any) -> bytes:
    return orjson.dumps(value)


def test_one_work_a_group_and_the_owner_s_own_summary_tells():
    group = [summary(9, source=CROSSREF, **{"display-index": "5"}), summary(12), summary(11, source=CROSSREF)]
    work = one_work(orcid, dumped(record(group)))
    assert (work.registry, work.key, work.asserted_by) == ("orcid", f"{OWNER}/9", "aggregator")
    assert (work.title, work.type, work.year, work.published_on) == ("Toward a unified theory (12)", "article", 2012, "")
    assert work.identifiers == (("doi", "10.1087/20120404"),)
    assert work.source == ImportedSource(name="Psychoceramics", kind="journal")
    assert work.updated == "2018-11-29T00:54:34"
    assert [(author.name, author.identifiers) for author in work.authors] == [("Josiah Carberry", (("orcid", OWNER),))]
    assert work.is_byline_cut
    assert work.authors[0].is_orcid_authenticated


def test_without_an_own_summary_the_highest_display_index_tells():
    group = [summary(9, source=CROSSREF, **{"display-index": "1"}), summary(10, source=CROSSREF, **{"display-index": "7"})]
    assert one_work(orcid, dumped(record(group))).title.endswith("(10)")


def test_what_only_the_owner_says_was_typed():
    assert one_work(orcid, dumped(record([summary(9)]))).asserted_by == "typed"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ({"credit-name": {"value": "J. S. Carberry"}, "given-names": {"value": "Josiah"}, "family-name": None}, ["J. S. Carberry"]),
        ({"credit-name": None, "given-names": {"value": "qiang"}, "family-name": {"value": ""}}, ["qiang"]),
        ({"given-names": {"value": "Dario"}, "family-name": {"value": "Alvarez-Gutierrez"}}, ["Dario Alvarez-Gutierrez"]),
        ({}, []),
    ],
)
def test_names(name: dict[str, Any], shown: list[str]):
    work = one_work(orcid, dumped(record([summary(9)], name=name)))
    assert [author.name for author in work.authors] == shown
    assert work.is_byline_cut


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_employers_of_the_year_and_who_vouches_for_them(version: str):
    brown = {"source-client-id": {"path": "APP-1"}, "source-name": {"value": "Brown University"}}
    on_behalf = brown | {"assertion-origin-orcid": {"path": OWNER}}
    ror = {"disambiguated-organization-identifier": "https://ror.org/05gq02987", "disambiguation-source": "ROR"}
    told = [
        employment("Brown University", "2010", source=brown, **{"disambiguated-organization": ror}),
        employment("Brown University", "2011", "2013", source=on_behalf),
        employment("Wesleyan University", "2000", "2009"),
        employment("Someone else", "2012", source=CROSSREF),
    ]
    employments = {"employment-summary": told} if version == "v2" else {
        "affiliation-group": [{"summaries": [{"employment-summary": one}]} for one in told]
    }  # fmt: skip
    (author,) = one_work(orcid, dumped(record([summary(9)], employments=employments))).authors
    assert author.affiliations == (
        ImportedAffiliation(
            raw="Physics, Brown University, Providence, US",
            name="Brown University",
            country="US",
            identifiers=(("ror", "05gq02987"),),
            asserted_by="institution",
        ),
        ImportedAffiliation(raw="Physics, Brown University, Providence, US", name="Brown University", country="US"),
        ImportedAffiliation(raw="Physics, Someone else, Providence, US", name="Someone else", country="US"),
    )


def test_a_work_without_a_date_gets_no_employer():
    employments = {"employment-summary": [employment("Brown University", "2010")]}
    undated = summary(9, **{"publication-date": {"year": None, "month": None, "day": None}})
    work = one_work(orcid, dumped(record([undated], employments=employments)))
    assert (work.year, work.published_on, work.authors[0].affiliations) == (None, "", ())


def test_a_list_of_works_is_told_whose_by_the_owner_s_own_summaries():
    listed = {"path": f"/{OWNER}/works", "group": [{"work-summary": [summary(9, source=CROSSREF)]}, {"work-summary": [summary(10)]}]}
    assert [work.authors[0].name for work in works(read(orcid, dumped(listed)))] == ["J. Carberry", "J. Carberry"]


def test_bulk_works_have_contributors():
    contributors = [
        {"credit-name": {"value": "Ada Lovelace"}, "contributor-orcid": None, "contributor-attributes": {"contributor-role": "AUTHOR"}},
        {"credit-name": {"value": "Josiah Carberry"}, "contributor-orcid": {"path": OWNER}, "contributor-attributes": None},
        {"credit-name": {"value": "An Editor"}, "contributor-attributes": {"contributor-role": "EDITOR"}},
    ]
    whole = summary(9, contributors={"contributor": contributors}, path=f"/{OWNER}/work/9", **{"short-description": "We show."})
    work = one_work(orcid, dumped({"bulk": [{"work": whole}]}))
    assert [(author.name, author.identifiers) for author in work.authors] == [
        ("Ada Lovelace", ()),
        ("Josiah Carberry", (("orcid", OWNER),)),
    ]
    assert work.abstract == "We show."
    assert work.is_byline_cut


XML = f"""<record:record path="/{OWNER}" xmlns:record="http://www.orcid.org/ns/record" xmlns:common="http://www.orcid.org/ns/common"
 xmlns:person="http://www.orcid.org/ns/person" xmlns:personal-details="http://www.orcid.org/ns/personal-details"
 xmlns:activities="http://www.orcid.org/ns/activities" xmlns:work="http://www.orcid.org/ns/work"
 xmlns:employment="http://www.orcid.org/ns/employment">
<common:orcid-identifier><common:path>{OWNER}</common:path></common:orcid-identifier>
<person:person><person:name visibility="public"><personal-details:given-names>Josiah</personal-details:given-names>
<personal-details:family-name>Carberry</personal-details:family-name></person:name></person:person>
<activities:activities-summary><activities:employments><activities:affiliation-group>
<employment:employment-summary visibility="public"><common:source>
<common:source-orcid><common:path>{OWNER}</common:path></common:source-orcid>
<common:source-name>J. Carberry</common:source-name></common:source><common:department-name>Physics</common:department-name>
<common:start-date><common:year>2010</common:year></common:start-date><common:organization><common:name>Brown University</common:name>
<common:address><common:city>Providence</common:city><common:country>US</common:country></common:address></common:organization>
</employment:employment-summary></activities:affiliation-group></activities:employments>
<activities:works><activities:group><work:work-summary put-code="9" visibility="public" display-index="0">
<common:last-modified-date>2018-11-29T00:54:34</common:last-modified-date>
<common:source><common:source-orcid><common:path>{OWNER}</common:path></common:source-orcid></common:source>
<work:title><common:title>Toward a unified theory (9)</common:title></work:title><common:external-ids><common:external-id>
<common:external-id-type>doi</common:external-id-type><common:external-id-value>10.1087/20120404</common:external-id-value>
<common:external-id-relationship>self</common:external-id-relationship></common:external-id></common:external-ids>
<work:type>journal-article</work:type><common:publication-date><common:year>2012</common:year><common:month>10</common:month>
</common:publication-date><work:journal-title>Psychoceramics</work:journal-title></work:work-summary></activities:group></activities:works>
</activities:activities-summary></record:record>""".encode()


def test_xml_says_what_json_says():
    employments = {"employment-summary": [employment("Brown University", "2010")]}
    assert one_work(orcid, XML) == one_work(orcid, dumped(record([summary(9)], employments=employments)))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (dumped(record([summary(9, visibility="LIMITED")])), "the work is not public"),
        (dumped(record([summary(9, type="JOURNAL_ISSUE")])), "a journal issue is not a work of a researcher"),
        (dumped({"response-code": 404, "developer-message": "404 Not Found"}), "ORCID answers with an error: 404 Not Found"),
        (dumped({"orcid": OWNER, "error": "there is none"}), f"ORCID gives no record of '{OWNER}': there is none"),
        (dumped({"orcid-identifier": {"path": "0000-0002-1825-0098"}, "person": {}}), "'0000-0002-1825-0098' is not an ORCID iD"),
        (dumped({"a": 1}), "this is no ORCID record"),
        (b'<search:search num-found="1" xmlns:search="x"><search:result/></search:search>', "this is a list of search results"),
        (b"<html></html>", "the document is <html>, which is none of the formats read here"),
    ],
)
def test_what_is_not_taken_in(data: bytes, reason: str):
    assert one_rejection(orcid, data).reason.startswith(reason)


def test_records_by_id():
    with serving(dumped(record([summary(9)])), Reply(b"{}", 404), Reply(b"{}", 409)) as registry:
        ids = [f"https://orcid.org/{OWNER}", "0000-0001-5006-3868", "0000-0002-6091-2701", "0000-0002-1825-0098"]
        pages = list(orcid.fetch(ids=ids, client=registry.client()))
    found = [item for body, _ in pages for item in read(orcid, body)]
    assert [work.key for work in works(found)] == [f"{OWNER}/9"]
    assert [one.key for one in rejections(found)] == ["0000-0001-5006-3868", "0000-0002-6091-2701", "0000-0002-1825-0098"]
    assert [cursor for _, cursor in pages] == ["1", "2", "3", ""]
    assert registry.calls[0].path == f"/v3.0/{OWNER}/record"
    assert registry.calls[0].headers["Accept"] == "application/json"


def test_records_by_search():
    results = [{"orcid-identifier": {"path": path}} for path in (OWNER, "0000-0001-5006-3868")]
    page = dumped({"result": results, "num-found": 2})
    with serving(page, dumped(record([summary(9)])), dumped(record([summary(10)]))) as registry:
        pages = list(orcid.fetch(query="family-name:Carberry", client=registry.client()))
    assert [cursor for _, cursor in pages] == ["1", "2"]
    assert registry.calls[0].params == {"q": "family-name:Carberry", "start": "0", "rows": "100"}
    with serving(dumped({"result": None, "num-found": 0})) as registry:
        assert list(orcid.fetch(query="family-name:Nobody", after="2", client=registry.client())) == []
