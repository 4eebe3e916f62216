"""The ACL Anthology live: the XML files of its public repository. There is no search; a file holds a year of one conference."""

import re
from collections.abc import Iterator, Sequence
from html import escape

import httpx
from lxml import etree

from works.importers.acl.paper import key_of
from works.importers.http import Client, PoliteClient, RegistryUnavailable

REGISTRY = "the ACL Anthology"
ADDRESS = re.compile(r"^https?://[^/]+/|\.(?:pdf|xml|bib)$|/$")
DOI = re.compile(r"^.*10\.(?:18653/v1|3115/v1)/", re.IGNORECASE)
PAPER = re.compile(r"(?P<collection>\d{4}\.\w+)-[\w-]+\.\d+|(?P<old>[A-Z]\d\d)-\d{4,5}")
COLLECTION = re.compile(r"\d{4}\.\w+|[A-Z]\d\d")


def fetch(
    *, ids: Sequence[str] = (), query: str = "", limit: int | None = None, after: str = "", client: Client
) -> Iterator[tuple[bytes, str]]:
    """Pages for `parse`, each with the cursor to go on from as `after`; "" behind the last page.

    ids: of papers (2024.naacl-long.1, P18-1001, or their addresses and DOIs) or of whole collections (2024.naacl); those that do not exist
    come as errors. query: a collection, or several with spaces between them. limit: of ids, from here on.
    RegistryUnavailable where the files cannot be read any more; the pages before it stand.
    """
    asked = [bare(text) for text in (ids or query.split())][:limit]
    by_collection: dict[str, list[str]] = {}
    for text in asked:
        by_collection.setdefault(collection_of(text), []).append(text)
    collections = list(by_collection)
    with PoliteClient(REGISTRY, client, interval=client.pace.acl_interval) as polite:
        for number in range(int(after) if after.isascii() and after.isdigit() else 0, len(collections)):
            wanted = by_collection[collections[number]]
            page = page_of(polite, client.acl_anthology_url.rstrip("/"), collections[number], wanted)
            yield page, str(number + 1) if number + 1 < len(collections) else ""


def bare(text: str) -> str:
    """
    >>> bare("https://aclanthology.org/2024.naacl-long.1/"), bare("10.18653/v1/P18-1001"), bare("https://aclanthology.org/P18-1001.pdf")
    ('2024.naacl-long.1', 'P18-1001', 'P18-1001')
    """
    return ADDRESS.sub("", ADDRESS.sub("", ADDRESS.sub("", DOI.sub("", text.strip()))))


def collection_of(text: str) -> str:
    """The file that a paper or collection is in; "" for what is neither."""
    paper = PAPER.fullmatch(text)
    return (paper["collection"] or paper["old"]) if paper else text if COLLECTION.fullmatch(text) else ""


def page_of(polite: PoliteClient, url: str, collection: str, wanted: Sequence[str]) -> bytes:
    """The whole file, where it was asked for; else the papers asked for, in it; and an error for each that is not there."""
    if not collection:
        return errors(wanted)
    answer = polite.get(f"{url}/{collection}.xml", {}, also={httpx.codes.NOT_FOUND})
    if answer.status == httpx.codes.NOT_FOUND:
        return errors(wanted)
    if collection in wanted:
        return answer.body
    try:
        root = etree.fromstring(answer.body, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError as error:
        raise RegistryUnavailable(
            f"{REGISTRY} answers for {collection} with what is no XML ({error.msg}). Start the import again later."
        ) from error
    found = set()
    for paper in list(root.iter("paper")):
        key, parent = key_of(paper), paper.getparent()
        found.add(key)
        if key not in wanted and parent is not None:
            parent.remove(paper)
    for text in wanted:
        if text not in found:
            etree.SubElement(root, "error").text = text
    return etree.tostring(root)


def errors(wanted: Sequence[str]) -> bytes:
    return f"<collection>{''.join(f'<error>{escape(text)}</error>' for text in wanted)}</collection>".encode()
