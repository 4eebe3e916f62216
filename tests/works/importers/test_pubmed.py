"""PubMed: articles, books, dates of every form, notices."""

import pytest

from tests.works.importers.samples import one_rejection, one_work, read, rejections
from works.importers import pubmed
from works.importers.record import ImportedAffiliation
from works.mailboxes import digest_of_mailbox

AUTHORS = """<AuthorList CompleteYN="Y">
<Author ValidYN="Y"><LastName>Lovelace</LastName><ForeName>Ada K</ForeName><Initials>AK</Initials><Suffix>3rd</Suffix>
<Identifier Source="ORCID">http://orcid.org/0000000218250097</Identifier>
<AffiliationInfo><Affiliation>Dept of Engines, London, UK. ada@engines.example.org.</Affiliation><Identifier Source="ROR">https://ror.org/0406gha72</Identifier></AffiliationInfo></Author>
<Author ValidYN="N"><LastName>Lovelaze</LastName><Initials>A</Initials></Author>
<Author><LastName>Mausam</LastName></Author>
<Author><CollectiveName>Engine Study Group</CollectiveName></Author></AuthorList>"""


def article(
    fields: str = "", *, date: str = "<Year>2008</Year>", title: str = "On engines.", citation: str = "", data: str = "", kinds: str = ""
) -> bytes:
    types = "".join(f"<PublicationType>{kind}</PublicationType>" for kind in ("Journal Article", *filter(None, kinds.split("|"))))
    return (
        '<?xml version="1.0"?><!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "http://dtd.example/pubmed.dtd">'
        f'<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">18157122</PMID><Article><Journal><ISSN>1552-4469</ISSN>'
        f"<JournalIssue><PubDate>{date}</PubDate></JournalIssue><Title>Engines</Title></Journal><ArticleTitle>{title}</ArticleTitle>{fields}"
        f"<Language>eng</Language><PublicationTypeList>{types}</PublicationTypeList></Article>{citation}</MedlineCitation>"
        f"<PubmedData>{data}</PubmedData></PubmedArticle></PubmedArticleSet>"
    ).encode()


def comments(ref_type: str) -> str:
    return (
        f'<CommentsCorrectionsList><CommentsCorrections RefType="{ref_type}"><RefSource>Cell</RefSource><PMID>37385249</PMID>'
        "</CommentsCorrections></CommentsCorrectionsList>"
    )


def test_an_article():
    ids = (
        '<ArticleIdList><ArticleId IdType="pubmed">18157122</ArticleId><ArticleId IdType="doi">10.1038/X</ArticleId>'
        '<ArticleId IdType="pmc">PMC123</ArticleId><ArticleId IdType="pii">n1</ArticleId></ArticleIdList><ReferenceList>'
        "<Reference><Citation>A</Citation><ArticleIdList>"
        '<ArticleId IdType="doi">10.1/a</ArticleId><ArticleId IdType="pubmed">77</ArticleId></ArticleIdList>'
        "</Reference><Reference><Citation>no id</Citation></Reference></ReferenceList>"
    )
    abstract = (
        '<Abstract><AbstractText Label="METHODS">We <i>look</i>.</AbstractText><AbstractText Label="UNLABELLED">More.</AbstractText>'
        "<CopyrightInformation>(c)</CopyrightInformation></Abstract>"
    )
    work = one_work(pubmed, article(abstract + AUTHORS, data=ids, title="Engines <i>in vivo</i>."))
    assert (work.registry, work.key, work.type, work.title, work.language) == ("pubmed", "18157122", "article", "Engines in vivo", "en")
    assert work.abstract == "METHODS: We look. More."
    assert work.identifiers == (("pmid", "18157122"), ("doi", "10.1038/x"), ("pmcid", "PMC123"))
    assert work.references == (("pmid", "77"),)
    assert work.source
    assert (work.source.name, work.source.kind, work.source.identifiers) == ("Engines", "journal", (("issn", "1552-4469"),))


