"""Finding what somebody typed: people, works, topics, institutions, sources. Every statement reads a bounded part of an index."""

from works.models.finding.arrivals import WorkSearch, last_imported
from works.models.finding.entities import Subject, find_subject_ids, find_subjects, subjects_in_order
from works.models.finding.facets import FacetValue, facets_of_people, facets_of_works
from works.models.finding.found import FOUND_AT_MOST, LAST_CHARACTER, LOOKED_AT, Found, nearest_words
from works.models.finding.people import WORDS_AT_MOST, PeopleFilter, PeopleOrder, find_people
from works.models.finding.titles import Order, WorkFilter, find_works, matched_words

__all__ = [
    "FOUND_AT_MOST",
    "LAST_CHARACTER",
    "LOOKED_AT",
    "WORDS_AT_MOST",
    "FacetValue",
    "Found",
    "Order",
    "PeopleFilter",
    "PeopleOrder",
    "Subject",
    "WorkFilter",
    "WorkSearch",
    "facets_of_people",
    "facets_of_works",
    "find_people",
    "find_subject_ids",
    "find_subjects",
    "find_works",
    "last_imported",
    "matched_words",
    "nearest_words",
    "subjects_in_order",
]
