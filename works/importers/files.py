"""Files as they come: compressed or not, cut short, of any size. Memory is bounded by the limits given here, whatever the bytes are.

Every reader of a source works on `chunks`, and gets a `BrokenFile` only after all bytes before the break.
"""

import itertools
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar

import zstandard

CHUNK = 64 * 1024
GZIP_MAGIC = b"\x1f\x8b"
GZIP_WINDOW = 16 + zlib.MAX_WBITS
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
ZSTD_SKIPPED = tuple(bytes([0x50 + number]) + b"\x2a\x4d\x18" for number in range(16))
ZSTD_WINDOW = 128 * 1024 * 1024  # what `zstd --long` asks for
ZSTD_STEP = 256  # compressed bytes at a time: four of them may stand for 128 KiB, and all that a step gives is held at once
# Metadata shrink to a tenth, repetitive ones to a fiftieth. What shrinks more than this, and is long, was made to keep a reader busy.
MOST_EXPANSION = 250
LONG = 256 * 1024 * 1024
UTF8_BOM = b"\xef\xbb\xbf"
FOREIGN_MAGIC = {
    b"PK\x03\x04": "a ZIP archive: unpack it and import the files in it",
    b"BZh": "compressed with bzip2: unpack it first (gzip and zstd are read as they are)",
    b"\xfd7zXZ\x00": "compressed with xz: unpack it first (gzip and zstd are read as they are)",
    b"PAR1": "a Parquet file: the same registry offers JSON Lines",
    b"%PDF": "a PDF document, not metadata",
    b"\xff\xfe": "text in UTF-16: save it as UTF-8",
    b"\xfe\xff": "text in UTF-16: save it as UTF-8",
}


Piece = TypeVar("Piece")


class BrokenFile(ValueError):
    """The bytes end or go wrong here. The message says how, for the person who imports."""


def open_stream(path: Path) -> BinaryIO:
    """The file as a binary stream, still compressed if it is; OSError where it cannot be opened."""
    return path.open("rb")


def chunks(stream: BinaryIO) -> Iterator[bytes]:
    """The plain bytes of `stream` in pieces of at most 64 KiB, without a byte order mark; gzip and zstd (of any number of members or
    frames) are unpacked.

    Raises BrokenFile where compressed data end too early, are damaged, or expand as no metadata do, after every good byte before it (of
    zstd, every whole block); and at once for other archives.
    """
    head = stream.read(CHUNK)
    for magic, what in FOREIGN_MAGIC.items():
        if head.startswith(magic):
            raise BrokenFile(f"this is {what}")
    counted = Counted(stream)
    if head.startswith(GZIP_MAGIC):
        pieces = bounded(unpacked(head, counted), counted)
    elif head.startswith((ZSTD_MAGIC, *ZSTD_SKIPPED)):
        pieces = bounded(unpacked_zstd(head, counted), counted)
    else:
        pieces = as_it_is(head, stream)
    first = next(pieces, b"")
    if first := first.removeprefix(UTF8_BOM):
        yield first
    yield from pieces


def as_it_is(head: bytes, stream: BinaryIO) -> Iterator[bytes]:
    while head:
        yield head
        head = stream.read(CHUNK)


