"""Live services, played by a server that gives what real ones gave: pages, refusals, silence, damage."""

import io
import itertools
import logging
import time
import tomllib
from pathlib import Path
from types import ModuleType

import orjson
import pytest

from tests.works.importers.samples import atom_entry, atom_feed, oai, oai_record
from tests.works.importers.server import Registry, Reply, serving
from tests.works.importers.test_openalex import WORK
from works.importers import arxiv, openalex
from works.importers.http import VERSION, Client, RegistryUnavailable
from works.importers.record import ImportedWork, Rejection

AUTHORS = "<author><keyname>Abe</keyname><forenames>K.</forenames></author>"
ERROR_FEED = atom_feed(
    "<entry><id>https://arxiv.org/api/errors#incorrect_id_format_for_abc</id><title>Error</title>"
    "<summary>incorrect id format for abc</summary></entry>"
)


def found(source: ModuleType, pages: list[tuple[bytes, str]]) -> tuple[list[str], list[str], list[str]]:
    """(keys of the works, reasons of the rejections, cursors)."""
    items = [item for page, _ in pages for item in source.parse(io.BytesIO(page), name="page")]
    keys = [item.key for item in items if isinstance(item, ImportedWork)]
    return keys, [item.reason for item in items if isinstance(item, Rejection)], [cursor for _, cursor in pages]


def results(*ids: str, cursor: str | None = None) -> bytes:
    works = [{**WORK, "id": f"https://openalex.org/{work}", "doi": f"https://doi.org/10.1000/{work}", "ids": {}} for work in ids]
    return orjson.dumps({"meta": {"count": 4, "next_cursor": cursor}, "results": works})


def test_the_version_is_the_projects():
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION


def test_every_call_says_who_asks():
    with serving(atom_feed(atom_entry("2202.07940v1"))) as registry:
        list(arxiv.fetch(ids=["2202.07940"], client=registry.client()))
    assert registry.calls[0].headers["User-Agent"] == f"BZPEER/{VERSION} (+https://bzpeer.example; mailto:records@bzpeer.example)"
    assert Client().user_agent == f"BZPEER/{VERSION}"


def test_arxiv_by_ids_names_those_that_it_does_not_know():
    page = atom_feed(atom_entry("2202.07940v1"), atom_entry("solv-int/9701001v1"))
    with serving(page) as registry:
        pages = list(arxiv.fetch(ids=["arXiv:2202.07940", "solv-int/9701001", "0000.0000"], client=registry.client()))
    assert found(arxiv, pages) == (
        ["2202.07940", "solv-int/9701001"], ["arXiv answers with an error: arXiv has no paper 0000.0000"], [""],
    )  # fmt: skip
    assert registry.calls[0].params == {"id_list": "2202.07940,solv-int/9701001,0000.0000", "start": "0", "max_results": "3"}


def test_arxiv_asks_alone_for_what_is_no_id():
    with serving(atom_feed(atom_entry("2202.07940v1")), Reply(ERROR_FEED, 400), atom_feed(atom_entry("2208.04352v1"))) as registry:
        pages = list(arxiv.fetch(ids=["2202.07940", "abc", "2208.04352"], client=registry.client()))
    assert found(arxiv, pages) == (
        ["2202.07940", "2208.04352"], ["arXiv answers with an error: incorrect id format for abc"], ["1", "2", ""],
    )  # fmt: skip


def test_arxiv_refusing_a_chunk_is_asked_for_each_id():
    refused = Reply(ERROR_FEED, 400)
    with serving(refused, atom_feed(atom_entry("2202.07940v1")), refused) as registry:
        pages = list(arxiv.fetch(ids=["2202.07940", "9999.99999"], client=registry.client()))
    assert found(arxiv, pages) == (["2202.07940"], ["arXiv answers with an error: incorrect id format for abc"], ["0", ""])


def test_arxiv_ids_go_on_from_the_cursor():
    ids = [f"2202.{number:05}" for number in range(1, 251)]
    feeds = [atom_feed(*(atom_entry(f"{one}v1") for one in ids[start : start + 100])) for start in (0, 100, 200)]
    with serving(*feeds) as registry:
        first = list(itertools.islice(arxiv.fetch(ids=ids, client=registry.client()), 1))
        rest = list(arxiv.fetch(ids=ids, after=first[0][1], client=registry.client()))
    keys, reasons, cursors = found(arxiv, first + rest)
    assert (keys, reasons, cursors) == (ids, [], ["100", "200", ""])


