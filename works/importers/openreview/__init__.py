"""OpenReview: notes of both versions of its API, as pages, arrays, JSON Lines, or exports of a venue.

Documentation of the fields: docs.openreview.net/reference. E-mail addresses, which stand where author ids are expected, are never kept.
"""

from works.importers.openreview.formats import parse
from works.importers.openreview.service import fetch

__all__ = ["fetch", "parse"]
