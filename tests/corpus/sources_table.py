"""Writes docs/sources.md: every file of the sample data, what its own list counts in it, and what the importers make of it.

python -m tests.corpus.sources_table
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.corpus.paperlists import DATA, convert
from tests.corpus.zotero import differences
from works.importers.files import open_stream
from works.importers.record import (
    ImportedInstitution,
    ImportedMergedId,
    ImportedPerson,
    ImportedSource,
    ImportedTopic,
    ImportedWork,
    Rejection,
)
from works.importers.sources import LABELS, SOURCES

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "sources.md"

FOLDERS = {
    "arxiv": "arxiv", "openalex": "openalex", "crossref": "crossref", "orcid": "orcid", "dblp": "dblp", "acl_anthology": "acl",
    "openreview": "openreview", "pubmed_xml": "pubmed", "bibtex": "bibtex", "ris": "ris", "csl_json": "csl", "ror": "ror",
}  # fmt: skip
# What registries list besides works.
OTHERS: dict[type, str] = {
    ImportedInstitution: "institutions", ImportedSource: "sources", ImportedTopic: "topics", ImportedPerson: "authors",
    ImportedMergedId: "merged ids",
}  # fmt: skip
# Files that are no importer's format: which source they were given to, to see what it says, and what they are.
REFUSED = {
    "arxiv/daily_jsonl/*": "Not arXiv's own format but a project's, made from its API: convert it to BZPEER records.",
    "arxiv/atom_recorded/*": "A recorder's envelope around an answer; the answers themselves are in `arxiv/atom`.",
    "acl_anthology/xml/schema.rnc": "The schema of the XML files.",
    "acl_anthology/yaml/*": "Spellings of people's names, no works. What it says of the people with an id is in the XML files too.",
    "dblp/dblp.dtd": "The document type. It is not needed: the letters that it names are known.",
    "ror/affiliation_strings*": "Printed affiliations with the institutions that people found in them: see affiliations.md.",
    "graph/*": "A drawn network (VOSviewer): names without works.",
    "openalex/snapshot/*/manifest": "A list of files.",
    "*.expected.json": "What Zotero reads in the file beside it: see below.",
    "bibtex/expected_zotero_items/*": "What Better BibTeX reads in the file of that name.",
}
# Where works and rejections together are not what the list counts, or authorships differ: why.
EXPLAINED = {
    "arxiv/atom/id_abc_*": 'Its one entry is an error that arXiv reports, "authored" by arXiv.',
    "arxiv/oai_pmh/hepcrawl_sample_arxiv_record8.xml": 'A ":" behind a collaboration\'s name is nobody.',
    "openalex/api/works_page_chunk1_last_empty.json": "The page says 50 and holds none.",
    "pubmed_xml/zotero_01.xml": "The list counts articles; this is a book.",
    "dblp/*": "The list counts the names on persons' pages among the authorships.",
}


@dataclass(slots=True)
class Row:
    """One file: what is counted, and why what is not taken in is not."""

    path: str
    source: str
    listed: str
    works: int = 0
    authorships: int = 0
    rejected: int = 0
    reservations: int = 0
    others: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)


def listed() -> dict[str, str]:
    """ "arxiv/atom/x.xml" -> what the sample data's list counts in it."""
    found, folder = {}, ""
    for line in (DATA / "README.md").read_text().splitlines():
        if heading := re.match(r"### (\w+)/", line):
            folder = heading.group(1)
        elif folder and (row := re.match(r"\| `([^`]+)` \|.*\| ([^|]+) \|$", line)):
            found[f"{folder}/{row.group(1)}"] = row.group(2).strip()
    return found


def read(path: str, says: str) -> Row:
    folder = path.partition("/")[0]
    source = FOLDERS.get(folder, "bzpeer")
    row = Row(path, source, says)
    if source not in SOURCES:
        row.reasons["no importer reads this source"] = 1
        return row
    with open_stream(DATA / path) as stream:
        for item in SOURCES[source].parse(stream, name=Path(path).name):
            count(row, item)
    return row


def count(row: Row, item: ImportedWork | Rejection | object) -> None:
    if isinstance(item, ImportedWork):
        row.works += 1
        row.authorships += len(item.authors)
    elif isinstance(item, Rejection) and item.is_reservation:
        row.reservations += 1
    elif isinstance(item, Rejection):
        row.rejected += 1
        row.reasons[in_general(item.reason)] += 1
    else:
        row.others[OTHERS[type(item)]] += 1


