"""One authorship of an OpenAlex work: the author, and the institutions that OpenAlex reads out of the printed affiliations."""

from collections.abc import Iterator
from typing import Any

from works.importers.people import clean_name
from works.importers.record import Identifier, ImportedAffiliation, ImportedAuthor
from works.importers.text import without_markup
from works.names import fold


def read_authorship(item: dict[str, Any]) -> ImportedAuthor:
    """The byline position with the name as printed; the author behind it may have no id, and then no identifier either."""
    author = item.get("author") or {}
    raw = item.get("raw_author_name") or author.get("display_name") or ""
    pairs: list[Identifier] = [("openalex", author["id"])] if author.get("id") else []
    if author.get("orcid"):
        pairs.append(("orcid", author["orcid"]))
    return ImportedAuthor(
        raw_name=raw,
        name=shown_name(raw, author.get("display_name") or ""),
        identifiers=tuple(pairs),
        affiliations=tuple(affiliations(item)),
    )


def shown_name(raw: str, display: str) -> str:
    """The printed name, but where it is printed as "Harvey, Celia A." and OpenAlex's own name is the same words in order, that one.

    >>> shown_name("Harvey, Celia A.", "Celia A. Harvey"), shown_name("Celia A. HARVEY", "Célia A. Harvey"), shown_name("", "Mausam")
    ('Celia A. Harvey', 'Celia A. HARVEY', 'Mausam')
    """
    name = without_markup(raw)
    if "," in name and sorted(fold(clean_name(name)).split()) == sorted(fold(display).split()):
        return display
    return name or display


def affiliations(item: dict[str, Any]) -> Iterator[ImportedAffiliation]:
    """One for each printed string and institution read out of it; then institutions without a string, and strings without institution."""
    institutions = {institution.get("id"): institution for institution in item.get("institutions") or () if institution.get("display_name")}
    told: set[str | None] = set()
    strings: set[str] = set()
    for affiliation in item.get("affiliations") or ():
        raw = affiliation.get("raw_affiliation_string") or ""
        named = [key for key in affiliation.get("institution_ids") or () if key in institutions]
        for key in named:
            told.add(key)
            yield of_institution(institutions[key], raw)
        if named:
            strings.add(raw)
    # Before 2024 nothing tied strings to institutions: where there is one of each, they belong together.
    printed = list(item.get("raw_affiliation_strings") or filter(None, [item.get("raw_affiliation_string")]))
    untold = [institution for key, institution in institutions.items() if key not in told]
    lone = printed[0] if len(printed) == 1 and not strings else ""
    for institution in untold:
        strings.add(lone)
        yield of_institution(institution, lone)
    for raw in printed:
        if raw and raw not in strings:
            yield ImportedAffiliation(raw=without_markup(raw))


def of_institution(institution: dict[str, Any], raw: str) -> ImportedAffiliation:
    pairs: list[Identifier] = [("ror", institution["ror"])] if institution.get("ror") else []
    if institution.get("id"):
        pairs.append(("openalex", institution["id"]))
    return ImportedAffiliation(
        raw=without_markup(raw) or institution["display_name"],
        name=institution["display_name"],
        country=institution.get("country_code") or "",
        kind=institution.get("type") or "",
        identifiers=tuple(pairs),
    )