def test_arxiv_by_query_pages_to_the_end_and_believes_no_empty_page_in_the_middle():
    one, two = atom_feed(atom_entry("2202.00001v1"), atom_entry("2202.00002v1"), total=3), atom_feed(atom_entry("2202.00003v1"), total=3)
    with serving(one, atom_feed(total=3), two) as registry:
        pages = list(arxiv.fetch(query="cat:cs.LG AND au:liu", client=registry.client()))
    assert found(arxiv, pages) == (["2202.00001", "2202.00002", "2202.00003"], [], ["2", ""])
    assert [call.params["start"] for call in registry.calls] == ["0", "2", "2"]
    assert registry.calls[0].params["search_query"] == "cat:cs.LG AND au:liu"
    assert int(registry.calls[0].params["max_results"]) <= 2000


def test_arxiv_with_empty_pages_only_is_unavailable():
    with serving(*[atom_feed(total=3)] * 4) as registry, pytest.raises(RegistryUnavailable, match="empty page at 0"):
        list(arxiv.fetch(query="x", client=registry.client()))
    with serving(atom_feed()) as registry:
        assert found(arxiv, list(arxiv.fetch(query="nothing", client=registry.client()))) == ([], [], [""])


def test_arxiv_tells_that_it_gives_no_more_than_30_000():
    page = atom_feed(*[atom_entry("2202.00001v1")] * 500, total=214_881)
    with serving(page) as registry, pytest.raises(RegistryUnavailable, match=r"first 30,000 of these 214,881 results"):
        for _ in arxiv.fetch(query="all:testing", after="29500", client=registry.client()):
            pass
    assert registry.calls[0].params["max_results"] == "500"


def test_a_limit_is_kept():
    with serving(atom_feed(atom_entry("2202.00001v1"), atom_entry("2202.00002v1"), total=9)) as registry:
        assert found(arxiv, list(arxiv.fetch(query="x", limit=2, client=registry.client())))[2] == [""]
    assert registry.calls[0].params["max_results"] == "2"


def test_a_harvest_by_oai_pmh():
    one, two = oai(oai_record("2401.00001", AUTHORS), token="6460044|1001"), oai(oai_record("2401.00002", AUTHORS))
    with serving(one, two) as registry:
        pages = list(arxiv.fetch(query="oai:set=cs,from=2024-01-01", client=registry.client()))
    assert found(arxiv, pages) == (["2401.00001", "2401.00002"], [], ["6460044|1001", ""])
    assert [call.params for call in registry.calls] == [
        {"verb": "ListRecords", "metadataPrefix": "arXiv", "set": "cs", "from": "2024-01-01"},
        {"verb": "ListRecords", "resumptionToken": "6460044|1001"},
    ]
    assert registry.calls[0].path == "/oai"


def test_a_resumption_token_that_arXiv_has_forgotten():
    answer = b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="badResumptionToken">expired</error></OAI-PMH>'
    with serving(answer) as registry, pytest.raises(RegistryUnavailable, match="no longer knows the place"):
        list(arxiv.fetch(query="oai:set=cs", after="old|token", client=registry.client()))


def test_retry_after_is_honoured():
    begun = time.monotonic()
    with serving(Reply(b"busy", 503, {"Retry-After": "1"}), oai(oai_record("2401.00001", AUTHORS))) as registry:
        assert found(arxiv, list(arxiv.fetch(query="oai:set=cs", client=registry.client())))[0] == ["2401.00001"]
    assert time.monotonic() - begun >= 1


@pytest.mark.parametrize(
    "reply", [Reply(b"slow down", 429), Reply(b"oops", 500), Reply(atom_feed()[:-9]), Reply(b"<feed></feed>", length=500)]
)
def test_what_may_pass_is_tried_again_and_not_for_ever(reply: Reply):
    with serving(reply, reply, atom_feed(atom_entry("2202.07940v1"))) as registry:
        assert found(arxiv, list(arxiv.fetch(query="x", client=registry.client())))[0] == ["2202.07940"]
    with serving(*[reply] * 4) as registry, pytest.raises(RegistryUnavailable, match=r"^arXiv .*goes on where it stopped"):
        list(arxiv.fetch(query="x", client=registry.client()))
    assert len(registry.calls) == 3


