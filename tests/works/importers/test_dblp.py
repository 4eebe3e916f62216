"""dblp: publications as the dump, person pages and searches give them. The records are real (CC0), shortened."""

import pytest

from tests.works.importers.samples import one_rejection, one_work, read, rejections, works
from works.importers import dblp

HEAD = b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<!DOCTYPE dblp SYSTEM "dblp.dtd">\n'
SPECTRE = b"""<article mdate="2020-03-12" key="tr/meltdown/s18" publtype="informal">
<author>Paul Kocher</author>
<author orcid="0000-0001-9301-7829">Thomas Prescher 0002</author>
<author>Michael Schwarz 0001</author>
<title>Spectre Attacks: Exploiting Speculative Execution.</title>
<journal>meltdownattack.com</journal>
<year>2018</year>
<ee type="oa">https://spectreattack.com/spectre.pdf</ee>
</article>"""
SCHOENHAGE = b"""<article mdate="2013-11-28" key="journals/acta/Schonhage77">
<author>Arnold Sch&ouml;nhage</author>
<title>Schnelle Multiplikation von Polynomen &uuml;ber K<i>&ouml;</i>rpern der Charakteristik 2.</title>
<journal>Acta Inf.</journal><volume>7</volume><year>1977</year><pages>395-398</pages>
<cite>journals/cacm/Knuth74</cite><cite>...</cite>
<ee>http://dx.doi.org/10.1007/BF00289470</ee>
</article>"""


def dump(*records: bytes) -> bytes:
    return HEAD + b"<dblp>" + b"\n".join(records) + b"</dblp>"


def record(kind: str, fields: str, *, attributes: str = "") -> bytes:
    return dump(f'<{kind} key="k/x" {attributes}><author>Ada Lovelace</author><title>T.</title>{fields}</{kind}>'.encode())


def test_a_record_of_the_dump():
    work = one_work(dblp, dump(SCHOENHAGE))
    assert (work.registry, work.key, work.asserted_by, work.type) == ("dblp", "journals/acta/Schonhage77", "aggregator", "article")
    assert work.title == "Schnelle Multiplikation von Polynomen über Körpern der Charakteristik 2"
    assert [author.name for author in work.authors] == ["Arnold Schönhage"]
    assert (work.year, work.updated) == (1977, "2013-11-28")
    assert work.identifiers == (("dblp", "journals/acta/Schonhage77"), ("doi", "10.1007/bf00289470"))
    assert work.references == (("dblp", "journals/cacm/Knuth74"),)
    assert work.source
    assert (work.source.name, work.source.kind) == ("Acta Inf.", "journal")


def test_a_homonyms_number_is_its_identity_and_no_part_of_its_name():
    work = one_work(dblp, dump(SPECTRE))
    assert work.type == "preprint"
    assert [(author.raw_name, author.name, author.identifiers) for author in work.authors] == [
        ("Paul Kocher", "Paul Kocher", ()),
        ("Thomas Prescher 0002", "Thomas Prescher", (("dblp-name", "Thomas Prescher 0002"), ("orcid", "0000-0001-9301-7829"))),
        ("Michael Schwarz 0001", "Michael Schwarz", (("dblp-name", "Michael Schwarz 0001"),)),
    ]


@pytest.mark.parametrize(
    ("kind", "attributes", "fields", "expected"),
    [
        ("inproceedings", "", "<booktitle>CCS</booktitle>", ("conference-paper", "CCS", "conference", "")),
        ("incollection", "", "<booktitle>A Book</booktitle>", ("book-chapter", "A Book", "other", "")),
        ("incollection", 'publtype="encyclopedia"', "<booktitle>E</booktitle>", ("book-chapter", "E", "other", "")),
        ("article", 'publtype="survey"', "<journal>CSUR</journal>", ("review", "CSUR", "journal", "")),
        ("article", 'publtype="informal withdrawn"', "<journal>CoRR</journal>", ("preprint", "arXiv", "repository", "withdrawn")),
        ("article", 'publtype="withdrawn"', "<journal>Nature</journal>", ("article", "Nature", "journal", "withdrawn")),
        ("book", "", "<series>LNCS</series>", ("book", "LNCS", "book-series", "")),
        ("data", "", "<journal>Zenodo</journal>", ("dataset", "Zenodo", "journal", "")),
    ],
)
def test_kinds_of_publications(kind: str, attributes: str, fields: str, expected: tuple[str, str, str, str]):
    work = one_work(dblp, record(kind, fields, attributes=attributes))
    assert work.source
    assert (work.type, work.source.name, work.source.kind, work.notice) == expected


