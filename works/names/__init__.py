"""Names and titles: keys that make two spellings equal, and what the words of a person's name are. Pure: no Django, no database."""

from works.names.keys import (
    PUBLIC_ID_ALPHABET,
    PUBLIC_ID_LENGTH,
    SLUG_LENGTH,
    fold,
    printed_addresses,
    printed_name,
    public_id,
    slugify,
    title_hash,
    without_addresses,
)
from works.names.parts import ParsedName, agreement, parse_name

__all__ = [
    "PUBLIC_ID_ALPHABET",
    "PUBLIC_ID_LENGTH",
    "SLUG_LENGTH",
    "ParsedName",
    "agreement",
    "fold",
    "parse_name",
    "printed_addresses",
    "printed_name",
    "public_id",
    "slugify",
    "title_hash",
    "without_addresses",
]
