"""JSON read record by record: JSON Lines, or one document whose records stand in a list. Of damaged ones, the whole records are read."""

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

import orjson

from works.importers.files import BrokenFile, lines
from works.importers.record import InvalidRecord

LONGEST_DOCUMENT = 32 * 1024 * 1024  # bytes; OpenAlex's fullest page, 200 works of 100 authors each, has under 15 MB
LONGEST_RECORD = 16 * 1024 * 1024  # characters of one element of a long array
STREAMED_FROM = 4 * 1024 * 1024  # bytes from which an array is read element by element
READ_AHEAD = 1024 * 1024
Path = tuple[str, ...]
RESULTS: Path = ("results",)
SEPARATOR = re.compile(r"[\s,]*")


# What a long text may hold: small values take ten times and more of their length in memory. Of 16 MB, the fullest real record has a third.
LONG = 1024 * 1024
MOST_VALUES = {b"{": 250_000, b"[": 400_000, b",": 1_200_000}


class JsonRecord(NamedTuple):
    """One record: where it stands behind the file's name (":12" or ":entry 3"), its value or why it has none, its line if it is one."""

    place: str
    value: Any
    problem: str = ""
    raw: bytes = b""

    def written(self) -> bytes | str:
        """How the record is written, for the excerpt of a rejection."""
        try:
            return self.raw or json.dumps(self.value, ensure_ascii=False)
        except RecursionError:
            return ""


class NotJson(BrokenFile):
    """The file is no JSON at all; `head` is how it begins."""

    def __init__(self, head: bytes) -> None:
        super().__init__(f"this is neither JSON Lines nor a JSON document; it begins with {head[:40].decode(errors='replace')!r}")
        self.head = head


def records(pieces: Iterator[bytes], *, longest_line: int, within: Path = RESULTS) -> Iterator[JsonRecord]:
    """Each record of JSON Lines, of a JSON array, of a page, or the single object that the file is.

    `within` says where a page has its list: ("results",) for {"results": [...]}; leading keys of it may be missing.
    BrokenFile, after the whole records, where the file ends too early or is no JSON.
    """
    numbered = lines(pieces, limit=longest_line)
    begin: list[tuple[int, bytes | None]] = []
    broken: BrokenFile | None = None
    try:
        for item in numbered:
            begin.append(item)
            if len(begin) == 2 or (item[1] is not None and is_json(item[1])):
                break
    except BrokenFile as error:
        broken = error
    if not begin:
        if broken:
            raise broken
        return
    first = begin[0][1] or b""
    is_open = first.strip() in {b"[", b"{"}  # a document that goes on, though its next line may be a whole record
    if not is_open and (
        begin[0][1] is None or any(line is not None and is_json(line, dict) for _, line in begin) or (first[:1] == b"[" and is_json(first))
    ):
        yield from of_lines(chain(begin, numbered), longest_line, within)
    elif first[:1] in {b"{", b"["}:
        yield from of_document(chain(begin, numbered), broken, within)
    else:
        raise broken or NotJson(first)
    if broken:
        raise broken


def of_lines(numbered: Iterator[tuple[int, bytes | None]], longest_line: int, within: Path) -> Iterator[JsonRecord]:
    for number, line in numbered:
        if line is None:
            yield JsonRecord(f":{number}", None, f"the line is longer than {longest_line // 2**20} MB; it is passed over")
            continue
        try:
            value = decode(line)
        except InvalidRecord as error:
            yield JsonRecord(f":{number}", None, str(error), line)
        else:
            yield from unfolded(value, f":{number}", line, within)


def of_document(numbered: Iterator[tuple[int, bytes | None]], broken: BrokenFile | None, within: Path) -> Iterator[JsonRecord]:
    """The records of a document over several lines; element by element where it is not whole."""
    text, start = bytearray(), None
    is_looked_at = False  # for a list that can be read element by element; once is enough
    try:
        for _, line in numbered:
            if line is not None and len(text) > STREAMED_FROM and not is_looked_at:
                is_looked_at, start = True, start_of_list(text, within)
                if start is not None:
                    text += line
                    break
            if line is None or len(text) + len(line) > LONGEST_DOCUMENT:
                raise BrokenFile(f"the JSON document is longer than {LONGEST_DOCUMENT // 2**20} MB; give longer ones as JSON Lines")
            text += line + b"\n"
    except BrokenFile as error:
        broken = error
    if start is not None:
        yield from streamed(text[start:].decode(errors="replace"), numbered)
        return
    try:
        value = decode(bytes(text))
    except InvalidRecord as error:
        yield from salvaged(text.decode(errors="replace"), within)
        raise broken or BrokenFile(f"the document is not whole: {error}; the records before this place are read") from error
    yield from unfolded(value, "", bytes(text[:2000]), within)
    if broken:
        raise broken


