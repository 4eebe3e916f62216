"""Who is who, and what is the same: facts in, decisions out, precision before recall. Pure: no Django, no database.

works: is this the same work? titles: are these the same title? provisional: whose a new byline position is until its block is looked at
whole. clusters: who is who within a block, by the evidence of evidence, which knows from commonness what a coincidence is worth. metrics:
how good a grouping is.
docs/matching.md explains it with its figures.
"""

from works.matching.clusters import Group, Link, group_people
from works.matching.commonness import Commonness
from works.matching.provisional import NewPlace, Person, place_provisionally, same_name
from works.matching.signatures import ONE_PER_PERSON, Signature, title_words
from works.matching.titles import comparable, is_generic
from works.matching.works import (
    ONE_PER_WORK,
    SAME_WORK_RELATIONS,
    TELLING_SCHEMES,
    YEARS_TO_PRINT,
    WorkFacts,
    byline_hash,
    contradicts,
    same_words,
    same_work,
)

__all__ = [
    "ONE_PER_PERSON",
    "ONE_PER_WORK",
    "SAME_WORK_RELATIONS",
    "TELLING_SCHEMES",
    "YEARS_TO_PRINT",
    "Commonness",
    "Group",
    "Link",
    "NewPlace",
    "Person",
    "Signature",
    "WorkFacts",
    "byline_hash",
    "comparable",
    "contradicts",
    "group_people",
    "is_generic",
    "place_provisionally",
    "same_name",
    "same_words",
    "same_work",
    "title_words",
]
