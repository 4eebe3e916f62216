"""The fields of one BibTeX entry: strings put together, names of fields in one case, what is repeated. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from works.importers.record import InvalidRecord

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MOST_STRINGS = 20_000
LONGEST_VALUE = 1024 * 1024  # characters; strings may be put together of strings
KEY = re.compile(r"\s*([^,\s=\"#{}]*(?:[^\S\n]+[^,\s=\"#{}]+)*)\s*(?:,|$)")
BETWEEN = re.compile(r"(?:[\s,]|%[^\n]*(?:\n|$))*")
NAME = re.compile(r"([^\s\"#%'(),={}]+)\s*=")
WORD = re.compile(r"[^\s\"#%'(),={}]+")
BRACES = re.compile(r"[{}]")
QUOTED = re.compile(r"[{}\"]")


@dataclass(slots=True)
class Entry:
    """One entry. Field names are in small letters; values as written, without their outer braces. `doubts` is what to tell who imports."""

    kind: str
    key: str
    line: int
    fields: dict[str, str]
    doubts: list[str] = field(default_factory=list)

    def get(self, *names: str) -> str:
        """The first of these fields that says something."""
        return next((value for name in names if (value := self.fields.get(name, "")).strip()), "")


class Strings:
    """What @string has defined so far. The months are defined from the beginning."""

    def __init__(self) -> None:
        self.values = {month: month for month in MONTHS}

    def define(self, body: str) -> None:
        for name, value in fields_of(body, 0, self, []):
            if len(self.values) < MOST_STRINGS:
                self.values[name] = value


def read_entry(kind: str, body: str, line: int, strings: Strings) -> Entry:
    """The entry; InvalidRecord where its text is not what BibTeX allows, with the line."""
    found = KEY.match(body)
    entry = Entry(kind, found.group(1) if found else "", line, {})
    try:
        for name, value in fields_of(body, found.end() if found else 0, strings, entry.doubts):
            if entry.fields.setdefault(name, value) != value:
                entry.doubts.append(f"the field {name} stands twice; the first is kept")
    except Unreadable as problem:
        raise InvalidRecord(f"line {line + body.count(chr(10), 0, problem.at)}: {problem}") from None
    return entry


class Unreadable(ValueError):
    def __init__(self, complaint: str, at: int) -> None:
        super().__init__(complaint)
        self.at = at


def fields_of(body: str, at: int, strings: Strings, doubts: list[str]) -> list[tuple[str, str]]:
    """name = value # value, … A comma that is missing between two fields is not missed."""
    found = []
    while (at := end_of(BETWEEN, body, at)) < len(body):
        name = NAME.match(body, at)
        if name is None:
            raise Unreadable(f"a field (name = value) should begin here: {' '.join(body[at : at + 40].split())}", at)
        value, at = value_of(body, name.end(), strings, doubts)
        found.append((name.group(1).lower(), value))
    return found


def end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def value_of(body: str, at: int, strings: Strings, doubts: list[str]) -> tuple[str, int]:
    """What stands behind the =, and where it ends."""
    parts: list[str] = []
    length = 0
    while True:
        at += len(body[at:]) - len(body[at:].lstrip()) if body[at : at + 1].isspace() else 0
        part, at = part_of(body, at, strings, doubts)
        parts.append(part)
        length += len(part)
        if length > LONGEST_VALUE:
            raise Unreadable("the strings put together here are longer than any value may be", at)
        ahead = at
        while body[ahead : ahead + 1].isspace():
            ahead += 1
        if body[ahead : ahead + 1] != "#":
            return "".join(parts), at
        at = ahead + 1


def part_of(body: str, at: int, strings: Strings, doubts: list[str]) -> tuple[str, int]:
    sign = body[at : at + 1]
    if sign in {"{", '"'}:
        end = closing(body, at, is_quoted=sign == '"')
        return body[at + 1 : end], end + 1
    word = WORD.match(body, at)
    if word is None:
        raise Unreadable(f"a value should stand here: {' '.join(body[at : at + 40].split()) or 'the entry ends'}", at)
    text = word.group()
    if text.isdigit() or text.lower() in strings.values:
        return strings.values.get(text.lower(), text), word.end()
    doubts.append(f"the string {text[:60]} is not defined; its name is kept")
    return text, word.end()


def closing(body: str, at: int, *, is_quoted: bool) -> int:
    """The place of the brace or quotation mark that closes the one at `at`."""
    depth = 0
    for found in (QUOTED if is_quoted else BRACES).finditer(body, at + 1):
        sign = found.group()
        if depth == 0 and sign == ('"' if is_quoted else "}"):
            return found.start()
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth < 0:
            break
    raise Unreadable("a value begins here and does not end: a brace or a quotation mark is missing", at)
