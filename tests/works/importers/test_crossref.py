"""Crossref: REST answers, the public data file, deposited XML; notices, relations, contributors as they are deposited; paging."""

import time
from typing import Any

import orjson
import pytest

from tests.works.importers.samples import one_rejection, one_work, read, rejections, works
from tests.works.importers.server import Reply, serving
from works.importers import crossref
from works.importers.http import RegistryUnavailable
from works.importers.markup import plain_text
from works.importers.record import ImportedAffiliation, ImportedSource

ITEM: dict[str, Any] = {
    "DOI": "10.1371/JOURNAL.pone.0120799",
    "type": "journal-article",
    "title": ["Growth of\n                    <i>E. coli</i>"],
    "subtitle": ["A study"],
    "container-title": ["PLOS ONE"],
    "ISSN": ["1932-6203"],
    "issued": {"date-parts": [[2015, 3, 9]]},
    "created": {"date-parts": [[2015, 4, 1]]},
    "deposited": {"date-time": "2015-06-04T00:00:00Z"},
    "language": "en",
    "abstract": "<jats:title>Abstract</jats:title><jats:p>We grow <jats:italic>E. coli</jats:italic> at p&lt;0.05.</jats:p>",
    "author": [
        {
            "given": "CELIA A.",
            "family": "HARVEY",
            "sequence": "first",
            "ORCID": "http://orcid.org/0000-0002-1825-0097",
            "authenticated-orcid": True,
            "affiliation": [
                {"name": "Duke University", "id": [{"id": "https://ror.org/00py81415", "id-type": "ROR"}], "place": ["Durham"]},
                {"name": "Somewhere else"},
            ],
        }
    ],
    "reference": [{"DOI": "10.1000/Cited", "key": "1"}, {"unstructured": "A book."}],
}


def item(**fields: Any) -> bytes:
    return orjson.dumps({**ITEM, **fields})


def test_a_work():
    work = one_work(crossref, item())
    assert (work.registry, work.key, work.asserted_by, work.type) == ("crossref", "10.1371/journal.pone.0120799", "publisher", "article")
    assert (work.title, work.abstract) == ("Growth of E. coli: A study", "We grow E. coli at p<0.05.")
    assert (work.year, work.published_on, work.updated, work.language) == (2015, "2015-03-09", "2015-06-04T00:00:00Z", "en")
    assert work.source == ImportedSource(name="PLOS ONE", kind="journal", identifiers=(("issn", "1932-6203"),))
    assert work.references == (("doi", "10.1000/cited"),)
    (author,) = work.authors
    assert (author.raw_name, author.name, author.is_orcid_authenticated) == ("CELIA A. HARVEY", "Celia A. Harvey", True)
    assert author.identifiers == (("orcid", "0000-0002-1825-0097"),)
    assert author.affiliations == (
        ImportedAffiliation(raw="Duke University, Durham", name="Duke University", identifiers=(("ror", "00py81415"),)),
        ImportedAffiliation(raw="Somewhere else"),
    )


@pytest.mark.parametrize(
    "data",
    [
        orjson.dumps({"status": "ok", "message-type": "work", "message": ITEM}),
        orjson.dumps({"status": "ok", "message-type": "work-list", "message": {"next-cursor": "x", "items": [ITEM]}}),
        orjson.dumps({"items": [ITEM]}),
        orjson.dumps({"items": [ITEM]}, option=orjson.OPT_INDENT_2),
        orjson.dumps([ITEM]),
        item() + b"\n",
    ],
)
def test_every_form_it_comes_in(data: bytes):
    assert one_work(crossref, data) == one_work(crossref, item())


@pytest.mark.parametrize(
    ("given", "names", "people"),
    [
        ({"name": "Geological Survey of Canada"}, "Geological Survey of Canada", False),
        ({"name": "School of Medicine, Tehran University of Medical Sciences, Iran"}, None, False),
        ({"family": "The Lancet"}, "The Lancet", False),
        ({"family": "조혜린"}, "조혜린", True),
        ({"family": "Jin-Fu Chang"}, "Jin-Fu Chang", True),
        ({"given": "Donald", "family": "Hora", "suffix": "Jr."}, "Donald Hora Jr.", True),
        ({"given": "Satyajit", "family": "Mayor", "suffix": "V"}, "Satyajit V Mayor", True),
        ({"given": "Jane", "family": "Roe", "suffix": "PhD"}, "Jane Roe", True),
        ({"given": "Vincenzo", "family": "D\u00e2\x80\x99Adamo"}, "Vincenzo D’Adamo", True),
    ],
)
def test_contributors_as_they_are_deposited(given: dict[str, Any], names: str | None, people: bool):
    (author,) = one_work(crossref, item(author=[given])).authors
    assert (author.name, author.is_person) == (names or given["name"], people)


