"""arXiv's formats: what each says of a paper, and what each calls an error."""

import orjson
import pytest

from tests.works.importers.samples import atom_entry, atom_feed, oai, oai_record, one_rejection, one_work, read, rejections, works
from works.importers import arxiv
from works.importers.arxiv.taxonomy import CATEGORIES, codes_by_subject
from works.importers.record import ImportedTopic, from_json, to_json


def test_an_atom_entry():
    authors = "".join(f"<author><name>{name}</name></author>" for name in ("Jihao Liu", "Boxiao Liu", "Hongsheng Li", "Yu Liu"))
    more = "<arxiv:doi>10.1103/PhysRevD.76.013009</arxiv:doi><arxiv:comment>37 pages</arxiv:comment>"
    work = one_work(arxiv, atom_feed(atom_entry("2202.07940v2", authors=authors, more=more)))
    assert (work.registry, work.key, work.version, work.asserted_by, work.type) == ("arxiv", "2202.07940", "v2", "repository", "preprint")
    assert (work.year, work.published_on, work.updated) == (2022, "2022-02-16", "2022-03-01T10:00:00Z")
    assert work.identifiers == (("arxiv", "2202.07940"), ("doi", "10.1103/physrevd.76.013009"))
    assert [author.name for author in work.authors] == ["Jihao Liu", "Boxiao Liu", "Hongsheng Li", "Yu Liu"]
    assert work.abstract == "Recent studies point out."
    assert work.topics == (
        ImportedTopic(scheme="arxiv", code="cs.LG", label="Machine Learning"),
        ImportedTopic(scheme="arxiv", code="cs.CV", label="Computer Vision and Pattern Recognition"),
    )
    assert work.source is not None
    assert (work.source.name, work.source.kind) == ("arXiv", "repository")
    assert (work.notice, work.language, work.is_byline_cut) == ("", "", False)
    assert from_json(to_json(work)) == work


def test_old_style_ids_and_affiliations():
    authors = "<author><name>A. Author</name><arxiv:affiliation>IHEP, Serpukhov</arxiv:affiliation></author>"
    work = one_work(arxiv, atom_feed(atom_entry("quant-ph/0201082v1", authors=authors)))
    assert (work.key, work.version) == ("quant-ph/0201082", "v1")
    assert [affiliation.raw for affiliation in work.authors[0].affiliations] == ["IHEP, Serpukhov"]


def test_an_error_entry_becomes_no_work():
    entry = (
        "<entry><id>https://arxiv.org/api/errors#incorrect_id_format_for_abc</id><title>Error</title>"
        "<summary>incorrect id format for abc</summary><author><name>arXiv api core</name></author></entry>"
    )
    rejection = one_rejection(arxiv, atom_feed(entry), "feed.xml")
    assert (rejection.place, rejection.reason) == ("feed.xml:entry 1", "arXiv answers with an error: incorrect id format for abc")


def test_a_paper_may_be_called_error():
    assert one_work(arxiv, atom_feed(atom_entry("2202.00001v1", title="Error"))).title == "Error"


@pytest.mark.parametrize(
    ("comment", "notice"),
    [
        ("This paper has been withdrawn by the authors due to an error in Lemma 2", "withdrawn"),
        ("Withdrawn by arXiv administrators", "withdrawn"),
        ("a claim of an earlier version is withdrawn", ""),
        ("12 pages", ""),
    ],
)
def test_a_withdrawal_stands_in_the_comment(comment: str, notice: str):
    assert one_work(arxiv, atom_feed(atom_entry("2202.00001v1", more=f"<arxiv:comment>{comment}</arxiv:comment>"))).notice == notice


def test_collaborations_in_oai_pmh():
    authors = (
        "<author><keyname>Collaboration</keyname><forenames>Super-Kamiokande</forenames>"
        "<affiliation>Kamioka Observatory</affiliation></author>"
        "<author><keyname>:</keyname><affiliation>Kamioka Observatory</affiliation></author>"
        "<author><keyname>Abe</keyname><forenames>K.</forenames><affiliation>Kamioka Observatory</affiliation>"
        "<affiliation>Kavli Institute</affiliation></author>"
        "<author><keyname>W.</keyname><forenames>R.</forenames><suffix>IV</suffix></author>"
    )
    work = one_work(arxiv, oai(oai_record("1606.07538", authors)))
    assert [(author.name, author.raw_name, author.is_person) for author in work.authors] == [
        ("Super-Kamiokande Collaboration", "Collaboration, Super-Kamiokande", False),
        ("K. Abe", "Abe, K.", True),
        ("R. W. IV", "W., R., IV", True),
    ]
    assert [affiliation.raw for affiliation in work.authors[1].affiliations] == ["Kamioka Observatory", "Kavli Institute"]
    assert work.title == "Solar Neutrino Measurements in Super-Kamiokande-IV"
    assert (work.year, work.published_on, work.updated, work.version) == (2016, "2016-06-23", "2016-06-24", "")
    assert [topic.code for topic in work.topics] == ["hep-ex", "physics.ins-det"]