def in_general(reason: str) -> str:
    """A reason without what is the record's own, so that equal ones count together."""
    reason = re.sub(r"^line \d+: (.*?): .*", r"\1", reason)
    reason = re.sub(r"'[^']*'|\"[^\"]*\"|@\w+\{\S+|\([^)]*\)|https?://\S+", "…", reason)
    reason = re.sub(r" with \w+(?:, \w+)+", "", re.sub(r"\d[\d,.]*", "N", reason))
    return reason.partition("; ")[0][:110]


def matching(path: str, patterns: dict[str, str]) -> str:
    return next((why for pattern, why in patterns.items() if Path(path).match(pattern) or Path("x/" + path).match("x/" + pattern)), "")


def rows() -> list[Row]:
    return [read(path, says) for path, says in sorted(listed().items()) if not path.startswith("corpus_paperlists/")]


def reading(row: Row) -> str:
    """The last column: why records are listed, and why counts differ."""
    if refused := matching(row.path, REFUSED):
        return f"Refused. {refused}"
    parts = [f"{count:,} {what}" for what, count in row.others.most_common()]
    parts += [f"{count} × {reason}" for reason, count in row.reasons.most_common(4)]
    if explained := matching(row.path, EXPLAINED):
        parts.append(explained)
    return "; ".join(parts)


def table(found: list[Row]) -> str:
    lines = ["| file | counted by the list | works | authorships | rejected | reservations | why |", "|---|---|--:|--:|--:|--:|---|"]
    lines += [
        f"| `{row.path.partition('/')[2]}` | {row.listed} | {row.works:,} | {row.authorships:,} | {row.rejected:,} | {row.reservations:,} "
        f"| {reading(row).replace('|', '/')} |"
        for row in found
    ]
    return "\n".join(lines)


def document() -> str:
    found = rows()
    parts = [HEAD, summary(found)]
    for folder in dict.fromkeys(row.path.partition("/")[0] for row in found):
        its = [row for row in found if row.path.startswith(f"{folder}/")]
        name = LABELS.get(FOLDERS.get(folder, ""), folder)
        works, authorships, rejected = (sum(getattr(row, name) for row in its) for name in ("works", "authorships", "rejected"))
        parts.append(
            f"## {name}\n\n{len(its)} files in `{folder}`: {works:,} works, {authorships:,} authorships, {rejected:,} rejected.\n\n"
            + table(its)
        )
    parts.append(paperlists())
    parts.append(zotero())
    return "\n\n".join(parts) + "\n"


def summary(found: list[Row]) -> str:
    lines = [
        "| source | files | refused as no format of it | works | authorships | rejected records | besides works |",
        "|---|--:|--:|--:|--:|--:|---|",
    ]
    for folder in dict.fromkeys(row.path.partition("/")[0] for row in found):
        its = [row for row in found if row.path.startswith(f"{folder}/")]
        read = [row for row in its if not matching(row.path, REFUSED)]
        counts = [sum(getattr(row, name) for row in read) for name in ("works", "authorships", "rejected")]
        name = LABELS.get(FOLDERS.get(folder, ""), folder)
        others: Counter[str] = sum((row.others for row in read), Counter())
        told = ", ".join(f"{count:,} {what}" for what, count in others.most_common())
        lines.append(f"| {name} | {len(its)} | {len(its) - len(read)} | {' | '.join(f'{count:,}' for count in counts)} | {told} |")
    return "\n".join(lines)


def paperlists() -> str:
    count = sum(isinstance(item, ImportedWork) for item in convert())
    return (
        "## Conference paper lists\n\n`corpus_paperlists` is a project's own format, one JSON array a conference and year; as it is,"
        f" every source refuses it. `tests/corpus/paperlists.py` converts it to {count:,} BZPEER records for the tests: it shows what"
        " converting a list takes."
    )


def zotero() -> str:
    lines = [
        "## Read as Zotero reads",
        "",
        "The BibTeX, RIS and PubMed cases come with what Zotero makes of them. Names (given and family names, compared without case,",
        "accents and full stops), titles (without markup) and dates (as far as both give them) are the same but for these:",
        "",
        "| file | what | Zotero | here | why |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| `{one.file}` | {one.what} | {one.theirs} | {one.ours} | {one.why} |" for one in differences()]
    return "\n".join(lines)


HEAD = """# What the importers read of real files

Made by `python -m tests.corpus.sources_table` from files of real records that are not part of this repository; "counted by the list" is
what a parser counted when those files were collected. Every record of a file is a work, or stands among the rejected with its place and the
reason. A reservation is a work that was taken in but for a part. How each source is read is told in [importing.md](importing.md)."""

if __name__ == "__main__":
    DOCUMENT.write_text(document())
