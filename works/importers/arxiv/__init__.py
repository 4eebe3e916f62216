"""arXiv: the Atom feed of its API, OAI-PMH, and its metadata snapshot.

Documentation of the formats: info.arxiv.org/help/api/user-manual.html, info.arxiv.org/help/oa; metadata are CC0.
"""

from works.importers.arxiv.formats import parse
from works.importers.arxiv.service import fetch

__all__ = ["fetch", "parse"]