def test_oai_errors_and_deleted_records():
    error = b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="idDoesNotExist">\nNot an id.\n</error></OAI-PMH>'
    assert one_rejection(arxiv, error).reason == "arXiv answers with an error: idDoesNotExist: Not an id."
    deleted = '<record><header status="deleted"><identifier>oai:arXiv.org:0704.0001</identifier></header></record>'
    rejection = one_rejection(arxiv, oai(deleted))
    assert (rejection.reason, rejection.key) == ("arXiv has deleted this record", "0704.0001")


OAI_DC = """<record><header><identifier>oai:arXiv.org:1412.1417</identifier><datestamp>2023-01-25</datestamp></header><metadata>
<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>Current algebras and categorified quantum groups</dc:title><dc:creator>Beliakova, Anna</dc:creator>
<dc:creator>Collaboration, Super-Kamiokande</dc:creator><dc:creator>Evans, Neal J., II</dc:creator><dc:creator>Mausam</dc:creator>
<dc:subject>Mathematics - Quantum Algebra</dc:subject><dc:subject>Nuclear Experiment</dc:subject><dc:subject>81R50, 17B37</dc:subject>
<dc:description>  We identify the trace.\n</dc:description><dc:description>Comment: 28 pages</dc:description>
<dc:date>2023-01-23</dc:date><dc:date>2014-12-03</dc:date><dc:type>text</dc:type>
<dc:identifier>http://arxiv.org/abs/1412.1417</dc:identifier><dc:identifier>Journal of the LMS, 2017</dc:identifier>
<dc:identifier>doi:10.1112/jlms.12001</dc:identifier></oai_dc:dc></metadata></record>"""


@pytest.mark.parametrize("data", [OAI_DC.encode(), oai(OAI_DC)], ids=["bare record", "in an answer"])
def test_oai_dc(data: bytes):
    work = one_work(arxiv, data)
    assert (work.key, work.year, work.published_on) == ("1412.1417", 2014, "2014-12-03")
    assert [(author.name, author.raw_name) for author in work.authors] == [
        ("Anna Beliakova", "Beliakova, Anna"),
        ("Super-Kamiokande Collaboration", "Collaboration, Super-Kamiokande"),
        ("Neal J. Evans II", "Evans, Neal J., II"),
        ("Mausam", "Mausam"),
    ]
    assert [topic.code for topic in work.topics] == ["math.QA", "nucl-ex"]
    assert work.identifiers == (("arxiv", "1412.1417"), ("doi", "10.1112/jlms.12001"))
    assert work.abstract == "We identify the trace."


def test_arxiv_raw():
    record = (
        "<record><header><identifier>oai:arXiv.org:0704.0001</identifier></header><metadata><arXivRaw xmlns='http://arxiv.org/OAI/arXivRaw/'>"
        "<id>0704.0001</id><version version='v1'><date>Mon, 2 Apr 2007 19:18:42 GMT</date></version>"
        "<version version='v2'><date>Tue, 24 Jul 2007 20:10:27 GMT</date></version><title>Diphoton production</title>"
        r"<authors>C. Bal\'azs, E. L. Berger (1 and 2), P. M. Nadolsky and C.-P. Yuan ((1) MSU, (2) ANL)</authors>"
        "<categories>hep-ph</categories><abstract>A calculation.</abstract></arXivRaw></metadata></record>"
    )
    work = one_work(arxiv, oai(record))
    assert [author.name for author in work.authors] == ["C. Balázs", "E. L. Berger", "P. M. Nadolsky", "C.-P. Yuan"]
    assert (work.published_on, work.version, work.updated) == ("2007-04-02", "v2", "2007-07-24")


SNAPSHOT = {
    "id": "0704.0020",
    "submitter": "B. Aubert",
    "authors": "The BABAR Collaboration, B. Aubert, et al",
    "title": "Measurement of\n  $B$",
    "comments": None,
    "journal-ref": None,
    "doi": "10.1103/PhysRevD.76.013009 10.1103/PhysRevD.77.1",
    "categories": "hep-ex hep-ph",
    "license": None,
    "abstract": "  We present\u2028results.\n",
    "update_date": "2008-11-26",
    "versions": [
        {"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"},
        {"version": "v2", "created": "Tue, 24 Jul 2007 20:10:27 GMT"},
    ],
    "authors_parsed": [
        ["The BABAR Collaboration", "", ""],
        ["Evans", "Neal J.", "II"],
        ["Biryukov", "V. M.", "", "IHEP"],
        ["M", "A.", "", "1 and 2"],
    ],
}