def test_one_without_any_name_is_left_out_and_said():
    found = read(crossref, item(author=[{"given": "A.", "family": "B"}, {"sequence": "additional", "affiliation": []}]))
    assert [author.name for author in works(found)[0].authors] == ["A. B"]
    assert [(one.reason, one.is_reservation) for one in rejections(found)] == [("1 of 2 authors have no name and are left out", True)]


@pytest.mark.parametrize("issued", [{"date-parts": [[None]]}, {"date-parts": [[]]}, None, {}])
def test_a_missing_year_stays_missing(issued: Any):
    work = one_work(crossref, item(issued=issued))
    assert (work.year, work.published_on) == (None, "")


def test_a_year_alone_is_no_date():
    work = one_work(crossref, item(issued={"date-parts": [[1996]]}))
    assert (work.year, work.published_on) == (1996, "")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"title": []}, "the record has no title"),
        ({"type": "component"}, "a component of another work is not a work of a researcher"),
        ({"type": "journal-issue"}, "a journal issue is not a work of a researcher"),
        ({"type": "peer-review"}, "a peer review is not a work of a researcher"),
        ({"DOI": ""}, "this is no Crossref record: it has no DOI"),
        ({"author": 7}, "the record is not built as expected: TypeError"),
    ],
)
def test_what_is_not_taken_in(fields: dict[str, Any], reason: str):
    assert one_rejection(crossref, item(**fields)).reason.startswith(reason)


@pytest.mark.parametrize(
    ("fields", "type_", "source"),
    [
        ({"type": "posted-content", "subtype": "preprint", "institution": [{"name": "bioRxiv"}]}, "preprint", ("bioRxiv", "repository")),
        ({"type": "posted-content", "subtype": "other", "group-title": "chem-bla-ics"}, "other", ("chem-bla-ics", "repository")),
        ({"type": "proceedings-article"}, "conference-paper", ("PLOS ONE", "conference")),
        ({"type": "book-chapter"}, "book-chapter", ("PLOS ONE", "book-series")),
        (
            {"type": "book-chapter", "assertion": [{"name": "conference_name", "value": "European Conference on Computer Vision"}]},
            "conference-paper",
            ("European Conference on Computer Vision", "conference"),
        ),
        ({"type": "monograph", "container-title": [], "ISBN": ["http://id.crossref.org/isbn/9780387310732"]}, "book", None),
        ({"type": "report", "container-title": []}, "report", None),
    ],
)
def test_types_and_where_it_appeared(fields: dict[str, Any], type_: str, source: tuple[str, str] | None):
    work = one_work(crossref, item(**fields))
    assert work.type == type_
    assert (work.source and (work.source.name, work.source.kind)) == source
    assert (("isbn", "9780387310732") in work.identifiers) is (type_ == "book")


def test_relations_between_preprint_article_and_versions():
    relation = {
        "has-preprint": [{"id-type": "doi", "id": "10.1101/366815", "asserted-by": "object"}],
        "is-preprint-of": {"id-type": "doi", "id": "https://doi.org/10.1000/ABC"},
        "is-version-of": [{"id-type": "doi", "id": "10.48550/arXiv.2202.07940"}],
        "has-review": [{"id-type": "doi", "id": "10.7287/peerj.616v0.1/reviews/1"}],
        "is-supplemented-by": [{"id-type": "uri", "id": "https://example.org"}],
    }
    assert one_work(crossref, item(relation=relation)).relations == (
        ("has-preprint", "doi", "10.1101/366815"),
        ("is-preprint-of", "doi", "10.1000/abc"),
        ("is-version-of", "arxiv", "2202.07940"),
    )


