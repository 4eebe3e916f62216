"""Which institutions a printed affiliation names. Pure: a line and candidates in, decisions out; no match rather than a wrong one.

The caller looks the `keys` of a line up among the names of institutions, and gives those found to `institutions_of`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from works.names import fold

LONGEST_LINE = 600  # characters; a longer one is no affiliation of one person
MOST_SEGMENTS = 24
MOST_WORDS = 14  # of one name
MOST_SEGMENT_WORDS = 40
SEGMENT = re.compile(r"[,;|\n\u00b7\u2022/()\[\]]+|\s[-\u2013\u2014]\s|\.\s(?=[A-Z])")
ABBREVIATIONS = {
    "univ": "university", "unv": "university", "uni": "university", "inst": "institute", "natl": "national", "nat": "national",
    "acad": "academy", "sci": "science", "technol": "technology", "tech": "technology", "coll": "college", "hosp": "hospital",
    "ctr": "center", "cent": "center", "lab": "laboratory", "labs": "laboratories", "res": "research", "fdn": "foundation",
    "minist": "ministry", "med": "medical", "int": "international", "intl": "international", "assoc": "association", "dept": "department",
    "corp": "corporation", "polytech": "polytechnic",
}  # fmt: skip
# A part of an institution: what may stand before its name in one segment ("Department of Physics Stanford University").
PART = re.compile(
    r"(?:dept|department|school|faculty|division|section|graduate school|unit|laboratory|lab|chair|group|program|programme|clinic"
    r"|departamento|facultad|escuela|faculdade|dipartimento|fakultat|departement|students?|professors?)\b"
)
PART_WORDS = frozenset({"school", "college", "faculty", "department", "dept", "section", "division", "campus"})
FOOTNOTE = re.compile(r"^\d{1,2}(?=[a-z])")
# Words that many organisations share: alone they name none.
COMMON = frozenset(
    {
        "university", "institute", "institute of technology", "university of technology", "medical school", "school of medicine",
        "hospital",
        "medical center", "medical centre", "research center", "research centre", "research institute", "national university", "college",
        "university hospital", "technical university", "ministry of health", "academy of sciences", "national institute", "academy",
        "general hospital", "children s hospital", "polytechnic", "central hospital", "regional hospital", "national laboratory",
        "university college", "department of health", "ministry of education", "cancer center", "school of public health",
        "business school", "law school",
    }
)  # fmt: skip
COUNTRY_NAMES = {
    "AE": "united arab emirates|uae", "AR": "argentina", "AT": "austria", "AU": "australia", "BD": "bangladesh", "BE": "belgium|belgique",
    "BG": "bulgaria", "BR": "brazil|brasil", "BY": "belarus", "CA": "canada", "CH": "switzerland|schweiz|suisse", "CL": "chile",
    "CM": "cameroon", "CN": "china|p r china|pr china|peoples republic of china|people s republic of china|prc", "CO": "colombia",
    "CR": "costa rica", "CU": "cuba", "CY": "cyprus", "CZ": "czech republic|czechia",
    "DE": "germany|deutschland|f r g", "DK": "denmark", "DZ": "algeria", "EC": "ecuador", "EE": "estonia", "EG": "egypt",
    "ES": "spain|espana", "ET": "ethiopia", "FI": "finland",
    "FR": "france",
    "GB": "uk|u k|united kingdom|england|scotland|wales|northern ireland|great britain", "GE": "georgia", "GH": "ghana",
    "GR": "greece|hellas", "HK": "hong kong", "HR": "croatia", "HU": "hungary", "ID": "indonesia", "IE": "ireland|republic of ireland",
    "IL": "israel", "IN": "india", "IQ": "iraq", "IR": "iran|islamic republic of iran", "IS": "iceland", "IT": "italy|italia",
    "JO": "jordan", "JP": "japan", "KE": "kenya", "KR": "south korea|republic of korea|korea", "KW": "kuwait", "KZ": "kazakhstan",
    "LB": "lebanon", "LK": "sri lanka", "LT": "lithuania", "LU": "luxembourg", "LV": "latvia", "MA": "morocco", "MO": "macau|macao",
    "MX": "mexico", "MY": "malaysia", "NG": "nigeria", "NL": "netherlands|the netherlands|holland", "NO": "norway", "NP": "nepal",
    "NZ": "new zealand", "OM": "oman", "PE": "peru", "PH": "philippines", "PK": "pakistan", "PL": "poland", "PT": "portugal", "QA": "qatar",
    "RO": "romania", "RS": "serbia", "RU": "russia|russian federation|ussr", "SA": "saudi arabia|kingdom of saudi arabia", "SE": "sweden",
    "SG": "singapore", "SI": "slovenia", "SK": "slovakia|slovak republic", "SN": "senegal", "TH": "thailand", "TN": "tunisia",
    "TR": "turkey|turkiye", "TW": "taiwan|taiwan r o c|r o c", "TZ": "tanzania", "UA": "ukraine", "UG": "uganda",
    "US": "usa|u s a|us|united states|united states of america", "UY": "uruguay", "UZ": "uzbekistan", "VE": "venezuela",
    "VN": "vietnam|viet nam", "ZA": "south africa|republic of south africa", "ZW": "zimbabwe",
}  # fmt: skip
COUNTRIES = {name: code for code, names in COUNTRY_NAMES.items() for name in names.split("|")}
# Parts of China that ROR and authors write either way.
TOGETHER = frozenset({"CN", "HK", "MO", "TW"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A candidate: what is known under one of its names. `kind` is the name's: "name", "label", "alias" or "acronym"."""

    institution: int
    key: str
    kind: str
    country: str
    city: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of words of the line: which segments, how they read, whether it is all that they say, and which country follows it in
    the same segment ("Deakin University Burwood Victoria Australia")."""

    start: int
    end: int
    key: str
    is_whole: bool
    country: str = ""


def cleaned(raw: str) -> str:
    return html.unescape(raw.replace("&#x0026;", "&"))[:LONGEST_LINE]


def segments_of(raw: str) -> list[str]:
    r"""The parts of a printed line, folded.

    >>> segments_of("Dept. of Physics, Univ. of Nevada, Las Vegas, NV 89154, USA")
    ['dept of physics', 'univ of nevada', 'las vegas', 'nv 89154', 'usa']
    """
    return [key for part in SEGMENT.split(cleaned(raw)) if (key := FOOTNOTE.sub("", fold(part)))][:MOST_SEGMENTS]


def country_of(raw: str) -> str:
    """The country that the line itself states, in one of its last three segments; "" where it states none, or two.

    >>> country_of("Stanford University, CA 94305, USA"), country_of("Emory University, Atlanta, Georgia, USA"), country_of("CERN")
    ('US', 'US', '')
    """
    segments = segments_of(raw)
    for segment in reversed(segments[-3:] if len(segments) > 1 else []):
        bare = re.sub(r"\b[a-z]?\d[\w ]*$|^\d[\d ]*", "", segment).strip()
        if code := COUNTRIES.get(segment) or COUNTRIES.get(bare) or country_at_end(segment.split()):
            return code
    return ""


def expanded(key: str) -> str:
    """The words written out: "univ of calif" stays what it is but for "university".

    >>> expanded("toyohashi univ of tech")
    'toyohashi university of technology'
    """
    return " ".join(ABBREVIATIONS.get(word, word) for word in key.split())


def spans(raw: str) -> Iterator[Span]:
    """Every stretch that may be a name: whole segments, two or three neighbours together ("University of Nevada, Las Vegas"); within a
    segment, what stands behind a part of an institution ("Department of Physics Stanford University"), behind "and", "the" or "at", and
    what a place that ends with its country follows.
    """
    segments = segments_of(raw)
    for start in range(len(segments)):
        for end in range(start + 1, min(start + 3, len(segments)) + 1):
            key = " ".join(segments[start:end])
            if len(key.split()) <= MOST_WORDS:
                yield from both(Span(start, end, key, is_whole=True))
        words = segments[start].split()[:MOST_SEGMENT_WORDS]
        country = country_at_end(words)
        begins = [at for at in range(len(words) - 1) if at == 0 or words[at - 1] in {"and", "the", "at"} or PART.match(segments[start])]
        for at in begins:
            if at:
                yield from both(Span(start, start + 1, " ".join(words[at:]), is_whole=False))
            for end in range(at + 2, min(at + MOST_WORDS, len(words))):
                if country or words[end] in PART_WORDS:
                    yield from both(Span(start, start + 1, " ".join(words[at:end]), is_whole=False, country=country))


def country_at_end(words: list[str]) -> str:
    """The country with which a segment ends that says more than a country."""
    for length in (3, 2, 1):
        if len(words) > length + 1 and (code := COUNTRIES.get(" ".join(words[-length:]))):
            return code
    return ""


def both(span: Span) -> Iterator[Span]:
    """The span as it stands, with its words written out, and as universities are also called."""
    written = expanded(span.key)
    variants = [span.key, written, written.replace(" at ", " ")]
    if written.startswith("university of "):
        variants.append(f"the {written}")
    for key in dict.fromkeys(variants):
        yield Span(span.start, span.end, key, span.is_whole, span.country)


def keys(raw: str) -> set[str]:
    """The folded names to look up for a line."""
    return {span.key for span in spans(raw) if len(span.key) > 1}


def institutions_of(raw: str, candidates: Iterable[Organisation]) -> tuple[int, ...]:
    """The institutions that the line names, in its order; none twice. Longer names are heard first, and no word counts twice.

    A candidate whose country is not the one that the line states is none. Of several of one name, the only one in the country or in a city
    that the line states is meant; otherwise nobody knows. Acronyms and single words must fill a segment, and the country must be stated.
    """
    country, segments = country_of(raw), set(segments_of(raw))
    by_key: dict[str, dict[int, Organisation]] = {}
    for candidate in candidates:
        if agrees(candidate.country, country) and is_telling(candidate, raw, country):
            by_key.setdefault(candidate.key, {})[candidate.institution] = candidate
    found: dict[int, int] = {}
    taken: set[tuple[int, str]] = set()
    for span in sorted(spans(raw), key=lambda span: (-len(span.key), span.start)):
        if taken & words_of(span) or span.key in COMMON:
            continue
        meant = the_one(list(by_key.get(span.key, {}).values()), span, country, segments)
        if meant is not None:
            taken |= words_of(span)
            found.setdefault(meant, span.start)
    return tuple(sorted(found, key=lambda institution: found[institution]))


def words_of(span: Span) -> set[tuple[int, str]]:
    """The words that a span uses up. Two names in one segment ("Eastern Health and Monash University") may both stand."""
    return {(segment, word) for segment in range(span.start, span.end) for word in span.key.split() if len(word) > 3}


def agrees(one: str, stated: str) -> bool:
    return not one or not stated or one == stated or {one, stated} <= TOGETHER


def is_telling(candidate: Organisation, raw: str, country: str) -> bool:
    """Whether this name by itself says which organisation is meant."""
    words = candidate.key.split()
    if candidate.kind == "acronym":
        return (
            bool(country)
            and re.search(rf"(?<!\w){re.escape(candidate.key)}(?!\w)", cleaned(raw), re.IGNORECASE) is not None
            and (candidate.key.upper() in re.findall(r"[A-Z][A-Z\d]+", cleaned(raw)))
        )
    if len(words) == 1 and candidate.key.isascii():
        return bool(country) or len(segments_of(raw)) == 1
    return True


def the_one(candidates: list[Organisation], span: Span, country: str, segments: set[str]) -> int | None:
    """The institution, where exactly one can be meant."""
    if not span.is_whole:
        candidates = [one for one in candidates if one.kind != "acronym" and len(one.key.split()) > 1]
    if span.country:
        candidates = [one for one in candidates if agrees(one.country, span.country)]
    if len(candidates) > 1 and country:
        candidates = [one for one in candidates if one.country == country]
    if len(candidates) > 1:
        candidates = [one for one in candidates if one.city and fold(one.city) in segments]
    return candidates[0].institution if len(candidates) == 1 else None
