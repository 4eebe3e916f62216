"""Trust in words: a row for every summand, and a list of what is not counted. Whoever reads the rows can redo the sum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from profiles.trust.levels import BINDINGS, INSTITUTIONAL, MEANINGS, Evidence, Kind
from profiles.trust.registries import REGISTRIES, REGISTRY_OF_SOURCE
from profiles.trust.score import LIFTS_A_YEAR, POINT, SPEAKERS, Band, Inputs, Line, Result, backings

BAND_LABELS: dict[str, str] = {
    Band.UNVERIFIED: "Unverified",
    Band.CORROBORATED: "Corroborated",
    Band.ESTABLISHED: "Established",
    Band.VERIFIED: "Verified",
}
BAND_MEANINGS: dict[str, str] = {
    Band.UNVERIFIED: "Registries list these works under this name. Nobody independent vouches for who is behind it.",
    Band.CORROBORATED: "Somebody independent vouches for a part of this page.",
    Band.ESTABLISHED: "An institution stands behind the person who claimed this page, and the record fits.",
    Band.VERIFIED: "The identity of the person who claimed this page was checked, and the record fits.",
}
LABELS = {
    "identity": "Verification level",
    "works": "Works with a registry's identifier",
    "registries": "Independent registries",
    "topics": "Topics",
    "collaborators": "Close collaborators",
    "affiliation": "Affiliation asserted by an institution or publisher",
    "orcid": "Works that a publisher tied to the ORCID iD",
    "network": "Verified people who vouch",
    "conduct": "Upheld findings on identity or authorship",
}
SPEAKER_OF_KIND = {
    Kind.EMAIL_ON_WORK: "an address printed on a work",
    Kind.COAUTHOR_ATTESTATION: "a verified co-author",
    Kind.STAFF_BINDING: "BZPEER staff",
    Kind.INSTITUTION_LOGIN: "an institution",
    Kind.ORCID_AFFILIATION: "an institution",
    Kind.INSTITUTION_EMAIL: "an institution",
    Kind.PUBLISHER_AFFILIATION: "a publisher",
    Kind.IDENTITY_CHECK: "BZPEER staff",
    Kind.IDENTITY_VOUCH: "verified people",
    Kind.STAFF_DECISION: "BZPEER staff",
}
# What stands behind levels 3, and 4 and 5, beside what binds the account to the record.
BACKING = INSTITUTIONAL | {Kind.COAUTHOR_ATTESTATION, Kind.INSTITUTION_EMAIL, Kind.PUBLISHER_AFFILIATION}
CHECKING = INSTITUTIONAL | {Kind.IDENTITY_CHECK, Kind.IDENTITY_VOUCH, Kind.STAFF_DECISION}
# Where topics come from that is no registry.
VOCABULARIES = {"keyword": "the authors’ keywords", "openalex": "OpenAlex", "openalex-concept": "OpenAlex"}
LIFTS_WORDS = f"at most {LIFTS_A_YEAR[4]} (at level 3, {LIFTS_A_YEAR[3]})"
NEVER_COUNTED = (
    "Followers, views and activity on this site",
    "Citations, h-index and downloads",
    "Venue, journal and publisher rank",
    "Country, institution rank and career length",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the page: points in millionths, the counted fact, who asserts it, and as of when (None where no registry gave a day)."""

    key: str
    label: str
    micropoints: int
    maximum: int
    fact: str
    asserted_by: str
    as_of: date | None


def explain(inputs: Inputs, result: Result) -> tuple[Row, ...]:
    """A row a line of the result, in its order; the rows' micropoints sum exactly to the headline before the floor."""
    return tuple(explain_line(line, inputs, result) for line in result.lines)


def explain_line(line: Line, inputs: Inputs, result: Result) -> Row:
    fact, asserted_by = FACTS[line.key](inputs, result)
    return Row(
        key=line.key,
        label=LABELS[line.key],
        micropoints=line.micropoints,
        maximum=line.maximum,
        fact=fact,
        asserted_by=asserted_by,
        as_of=as_of(line, inputs, result),
    )


