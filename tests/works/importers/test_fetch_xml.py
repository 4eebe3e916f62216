"""dblp, the ACL Anthology and PubMed live, played by a server."""

import pytest

from tests.works.importers.server import Reply, serving
from tests.works.importers.test_acl import PAPER, collection
from tests.works.importers.test_dblp import SPECTRE, dump
from tests.works.importers.test_fetch import found
from tests.works.importers.test_pubmed import article
from works.importers import acl, dblp, pubmed
from works.importers.http import RegistryUnavailable


def hits(total: int, *keys: str) -> bytes:
    infos = "".join(f"<hit><info><title>T.</title><type>Journal Articles</type><key>{key}</key></info></hit>" for key in keys)
    return f'<result><hits total="{total}">{infos}</hits></result>'.encode()


def test_dblp_by_keys_persons_and_addresses():
    ids = ["tr/meltdown/s18", "https://dblp.org/pid/65/9691-1.html", "no/such"]
    with serving(dump(SPECTRE), dump(SPECTRE), Reply(b"Not Found", 404)) as registry:
        pages = list(dblp.fetch(ids=ids, client=registry.client()))
        again = list(dblp.fetch(ids=ids, after="3", client=registry.client()))
    assert found(dblp, pages) == (["tr/meltdown/s18"] * 2, ["dblp has no record under this key: no/such"], ["1", "2", ""])
    assert [call.path for call in registry.calls] == ["/rec/tr/meltdown/s18.xml", "/pid/65/9691-1.xml", "/rec/no/such.xml"]
    assert again == []


def test_dblp_by_words_pages_to_the_end():
    with serving(hits(3, "a", "b"), hits(3, "c")) as registry:
        pages = list(dblp.fetch(query="meltdown spectre", client=registry.client()))
    assert found(dblp, pages) == (["a", "b", "c"], [], ["2", ""])
    assert [(call.params["q"], call.params["f"]) for call in registry.calls] == [("meltdown spectre", "0"), ("meltdown spectre", "2")]


def test_dblp_is_asked_again_when_it_says():
    with serving(Reply(b"slow down", 429, {"Retry-After": "0"}), hits(0)) as registry:
        assert found(dblp, list(dblp.fetch(query="x", client=registry.client()))) == ([], [], [""])
    assert len(registry.calls) == 2


def test_dblp_gives_no_more_than_10_000_hits():
    with serving(hits(12_000, "a")) as registry, pytest.raises(RegistryUnavailable, match=r"first 10,000 of these 12,000"):
        list(dblp.fetch(query="x", after="9999", client=registry.client()))


def test_acl_by_papers_reads_each_collection_once():
    ids = ["2024.naacl-long.1", "https://aclanthology.org/2024.naacl-long.9/", "nonsense", "P18-1001"]
    with serving(collection(PAPER, '<paper id="2"><title>Another</title></paper>'), Reply(status=404)) as registry:
        pages = list(acl.fetch(ids=ids, client=registry.client()))
    assert found(acl, pages) == (
        ["2024.naacl-long.1"],
        [f"the Anthology has no paper {name}" for name in ("2024.naacl-long.9", "nonsense", "P18-1001")],
        ["1", "2", ""],
    )
    assert [call.path for call in registry.calls] == ["/2024.naacl.xml", "/P18.xml"]


def test_acl_by_whole_collections():
    with serving(collection(PAPER, '<paper id="2"><title>Another</title></paper>')) as registry:
        pages = list(acl.fetch(query="2024.naacl", client=registry.client()))
    assert found(acl, pages) == (["2024.naacl-long.1", "2024.naacl-long.2"], [], [""])


def test_acl_answering_with_a_page_of_another_kind():
    with serving(b"<html>") as registry, pytest.raises(RegistryUnavailable, match="what is no XML"):
        list(acl.fetch(ids=["P18-1001"], client=registry.client()))


def test_pubmed_by_ids_names_those_that_it_does_not_know():
    with serving(article()) as registry:
        pages = list(pubmed.fetch(ids=["https://pubmed.ncbi.nlm.nih.gov/18157122/", "99", "x"], client=registry.client()))
    assert found(pubmed, pages) == (
        ["18157122"],
        ["PubMed answers with an error: there is no citation 99", "PubMed answers with an error: 'x' is not a PubMed id: it is a number"],
        [""],
    )
    assert registry.calls[0].params == {
        "db": "pubmed", "tool": "bzpeer", "retmode": "xml", "email": "records@bzpeer.example", "id": "18157122,99",
    }  # fmt: skip


def test_pubmed_by_query():
    search = b"<eSearchResult><Count>2</Count><IdList><Id>18157122</Id></IdList></eSearchResult>"
    with serving(search, article(), search, article()) as registry:
        pages = list(pubmed.fetch(query="engines[ti]", client=registry.client()))
    assert found(pubmed, pages) == (["18157122"] * 2, [], ["1", ""])
    assert [call.path for call in registry.calls] == ["/esearch.fcgi", "/efetch.fcgi"] * 2
    assert [call.params.get("retstart") for call in registry.calls[::2]] == ["0", "1"]


def test_pubmed_finding_nothing_and_understanding_nothing():
    with serving(b"<eSearchResult><Count>0</Count><IdList/></eSearchResult>") as registry:
        assert found(pubmed, list(pubmed.fetch(query="x", client=registry.client()))) == ([], [], [""])
    with (
        serving(b"<eSearchResult><ERROR>Empty term</ERROR></eSearchResult>") as registry,
        pytest.raises(RegistryUnavailable, match="Empty term"),
    ):
        list(pubmed.fetch(query="(", client=registry.client()))
