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
RESULTS = re.compile(r'"results"\s*:\s*\[')
SEPARATOR = re.compile(r"[\s,]*")


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


def records(pieces: Iterator[bytes], *, longest_line: int) -> Iterator[JsonRecord]:
    """Each record of JSON Lines, of a JSON array, of a page ({"results": [...]}), or the single object that the file is.

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
    if begin[0][1] is None or any(line is not None and is_json(line, dict) for _, line in begin) or (first[:1] == b"[" and is_json(first)):
        yield from of_lines(chain(begin, numbered), longest_line)
    elif first[:1] in {b"{", b"["}:
        yield from of_document(chain(begin, numbered), broken)
    else:
        raise broken or NotJson(first)
    if broken:
        raise broken


def of_lines(numbered: Iterator[tuple[int, bytes | None]], longest_line: int) -> Iterator[JsonRecord]:
    for number, line in numbered:
        if line is None:
            yield JsonRecord(f":{number}", None, f"the line is longer than {longest_line // 2**20} MB; it is passed over")
            continue
        try:
            value = decode(line)
        except InvalidRecord as error:
            yield JsonRecord(f":{number}", None, str(error), line)
        else:
            yield from unfolded(value, f":{number}", line)


def of_document(numbered: Iterator[tuple[int, bytes | None]], broken: BrokenFile | None) -> Iterator[JsonRecord]:
    """The records of a document over several lines; element by element where it is not whole."""
    text = bytearray()
    try:
        for _, line in numbered:
            if line is None or len(text) + len(line) > LONGEST_DOCUMENT:
                raise BrokenFile(f"the JSON document is longer than {LONGEST_DOCUMENT // 2**20} MB; give longer ones as JSON Lines")
            text += line + b"\n"
    except BrokenFile as error:
        broken = error
    try:
        value = decode(bytes(text))
    except InvalidRecord as error:
        yield from salvaged(text.decode(errors="replace"))
        raise broken or BrokenFile(f"the document is not whole: {error}; the records before this place are read") from error
    yield from unfolded(value, "", bytes(text[:2000]))
    if broken:
        raise broken


def unfolded(value: Any, place: str, raw: bytes) -> Iterator[JsonRecord]:
    """The records in a page or a list, or the one that `value` is."""
    listed = value if isinstance(value, list) else value.get("results") if isinstance(value, dict) and "meta" in value else None
    if not isinstance(listed, list):
        yield JsonRecord(place, value, raw=raw)
        return
    for number, item in enumerate(listed, start=1):
        yield JsonRecord(f"{place}:entry {number}", item)


def salvaged(text: str) -> Iterator[JsonRecord]:
    """The whole records of a document that ends or breaks off somewhere."""
    opening = RESULTS.search(text)
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
    """The value of a JSON text. What orjson refuses and yet can be read (lone surrogates, NaN) is read with the standard library."""
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