def as_of(line: Line, inputs: Inputs, result: Result) -> date | None:
    """The day that a line speaks of: of the computation, of the newest evidence behind the level, or of the newest registry record."""
    if line.key in {"network", "conduct"}:
        return inputs.on
    days = [item.dated for item in behind_level(inputs, result)] if line.key == "identity" else []
    return max(days, default=inputs.record.as_of)


def not_counted(inputs: Inputs, result: Result) -> tuple[str, ...]:
    """What stands in the inputs and earns nothing, then what never earns anything."""
    seen: list[str] = []
    if result.level <= 1 and not inputs.is_suspended and any(item.is_live(on=inputs.on) for item in inputs.evidence):
        seen.append("A claim that nothing ties to these works yet")
    if repeating := sorted(inputs.record.registries - REGISTRIES.keys()):
        seen.append(f"Records from {words(repeating)}: an aggregator repeats what registries say")
    if affiliations := {name for asserter, name in inputs.record.affiliations if asserter not in SPEAKERS}:
        seen.append(f"{counted(len(affiliations), 'affiliation')} given by the authors themselves or by an aggregator")
    silent = sum(voucher.level >= 3 and not voucher.confirmed_works for voucher in inputs.vouchers)
    if silent:
        seen.append(
            f"{counted(silent, 'verified co-author')} who confirmed no joint work: only a work that the verified person confirmed counts"
        )
    beyond = sum(bool(voucher.confirmed_works) and voucher.place > LIFTS_A_YEAR.get(voucher.level, 0) for voucher in inputs.vouchers)
    if beyond:
        seen.append(
            f"{counted(beyond, 'verified co-author')} who lifted others first: a person lifts {LIFTS_WORDS} new collaborators a year"
        )
    if open_findings := sum(not finding.is_upheld for finding in inputs.findings):
        seen.append(f"{counted(open_findings, 'report')} that staff have not upheld")
    return (*seen, *NEVER_COUNTED)


def points_text(micropoints: int) -> str:
    """Points as an exact decimal number, with a true minus sign.

    >>> points_text(2_000_000), points_text(500_000), points_text(11_550_000), points_text(-15_000_000), points_text(0)
    ('2', '0.5', '11.55', '−15', '0')
    """
    whole, rest = divmod(abs(micropoints), POINT)
    text = f"{whole}.{rest:06d}".rstrip("0").rstrip(".") if rest else str(whole)
    return f"−{text}" if micropoints < 0 else text


def counted(number: int, noun: str) -> str:
    """A number and its noun; regular plurals, and -y to -ies.

    >>> counted(1, "registry"), counted(2, "registry"), counted(0, "work"), counted(300, "work")
    ('1 registry', '2 registries', 'no works', '300 works')
    """
    many = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number or 'no'} {noun if number == 1 else many}"


def words(items: Iterable[str]) -> str:
    """Items as a list in a sentence.

    >>> words(["arXiv"]), words(["arXiv", "HAL"]), words(["arXiv", "HAL", "PubMed"])
    ('arXiv', 'arXiv and HAL', 'arXiv, HAL and PubMed')
    """
    *most, last = list(items) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def registries(inputs: Inputs) -> str:
    return words(sorted((REGISTRIES[key] for key in inputs.record.registries & REGISTRIES.keys()), key=str.casefold))


def identity(inputs: Inputs, result: Result) -> tuple[str, str]:
    if inputs.is_suspended:
        return "Suspended: level 1 until staff decide.", "BZPEER staff"
    speakers = sorted({speaker_of(item) for item in behind_level(inputs, result)}, key=str.casefold)
    return MEANINGS[result.level], words(speakers) if speakers else registries(inputs)


def behind_level(inputs: Inputs, result: Result) -> list[Evidence]:
    """The live evidence by which the level was reached; nothing below level 2, which needs none."""
    kinds = BINDINGS | {2: set(), 3: BACKING}.get(result.level, CHECKING)
    return [item for item in inputs.evidence if result.level >= 2 and item.source and item.kind in kinds and item.is_live(on=inputs.on)]


