"""Every source that works can be imported from, in the order in which pages list them."""

from types import ModuleType

from works.importers import acl, arxiv, bibtex, bzpeer, crossref, csl, dblp, openalex, openreview, orcid, pubmed, ris, ror

# Each module has parse(stream, *, name); those with a live service have fetch(*, ids, query, limit, after, client).
SOURCES: dict[str, ModuleType] = {
    "arxiv": arxiv,
    "openalex": openalex,
    "crossref": crossref,
    "orcid": orcid,
    "dblp": dblp,
    "acl": acl,
    "pubmed": pubmed,
    "bibtex": bibtex,
    "ris": ris,
    "openreview": openreview,
    "csl": csl,
    "ror": ror,
    "bzpeer": bzpeer,
}
LABELS = {
    "arxiv": "arXiv",
    "openalex": "OpenAlex",
    "crossref": "Crossref",
    "orcid": "ORCID",
    "dblp": "dblp",
    "acl": "ACL Anthology",
    "pubmed": "PubMed",
    "bibtex": "BibTeX",
    "ris": "RIS",
    "openreview": "OpenReview",
    "csl": "CSL-JSON",
    "ror": "ROR",
    "bzpeer": "BZPEER records",
}
# On what terms each registry gives its metadata, as its own pages say (docs/importing.md). Files are whoever's who wrote them.
TERMS = {
    "arxiv": "CC0; the papers keep their own licences",
    "openalex": "CC0",
    "crossref": "free to use; abstracts are their publishers’",
    "orcid": "yearly file CC0; the public API for non-commercial use",
    "dblp": "CC0",
    "acl": "CC BY 4.0 from 2016 on, earlier CC BY-NC-SA 3.0",
    "pubmed": "free to use; abstracts are their publishers’",
    "openreview": "not stated by the registry",
    "ror": "CC0",
}


def is_live(source: str) -> bool:
    """Whether the source can be asked over the network; of the others, files are read."""
    return hasattr(SOURCES[source], "fetch")
