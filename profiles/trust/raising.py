"""What would raise a figure, honestly: told to the owner of a page alone, the cheapest step first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from profiles.trust.score import IDENTITY_POINTS, POINT


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that the owner can do or ask for, and at most how many millionths of a point it brings."""

    key: str
    words: str
    micropoints: int


CONFIRMATION = (
    "Ask a close collaborator who is identity-verified to confirm a work that you wrote together: up to 7 points each, at most 10 for one"
    " institution."
)
SECOND_FACTOR = "Switch on a second factor for your account and prove a second, independent source (your ORCID iD on a work, say)."
INSTITUTION = (
    "Confirm an address at your institution where a publisher prints it on an older work of yours, or have a verified co-author attest you"
    " as well; or have the institution write your employment into your ORCID record."
)
ORCID = "Give your ORCID iD when you publish: each work on which the publisher prints the iD that you proved here is a point."
CHECK = (
    "Ask for an identity check at your claim: two members of staff look at who you are, and keep no document. Or have two identity-verified"
    " co-authors from two institutions vouch for you, and staff accept that."
)
AFFILIATION = "Have your institution write your affiliation into your ORCID record, or publish where the affiliation is deposited."
REGISTRIES = "A work that also stands in another registry (its DOI beside its arXiv id, say) counts there too."
WORKS = "Import the works that are missing here; each needs an identifier that a registry gave."
CONDUCT = "A finding stands against this page. You can appeal it once: somebody else than before decides."


def steps(level: int, lines: Mapping[str, tuple[int, int]]) -> tuple[Step, ...]:
    """Steps from a level and the lines' (points, maximum) in millionths; what is at its maximum, and a level that is reached, need none.

    >>> [step.key for step in steps(4, {"network": (7_000_000, 20_000_000), "orcid": (4_000_000, 4_000_000)})]
    ['network', 'second-factor']
    """

    def left(key: str) -> int:
        points, maximum = lines.get(key, (0, 0))
        return maximum - points

    def to_level(reached: int) -> int:
        return (IDENTITY_POINTS[reached] - IDENTITY_POINTS[level]) * POINT

    offers = (
        ("works", WORKS, left("works")),
        ("network", CONFIRMATION, left("network")),
        ("second-factor", SECOND_FACTOR, to_level(5) if level == 4 else 0),
        ("institution", INSTITUTION, to_level(3) if level == 2 else 0),
        ("orcid", ORCID, left("orcid")),
        ("affiliation", AFFILIATION, left("affiliation")),
        ("registries", REGISTRIES, left("registries")),
        ("identity-check", CHECK, to_level(4) if level in {2, 3} else 0),
        ("conduct", CONDUCT, -lines.get("conduct", (0, 0))[0]),
    )
    return tuple(Step(key=key, words=words, micropoints=gain) for key, words, gain in offers if gain > 0)