def speaker_of(item: Evidence) -> str:
    """Who speaks, in words: people are not named here, and the key of an institution or a registry is no name."""
    return SPEAKER_OF_KIND.get(item.kind) or REGISTRIES.get(REGISTRY_OF_SOURCE.get(item.source, ""), item.source)


def works(inputs: Inputs, result: Result) -> tuple[str, str]:
    return f"{sentence(counted(inputs.record.works, 'work'))} with an identifier of a registry", registries(inputs)


def independent(inputs: Inputs, result: Result) -> tuple[str, str]:
    names = registries(inputs)
    number = len(inputs.record.registries & REGISTRIES.keys())
    return (f"{sentence(counted(number, 'registry'))}: {names}" if names else "No registries"), names


def topics(inputs: Inputs, result: Result) -> tuple[str, str]:
    sources = sorted({REGISTRIES.get(key) or VOCABULARIES.get(key, key) for key in inputs.record.topics_from}, key=str.casefold)
    return f"{sentence(counted(inputs.record.topics, 'topic'))} over all works", words(sources)


def collaborators(inputs: Inputs, result: Result) -> tuple[str, str]:
    close = inputs.record.close_collaborators
    if close is None:
        return "Not counted yet: these points may come once it is", "BZPEER"
    return f"{sentence(counted(close, 'close collaborator'))} on works of at most 25 authors", "BZPEER, from the bylines"


def affiliation(inputs: Inputs, result: Result) -> tuple[str, str]:
    asserted = sorted((name, asserter) for asserter, name in inputs.record.affiliations if asserter in SPEAKERS)
    if not asserted:
        return "No publisher or institution has asserted an affiliation", ""
    name, asserter = asserted[0]
    more = f", and {len(asserted) - 1} more" if len(asserted) > 1 else ""
    return f"{name}{more}", f"the {asserter}"


def orcid(inputs: Inputs, result: Result) -> tuple[str, str]:
    tied = sum(number for asserter, number in inputs.record.orcid_works if asserter == "publisher")
    return (f"{sentence(counted(tied, 'work'))} tied to an iD by a publisher", "the publishers" if tied else "")


def network_of(inputs: Inputs, result: Result) -> tuple[str, str]:
    standing = backings(inputs.vouchers)
    if not standing:
        verified = sum(voucher.level >= 3 for voucher in inputs.vouchers)
        if verified:
            return f"{sentence(counted(verified, 'verified co-author'))}; no joint work is confirmed in a way that counts", ""
        close = inputs.record.close_collaborators
        if close is None:
            return "Collaborators have not been counted yet", ""
        if close == 0:
            return "No close collaborators are known who could vouch", ""
        if close == 1:
            return "The one close collaborator is not verified yet", ""
        return f"None of the {close} close collaborators is verified yet", ""
    people = sum(backing.vouchers for backing in standing)
    joint = {work for backing in standing for work in backing.works}
    return (
        f"{counted(people, 'voucher')} at {counted(len(standing), 'institution')}, {counted(len(joint), 'confirmed joint work')}",
        words(backing.name or "people without an institution" for backing in standing),
    )


def conduct(inputs: Inputs, result: Result) -> tuple[str, str]:
    upheld = {finding.key for finding in inputs.findings if finding.costs}
    said = [f"{counted(len(upheld), 'upheld finding')}; the band is at most Corroborated"] if upheld else []
    if inputs.ceilings:
        held = min(ceiling.micropoints for ceiling in inputs.ceilings)
        said.append(f"a report is open: until it is decided the figure stays at {points_text(held)} or below")
    return (f"{sentence('; '.join(said))}", "BZPEER staff") if said else ("No upheld findings", "")


FACTS = {
    "identity": identity,
    "works": works,
    "registries": independent,
    "topics": topics,
    "collaborators": collaborators,
    "affiliation": affiliation,
    "orcid": orcid,
    "network": network_of,
    "conduct": conduct,
}