def start_of_list(text: bytearray, within: Path) -> int | None:
    """Where the records of an array or of a page begin; None where `text` is neither, as far as it goes.

    >>> start_of_list(bytearray(b'{"meta": {"count": 2}, "results": [{"id": 1}, '), RESULTS)
    35
    >>> start_of_list(bytearray(b'{"submissions": [{"results": [1, '), RESULTS)
    """
    if text[:1] == b"[":
        return 1
    opening = re.search(rf'"{within[-1]}"\s*:\s*\['.encode(), text[:STREAMED_FROM])
    if opening is None:
        return None
    before = bytes(text[: opening.start()]).rstrip(b", \t\r\n")
    for depth in range(1, len(within) + 1):
        try:
            value = orjson.loads(before + b"}" * depth)
        except orjson.JSONDecodeError:
            continue
        return opening.end() if depth == 1 or within[0] in value else None
    return None


def streamed(text: str, numbered: Iterator[tuple[int, bytes | None]]) -> Iterator[JsonRecord]:
    """The elements of a long list over many lines, of which no more is held than what is not read yet. `text` begins behind its bracket."""
    decoder, number, start = json.JSONDecoder(), 0, 0
    while True:
        while (start := end_of_separator(text, start)) < len(text):
            if text[start] == "]":
                return
            try:
                value, start = decoder.raw_decode(text, start)
            except (ValueError, RecursionError):
                break  # cut in the middle, or broken: more of it tells
            number += 1
            yield JsonRecord(f":entry {number}", value)
        text, start = text[start:], 0
        if len(text) > LONGEST_RECORD:
            raise BrokenFile(f"entry {number + 1} is malformed or longer than {LONGEST_RECORD // 2**20} MB; the records before it are read")
        more = next_text(numbered, max(len(text), READ_AHEAD))
        if not more:
            raise BrokenFile("the document is not whole: its list does not end; the records before this place are read")
        text += more


def end_of_separator(text: str, start: int) -> int:
    found = SEPARATOR.match(text, start)
    return found.end() if found else start


def next_text(numbered: Iterator[tuple[int, bytes | None]], most: int) -> str:
    parts, length = [], 0
    for _, line in numbered:
        if line is None:
            raise BrokenFile("a line of the document is too long to be read; the records before it are read")
        parts.append(line.decode(errors="replace"))
        length += len(line)
        if length >= most:
            break
    return "\n".join(parts) + "\n" if parts else ""


def unfolded(value: Any, place: str, raw: bytes, within: Path) -> Iterator[JsonRecord]:
    """The records in a page or a list, or the one that `value` is."""
    listed = value if isinstance(value, list) else listed_in(value, within)
    if not isinstance(listed, list):
        yield JsonRecord(place, value, raw=raw)
        return
    for number, item in enumerate(listed, start=1):
        yield JsonRecord(f"{place}:entry {number}", item)


def listed_in(value: Any, within: Path) -> Any:
    """What lies at the end of the path in `value`; keys before the last are passed over where they are missing.

    >>> listed_in({"message": {"items": [1]}}, ("message", "items")), listed_in({"items": [1]}, ("message", "items"))
    ([1], [1])
    """
    for key in within[:-1]:
        if isinstance(value, dict) and key in value:
            value = value[key]
    return value.get(within[-1]) if isinstance(value, dict) else None


def salvaged(text: str, within: Path) -> Iterator[JsonRecord]:
    """The whole records of a document that ends or breaks off somewhere."""
    opening = re.search(rf'"{within[-1]}"\s*:\s*\[', text)
    start = opening.end() if opening else 1 if text.startswith("[") else len(text)
    decoder, number = json.JSONDecoder(), 0
    while text[start : start + 1]:
        at = SEPARATOR.match(text, start)
        start = at.end() if at else start
        try:
            value, start = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            return
        number += 1
        yield JsonRecord(f":entry {number}", value)


def is_json(line: bytes, kind: type = object) -> bool:
    try:
        return isinstance(decode(line), kind)
    except InvalidRecord:
        return False


def decode(raw: bytes) -> Any:
    """The value of a JSON text, if it holds no more than a record may. What orjson refuses and yet can be read (lone surrogates, NaN) is
    read with the standard library.
    """
    if len(raw) > LONG and any(raw.count(sign) > most for sign, most in MOST_VALUES.items()):
        raise InvalidRecord("the JSON holds more objects, lists or values than any record has; it is passed over")
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as strict:
        try:
            return json.loads(raw.decode())
        except UnicodeDecodeError as error:
            raise InvalidRecord(f"the text is not UTF-8 at byte {error.start + 1}") from error
        except RecursionError as error:
            raise InvalidRecord("the JSON is nested too deeply") from error
        except json.JSONDecodeError as error:
            raise InvalidRecord(f"malformed JSON at line {error.lineno}, column {error.colno}: {error.msg}") from strict
        except ValueError as error:
            raise InvalidRecord(f"malformed JSON: {error}") from error
