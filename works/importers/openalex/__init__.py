"""OpenAlex: answers of its API (pages and single works) and its snapshot's works, JSON Lines.

Documentation of the fields: docs.openalex.org, entities/works; data are CC0.
"""

from works.importers.openalex.formats import parse
from works.importers.openalex.service import fetch

__all__ = ["fetch", "parse"]