@pytest.mark.parametrize(
    ("fields", "notice", "relations"),
    [
        ({"update-to": [{"DOI": "10.1000/A", "type": "correction"}]}, "", (("corrects", "doi", "10.1000/a"),)),
        ({"update-to": [{"DOI": "10.1000/A", "type": "retraction"}]}, "", (("retracts", "doi", "10.1000/a"),)),
        ({"update-to": [{"DOI": "10.1000/A", "type": "new_version"}]}, "", (("is-version-of", "doi", "10.1000/a"),)),
        ({"update-to": [{"DOI": ITEM["DOI"], "type": "retraction"}]}, "retracted", ()),
        (
            {"updated-by": [{"DOI": "10.1000/N", "type": "retraction", "source": "retraction-watch"}]},
            "retracted",
            (("is-retracted-by", "doi", "10.1000/n"),),
        ),
        ({"updated-by": [{"DOI": "10.1000/N", "type": "erratum"}]}, "", (("is-corrected-by", "doi", "10.1000/n"),)),
        ({"title": ["RETRACTED ARTICLE: Growth of cells"]}, "retracted", ()),
        ({"title": ["WITHDRAWN: Growth of cells"]}, "withdrawn", ()),
        ({"title": ["Withdrawn behaviour in mice"]}, "", ()),
    ],
)
def test_notices(fields: dict[str, Any], notice: str, relations: tuple):
    work = one_work(crossref, item(**fields))
    assert (work.notice, work.relations) == (notice, relations)


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("<jats:p>x</jats:p><jats:p>y</jats:p>", "x y"),
        ("(\n  <i>Tridacna maxima</i>\n  ) in H<sub>2</sub>O", "(Tridacna maxima) in H2O"),
        ("<mml:math><mml:mi>x</mml:mi></mml:math>-ray", "x-ray"),
        (
            '<mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:msub><mml:mi>α</mml:mi><mml:mn>0</mml:mn></mml:msub></mml:math>',
            "$α_{0}$",
        ),
        (
            "<math><mi>x</mi><mo>=</mo><mfrac><mn>1</mn><msqrt><mi>n</mi></msqrt></mfrac></math>",
            r"$x=\frac{1}{\sqrt{n}}$",
        ),
        (r"<jats:tex-math>\documentclass{x}\begin{document}$a^2$\end{document}</jats:tex-math>", "$a^2$"),
        ("<jats:tex-math><![CDATA[\\(a<b\\)]]></jats:tex-math>", "$a<b$"),
        ("<math><broken>", ""),
        ("$a<b$ and p<0.05", "$a<b$ and p<0.05"),
    ],
)
def test_markup_becomes_text_and_mathematics_stay(marked: str, plain: str):
    assert plain_text(marked) == (plain or marked.replace("<math>", ""))


UNIXREF = b"""<?xml version="1.0"?><doi_records><doi_record><crossref><journal>
<journal_metadata language="en"><full_title>Izvestiya: Mathematics</full_title><issn>1064-5632</issn></journal_metadata>
<journal_article language="en"><titles><title>Light <i>unstable</i> neutrino</title></titles>
<contributors><person_name contributor_role="author" sequence="first"><given_name>Ernest</given_name><surname>Ma</surname>
<ORCID authenticated="true">https://orcid.org/0000-0002-1825-0097</ORCID><affiliations><institution>
<institution_name>Duke University</institution_name><institution_id type="ror">https://ror.org/00py81415</institution_id>
</institution></affiliations></person_name>
<person_name contributor_role="editor"><surname>Nobody</surname></person_name><organization contributor_role="author">CERN</organization>
</contributors><publication_date media_type="print"><year>2002</year></publication_date>
<publication_date media_type="online"><month>11</month><day>8</day><year>2001</year></publication_date>
<program><related_item><inter_work_relation relationship-type="hasPreprint" identifier-type="doi">10.48550/arXiv.hep-ph/0108123
</inter_work_relation></related_item></program>
<doi_data><doi>10.1103/PhysRevD.64.117303</doi></doi_data></journal_article></journal></crossref></doi_record></doi_records>"""


