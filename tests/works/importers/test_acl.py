"""The ACL Anthology: papers with what their volumes say."""

import pytest

from tests.works.importers.samples import one_rejection, one_work, read, rejections, works
from works.importers import acl
from works.importers.record import ImportedAffiliation

META = """<meta><booktitle>Proceedings of the Nth Meeting</booktitle><editor><first>E.</first><last>Ditor</last></editor>
<year>2024</year></meta>"""
PAPER = """<paper id="1">
<title>Parsing <fixed-case>F</fixed-case>rench in <tex-math>O(n^3)</tex-math> &amp; less</title>
<author id="ada-lovelace-2"><first>Ada</first><last>Lovelace</last><affiliation>An Institute</affiliation></author>
<author><first/><last>Mausam</last></author>
<author><first>Jiayu</first><last>Ding</last><variant script="hani"><first>丁,</first><last>佳玙</last></variant></author>
<abstract>We <i>show</i> it.</abstract><doi>10.18653/v1/2024.naacl-long.1</doi><language>fra</language>
<revision id="1" href="x"/><revision id="2" href="x" hash="0">More.</revision></paper>"""


def collection(*papers: str, meta: str = META, name: str = "2024.naacl", volume: str = 'id="long" type="proceedings"') -> bytes:
    return (
        f"<collection id='{name}'><volume {volume}>{meta}<frontmatter><url>x</url></frontmatter>{''.join(papers)}</volume>"
        "<event><meta><title>The Nth Meeting</title></meta></event></collection>"
    ).encode()


def test_a_paper():
    work = one_work(acl, collection(PAPER))
    assert (work.registry, work.key, work.asserted_by, work.type) == ("acl", "2024.naacl-long.1", "publisher", "conference-paper")
    assert work.title == "Parsing French in $O(n^3)$ & less"
    assert (work.abstract, work.year, work.language, work.version, work.notice) == ("We show it.", 2024, "fr", "v2", "")
    assert work.identifiers == (("acl", "2024.naacl-long.1"), ("doi", "10.18653/v1/2024.naacl-long.1"))
    assert work.source
    assert (work.source.name, work.source.kind) == ("Proceedings of the Nth Meeting", "conference")


def test_names_with_and_without_first_names_and_explicit_ids():
    authors = one_work(acl, collection(PAPER)).authors
    assert [(author.raw_name, author.name) for author in authors] == [
        ("Lovelace, Ada", "Ada Lovelace"), ("Mausam", "Mausam"), ("Ding, Jiayu", "Jiayu Ding"),
    ]  # fmt: skip
    assert authors[0].identifiers == (("acl", "ada-lovelace-2"),)
    assert authors[0].affiliations == (ImportedAffiliation(raw="An Institute"),)
    assert authors[1].identifiers == ()


def test_each_volume_speaks_for_its_own_papers():
    second = '<volume id="2"><meta><booktitle>Another</booktitle><year>2023</year></meta><paper id="7"><title>B</title></paper></volume>'
    data = collection('<paper id="1"><title>A</title></paper>').replace(b"<event>", second.encode() + b"<event>")
    found = works(read(acl, data))
    assert [(work.key, work.year, work.source and work.source.name) for work in found] == [
        ("2024.naacl-long.1", 2024, "Proceedings of the Nth Meeting"), ("2024.naacl-2.7", 2023, "Another"),
    ]  # fmt: skip


def test_a_volume_without_meta_gives_no_paper_the_meta_of_the_one_before():
    data = collection('<paper id="1"><title>A</title></paper>').replace(
        b"<event>", b'<volume id="2"><paper id="7"><title>B</title></paper></volume><event>'
    )
    assert "stands in no volume" in rejections(read(acl, data))[0].reason


@pytest.mark.parametrize(
    ("meta", "source"),
    [
        ("<journal-volume>15</journal-volume><venue>cl</venue>", "Computational Linguistics"),
        ("<journal-title>Natural Language Journal</journal-title>", "Natural Language Journal"),
        ("<venue>other</venue>", "Volume 15"),
    ],
)
def test_journals(meta: str, source: str):
    whole = f"<meta><booktitle>Volume 15</booktitle><year>1989</year>{meta}</meta>"
    paper = '<paper id="1"><title>Parsing with Idioms in Mind</title></paper>'
    work = one_work(acl, collection(paper, meta=whole, name="J89", volume='id="1" type="journal"'))
    assert work.source
    assert (work.key, work.type, work.source.name, work.source.kind) == ("J89-1001", "article", source, "journal")


def test_retracted_papers_are_marked_and_removed_ones_left_out():
    retracted = '<paper id="1"><title>A</title><retracted date="2021-08-09"/></paper>'
    assert one_work(acl, collection(retracted)).notice == "retracted"
    removed = one_rejection(
        acl, collection('<paper id="2"><title>A</title><removed date="2022-01-01">Plagiarism.</removed></paper>'), "a.xml"
    )
    assert removed.reason == "the Anthology has removed this paper (2022-01-01): Plagiarism."
    assert (removed.place, removed.key) == ("a.xml:2024.naacl-long.2", "2024.naacl-long.2")


def test_other_documents_are_named():
    assert "<feed>" in one_rejection(acl, b"<feed/>").reason
