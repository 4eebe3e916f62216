"""arXiv's metadata snapshot: JSON Lines, one paper a line."""

import re
from dataclasses import replace
from typing import Any

from works.importers.arxiv.free_text import authors_of_text, says_more
from works.importers.arxiv.oai_pmh import mail_date
from works.importers.arxiv.record import affiliations, arxiv_work
from works.importers.people import name_of_parts
from works.importers.record import ImportedAuthor, ImportedWork, InvalidRecord

FIELDS = ("id", "title", "categories", "versions")


def read_line(item: Any) -> ImportedWork:
    """The paper of one line. `authors_parsed` gives the names in parts; the free text `authors` is read only where it is missing."""
    if not isinstance(item, dict) or not all(field in item for field in FIELDS):
        keys = (
            f"an object with {', '.join(map(str, list(item)[:8])) or 'nothing'}"
            if isinstance(item, dict)
            else f"a JSON {type(item).__name__}"
        )
        raise InvalidRecord(f"this line is {keys}; a line of arXiv's metadata snapshot has at least {', '.join(FIELDS)}")
    line = item.get("authors") or ""
    parsed = item.get("authors_parsed")
    authors = [author_of_parts(parts) for parts in parsed] if parsed else authors_of_text(line)[0]
    versions = [(version.get("version") or "", mail_date(version.get("created") or "")) for version in item["versions"]]
    work = arxiv_work(
        address=item["id"],
        title=item["title"] or "",
        abstract=item.get("abstract") or "",
        authors=authors,
        categories=re.split(r"\s+", item["categories"] or ""),
        created=versions[0][1] if versions else "",
        doi=item.get("doi") or "",
        comment=item.get("comments") or "",
        version=versions[-1][0] if versions else "",
        updated=item.get("update_date") or "",
    )
    return replace(work, is_byline_cut=says_more(line))


def key_of(item: Any) -> str:
    return str(item.get("id", "")) if isinstance(item, dict) else ""


def author_of_parts(parts: list[str]) -> ImportedAuthor:
    """[family, given, suffix] or [family, given, suffix, affiliation]."""
    family, given, suffix, *rest = [part or "" for part in parts] + ["", ""][: max(0, 3 - len(parts))]
    return ImportedAuthor(
        raw_name=", ".join(part for part in (family, given, suffix) if part),
        name=name_of_parts(family, given, suffix),
        affiliations=affiliations(rest),
    )
