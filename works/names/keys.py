"""Names and titles as keys: how two spellings of one thing are made equal. Pure: no Django, no database.

The spelling a source gave is always stored beside the key; a key is for comparing and searching, never for showing.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

# Letters that Unicode does not decompose into a base letter and marks, as scholarly name lists fold them.
UNDECOMPOSED = str.maketrans(
    {
        "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss", "ħ": "h", "ŋ": "n", "ŧ": "t",
        "ƒ": "f", "ə": "e", "ʻ": "", "ʼ": "", "’": "", "‘": "", "'": "", "`": "", "´": "", "′": "",
    }
)  # fmt: skip
NOT_WORD = re.compile(r"[\W_]+")
PUBLIC_ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u to misread
PUBLIC_ID_LENGTH = 8
SLUG_LENGTH = 60
MAIL_ADDRESS = re.compile(
    r"(?:(?:electronic address|e-?mails?(?: address)?)\s*:\s*)?([^\s,;:()<>\[\]{}]*@[^\s,;:()<>\[\]{}]*)", re.IGNORECASE
)


@lru_cache(maxsize=30_000)
def fold(text: str) -> str:
    """`text` without case, accents, apostrophes and punctuation; words separated by one space.

    >>> fold("Martı́n López–Garcı́a"), fold("Sean O'Brien"), fold("Weiß,  K.-H.")
    ('martin lopez garcia', 'sean obrien', 'weiss k h')
    >>> fold("江常皓")
    '江常皓'
    """
    if text.isascii():
        return NOT_WORD.sub(" ", text.lower().replace("'", "").replace("`", "")).strip()
    # The letters of UNDECOMPOSED stand on both sides of decomposition: "ǿ" is "ø" with a mark.
    decomposed = unicodedata.normalize("NFKD", text.casefold()).translate(UNDECOMPOSED)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return NOT_WORD.sub(" ", unicodedata.normalize("NFKC", bare)).strip()


def slugify(text: str, *, limit: int = SLUG_LENGTH) -> str:
    """The readable part of an address: the folded text joined by hyphens, cut at a word; never empty.

    >>> slugify("Boxiao Liu"), slugify("K^C-clusters: $x_1$"), slugify("…")
    ('boxiao-liu', 'k-c-clusters-x-1', 'unnamed')
    """
    words = fold(text).split()
    slug = ""
    for word in words:
        if slug and len(slug) + 1 + len(word) > limit:
            break
        slug = f"{slug}-{word}" if slug else word[:limit]
    return slug or "unnamed"


def public_id(*parts: str | int) -> str:
    """A short opaque id that follows from `parts` alone, so that importing the same record twice, on any machine,
    gives the same address. 40 bits: the writer must still look for collisions and ask again with one part more.

    >>> public_id("arxiv", "2202.07940", 2) == public_id("arxiv", "2202.07940", 2)
    True
    """
    digest = hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).digest()
    number = int.from_bytes(digest)
    return "".join(PUBLIC_ID_ALPHABET[number >> 5 * place & 31] for place in range(PUBLIC_ID_LENGTH))


def title_hash(title_key: str) -> int:
    """A folded title as a signed 64-bit number: what the record's index over titles holds (titles may be longer than an index entry)."""
    return int.from_bytes(hashlib.blake2b(title_key.encode(), digest_size=8).digest(), signed=True)


def printed_name(printed: str, present: str, hidden: Iterable[str]) -> str:
    """What a byline shows: the name as printed, or the present one where the person hides the printed one."""
    return present if fold(printed) in hidden else printed


def without_addresses(text: str) -> str:
    """A printed line without the e-mail addresses that some registries leave in it.

    >>> without_addresses("Department of Physics, Lhasa; wei@phys.example.edu.")
    'Department of Physics, Lhasa'
    >>> without_addresses("Dept of Engines, London, UK. Electronic address: ada@engines.example.org.")
    'Dept of Engines, London, UK.'
    """
    return MAIL_ADDRESS.sub("", text).strip(" ;,") if "@" in text else text


def printed_addresses(text: str) -> tuple[str, ...]:
    """The e-mail addresses in a printed line, in lower case, each once.

    >>> printed_addresses("Department of Physics, Lhasa; Wei@phys.example.edu. E-mail: wei@phys.example.edu")
    ('wei@phys.example.edu',)
    """
    found = (match.rstrip(".").lower() for match in MAIL_ADDRESS.findall(text)) if "@" in text else ()
    return tuple(dict.fromkeys(address for address in found if all(address.partition("@"))))
