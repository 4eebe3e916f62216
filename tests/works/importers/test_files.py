"""Streams: gzip of several members, cut and damaged; lines at \\n only, of bounded length."""

import gzip
import io
import tracemalloc
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from works.importers.files import BrokenFile, chunks, lines


def plain(data: bytes) -> bytes:
    return b"".join(chunks(io.BytesIO(data)))


def broken(data: bytes) -> tuple[bytes, str]:
    """What is read before the break, and the break's message."""
    got = bytearray()
    try:
        for piece in chunks(io.BytesIO(data)):
            got += piece
    except BrokenFile as error:
        return bytes(got), str(error)
    raise AssertionError("nothing is broken")


def test_gzip_is_told_by_its_magic_number_and_may_have_several_members():
    assert plain(b"a\nb\n") == b"a\nb\n"
    assert plain(gzip.compress(b"a\n") + gzip.compress(b"b\n")) == b"a\nb\n"
    assert plain(gzip.compress(b"a\n") + b"\0" * 1000) == b"a\n"
    assert plain(gzip.compress(b"")) == b""
    assert plain(b"") == b""


def test_a_byte_order_mark_is_no_part_of_the_text():
    assert plain(b"\xef\xbb\xbf{}") == b"{}"
    assert plain(gzip.compress(b"\xef\xbb\xbf{}")) == b"{}"


def test_what_stands_before_a_break_is_read():
    text = b"".join(b"%d\n" % (number * number) for number in range(40_000))
    packed = bytearray(gzip.compress(text))
    got, message = broken(bytes(packed[: len(packed) // 2]))
    assert text.startswith(got)
    assert len(got) > 1000
    assert "cut short" in message
    packed[-6] ^= 0xFF
    got, message = broken(bytes(packed))
    assert got == text
    assert "damaged" in message
    assert (
        broken(gzip.compress(b"a") + b"something else")[1]
        == "the compressed data are followed by bytes that are not gzip; they are not read"
    )


@pytest.mark.parametrize(
    ("head", "message"),
    [(b"PK\x03\x04", "ZIP"), (b"BZh9", "bzip2"), (b"\xfd7zXZ\x00", "xz"), (b"%PDF-1.7", "PDF"), (b"\xff\xfe{\0", "UTF-16")],
)
def test_other_archives_are_named(head: bytes, message: str):
    assert message in broken(head + b"...")[1]


@given(st.lists(st.binary(max_size=300), max_size=6), st.integers(1, 9))
def test_any_members_come_out_whole(members: list[bytes], level: int):
    assert (
        plain(b"".join(gzip.compress(member, level) for member in members)) == b"".join(members).removeprefix(b"\xef\xbb\xbf")
        or not members
    )


def test_lines_are_cut_at_line_feeds_only():
    text = "a\u2028b\x0b\x0c\x85\r\n\n  \nc".encode()
    assert list(lines(iter([text[:3], text[3:]]), limit=100)) == [(1, "a\u2028b\x0b\x0c\x85".encode()), (4, b"c")]


def test_a_line_beyond_the_limit_is_passed_over_and_reading_goes_on():
    assert list(lines(iter([b"ab\n", b"zzzz", b"zzzz", b"z\ncd\n", b"y" * 9]), limit=5)) == [(1, b"ab"), (2, None), (3, b"cd"), (4, None)]


def test_a_compressed_line_without_a_line_end_takes_little_memory():
    member = zlib.compressobj(wbits=31)
    packed = b"".join(member.compress(b"x" * 2**20) for _ in range(200)) + member.flush()
    tracemalloc.start()
    try:
        assert list(lines(chunks(io.BytesIO(packed)), limit=2**20)) == [(1, None)]
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_content_size=False).compress(data)


def test_zstd_is_told_by_its_magic_number_and_may_have_several_frames():
    skipped = b"\x53\x2a\x4d\x18\x04\0\0\0any "
    assert plain(zstd(b"a\n") + skipped + zstd(b"b\n")) == b"a\nb\n"
    assert plain(skipped + zstd(b"\xef\xbb\xbf{}")) == b"{}"
    assert plain(zstd(b"")) == b""


def test_what_stands_before_a_break_of_zstd_is_read():
    text = b"".join(b"%d\n" % (number * number) for number in range(200_000))
    packed = bytearray(zstd(text))
    got, message = broken(bytes(packed[: len(packed) // 2]))
    assert text.startswith(got)
    assert len(got) > len(text) // 4
    assert "cut short" in message
    assert broken(zstd(b"a") + b"something else")[0] == b"a"
    assert "damaged" in broken(zstd(b"a") + b"something else")[1]


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.data())
def test_any_frames_come_out_whole_and_a_cut_is_noticed(frames: list[bytes], data: st.DataObject):
    packed = b"".join(map(zstd, frames))
    whole = b"".join(frames).removeprefix(b"\xef\xbb\xbf")
    assert plain(packed) == whole
    end = len(packed) - data.draw(st.integers(1, len(zstd(frames[-1])) - 5))
    got, message = broken(packed[:end])
    assert whole.startswith(got)
    assert "cut short" in message


def counted_until_break(data: bytes) -> tuple[int, str]:
    length = 0
    try:
        for piece in chunks(io.BytesIO(data)):
            length += len(piece)
    except BrokenFile as error:
        return length, str(error)
    raise AssertionError("nothing is broken")


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_what_expands_as_no_metadata_do_is_given_up(kind: str):
    """A thousand times is what gzip can do, and zstd does more."""
    packer = zlib.compressobj(wbits=31) if kind == "gzip" else zstandard.ZstdCompressor().compressobj()
    packed = b"".join(packer.compress(b"0" * 2**20) for _ in range(270)) + packer.flush()
    tracemalloc.start()
    try:
        length, message = counted_until_break(packed)
        assert tracemalloc.get_traced_memory()[1] < 24 * 2**20
    finally:
        tracemalloc.stop()
    assert length <= 2**28
    assert "expand more than 250 times" in message