class Counted:
    """A stream that knows how much of it was read beyond the first piece."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.count = CHUNK

    def read(self, size: int) -> bytes:
        piece = self.stream.read(size)
        self.count += len(piece)
        return piece


def bounded(pieces: Iterator[bytes], packed: Counted) -> Iterator[bytes]:
    """The pieces, as long as they are not unbelievably more than what was read for them."""
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > LONG and length > MOST_EXPANSION * packed.count:
            raise BrokenFile(
                f"the compressed data expand more than {MOST_EXPANSION} times, to over {LONG // 2**20} MB, as no metadata do; reading stops"
            )
        yield piece


def unpacked(packed: bytes, stream: Counted) -> Iterator[bytes]:
    """The members of a gzip stream, one after the other. Zero bytes between and after members are padding and mean nothing."""
    while packed:
        if not packed.startswith(GZIP_MAGIC[: len(packed)]):
            raise BrokenFile("the compressed data are followed by bytes that are not gzip; they are not read")
        packed = (yield from unpacked_member(packed, stream)).lstrip(b"\0")
        while not packed and (more := stream.read(CHUNK)):
            packed = more.lstrip(b"\0")


def unpacked_member(packed: bytes, stream: Counted) -> Generator[bytes, None, bytes]:
    """One gzip member, in pieces of bounded size however well it is compressed; returns the bytes read behind its end."""
    member = zlib.decompressobj(GZIP_WINDOW)
    while True:
        before = member.copy()
        try:
            plain = member.decompress(packed, CHUNK)
        except zlib.error as error:
            if last := last_good_bytes(before, packed):
                yield last
            raise BrokenFile(f"the compressed data are damaged ({error}); what stands before is read") from error
        if plain:
            yield plain
        if member.eof:
            return member.unused_data
        packed = member.unconsumed_tail
        if not packed and len(plain) < CHUNK and not (packed := stream.read(CHUNK)):
            raise BrokenFile("the compressed file ends in the middle: it was cut short; what stands before the end is read")


def last_good_bytes(member: "zlib._Decompress", packed: bytes) -> bytes:
    """What can be unpacked before the damage: zlib gives nothing of a call that fails, so it is fed byte by byte."""
    plain = bytearray()
    try:
        for place in range(len(packed)):
            plain += member.decompress(packed[place : place + 1])
    except zlib.error:
        pass
    return bytes(plain)


def unpacked_zstd(packed: bytes, stream: Counted) -> Iterator[bytes]:
    """The frames of a zstd stream, one after the other, in pieces of bounded size however well they are compressed."""
    held, frame = bytearray(), None
    step, rest = memoryview(b""), memoryview(packed)
    while True:
        step, rest = rest[:ZSTD_STEP], rest[ZSTD_STEP:]
        if not step:
            if not (rest := memoryview(stream.read(CHUNK))):
                break
            continue
        try:
            while step:
                frame = frame or zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).decompressobj()
                held += frame.decompress(step)
                step = memoryview(frame.unused_data)
                frame = None if frame.eof else frame
        except zstandard.ZstdError as error:
            yield from in_chunks(held)
            raise BrokenFile(f"the compressed data are damaged ({error}); what stands before is read") from error
        if len(held) >= CHUNK:
            yield from in_chunks(held)
            held = bytearray()
    yield from in_chunks(held)
    if frame:
        raise BrokenFile("the compressed file ends in the middle: it was cut short; what stands before the end is read")


def in_chunks(plain: bytearray) -> Iterator[bytes]:
    for start in range(0, len(plain), CHUNK):
        yield bytes(plain[start : start + CHUNK])


def lines(pieces: Iterator[bytes], *, limit: int) -> Iterator[tuple[int, bytes | None]]:
    r"""(line number from 1, line) for each line that is not blank, cut at \n only: U+2028 may stand inside a JSON text.

    A line of more than `limit` bytes comes as None, and reading goes on behind its end. A last line without its line end counts;
    so does what stands of a line before a break, and then the BrokenFile follows.
    """
    number, held, is_too_long, broken = 1, bytearray(), False, None
    for piece in with_break(pieces):
        if isinstance(piece, BrokenFile):
            broken = piece
            break
        if not held and not is_too_long and not piece.strip():  # a hundred million empty lines are no reason to look at each
            number += piece.count(b"\n")
            continue
        *ended, rest = piece.split(b"\n")
        for part in ended:
            whole = whole_line(held, part, limit=-1 if is_too_long else limit)
            if whole != b"":
                yield number, whole
            held.clear()
            number, is_too_long = number + 1, False
        if is_too_long or len(held) + len(rest) > limit:
            held.clear()
            is_too_long = True
        else:
            held += rest
    if is_too_long:
        yield number, None
    elif line := held.strip(b" \t\r"):
        yield number, bytes(line)
    if broken:
        raise broken


def whole_line(held: bytearray, part: bytes, *, limit: int) -> bytes | None:
    return bytes((held + part).strip(b" \t\r")) if len(held) + len(part) <= limit else None


def from_first_sign(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces without those at the beginning that are blank."""
    return itertools.dropwhile(lambda piece: not piece.strip(), pieces)


def with_break(pieces: Iterator[Piece]) -> Iterator[Piece | BrokenFile]:
    """The pieces (or lines), and the break as a last one: what was read before it must still be handed out."""
    try:
        yield from pieces
    except BrokenFile as broken:
        yield broken
