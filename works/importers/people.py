"""Bylines: the names in them in clean Unicode, and which of them are persons. Pure, and conservative: what is not clear stays as given."""

import functools
import logging
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace

import ftfy
from pylatexenc.latex2text import LatexNodes2Text

from works.importers.record import ImportedAuthor
from works.importers.text import one_line, storable
from works.names import fold

# UTF-8 that was read as Windows-1252 or Latin-1: a lead byte's letter, then what a continuation byte becomes.
MOJIBAKE = re.compile("[ÂÃÄÅâ][\u0080-¿ŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]")
TEX = re.compile(r"[\\{}$]|\S~\S")
TEX_BARE_UMLAUT = re.compile(r'(?<=[^\W\d_])"([aeiouAEIOU])')  # Kainm"uller, as the German package writes it
TEX_TIE = re.compile(r"(?<!\\)~")  # a space that does not break; "\~" is an accent
TEX_GLUED_CEDILLA = re.compile(r"\\c([cstCST])(?=[a-z])(?!edilla)")  # Cl\'emen\ccon
DOTLESS_I = re.compile("ı(?=[\u0300-\u0308\u030a-\u030c])")
HYPHENS = str.maketrans({"\u2010": "-", "\u2011": "-", "\u00a0": " ", "\u202f": " ", "\u2007": " "})
DASH_IN_NAME = re.compile(r"(?<=\w)\u2013(?=\w)")
SUFFIX = re.compile(r"(?:jr|sr|[ivx]{1,4}|\d(?:nd|rd|th))\.?", re.IGNORECASE)
CAPITALS = re.compile(r"[^\W\d_]{3,}")
LONGEST_NAME = 1_000  # characters; beyond that it is no name, and nothing is mended in it
LONGEST_TEX = 200  # characters; a longer "name" with TeX in it is a mistake of the source and stays as it is

GROUP_LAST = (
    "collaboration|collaborations|collab|consortium|consortia|team|teams|committee|subcommittee|working group|study group|research group"
    "|task force|investigators|university|institute|laboratory|laboratories|foundation|association|society|ministry|department|organization"
    "|organisation|initiative|network investigators|project|survey"
)
GROUP = re.compile(
    rf".*\b(?:collaboration|collaborations|consortium|consortia)\b.*|(?:\S+ )+(?:{GROUP_LAST})|team \S.*"
    r"|(?:school|department|institute|faculty|university|ministry|academy|geological survey|bureau|college) (?:of|for) .*",
    re.IGNORECASE,
)
# Organisations and places that sign bylines by a bare name. One word alone is otherwise a person: Mausam, Govind, Budiono.
GROUP_NAMES = frozenset(
    {
        "anonymous", "anonymous authors", "authors", "withdrawn", "various authors", "jr",
        "alibaba", "amazon agi", "anthropic", "apple", "baidu", "bytedance", "bytedance seed", "cern", "deepmind", "deepseek ai", "google",
        "google deepmind", "ibm", "meta ai", "microsoft", "minimax", "mistral ai", "nvidia", "openai", "stepfun", "tencent hunyuan",
        "the lancet", "unesco", "xiaomi",
        "canada", "china", "france", "germany", "japan",
    }
)  # fmt: skip
BYLINE_GOES_ON = frozenset({"et al", "and others", "others", "and et al"})
SPEAKER = re.compile(
    r"(?P<person>\S+(?: \S+){1,4}?),? (?:for|on behalf of) (?P<group>(?:the )?.*\b(?:collaborations?|consortium|team|group))", re.IGNORECASE
)
SPOKEN_FOR = re.compile(r"^(?:for|on behalf of) the (?=\S)", re.IGNORECASE)


def clean_name(raw: str) -> str:
    r"""The name in Unicode: TeX decoded, mojibake and odd hyphens mended, on one line. The order of its words is never changed.

    >>> clean_name(r"C. Bal\'azs"), clean_name("Kainm\"uller"), clean_name("Hal DaumÃ© III"), clean_name("David Martı\u0301nez-Rubio")
    ('C. Balázs', 'Kainmüller', 'Hal Daumé III', 'David Martínez-Rubio')
    """
    if raw.isascii() and raw.isprintable() and not TEX.search(raw) and '"' not in raw:
        return trimmed(" ".join(raw.split()))
    if len(raw) > LONGEST_NAME:
        return trimmed(one_line(raw))
    name = storable(raw)
    if MOJIBAKE.search(name):
        name = ftfy.fix_encoding(name)
    name = one_line(name.translate(HYPHENS))
    if (TEX.search(name) or TEX_BARE_UMLAUT.search(name)) and len(name) <= LONGEST_TEX:
        name = one_line(without_tex(name))
    name = unicodedata.normalize("NFC", DOTLESS_I.sub("i", name))
    return trimmed(DASH_IN_NAME.sub("-", name))