def test_deposited_xml():
    work = one_work(crossref, UNIXREF)
    assert (work.key, work.title, work.type) == ("10.1103/physrevd.64.117303", "Light unstable neutrino", "article")
    assert (work.year, work.published_on, work.language) == (2001, "2001-11-08", "en")
    assert [(author.name, author.is_person) for author in work.authors] == [("Ernest Ma", True), ("CERN", False)]
    assert work.authors[0].identifiers == (("orcid", "0000-0002-1825-0097"),)
    assert work.authors[0].is_orcid_authenticated
    assert work.authors[0].affiliations[0].identifiers == (("ror", "00py81415"),)
    assert work.source == ImportedSource(name="Izvestiya: Mathematics", kind="journal", identifiers=(("issn", "1064-5632"),))
    assert work.relations == (("has-preprint", "arxiv", "hep-ph/0108123"),)


def test_malformed_xml_says_where():
    rejection = one_rejection(crossref, UNIXREF[:200] + b"<<<", "deposit.xml")
    assert rejection.place == "deposit.xml"
    assert rejection.reason.startswith("malformed XML at line 3")


def page(*dois: str, cursor: str = "") -> Reply:
    body = {"message": {"items": [{**ITEM, "DOI": doi} for doi in dois], "next-cursor": cursor}}
    return Reply(orjson.dumps(body), headers={"x-rate-limit-limit": "1000", "x-rate-limit-interval": "1s"})


def keys(pages: list[tuple[bytes, str]]) -> list[str]:
    return [work.key for body, _ in pages for work in works(read(crossref, body))]


def test_by_filter_pages_by_cursor_until_a_page_is_short():
    with serving(page("10.1000/1", "10.1000/2", cursor="abc"), page("10.1000/3", cursor="def")) as registry:
        pages = list(crossref.fetch(query="orcid:0000-0002-1825-0097", limit=4, client=registry.client()))
    assert (keys(pages), [cursor for _, cursor in pages]) == (["10.1000/1", "10.1000/2"], [""])
    assert registry.calls[0].params == {
        "filter": "orcid:0000-0002-1825-0097",
        "cursor": "*",
        "rows": "4",
        "mailto": "records@bzpeer.example",
    }
    assert "mailto:records@bzpeer.example" in registry.calls[0].headers["User-Agent"]
    full = [f"10.1000/{number}" for number in range(200)]
    with serving(page(*full, cursor="abc"), page("10.1000/200", cursor="def")) as registry:
        pages = list(crossref.fetch(query="widget", client=registry.client()))
    assert (keys(pages), [cursor for _, cursor in pages]) == ([*full, "10.1000/200"], ["abc", ""])
    assert [(call.params["query"], call.params["cursor"]) for call in registry.calls] == [("widget", "*"), ("widget", "abc")]


def test_by_dois_and_what_crossref_does_not_know():
    answer = orjson.dumps({"message": ITEM})
    busy = Reply(b"slow down", 429, headers={"Retry-After": "0"})
    with serving(busy, answer, Reply(b"Resource not found.", 404)) as registry:
        pages = list(
            crossref.fetch(ids=["https://doi.org/10.1371/journal.pone.0120799", "10.5281/zenodo.1", "abc"], client=registry.client())
        )
    found = [thing for body, _ in pages for thing in read(crossref, body)]
    assert [work.key for work in works(found)] == ["10.1371/journal.pone.0120799"]
    assert [one.reason.partition(": ")[0] for one in rejections(found)] == [
        "Crossref has no record of '10.5281/zenodo.1'",
        "Crossref has no record of 'abc'",
    ]
    assert [cursor for _, cursor in pages] == ["1", "2", ""]
    assert registry.calls[0].path == "/works/10.1371%2Fjournal.pone.0120799"


def test_the_pace_follows_the_headers():
    slow = Reply(page("10.1000/1").body, headers={"x-rate-limit-limit": "5", "x-rate-limit-interval": "1s"})
    begun = time.monotonic()
    with serving(slow, slow, slow) as registry:
        list(crossref.fetch(ids=["10.1000/1", "10.1000/2", "10.1000/3"], client=registry.client()))
    assert time.monotonic() - begun >= 1 / 5


def test_an_answer_that_is_no_list():
    with serving(b'{"message": "x"}') as registry, pytest.raises(RegistryUnavailable, match="where a list of works was asked for"):
        list(crossref.fetch(query="widget", client=registry.client()))
