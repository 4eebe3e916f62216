"""The names of a BibTeX byline: "First von Last", "von Last, First", "von Last, Jr, First", {A Corporate Name}, and others. Pure."""

import re
from collections.abc import Iterator

from works.importers.bibtex.tex import plain
from works.importers.people import name_of_parts
from works.importers.record import ImportedAuthor
from works.importers.text import one_line

MOST_NAMES = 25_000
SEPARATORS = re.compile(r"[{}]|(?<=[\s}])and(?=[\s{]|$)", re.IGNORECASE)
COMMAS = re.compile(r"[{},]")
BIBLATEX_PART = re.compile(r"\s*(family|given|prefix|suffix)(?:-i)?\s*=\s*(.*)", re.DOTALL)


def read_names(value: str) -> list[ImportedAuthor]:
    """
    >>> [author.name for author in read_names("Knuth, Donald E. and {NASA Engines} and van der Berg, Jr., Jan and Ada Lovelace and others")]
    ['Donald E. Knuth', 'NASA Engines', 'Jan van der Berg Jr.', 'Ada Lovelace', 'others']
    """
    return [read_name(one_line(part)) for part in parts_at(SEPARATORS, value, "and") if part.strip()]


def read_name(raw: str) -> ImportedAuthor:
    """One name. Braces around all of it say that it has no parts: an organisation, or a person of one name."""
    inner = unbraced(raw)
    if inner is not None:
        name = plain(inner)
        return ImportedAuthor(raw_name=raw, name=name, is_person=" " not in name)
    parts = [part.strip() for part in parts_at(COMMAS, raw, ",")]
    if len(parts) > 1 and (named := biblatex_parts(parts)):
        return ImportedAuthor(raw_name=raw, name=plain(named))
    if len(parts) == 2:
        return ImportedAuthor(raw_name=raw, name=name_of_parts(plain(parts[0]), plain(parts[1])))
    if len(parts) == 3:
        return ImportedAuthor(raw_name=raw, name=name_of_parts(plain(parts[0]), plain(parts[2]), plain(parts[1])))
    return ImportedAuthor(raw_name=raw, name=plain(raw))


def biblatex_parts(parts: list[str]) -> str:
    """ "family=Berg, given=Jan, prefix=van der" as BibLaTeX's extended format writes it; "" where this is none."""
    found = {match.group(1): match.group(2).strip() for part in parts if (match := BIBLATEX_PART.fullmatch(part))}
    if "family" not in found:
        return ""
    family = " ".join(part for part in (found.get("prefix", ""), found["family"]) if part)
    return name_of_parts(family, found.get("given", ""), found.get("suffix", ""))


def unbraced(text: str) -> str | None:
    """What stands between braces that go around the whole of `text`; None where there are none."""
    if not (text.startswith("{") and text.endswith("}")):
        return None
    depth = 0
    for found in re.finditer(r"[{}]", text):
        depth += 1 if found.group() == "{" else -1
        if depth == 0:
            inner = text[1:-1].strip()
            # {\\'E}: an accented letter and not a name in braces.
            return inner if found.end() == len(text) and not (inner.startswith("\\") and len(inner) < 8) else None
    return None


def parts_at(signs: re.Pattern[str], text: str, separator: str) -> Iterator[str]:
    """`text` cut where `separator` stands outside of all braces."""
    depth, start, count = 0, 0, 0
    for found in signs.finditer(text):
        sign = found.group().lower()
        if sign in "{}":
            depth = max(0, depth + (1 if sign == "{" else -1))
        elif depth == 0 and sign == separator:
            yield text[start : found.start()]
            start, count = found.end(), count + 1
            if count == MOST_NAMES:
                yield "others"
                return
    yield text[start:]
