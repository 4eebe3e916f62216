"""One contributor as publishers deposit them: a person in parts, an organisation, or what was put into the wrong part."""

import re
from collections.abc import Iterator
from typing import Any

from works.importers.markup import plain_text
from works.importers.people import name_of_parts, without_capitals
from works.importers.record import Identifier, ImportedAffiliation, ImportedAuthor
from works.importers.text import without_markup

GENERATION = re.compile(r"(?:jr|sr|junior|senior|[ivx]{2,4}|\d(?:st|nd|rd|th))\.?", re.IGNORECASE)


def read_contributor(item: dict[str, Any]) -> ImportedAuthor:
    """The byline position; `raw_name` is the parts as deposited, one after the other."""
    given, family, suffix = (without_markup(str(item.get(part) or "")).strip() for part in ("given", "family", "suffix"))
    organisation = without_markup(item.get("name") or "").strip()
    if organisation and not family:
        return ImportedAuthor(raw_name=organisation, name=organisation, is_person=False, affiliations=tuple(affiliations(item)))
    raw = name_of_parts(family, given, suffix)
    if suffix and not GENERATION.fullmatch(suffix):
        # An initial of the given names that went astray ("V"), or a degree; never a part of the family name.
        given, suffix = (f"{given} {suffix}" if len(suffix.strip(".")) == 1 else given), ""
    given, family = without_capitals(given, family)
    pairs: list[Identifier] = [("orcid", item["ORCID"])] if item.get("ORCID") else []
    return ImportedAuthor(
        raw_name=raw,
        name=name_of_parts(family, given, suffix),
        identifiers=tuple(pairs),
        affiliations=tuple(affiliations(item)),
        is_orcid_authenticated=bool(pairs) and item.get("authenticated-orcid") is True,
    )


def affiliations(item: dict[str, Any]) -> Iterator[ImportedAffiliation]:
    """The institution is named where the deposit ties a ROR id to it; else the text is all there is."""
    for affiliation in item.get("affiliation") or ():
        name = plain_text(affiliation.get("name") or "")
        parts = [plain_text(part) for part in (*(affiliation.get("department") or ()), name, *(affiliation.get("place") or ())) if part]
        rors = tuple(
            ("ror", one["id"]) for one in affiliation.get("id") or () if str(one.get("id-type")).upper() == "ROR" and one.get("id")
        )
        yield ImportedAffiliation(raw=", ".join(dict.fromkeys(part for part in parts if part)), name=name if rors else "", identifiers=rors)
