"""Derived from the record, and disposable: collaborations, neighbourhoods, slices; and what is owed of them.

`manage.py rebuild_graph` counts and makes them anew.
"""

from graph.models.arrangement import Arrangement
from graph.models.collaboration import (
    CLOSE_STRENGTH,
    PAIR_MAX_AUTHORS,
    STRENGTH_MAX_AUTHORS,
    STRENGTH_UNIT,
    Collaboration,
    Neighbourhood,
    StaleCollaboration,
)
from graph.models.similar import SIMILAR_LASTS, SimilarPeople
from graph.models.slice import (
    BUILT,
    KIND_OF,
    SLICE_ATTEMPTS,
    SLICE_LEASE,
    SLICE_UNATTENDED,
    SLICE_VERSION,
    Built,
    InstitutionSlice,
    Slice,
    SliceState,
    Subject,
    TopicSlice,
    WorkSlice,
)

__all__ = [
    "BUILT",
    "CLOSE_STRENGTH",
    "KIND_OF",
    "PAIR_MAX_AUTHORS",
    "SIMILAR_LASTS",
    "SLICE_ATTEMPTS",
    "SLICE_LEASE",
    "SLICE_UNATTENDED",
    "SLICE_VERSION",
    "STRENGTH_MAX_AUTHORS",
    "STRENGTH_UNIT",
    "Arrangement",
    "Built",
    "Collaboration",
    "InstitutionSlice",
    "Neighbourhood",
    "SimilarPeople",
    "Slice",
    "SliceState",
    "StaleCollaboration",
    "Subject",
    "TopicSlice",
    "WorkSlice",
]
