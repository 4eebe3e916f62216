"""Whatever the bytes are, a source answers with records and rejections; never with an exception, never with more memory than it may use."""

import gzip
import io
import json
import tracemalloc
from types import ModuleType

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.works.importers.samples import atom_entry, atom_feed, oai, oai_record, read
from tests.works.importers.test_acl import PAPER, collection
from tests.works.importers.test_arxiv import OAI_DC, SNAPSHOT
from tests.works.importers.test_bibtex import ENTRY
from tests.works.importers.test_bzpeer import BY_HAND
from tests.works.importers.test_crossref import ITEM, UNIXREF
from tests.works.importers.test_csl import ITEM as CSL_ITEM
from tests.works.importers.test_dblp import SCHOENHAGE, SPECTRE, dump
from tests.works.importers.test_openalex import PAGE, WORK
from tests.works.importers.test_openreview import note
from tests.works.importers.test_orcid import XML as ORCID_XML
from tests.works.importers.test_orcid import record, summary
from tests.works.importers.test_pubmed import AUTHORS as PUBMED_AUTHORS
from tests.works.importers.test_pubmed import article
from tests.works.importers.test_ris import RECORD
from tests.works.importers.test_ror import MONASH
from works.importers import acl, arxiv, bibtex, bzpeer, crossref, csl, dblp, openalex, openreview, orcid, pubmed, ris, ror
from works.importers.checks import checked
from works.importers.record import ImportedWork, Rejection, from_json, to_json
from works.importers.sources import SOURCES as ALL

SOURCES: list[ModuleType] = list(ALL.values())
WITH_LONG_RECORDS: list[ModuleType] = [arxiv, openalex, bzpeer, crossref, orcid]
AUTHORS = "<author><keyname>Abe</keyname><forenames>K.</forenames></author>"
REAL = [
    atom_feed(atom_entry("2202.07940v1"), atom_entry("2202.07941v1")),
    oai(oai_record("1606.07538", AUTHORS), OAI_DC, token="x"),
    b"\n".join([orjson.dumps(SNAPSHOT)] * 3),
    orjson.dumps(PAGE, option=orjson.OPT_INDENT_2),
    b"\n".join([orjson.dumps(WORK)] * 3),
    b"\n".join([orjson.dumps(BY_HAND)] * 3),
    orjson.dumps({"message": {"items": [ITEM, ITEM]}}),
    UNIXREF,
    orjson.dumps(record([summary(9), summary(10)])),
    ORCID_XML,
]


def sound(source: ModuleType, data: bytes) -> None:
    """Everything comes out as a record that can be stored, or as a rejection that can."""
    for item in read(source, data):
        if isinstance(item, ImportedWork):
            assert from_json(orjson.loads(orjson.dumps(to_json(item)))) == item
            assert checked(item)[0] == item
        elif isinstance(item, Rejection):
            orjson.dumps([item.place, item.reason, item.key, item.excerpt])
            assert len(item.place) <= 300
            assert 0 < len(item.reason) <= 500
            assert len(item.key) <= 400
            assert len(item.excerpt) <= 300


@pytest.mark.parametrize("source", SOURCES)
@given(data=st.binary(max_size=400))
def test_any_bytes(source: ModuleType, data: bytes):
    sound(source, data)


@pytest.mark.parametrize("source", SOURCES)
@given(data=st.sampled_from([b"<", b"<feed>", b"{", b"[", b'{"id": "', b"<OAI-PMH><record>", b"\x1f\x8b"]), tail=st.binary(max_size=60))
def test_any_bytes_behind_a_promising_beginning(source: ModuleType, data: bytes, tail: bytes):
    sound(source, data + tail)


OWN = [
    (dblp, dump(SPECTRE, SCHOENHAGE)),
    (acl, collection(PAPER, PAPER)),
    (pubmed, article(PUBMED_AUTHORS)),
    (bibtex, b'@string{j = "J"}\n' + ENTRY * 2),
    (ris, RECORD.encode() * 2),
    (openreview, orjson.dumps({"notes": [note(), note(id="b", forum="b")]})),
    (csl, orjson.dumps([CSL_ITEM, CSL_ITEM], option=orjson.OPT_INDENT_2)),
    (ror, orjson.dumps({"items": [MONASH, MONASH]})),
]


@settings(max_examples=200)
@given(st.sampled_from(OWN), st.booleans(), st.data())
def test_own_files_cut_and_flipped(case: tuple[ModuleType, bytes], packed: bool, data: st.DataObject):
    source, whole = case
    content = bytearray(gzip.compress(whole) if packed else whole)
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    sound(source, bytes(content[: data.draw(st.integers(0, len(content)))]))


@settings(max_examples=150)
@given(st.sampled_from(SOURCES), st.sampled_from(REAL), st.booleans(), st.data())
def test_real_files_cut_and_flipped(source: ModuleType, whole: bytes, packed: bool, data: st.DataObject):
    content = bytearray(gzip.compress(whole) if packed else whole)
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    sound(source, bytes(content[: data.draw(st.integers(0, len(content)))]))


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(exclude_categories=[]), max_size=8)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=6
)


@settings(max_examples=200)
@given(st.sampled_from([(arxiv, SNAPSHOT), (openalex, WORK), (bzpeer, BY_HAND)]), st.data())
def test_any_value_in_any_field(case: tuple[ModuleType, dict[str, object]], data: st.DataObject):
    source, record = case
    field = data.draw(st.sampled_from(sorted(record)))
    sound(source, json.dumps({**record, field: data.draw(values)}).encode())
    sound(source, json.dumps([{**record, field: data.draw(values)}], indent=1).encode())


BOMBS = [
    b"",
    b"{",
    b"[",
    b'{"a": "',
    b"<feed>",
    b"<feed><entry>",
    b"<OAI-PMH><error>",
    b"<feed><entry><title>",
]  # what 64 MB of one filling follow
FILLINGS = [b"\0", b"[", b"x"]


@pytest.mark.parametrize("filling", FILLINGS)
@pytest.mark.parametrize("head", BOMBS)
def test_compressed_megabytes_take_bounded_memory(head: bytes, filling: bytes):
    packed = gzip.compress(head + filling * (64 * 2**20 // len(filling)), 1)
    for source in WITH_LONG_RECORDS:
        tracemalloc.start()
        try:
            assert len(read(source, packed)) == 1
            assert tracemalloc.get_traced_memory()[1] < 100 * 2**20
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("head", [b"<feed>", b"<feed><entry>"])
def test_xml_without_a_record_is_not_read_to_its_end(head: bytes):
    stream = io.BytesIO(head + b"<x/>" * (2 * 2**20))
    (rejection,) = arxiv.parse(stream, name="file")
    assert "no record ends within 4 MB" in rejection.reason
    assert stream.tell() < 5 * 2**20


@pytest.mark.parametrize("source", SOURCES)
def test_deep_nesting_is_refused(source: ModuleType):
    sound(source, b"[" * 100_000)
    sound(source, b'{"a":' * 100_000)
    sound(source, b"<feed>" * 100_000)
    sound(source, b'{"id":"https://openalex.org/W1","title":' + b"[" * 900 + b"]" * 900 + b"}")
