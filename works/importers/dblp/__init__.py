"""dblp: its XML dump (one document of gigabytes), person pages, single records and search answers.

Documentation: dblp.org/faq, and "DBLP: Some Lessons Learned" (M. Ley, 2009) for the records. Metadata are CC0.
"""

from works.importers.dblp.formats import parse
from works.importers.dblp.service import fetch

__all__ = ["fetch", "parse"]
