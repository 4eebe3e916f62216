"""What files that people keep (BibTeX, RIS, CSL-JSON) have in common: their keys, and the identifiers that stand in addresses. Pure."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from works.identifiers import normalise, normalise_doi, split_arxiv
from works.importers.record import Identifier, ImportedWork
from works.names import fold

MOST_TOLD = 200_000

ARXIV_ADDRESS = re.compile(r"arxiv\.org/(?:abs|pdf|html)/|10\.48550/arxiv\.", re.IGNORECASE)
DOI_ADDRESS = re.compile(r"\b(?:dx\.)?doi\.(?:acm\.)?org/10\.", re.IGNORECASE)
PUBMED_ADDRESS = re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/(\d{4,9})(?!\d)", re.IGNORECASE)
PMC_ADDRESS = re.compile(r"(?:ncbi\.nlm\.nih\.gov/pmc|pmc\.ncbi\.nlm\.nih\.gov)/articles/(?:PMC)?(\d{3,9})(?!\d)", re.IGNORECASE)
ARXIV_NAMED = re.compile(r"arxiv[:\s]\s*(?:arxiv:)?(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?", re.IGNORECASE)
LANGUAGES = {
    "english": "en", "american": "en", "british": "en", "australian": "en", "canadian": "en", "usenglish": "en", "ukenglish": "en",
    "german": "de", "ngerman": "de", "austrian": "de", "french": "fr", "spanish": "es", "italian": "it", "portuguese": "pt",
    "brazilian": "pt", "dutch": "nl", "russian": "ru", "polish": "pl", "swedish": "sv", "danish": "da", "norwegian": "no", "finnish": "fi",
    "czech": "cs", "hungarian": "hu", "turkish": "tr", "greek": "el", "japanese": "ja", "chinese": "zh", "korean": "ko", "arabic": "ar",
    "eng": "en", "ger": "de", "deu": "de", "fre": "fr", "fra": "fr", "spa": "es", "ita": "it", "por": "pt", "nld": "nl", "dut": "nl",
    "isl": "is", "rus": "ru", "zho": "zh", "chi": "zh", "jpn": "ja",
}  # fmt: skip


def typed_key(identifiers: tuple[Identifier, ...], *facts: str | int | None) -> str:
    """What names the record in any file: its first identifier, else a hash of what it says of itself. A file's own keys (smith2020) mean
    another work in the next file.

    >>> typed_key((("doi", "doi:10.1000/X"),), "A title"), typed_key((), "A  Title", 2001) == typed_key((), "a title", 2001)
    ('doi:10.1000/x', True)
    """
    for scheme, value in identifiers:
        try:
            return f"{scheme}:{normalise(scheme, value)}"
        except ValueError:
            continue
    return f"hash:{digest(*facts)}"


def digest(*facts: str | int | None) -> str:
    folded = "\x1f".join(fold(str(fact or "")) for fact in facts)
    return hashlib.blake2b(folded.encode(errors="replace"), digest_size=12).hexdigest()


class Told:
    """The records that one file has told so far, so that two of one key are two: a chapter may carry the DOI of its book."""

    def __init__(self) -> None:
        self.titles: dict[str, str] = {}

    def distinct(self, work: ImportedWork) -> ImportedWork:
        title = digest(work.title)
        if len(self.titles) < MOST_TOLD and self.titles.setdefault(work.key, title) != title:
            return replace(work, key=f"{work.key[:360]}#{title}")
        return work


def identifiers_in(addresses: Iterable[str]) -> Iterator[Identifier]:
    """The DOIs, arXiv ids and PubMed ids that web addresses are made of."""
    for address in addresses:
        address = address[:500]
        if ARXIV_ADDRESS.search(address):
            yield from arxiv_in(address)
        elif DOI_ADDRESS.search(address):
            try:
                yield "doi", normalise_doi(address)
            except ValueError:
                continue
        elif found := PUBMED_ADDRESS.search(address):
            yield "pmid", found.group(1)
        elif found := PMC_ADDRESS.search(address):
            yield "pmcid", f"PMC{found.group(1)}"


def arxiv_in(text: str) -> Iterator[Identifier]:
    """An arXiv id given as such, whatever stands around it; nothing where there is none."""
    named = ARXIV_NAMED.search(text[:500])
    try:
        yield "arxiv", split_arxiv(named.group(1) if named else text)[0]
    except ValueError:
        return


def language_of(text: str) -> str:
    """
    >>> language_of("australian"), language_of("en-US"), language_of("isl"), language_of("English, German")
    ('en', 'en-US', 'is', 'en')
    """
    word = re.split(r"[\s,;{}]+", text.strip(" {}"), maxsplit=1)[0]
    return LANGUAGES.get(word.lower(), word)
