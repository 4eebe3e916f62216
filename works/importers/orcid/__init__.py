"""ORCID: public records (v3 and v2, JSON and XML), lists of works, and bulk answers.

Documentation of the fields: info.orcid.org/documentation, github.com/ORCID/orcid-model. The public API is for non-commercial use only; the
yearly public data file is CC0.
"""

from works.importers.orcid.formats import parse
from works.importers.orcid.service import fetch

__all__ = ["fetch", "parse"]
