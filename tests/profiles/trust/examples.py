"""The people of the examples, as inputs."""

from datetime import date, timedelta

from profiles.trust.levels import Evidence, Kind
from profiles.trust.score import Inputs, JointWork, Record, Voucher

TODAY = date(2026, 11, 22)
LAST_MONTH = TODAY - timedelta(days=30)
LONG_AGO = TODAY - timedelta(days=1_000)
UNIVERSITY, INSTITUTE = "05591te55", "04kyh2m11"

ACCOUNT = Evidence(kind=Kind.ACCOUNT, dated=LAST_MONTH)
BOUND_ORCID = Evidence(kind=Kind.ORCID_ON_WORK, dated=LAST_MONTH, source="Crossref")
MAILBOX = Evidence(kind=Kind.INSTITUTION_EMAIL, dated=LAST_MONTH, source="mail", institution=UNIVERSITY)
PRINTED = Evidence(kind=Kind.PUBLISHER_AFFILIATION, dated=LONG_AGO, source="publisher", institution=UNIVERSITY)
LOGIN = Evidence(kind=Kind.INSTITUTION_LOGIN, dated=LAST_MONTH, source=UNIVERSITY, institution=UNIVERSITY)
CHECKS = tuple(Evidence(kind=Kind.IDENTITY_CHECK, dated=LAST_MONTH, source=person) for person in ("staff 1", "staff 2"))
SECOND_FACTOR = Evidence(kind=Kind.SECOND_FACTOR, dated=LAST_MONTH)

REFERENCE = Record(
    works=2, registries=frozenset({"arxiv"}), topics=2, topics_from=frozenset({"arxiv"}), close_collaborators=5, as_of=LAST_MONTH
)
PUBLISHED = frozenset({("publisher", "A university")})


def voucher(
    person: str = "advisor", institution: str = INSTITUTE, *, level: int = 4, authors: int = 2, is_confirmed: bool = True
) -> Voucher:
    """A co-author of one joint work."""
    joint = JointWork(work=f"joint with {person}", authors=authors, is_confirmed=is_confirmed)
    return Voucher(person=person, institution=institution, institution_name=institution, level=level, joint_works=(joint,))


# Two vouchers at each of two institutions reach the half that one institution can give, twice: N = 3/4.
NETWORK_OF_A_PROFESSOR = tuple(voucher(f"{place} {number}", place) for place in (UNIVERSITY, INSTITUTE) for number in (1, 2))
PROFESSORS_RECORD = Record(
    works=300, registries=frozenset({"arxiv", "doi", "pubmed"}), topics=30, close_collaborators=80, affiliations=PUBLISHED
)
STUDENTS_RECORD = Record(
    works=2, registries=frozenset({"doi"}), topics=2, close_collaborators=4, affiliations=PUBLISHED, orcid_works=(("publisher", 2),)
)
ONE_PREPRINT = Record(works=1, registries=frozenset({"arxiv"}), topics=2, close_collaborators=4)
EVERYTHING_FREE = Record(
    works=50,
    registries=frozenset({"arxiv", "doi", "hal", "pubmed"}),
    topics=50,
    close_collaborators=50,
    affiliations=frozenset({("repository", "A university")}),
    orcid_works=(("repository", 50),),
)
FREE_CLAIM = (ACCOUNT, BOUND_ORCID, MAILBOX, SECOND_FACTOR)


def inputs(record, evidence=(), vouchers=(), **others) -> Inputs:
    return Inputs(record=record, on=TODAY, evidence=evidence, vouchers=vouchers, **others)