def test_a_snapshot_line():
    line = orjson.dumps(SNAPSHOT)
    work = one_work(arxiv, line + b"\r\n")
    assert [(author.name, author.raw_name, author.is_person, [item.raw for item in author.affiliations]) for author in work.authors] == [
        ("The BABAR Collaboration", "The BABAR Collaboration", False, []),
        ("Neal J. Evans II", "Evans, Neal J., II", True, []),
        ("V. M. Biryukov", "Biryukov, V. M.", True, ["IHEP"]),
        ("A. M", "M, A.", True, []),
    ]
    assert (work.year, work.published_on, work.version, work.updated) == (2007, "2007-04-02", "v2", "2008-11-26")
    assert work.is_byline_cut
    assert work.identifiers == (("arxiv", "0704.0020"), ("doi", "10.1103/physrevd.76.013009"), ("doi", "10.1103/physrevd.77.1"))
    assert (work.title, work.abstract) == ("Measurement of $B$", "We present results.")


def test_lines_that_are_no_snapshot_say_so_and_the_others_come_in():
    good = orjson.dumps(SNAPSHOT)
    data = b"\xef\xbb\xbf" + good + b'\n{"id": "2506.1", "abs": "x"}\n\n{"id": \n[]\n"text"\n' + b"x" * 2**21 + b"\n" + good
    found = read(arxiv, data, "snapshot.jsonl")
    assert [work.key for work in works(found)] == ["0704.0020", "0704.0020"]
    assert [(rejection.place, rejection.reason.split(";")[0]) for rejection in rejections(found)] == [
        ("snapshot.jsonl:2", "this line is an object with id, abs"),
        ("snapshot.jsonl:4", "malformed JSON at line 1, column 7: Expecting value"),
        ("snapshot.jsonl:6", "this line is a JSON str"),
        ("snapshot.jsonl:7", "the line is longer than 1 MB"),
    ]


@pytest.mark.parametrize("field", ["authors_parsed", "versions", "title", "categories", "doi", "comments"])
@pytest.mark.parametrize("value", [7, "text", [1], [[1, 2]], {"a": 1}, True])
def test_fields_of_a_wrong_kind_reject_the_one_record(field: str, value: object):
    found = read(arxiv, orjson.dumps({**SNAPSHOT, field: value}) + b"\n" + orjson.dumps(SNAPSHOT))
    assert works(found)[-1].key == "0704.0020"
    assert len(works(found)) + len([item for item in rejections(found) if not item.is_reservation]) == 2


def test_malformed_xml_keeps_the_good_records_before_it():
    data = atom_feed(atom_entry("2202.00001v1"), atom_entry("2202.00002v1"))
    for end in (data.index(b"2202.00002"), len(data) - 3):
        found = read(arxiv, data[:end] + b"<&", "feed.xml")
        assert [work.key for work in works(found)][:1] == ["2202.00001"]
        (rejection,) = rejections(found)
        assert "malformed XML at line" in rejection.reason
        assert rejection.place.startswith("feed.xml: after entry")


LAUGHS = b"<!DOCTYPE feed [<!ENTITY a 'ha'>" + b"".join(b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)) + b"]>"


@pytest.mark.parametrize("body", [b"<feed><entry><title>&j;</title></entry></feed>", b"<feed lang='&j;'/>", b"<feed/>"])
def test_document_types_and_their_entities_are_refused(body: bytes):
    reason = one_rejection(arxiv, b"<?xml version='1.0'?>" + LAUGHS + body).reason
    assert "document type" in reason or "malformed XML" in reason


def test_entities_of_files_are_never_read():
    data = (
        b'<!DOCTYPE feed [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + atom_feed(atom_entry("2202.00001v1", title="&f;")).split(b"\n", 1)[1]
    )
    assert "document type" in one_rejection(arxiv, data).reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html><body>Rate exceeded.</body></html>", "the document is <html>"),
        (b"Rate exceeded.", "neither JSON Lines nor a JSON document; it begins with 'Rate exceeded.'"),
        (b'{"url": "https://export.arxiv.org/api/query", "body": "<feed/>"}', "an object with url, body"),
    ],
)
def test_other_files_are_named(data: bytes, reason: str):
    assert reason in one_rejection(arxiv, data).reason


def test_an_empty_answer_has_nothing_to_say():
    assert read(arxiv, atom_feed()) == []
    assert read(arxiv, b"") == []


def test_subjects_in_words_lead_back_to_categories():
    subjects = codes_by_subject()
    assert subjects["Computer Science - Machine Learning"] == "cs.LG"
    assert subjects["Statistics - Machine Learning"] == "stat.ML"
    assert subjects["High Energy Physics - Experiment"] == "hep-ex"
    assert subjects["Quantitative Biology - Molecular Networks"] == "q-bio.MN"
    assert set(subjects.values()) <= set(CATEGORIES)


def test_a_byline_of_thousands():
    authors = "".join(f"<author><keyname>Name{number}</keyname><forenames>A.</forenames></author>" for number in range(3303))
    work = one_work(arxiv, oai(oai_record("2507.06261", authors)))
    assert len(work.authors) == 3303
    assert work.authors[-1].name == "A. Name3302"