def trimmed(name: str) -> str:
    """Without the separators that a list leaves at the ends of its names."""
    return name.strip(" ,;:*&†‡§").removeprefix("and ").strip()


@functools.lru_cache(maxsize=4096)
def without_tex(name: str) -> str:
    """TeX accents and letters as Unicode. What the decoder cannot read stays as it is."""
    name = TEX_TIE.sub(" ", TEX_GLUED_CEDILLA.sub(r"\\c{\1}", TEX_BARE_UMLAUT.sub(r'\\"{\1}', name)))
    logging.getLogger("pylatexenc").setLevel(logging.ERROR)  # it logs what it mends
    try:
        decoded: str = LatexNodes2Text(math_mode="text", keep_comments=True).latex_to_text(name, tolerant_parsing=True)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError):
        return name
    return decoded if decoded.strip() else name


def name_of_parts(family: str, given: str, suffix: str = "") -> str:
    """Given names, family name, suffix: how a name that comes in parts is shown. "Collaboration", "Super-Kamiokande" reads rightly too."""
    return " ".join(part for part in (given.strip(), family.strip(), suffix.strip()) if part)


def without_capitals(given: str, family: str) -> tuple[str, str]:
    """The parts of a name that is printed in capitals, as names are written; initials and short forms of given names stay.

    >>> without_capitals("CELIA A.", "HARVEY"), without_capitals("Celia A.", "HARVEY-SMITH"), without_capitals("J.R.", "O'NEIL")
    (('Celia A.', 'Harvey'), ('Celia A.', 'Harvey-Smith'), ('J.R.', "O'Neil"))
    >>> without_capitals("Cees", "van den BERG"), without_capitals("NASA", "")
    (('Cees', 'van den BERG'), ('NASA', ''))
    """
    if not (given and family.isupper() and len(family) > 1):
        return given, family
    return (CAPITALS.sub(lambda word: word.group().capitalize(), given) if given.isupper() else given), family_case(family)


def family_case(family: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda word: word.group().capitalize(), family)


def name_of_inverted(text: str) -> str:
    """The name out of "Family, Given" or "Family, Given, Jr."; anything else stays as given.

    >>> name_of_inverted("von Neumann-Cosel, P."), name_of_inverted("Evans, Neal J., II"), name_of_inverted("Mausam")
    ('P. von Neumann-Cosel', 'Neal J. Evans II', 'Mausam')
    >>> name_of_inverted("King, Jr."), name_of_inverted("Fugaccia,I.")
    ('King Jr.', 'I. Fugaccia')
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) == 2 and all(parts):
        is_suffix = SUFFIX.fullmatch(parts[1]) and len(parts[1].rstrip(".")) > 1  # "V." alone is an initial
        return f"{parts[0]} {parts[1]}" if is_suffix else f"{parts[1]} {parts[0]}"
    if len(parts) == 3 and all(parts) and SUFFIX.fullmatch(parts[2]):
        return f"{parts[1]} {parts[0]} {parts[2]}"
    return text


def is_group(name: str) -> bool:
    """Whether `name` is a collaboration, a team or an organisation.

    >>> [is_group(name) for name in ("The BABAR Collaboration", "Kimi Team", "Team Seedance", "NVIDIA", "Mausam", "Budiono", "The Anh Han")]
    [True, True, True, True, False, False, False]
    """
    return len(name) <= LONGEST_NAME and (bool(GROUP.fullmatch(name)) or fold(name) in GROUP_NAMES)


def byline(authors: Iterable[ImportedAuthor]) -> tuple[list[ImportedAuthor], bool, int]:
    """(the byline with clean names and persons told from groups, whether it says itself that it goes on, how many entries had no name).

    "et al" and "and others" leave the list and mark it as cut. The ":" that arXiv puts after a collaboration's name leaves it too, and says
    that what stands before it are groups: "Keck Array", "BICEP2 Collaborations", ":". "A. Person for the X Collaboration" is A. Person.
    """
    cleaned: list[ImportedAuthor] = []
    is_cut, nameless = False, 0
    for author in authors:
        name = clean_name(author.name)
        if fold(name) in BYLINE_GOES_ON:
            is_cut = True
        elif author.name.strip() == ":":
            cleaned = as_groups(cleaned)
        elif not fold(name):
            nameless += 1
        elif author.is_person and len(name) <= LONGEST_NAME and (speaker := SPEAKER.fullmatch(name)) and not is_group(speaker["person"]):
            cleaned.append(replace(author, name=speaker["person"]))
        else:
            is_person = author.is_person and not is_group(name)
            cleaned.append(replace(author, name=name if is_person else SPOKEN_FOR.sub("", name), is_person=is_person))
    return cleaned, is_cut, nameless


def as_groups(before: Sequence[ImportedAuthor]) -> list[ImportedAuthor]:
    """What stands before ":", as groups, if it is short and names at least one."""
    if len(before) > 8 or all(author.is_person for author in before):
        return list(before)
    return [replace(author, is_person=False) for author in before]
