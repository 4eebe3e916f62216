"""Which registries count as independent, and by which identifiers they are known.

A registry gives out identifiers and answers for them. An aggregator (OpenAlex, dblp, …) repeats what registries say: it is in neither
table, and neither is whatever nobody has thought of yet, so that an unknown source earns nothing.
"""

# Every registry that earns points, with its name as a page gives it.
REGISTRIES = {
    "acl": "the ACL Anthology",
    "arxiv": "arXiv",
    "doi": "a DOI registration agency",
    "hal": "HAL",
    "pubmed": "PubMed",
}

# The registry behind each identifier scheme of a work. A record that somebody converted for us counts for these and not for itself:
# so a work that comes as a converted record today and from the registry tomorrow stands in the same registry both times.
REGISTRY_OF_SCHEME = {"acl": "acl", "arxiv": "arxiv", "doi": "doi", "hal": "hal", "pmcid": "pubmed", "pmid": "pubmed"}

# The registry behind each source that is itself asked. All DOI registration agencies are one registry: each work has its DOI from one.
REGISTRY_OF_SOURCE = {"acl": "acl", "arxiv": "arxiv", "crossref": "doi", "datacite": "doi", "hal": "hal", "pubmed": "pubmed"}

# Records under this source were converted by somebody from somewhere.
CONVERTED = "bzpeer"

# Records of files that people keep for themselves. Nobody answers for an identifier in them: a work that no other source tells of counts
# for nothing.
TYPED = ("bibtex", "csl", "ris")

# arXiv gives each preprint a DOI of its own under this prefix. It is the arXiv id once more, not a second registry.
ARXIV_DOI_PREFIX = "10.48550/"


def registry_of_identifier(scheme: str, value: str) -> str:
    """The registry that gave out an identifier; "" where none that counts did.

    >>> registry_of_identifier("doi", "10.1007/978-3-031-19775-8_36"), registry_of_identifier("doi", "10.48550/arxiv.2208.04352")
    ('doi', 'arxiv')
    >>> registry_of_identifier("openalex", "W2741809807")
    ''
    """
    if scheme == "doi" and value.startswith(ARXIV_DOI_PREFIX):
        return "arxiv"
    return REGISTRY_OF_SCHEME.get(scheme, "")