def test_theses_have_no_venue():
    work = one_work(dblp, record("phdthesis", "<school>ETH</school><year>1999</year>"))
    assert (work.type, work.source, work.year) == ("dissertation", None, 1999)


def test_identifiers_of_electronic_editions():
    fields = "<journal>CoRR</journal><volume>abs/2202.07940</volume><ee>https://doi.org/10.48550/arXiv.2202.07940</ee>"
    assert one_work(dblp, record("article", fields)).identifiers == (
        ("dblp", "k/x"), ("arxiv", "2202.07940"), ("doi", "10.48550/arxiv.2202.07940"),
    )  # fmt: skip
    old = "<journal>CoRR</journal><volume>cs.LG/0309136</volume><ee>http://arxiv.org/abs/cs/0309136</ee><isbn>x</isbn>"
    assert one_work(dblp, record("article", old)).identifiers == (("dblp", "k/x"), ("arxiv", "cs/0309136"))
    assert one_work(dblp, record("book", "<isbn>978-3-540-12345-6</isbn>")).identifiers[1:] == (("isbn", "978-3-540-12345-6"),)


def test_proceedings_are_nobodys_work():
    volume = b'<proceedings key="conf/ccs/2019"><editor>A B</editor><title>CCS.</title></proceedings>'
    assert "volume of proceedings" in one_rejection(dblp, dump(volume)).reason
    assert one_rejection(dblp, dump(volume)).key == "conf/ccs/2019"


def test_a_persons_page_is_no_work():
    page = b'<www key="homepages/l/BarbaraLiskov"><author>Barbara Liskov</author><author>Barbara H. Liskov</author></www>'
    assert one_rejection(dblp, dump(page)).reason == "this is the page of a person (Barbara Liskov, Barbara H. Liskov), not a work"


def test_a_search_answer():
    hit = (
        b'<result><hits total="1"><hit id="1"><info><authors><author pid="65/9691-1">Michael Schwarz 0001</author></authors>'
        b"<title>ZombieLoad.</title>"
        b"<venue>CCS</venue><year>2019</year><type>Conference and Workshop Papers</type><key>conf/ccs/SchwarzLMBSPG19</key>"
        b"<doi>10.1145/3319535.3354252</doi><ee>https://doi.org/10.1145/3319535.3354252</ee></info></hit></hits></result>"
    )
    work = one_work(dblp, hit)
    assert (work.key, work.type, work.title, work.year) == ("conf/ccs/SchwarzLMBSPG19", "conference-paper", "ZombieLoad", 2019)
    assert work.authors[0].identifiers == (("dblp-name", "Michael Schwarz 0001"), ("dblp", "65/9691-1"))
    assert work.identifiers[1:] == (("doi", "10.1145/3319535.3354252"),)
    assert work.source
    assert work.source.kind == "conference"


def test_entities_of_a_documents_own_are_refused():
    bomb = b'<!DOCTYPE dblp [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><dblp><article key="k"><title>&b;</title></article></dblp>'
    assert "declares entities of its own" in one_rejection(dblp, bomb).reason


def test_records_before_a_break_are_read():
    found = read(dblp, dump(SPECTRE, SCHOENHAGE)[:-40])
    assert [work.key for work in works(found)] == ["tr/meltdown/s18"]
    assert "malformed XML" in rejections(found)[0].reason
    assert rejections(found)[0].place == "file: after entry 1"


def test_an_entity_at_the_edge_of_a_piece_is_read():
    text = b"<title>" + b"x" * (65536 - len(HEAD) - 60)
    for shift in range(12):
        data = HEAD + b'<dblp><article key="k">' + text + b"x" * shift + b"&uuml;&ouml;&nosuch;</title></article></dblp>"
        work = works(read(dblp, data))[0]
        assert work.key == "k"
    long = HEAD + b"<dblp>" + SPECTRE * 200 + b'<article key="k"><title>Z&uuml;rich &amp; Gen&egrave;ve</title></article></dblp>'
    assert works(read(dblp, long))[-1].title == "Zürich & Genève"