def test_authors():
    first, second, group = one_work(pubmed, article(AUTHORS)).authors
    assert (first.raw_name, first.name) == ("Lovelace, Ada K, 3rd", "Ada K Lovelace 3rd")
    assert first.identifiers == (("orcid", "0000-0002-1825-0097"),)
    mailboxes = (digest_of_mailbox("ada@engines.example.org"),)
    line = "Dept of Engines, London, UK."
    assert first.affiliations == (ImportedAffiliation(raw=line, identifiers=(("ror", "0406gha72"),), mailboxes=mailboxes),)
    assert (second.name, second.is_person) == ("Mausam", True)
    assert (group.name, group.is_person) == ("Engine Study Group", False)
    assert one_work(pubmed, article(AUTHORS.replace('CompleteYN="Y"', 'CompleteYN="N"'))).is_byline_cut


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("<Year>2019</Year><Month>02</Month><Day>4</Day>", (2019, "2019-02-04")),
        ("<Year>2019</Year><Month>Feb</Month><Day>30</Day>", (2019, "")),
        ("<Year>2008</Year><Month>Feb</Month>", (2008, "")),
        ("<Year>2008</Year><Season>Spring</Season>", (2008, "")),
        ("<MedlineDate>2000 Nov-Dec</MedlineDate>", (2000, "")),
        ("<MedlineDate>1998 Dec-1999 Jan</MedlineDate>", (1998, "")),
        ("<MedlineDate>Winter</MedlineDate>", (None, "")),
        ("", (None, "")),
    ],
)
def test_dates(date: str, expected: tuple[int | None, str]):
    work = one_work(pubmed, article(date=date))
    assert (work.year, work.published_on) == expected


def test_titles_of_translations():
    assert one_work(pubmed, article(title="[On engines].")).title == "On engines"
    assert (
        one_work(pubmed, article("<VernacularTitle>Über Maschinen.</VernacularTitle>", title="[Not Available].")).title == "Über Maschinen"
    )


@pytest.mark.parametrize(
    ("ref_type", "kinds", "relation", "notice"),
    [
        ("RetractionIn", "Retracted Publication", "is-retracted-by", "retracted"),
        ("RetractionOf", "Retraction of Publication", "retracts", ""),
        ("ErratumIn", "", "is-corrected-by", ""),
        ("ExpressionOfConcernIn", "", "is-questioned-by", ""),
        ("UpdateIn", "Preprint", "is-preprint-of", ""),
        ("UpdateIn", "", "has-version", ""),
    ],
)
def test_notices_and_relations(ref_type: str, kinds: str, relation: str, notice: str):
    work = one_work(pubmed, article(citation=comments(ref_type), kinds=kinds))
    assert (work.relations, work.notice) == (((relation, "pmid", "37385249"),), notice)
    assert one_work(pubmed, article(citation=comments("Cites"))).relations == ()


@pytest.mark.parametrize(
    ("kind", "type_"), [("Preprint", "preprint"), ("Review", "review"), ("Editorial", "editorial"), ("Letter", "letter")]
)
def test_types(kind: str, type_: str):
    assert one_work(pubmed, article(kinds=kind)).type == type_


def test_a_preprint_of_arxiv():
    assert one_work(pubmed, article('<ELocationID EIdType="pii" ValidYN="Y">arXiv:2304.02112v2</ELocationID>')).identifiers == (
        ("pmid", "18157122"), ("arxiv", "2304.02112"),
    )  # fmt: skip


def book(title: str = "") -> bytes:
    return (
        "<PubmedArticleSet><PubmedBookArticle><BookDocument><PMID>20821847</PMID><Book><BookTitle>Engines</BookTitle><PubDate><Year>2001"
        f"</Year></PubDate><AuthorList Type='authors'><Author><LastName>Lovelace</LastName></Author></AuthorList>"
        f"<Isbn>1859962521</Isbn></Book>"
        f"{title}"
        "</BookDocument></PubmedBookArticle></PubmedArticleSet>"
    ).encode()


def test_books_and_chapters():
    work = one_work(pubmed, book())
    assert (work.type, work.title, work.year, len(work.authors)) == ("book", "Engines", 2001, 1)
    assert ("isbn", "1859962521") in work.identifiers
    chapter = one_work(pubmed, book("<ArticleTitle>Wheels.</ArticleTitle>"))
    assert chapter.source
    assert (chapter.type, chapter.title, chapter.source.name, chapter.authors) == ("book-chapter", "Wheels", "Engines", ())


def test_deleted_citations_and_errors_are_told():
    data = b"<PubmedArticleSet><DeleteCitation><PMID>1</PMID><PMID>2</PMID></DeleteCitation><ERROR>nothing</ERROR></PubmedArticleSet>"
    assert [(rejection.key, rejection.reason) for rejection in rejections(read(pubmed, data))] == [
        ("1", "PubMed has deleted this citation"), ("2", "PubMed has deleted this citation"), ("", "PubMed answers with an error: nothing"),
    ]  # fmt: skip
    assert "no PubMed id" in one_rejection(pubmed, b"<PubmedArticleSet><PubmedArticle/></PubmedArticleSet>").reason
