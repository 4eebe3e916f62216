"""PubMed: its XML, from the yearly files, from efetch, and from the site's own export.

Documentation: www.nlm.nih.gov/bsd/licensee/elements_descriptions.html and the E-utilities manual. Citation data are free to use; abstracts
may be under their publishers' copyright.
"""

from works.importers.pubmed.formats import parse
from works.importers.pubmed.service import fetch

__all__ = ["fetch", "parse"]
