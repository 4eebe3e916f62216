"""Crossref: answers of its REST API, the public data file, and deposited XML (unixref).

Documentation of the fields: api.crossref.org/swagger-ui, github.com/CrossRef/rest-api-doc; metadata are facts without rights, abstracts may
be the publisher's.
"""

from works.importers.crossref.formats import parse
from works.importers.crossref.service import fetch

__all__ = ["fetch", "parse"]
