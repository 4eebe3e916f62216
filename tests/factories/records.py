"""Imported records, as an importer would yield them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from works.importers.record import ImportedAuthor, ImportedSource, ImportedTopic, ImportedWork
from works.names import fold

ARXIV = ImportedSource(name="arXiv", kind="repository")


def make_imported_author(name: str | ImportedAuthor, **fields) -> ImportedAuthor:
    return name if isinstance(name, ImportedAuthor) else ImportedAuthor(raw_name=name, name=name, **fields)


def make_record(title: str, authors: Sequence[str | ImportedAuthor] = (), *, topics: Sequence[str] = (), **fields) -> ImportedWork:
    """A preprint of 2022 under a key of its own, unless told otherwise."""
    given: dict[str, Any] = {
        "registry": "arxiv",
        "key": fold(title),
        "type": "preprint",
        "asserted_by": "repository",
        "year": 2022,
        "source": ARXIV,
    } | fields
    return ImportedWork(
        title=title,
        authors=tuple(make_imported_author(author) for author in authors),
        topics=tuple(ImportedTopic(scheme="arxiv", code=label, label=label) for label in topics),
        **given,
    )


def meta_knowledge_distillation(**fields) -> ImportedWork:
    return make_record(
        "Meta Knowledge Distillation",
        ["Jihao Liu", "Boxiao Liu", "Hongsheng Li", "Yu Liu"],
        topics=["cs.LG"],
        **{"key": "2202.07940", "identifiers": (("arxiv", "2202.07940"),)} | fields,
    )


def noisy_faces(**fields) -> ImportedWork:
    return make_record(
        "Rethinking Robust Representation Learning Under Fine-grained Noisy Faces",
        ["Bingqi Ma", "Guanglu Song", "Boxiao Liu", "Yu Liu"],
        topics=["cs.CV"],
        **{"key": "2208.04352", "identifiers": (("arxiv", "2208.04352"),)} | fields,
    )


def noisy_faces_in_proceedings(**fields) -> ImportedWork:
    """The same work as its publisher tells of it: the title in another case, the chapter's DOI, no arXiv id."""
    given: dict[str, Any] = {
        "registry": "crossref",
        "key": "10.1007/978-3-031-19775-8_36",
        "identifiers": (("doi", "10.1007/978-3-031-19775-8_36"),),
        "type": "conference-paper",
        "asserted_by": "publisher",
        "source": ImportedSource(name="ECCV 2022", kind="conference"),
    } | fields
    authors = ["Bingqi Ma", "Guanglu Song", "Boxiao Liu", "Yu Liu"]
    return make_record("Rethinking Robust Representation Learning under Fine-Grained Noisy Faces", authors, **given)
