"""A BibTeX file cut into its entries, so that a broken one costs itself alone. Pure, and streaming: an entry at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from works.importers.files import BrokenFile, with_break

LONGEST_ENTRY = 1024 * 1024  # bytes; the longest seen, with an abstract and notes, has under 40 kB
LONGEST_START = 4096
MOST_BROKEN = 10_000  # entries one after the other; a file of these is none of BibTeX
MOST_OPEN_COMMENTS = 20  # that do not end; from then on, BibTeX's own way is taken: the word alone is passed over
AROUND = rb"(?:\s|%[^\n]{0,200}\n){0,50}"  # what may stand between the parts of a beginning
START = re.compile(rb"@" + AROUND + rb"([A-Za-z][\w.:+-]{0,60})" + AROUND + rb"([{(])")
# A line that begins as an entry does: where this stands inside an entry, the one before has never ended.
NEXT = re.compile(rb"(?<=\n)[ \t]*@[ \t]*[A-Za-z]+[ \t]*[{(][^\s{}()=\"]*[ \t]*,")
BRACES = re.compile(rb'[{}]|[)"]')
LEFT_OVER = re.compile(rb"\s*,?\s*[A-Za-z][\w-]{1,30}\s*=\s*[{\"]")


class Piece(NamedTuple):
    """One entry as it is written, without its braces; or, with `problem`, what could not be read as one."""

    line: int
    kind: str
    body: bytes
    problem: str = ""


class Text:
    """The part of the file that is looked at, and the line on which it begins."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = with_break(pieces)
        self.held = bytearray()
        self.line = 1
        self.is_whole = False  # nothing more comes
        self.open_comments = 0
        self.broken_entries = 0  # since the last whole one
        self.broken: BrokenFile | None = None

    def more(self) -> None:
        piece = next(self.pieces, None)
        if isinstance(piece, bytes):
            self.held += piece
        else:
            self.is_whole, self.broken = True, piece

    def counts_broken(self) -> None:
        self.broken_entries += 1
        if self.broken_entries > MOST_BROKEN:
            raise BrokenFile(f"{MOST_BROKEN:,} entries one after the other do not end: this is no BibTeX file; reading stops here")

    def drop(self, end: int) -> bytes:
        gone = bytes(self.held[:end])
        self.line += gone.count(b"\n")
        del self.held[:end]
        return gone


def split(pieces: Iterator[bytes]) -> Iterator[Piece]:
    """Each entry, with what stands between entries passed over as BibTeX does, unless it looks like the rest of one.

    BrokenFile, after them, where the bytes themselves break off.
    """
    text = Text(pieces)
    while True:
        if start := START.search(text.held):
            kind, length, is_round = start.group(1).decode().lower(), len(start.group()), start.group(2) == b"("
            yield from outside(text, start.start())
            yield from entry(text, kind, length, is_round=is_round)
        elif text.is_whole:
            break
        else:
            yield from outside(text, max(0, len(text.held) - LONGEST_START))
            text.more()
    yield from outside(text, len(text.held))
    if text.broken:
        raise text.broken


def outside(text: Text, end: int) -> Iterator[Piece]:
    line = text.line
    gone = text.drop(end)
    if LEFT_OVER.match(gone):
        yield Piece(line, "", gone, "a brace closes the entry before too early; what follows it is passed over")


def entry(text: Text, kind: str, start: int, *, is_round: bool) -> Iterator[Piece]:
    """The entry at the beginning of `text`; or why there is none, and then `text` begins where the next one may."""
    line, is_comment = text.line, kind == "comment"
    if is_comment and text.open_comments >= MOST_OPEN_COMMENTS:
        text.drop(1)
        return
    while True:
        next_one = None if is_comment else NEXT.search(text.held, start)
        end = end_of(text.held, start, next_one.start() if next_one else len(text.held), is_round=is_round)
        if end is not None:
            body = text.drop(end)
            text.broken_entries = 0
            yield Piece(line, kind, body[start:-1])
        elif next_one:
            text.counts_broken()
            body = text.drop(next_one.start())
            yield Piece(line, kind, body, "the entry does not end before the next one begins: a brace or a quotation mark is missing")
        elif text.is_whole or len(text.held) > LONGEST_ENTRY:
            yield from unended(text, kind, line)
        else:
            text.more()
            continue
        return


def unended(text: Text, kind: str, line: int) -> Iterator[Piece]:
    """An entry that goes on to the end of the file or beyond all bounds. What may begin behind it is looked for."""
    if kind == "comment":
        text.open_comments += 1
        text.drop(1)  # BibTeX itself passes over the word alone
        return
    what = "the file ends in the middle of the entry" if text.is_whole else f"the entry is longer than {LONGEST_ENTRY // 2**20} MB"
    yield Piece(line, kind, bytes(text.held[:LONGEST_START]), f"{what}: a brace or a quotation mark is missing")
    while True:
        if next_one := NEXT.search(text.held, 1):
            text.drop(next_one.start())
            return
        text.drop(len(text.held) if text.is_whole else max(0, len(text.held) - 200))
        if text.is_whole:
            return
        text.more()


def end_of(held: bytearray, start: int, stop: int, *, is_round: bool) -> int | None:
    """The place behind the brace or parenthesis that closes what opened before `start`; None where none does yet."""
    depth, is_quoted = 0, False
    for found in BRACES.finditer(held, start, stop):
        sign = found.group()
        if sign == b"{":
            depth += 1
        elif sign == b"}":
            if depth == 0 and not is_round:
                return found.end()
            depth = max(0, depth - 1)
        elif not is_round or depth:
            continue
        elif sign == b'"':
            is_quoted = not is_quoted
        elif not is_quoted:
            return found.end()
    return None