def test_a_wait_too_long_is_not_waited_for():
    with serving(Reply(b"", 503, {"Retry-After": "86400"})) as registry, pytest.raises(RegistryUnavailable, match="come back in 86400 s"):
        list(arxiv.fetch(query="x", client=registry.client()))
    assert len(registry.calls) == 1


def test_a_refusal_is_told_at_once_and_without_the_key(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    with serving(Reply(b'{"error": "Invalid query parameters"}', 403)) as registry, pytest.raises(RegistryUnavailable) as error:
        list(openalex.fetch(query="no_such.filter:1", client=registry.client()))
    assert "OpenAlex answers 403: " in str(error.value)
    assert "Invalid query parameters" in str(error.value)
    assert registry.calls[0].params["api_key"] == "a-secret-key"
    assert "a-secret-key" not in str(error.value) + caplog.text + repr(registry.client())


def test_nobody_there():
    with pytest.raises(RegistryUnavailable, match=r"^OpenAlex cannot be reached at 127\.0\.0\.1:9"):
        list(openalex.fetch(query="x", client=Registry([], "http://127.0.0.1:9").client()))


def test_two_calls_lie_an_interval_apart():
    feeds = [atom_feed(atom_entry(f"2202.0000{number}v1"), total=3) for number in (1, 2, 3)]
    begun = time.monotonic()
    with serving(*feeds) as registry:
        list(arxiv.fetch(query="x", client=registry.client(arxiv_interval=0.3)))
    assert len(registry.calls) == 3
    assert time.monotonic() - begun >= 2 * 0.3
    assert Client().pace.arxiv_interval == 3


def test_openalex_by_filter_pages_by_cursor():
    with serving(results("W11", "W12", cursor="abc"), results("W13", cursor="def"), results(cursor="ghi")) as registry:
        pages = list(openalex.fetch(query="author.id:A5023888391", client=registry.client()))
    assert found(openalex, pages) == (["W11", "W12", "W13"], [], ["abc", "def", ""])
    assert [call.params["cursor"] for call in registry.calls] == ["*", "abc", "def"]
    assert registry.calls[0].params["filter"] == "author.id:A5023888391"
    assert registry.calls[0].params["mailto"] == "records@bzpeer.example"
    with serving(results("W13")) as registry:
        assert found(openalex, list(openalex.fetch(query="knowledge distillation", after="abc", client=registry.client())))[2] == [""]
    assert (registry.calls[0].params["search"], registry.calls[0].params["cursor"]) == ("knowledge distillation", "abc")


def test_openalex_by_ids_of_every_kind():
    merged, gone = Reply(orjson.dumps({**WORK, "id": "https://openalex.org/W99"})), Reply(b"<html>not found", 404)
    with serving(results("W11"), merged, results("W12"), gone) as registry:
        pages = list(openalex.fetch(ids=["W11", "W10", "10.1000/W12", "arXiv:2202.07940v1", "abc"], client=registry.client()))
    assert found(openalex, pages) == (
        ["W11", "W99", "W12"],
        [
            "OpenAlex answers with an error: OpenAlex has no work under this id",
            "OpenAlex answers with an error: this is no id by which OpenAlex knows works",
        ],
        ["2", "4", ""],
    )
    assert [call.params.get("filter") or call.path for call in registry.calls] == [
        "openalex:W11|W10",
        "/works/W10",
        "doi:10.1000/w12|10.48550/arxiv.2202.07940",
        "/works/doi:10.48550%2Farxiv.2202.07940",
    ]


def test_openalex_broken_pages_are_asked_for_again():
    with serving(results("W11")[:-20], results("W11")) as registry:
        assert found(openalex, list(openalex.fetch(query="x", client=registry.client())))[0] == ["W11"]
    with serving(*[b"<html>"] * 3) as registry, pytest.raises(RegistryUnavailable, match="no JSON object"):
        list(openalex.fetch(query="x", client=registry.client()))
    with serving(b'{"a": 1}') as registry, pytest.raises(RegistryUnavailable, match="an object of a where a page"):
        list(openalex.fetch(query="x", client=registry.client()))
