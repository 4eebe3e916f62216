"""Files as they come: compressed or not, cut short, of any size. Memory is bounded by the limits given here, whatever the bytes are.

Every reader of a source works on `chunks`, and gets a `BrokenFile` only after all bytes before the break.
"""

import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO

CHUNK = 64 * 1024
GZIP_MAGIC = b"\x1f\x8b"
GZIP_WINDOW = 16 + zlib.MAX_WBITS
UTF8_BOM = b"\xef\xbb\xbf"
FOREIGN_MAGIC = {
    b"PK\x03\x04": "a ZIP archive: unpack it and import the files in it",
    b"BZh": "compressed with bzip2: unpack it first (only gzip is read as it is)",
    b"\xfd7zXZ\x00": "compressed with xz: unpack it first (only gzip is read as it is)",
    b"\x28\xb5\x2f\xfd": "compressed with zstd: unpack it first (only gzip is read as it is)",
    b"PAR1": "a Parquet file: the same registry offers JSON Lines",
    b"%PDF": "a PDF document, not metadata",
    b"\xff\xfe": "text in UTF-16: save it as UTF-8",
    b"\xfe\xff": "text in UTF-16: save it as UTF-8",
}


class BrokenFile(ValueError):
    """The bytes end or go wrong here. The message says how, for the person who imports."""


def open_stream(path: Path) -> BinaryIO:
    """The file as a binary stream, still compressed if it is; OSError where it cannot be opened."""
    return path.open("rb")


def chunks(stream: BinaryIO) -> Iterator[bytes]:
    """The plain bytes of `stream` in pieces of at most 64 KiB, without a byte order mark; gzip (of any number of members) is unpacked.

    Raises BrokenFile where compressed data end too early or are damaged, after every good byte before it; and at once for other archives.
    """
    head = stream.read(CHUNK)
    for magic, what in FOREIGN_MAGIC.items():
        if head.startswith(magic):
            raise BrokenFile(f"this is {what}")
    pieces = unpacked(head, stream) if head.startswith(GZIP_MAGIC) else as_it_is(head, stream)
    first = next(pieces, b"")
    if first := first.removeprefix(UTF8_BOM):
        yield first
    yield from pieces


def as_it_is(head: bytes, stream: BinaryIO) -> Iterator[bytes]:
    while head:
        yield head
        head = stream.read(CHUNK)


def unpacked(packed: bytes, stream: BinaryIO) -> Iterator[bytes]:
    """The members of a gzip stream, one after the other. Zero bytes between and after members are padding and mean nothing."""
    while packed:
        if not packed.startswith(GZIP_MAGIC[: len(packed)]):
            raise BrokenFile("the compressed data are followed by bytes that are not gzip; they are not read")
        packed = (yield from unpacked_member(packed, stream)).lstrip(b"\0")
        while not packed and (more := stream.read(CHUNK)):
            packed = more.lstrip(b"\0")


def unpacked_member(packed: bytes, stream: BinaryIO) -> Generator[bytes, None, bytes]:
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
        *ended, rest = piece.split(b"\n")
        for part in ended:
            if is_too_long or len(held) + len(part) > limit:
                yield number, None
            elif line := (held + part).strip(b" \t\r"):
                yield number, bytes(line)
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


def with_break(pieces: Iterator[bytes]) -> Iterator[bytes | BrokenFile]:
    """The pieces, and the break as a last one: what was read before it must still be handed out."""
    try:
        yield from pieces
    except BrokenFile as broken:
        yield broken
