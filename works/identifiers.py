"""Identifiers as they are compared: one spelling for each, whatever address or prefix a source wraps it in. Pure.

`normalise(scheme, text)` gives the bare value or raises ValueError with a sentence for the person who imports.
Checks and forms follow the DOI handbook, arXiv's identifier scheme, ORCID's ISO 7064 MOD 11-2 checksum, and ROR's pattern.
"""

import re
from collections.abc import Callable
from urllib.parse import unquote

ARXIV_ID = re.compile(r"(\d{4}\.\d{4,5}|[a-z][a-z-]*(?:\.[a-z]{2})?/\d{7})(v\d+)?", re.IGNORECASE)
DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/\S+")
ORCID = re.compile(r"(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dX])", re.IGNORECASE)
ROR = re.compile(r"0[a-hj-km-np-tv-z0-9]{6}\d{2}")
OPENALEX = re.compile(r"([WASITPFCV])(\d{2,})", re.IGNORECASE)
ISSN = re.compile(r"(\d{4})-?(\d{3}[\dX])", re.IGNORECASE)


def normalise_doi(text: str) -> str:
    """The lower-case DOI, out of an address, a "doi:" prefix or a publisher's page address that holds it.

    >>> normalise_doi("https://doi.org/10.1007/978-3-031-19775-8_36")
    '10.1007/978-3-031-19775-8_36'
    >>> normalise_doi("doi:10.1103/PhysRevD.76.013009.")
    '10.1103/physrevd.76.013009'
    """
    found = DOI.search(unquote(text))
    if not found:
        raise ValueError(f"{text[:80]!r} is not a DOI: a DOI begins with 10. and has a slash")
    return found.group().rstrip(".,;").lower()


def split_arxiv(text: str) -> tuple[str, str]:
    """The arXiv id without its version, and the version ("" where there is none).

    >>> split_arxiv("http://arxiv.org/abs/1707.08567v1"), split_arxiv("arXiv:quant-ph/0201082"), split_arxiv("10.48550/arXiv.2208.04352")
    (('1707.08567', 'v1'), ('quant-ph/0201082', ''), ('2208.04352', ''))

    Old ids are sometimes written with the subject class, which is no part of them.

    >>> split_arxiv("math.GT/0309136v2")
    ('math/0309136', 'v2')
    """
    bare = re.sub(r"^.*(?:arxiv\.org/(?:abs|pdf|html)/|arxiv[:.])", "", text.strip(), flags=re.IGNORECASE)
    found = ARXIV_ID.fullmatch(bare.removesuffix(".pdf"))
    if not found:
        raise ValueError(f"{text[:80]!r} is not an arXiv id: 2202.07940 and quant-ph/0201082 are")
    return re.sub(r"\.[a-z]{2}/", "/", found.group(1).lower()), (found.group(2) or "").lower()


def normalise_orcid(text: str) -> str:
    """The ORCID iD in groups of four, its checksum verified.

    >>> normalise_orcid("https://orcid.org/0000-0002-1825-0097")
    '0000-0002-1825-0097'
    """
    found = ORCID.search(text)
    if not found:
        raise ValueError(f"{text[:80]!r} is not an ORCID iD: it has 16 digits in groups of four")
    digits = "".join(found.groups()).upper()
    total = 0
    for digit in digits[:15]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    if digits[15] != ("X" if check == 10 else str(check)):
        raise ValueError(f"{text[:80]!r} is not an ORCID iD: its last character does not fit the others, so one of them is mistyped")
    return "-".join(digits[start : start + 4] for start in range(0, 16, 4))


def normalise_ror(text: str) -> str:
    found = ROR.search(text.lower())
    if not found:
        raise ValueError(f"{text[:80]!r} is not a ROR id: it has nine characters and begins with 0")
    return found.group()


def normalise_openalex(text: str) -> str:
    found = OPENALEX.fullmatch(text.rstrip("/").rpartition("/")[2])
    if not found:
        raise ValueError(f"{text[:80]!r} is not an OpenAlex id: a letter and a number, such as W2741809807")
    return found.group(1).upper() + found.group(2)


def normalise_issn(text: str) -> str:
    found = ISSN.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text[:80]!r} is not an ISSN: two groups of four, such as 0556-2821")
    return f"{found.group(1)}-{found.group(2).upper()}"


def normalise_pmid(text: str) -> str:
    found = re.search(r"\d{1,9}(?=/?$)", text.strip())
    if not found:
        raise ValueError(f"{text[:80]!r} is not a PubMed id: it is a number")
    return found.group().lstrip("0") or "0"


def normalise_pmcid(text: str) -> str:
    """
    >>> normalise_pmcid("https://www.ncbi.nlm.nih.gov/pmc/articles/4167664"), normalise_pmcid("pmc4167664")
    ('PMC4167664', 'PMC4167664')
    """
    found = re.search(r"(?:^|/|PMC)(\d{1,9})/?$", text.strip(), re.IGNORECASE)
    if not found:
        raise ValueError(f"{text[:80]!r} is not a PubMed Central id: it is PMC and a number")
    return f"PMC{found.group(1)}"


def normalise_other(text: str) -> str:
    value = " ".join(text.split())
    if not value or len(value) > 400:
        raise ValueError(f"an identifier must have 1 to 400 characters; this one has {len(value)}")
    return value


NORMALISERS: dict[str, Callable[[str], str]] = {
    "doi": normalise_doi,
    "arxiv": lambda text: split_arxiv(text)[0],
    "orcid": normalise_orcid,
    "ror": normalise_ror,
    "openalex": normalise_openalex,
    "issn": normalise_issn,
    "pmid": normalise_pmid,
    "pmcid": normalise_pmcid,
}


def normalise(scheme: str, text: str) -> str:
    """The one spelling of `text` in `scheme`; ValueError says what is wrong with it."""
    return NORMALISERS.get(scheme, normalise_other)(text)


def address(scheme: str, value: str) -> str:
    """Where a normalised identifier leads on the web; "" where it leads nowhere."""
    prefix = {
        "doi": "https://doi.org/",
        "arxiv": "https://arxiv.org/abs/",
        "orcid": "https://orcid.org/",
        "ror": "https://ror.org/",
        "openalex": "https://openalex.org/",
        "pmid": "https://pubmed.ncbi.nlm.nih.gov/",
        "pmcid": "https://www.ncbi.nlm.nih.gov/pmc/articles/",
    }.get(scheme)
    return f"{prefix}{value}" if prefix else ""
