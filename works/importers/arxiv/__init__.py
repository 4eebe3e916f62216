"""arXiv: the Atom feed of its API, OAI-PMH, and its metadata snapshot.

Documentation of the formats: info.arxiv.org/help/api/user-manual.html, info.arxiv.org/help/oa; metadata are CC0.
"""

from works.importers.arxiv.formats import parse

__all__ = ["parse"]
