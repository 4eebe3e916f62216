"""Small real records of CC0 sources, and how tests read them."""

import io
from types import ModuleType

from works.importers.record import ImportedWork, Rejection

ATOM_HEAD = (
    b"<?xml version='1.0' encoding='UTF-8'?>\n"
    b'<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">'
)


def atom_entry(
    arxiv_id: str, *, title: str = "Meta Knowledge Distillation", authors: str = "<author><name>Jihao Liu</name></author>", more: str = ""
) -> str:
    return (
        f"<entry><id>http://arxiv.org/abs/{arxiv_id}</id><title>{title}</title><updated>2022-03-01T10:00:00Z</updated>"
        f'<summary>  Recent studies\npoint out.</summary><category term="cs.CV"/><category term="68T45 (Machine vision)"/>'
        f"<published>2022-02-16T18:59:59Z</published>{more}<arxiv:primary_category term='cs.LG'/>{authors}</entry>"
    )


def atom_feed(*entries: str, total: int | None = None) -> bytes:
    count = len(entries) if total is None else total
    return ATOM_HEAD + f"<opensearch:totalResults>{count}</opensearch:totalResults>{''.join(entries)}</feed>".encode()


def oai(*records: str, token: str = "") -> bytes:
    tail = f"<resumptionToken>{token}</resumptionToken>" if token else ""
    return f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>{"".join(records)}{tail}</ListRecords></OAI-PMH>'.encode()


def oai_record(arxiv_id: str, authors: str, *, more: str = "") -> str:
    return (
        f"<record><header><identifier>oai:arXiv.org:{arxiv_id}</identifier><datestamp>2016-06-27</datestamp></header><metadata>"
        f'<arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{arxiv_id}</id><created>2016-06-23</created><updated>2016-06-24</updated>'
        f"<authors>{authors}</authors><title>Solar Neutrino Measurements in\n  Super-Kamiokande-IV</title>"
        f"<categories>hep-ex physics.ins-det</categories>{more}<abstract>  Upgraded electronics\n</abstract></arXiv></metadata></record>"
    )


def read(source: ModuleType, data: bytes, name: str = "file") -> list[ImportedWork | Rejection]:
    found: list[ImportedWork | Rejection] = list(source.parse(io.BytesIO(data), name=name))
    return found


def works(found: list[ImportedWork | Rejection]) -> list[ImportedWork]:
    return [item for item in found if isinstance(item, ImportedWork)]


def rejections(found: list[ImportedWork | Rejection]) -> list[Rejection]:
    return [item for item in found if isinstance(item, Rejection)]


def one_work(source: ModuleType, data: bytes) -> ImportedWork:
    """The one work of `data`, from which nothing was rejected or left out."""
    found = read(source, data)
    assert len(found) == 1, found
    assert isinstance(found[0], ImportedWork), found
    return found[0]


def one_rejection(source: ModuleType, data: bytes, name: str = "file") -> Rejection:
    found = read(source, data, name)
    assert len(found) == 1, found
    assert isinstance(found[0], Rejection), found
    return found[0]
