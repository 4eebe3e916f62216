"""Bytes made to break a reader, and a child process that reads them with a bounded memory and time.

    python -m tests.works.importers.hostile SOURCE PATH

prints what became of a file as JSON: works, rejections, the reason of the last one, the peak of memory in MB, the seconds of processor
time. A child that takes longer than SECONDS is ended.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import zstandard

ROOT = Path(__file__).parents[3]
PEAK_MB = 300
SECONDS = 60
MB = 2**20

Writer = Callable[[], Iterator[bytes]]


def repeated(piece: bytes, size: int) -> Iterator[bytes]:
    """At least `size` bytes of `piece`, a megabyte at a time."""
    block = piece * max(1, MB // len(piece))
    for _ in range(max(1, size // len(block))):
        yield block


def around(head: bytes, filling: bytes, tail: bytes, size: int = 100 * MB) -> Writer:
    def write() -> Iterator[bytes]:
        yield head
        yield from repeated(filling, size)
        yield tail

    return write


def packed(write: Writer, kind: str) -> Writer:
    def pack() -> Iterator[bytes]:
        packer = zstandard.ZstdCompressor(level=3).compressobj() if kind == "zst" else zlib.compressobj(6, wbits=31)
        for piece in write():
            yield packer.compress(piece)
        yield packer.flush()

    return pack


def nested(opening: bytes, middle: bytes, closing: bytes, depth: int = 100_000) -> Writer:
    return lambda: iter([opening * depth, middle, closing * depth])


AUTHORS = 10_000_000
XML_AUTHOR = b"<author>A</author>"
LAUGHS = b'<!DOCTYPE dblp [<!ENTITY a "%s">' % (b"ha" * 50) + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(20)
)

# For each kind of source, files that an honest registry never gives. Each must end in a word, within memory and time.
XML_FILES: dict[str, Writer] = {
    "one line of 100 MB in a title": around(b"<dblp><article key='k'><title>", b"x", b"</title></article></dblp>"),
    "10^7 authors": around(b"<dblp><article key='k'><title>T</title>", XML_AUTHOR, b"</article></dblp>", AUTHORS * len(XML_AUTHOR)),
    "a record of a million elements": around(
        b"<dblp><article key='k'><title>T</title>", b"<a/>", b"</article></dblp>", 4 * MB - 65_536 * 2
    ),
    "elements 10^5 deep": nested(b"<i>", b"x", b"</i>"),
    "titles 10^5 deep": lambda: iter([b"<dblp><article key='k'><title>" + b"<i>" * 100_000]),
    "entities of entities": lambda: iter([LAUGHS + b"]><dblp><article key='&t;'><title>&t;</title></article></dblp>"]),
    "an attribute of 100 MB": around(b"<dblp><article key='", b"k", b"'/></dblp>"),
    "100 MB of comments": around(b"<dblp><!--", b"-x", b"--></dblp>"),
    "one comment after another": around(b"<dblp>", b"<!--x-->", b"</dblp>", 10 * MB),
    "a million attributes": lambda: iter(
        [b"<dblp><article ", *(b"a%d='' " % n for n in range(1_000_000)), b"><title>T</title></article></dblp>"]
    ),
    "300 MB in a title, gzipped": packed(around(b"<dblp><article key='k'><title>", b"x", b"", 300 * MB), "gz"),
    "many records, zstd": packed(around(b"<dblp>", b"<article key='k'><title>T</title></article>", b"", 3 * MB), "zst"),
}
JSON_FILES: dict[str, Writer] = {
    "one line of 100 MB": around(b'{"id": "https://openalex.org/W1", "title": "', b"x", b'"}'),
    "10^7 authors in a line": around(b'{"id": "1", "authors": [', b'"A B",', b'"C"]}', AUTHORS * 6),
    "15 MB of empty lists in a line": around(b'{"id": [', b"[],", b"[]]}", 15 * MB),
    "15 MB of small objects in a line": around(b'{"id": [', b'{"a":1},', b"{}]}", 15 * MB),
    "lists 10^5 deep": nested(b"[", b"", b"]"),
    "objects 10^5 deep": nested(b'{"a":', b"1", b"}"),
    "an array over lines that does not end well": around(b"[\n", b'{"id": 1e400, "title": [9999999999999999999999]},\n', b"{}]", 4 * MB),
    "100 MB of empty lines": around(b"", b"\n", b""),
    "a page of 100 MB over lines": around(
        b'{"meta": {"count": 9},\n"results": [\n', b'{"id": "W1",\n "title": "' + b"x" * 200_000 + b'"},\n', b"{}]}"
    ),
    "an array of 100 MB over lines": around(b"[\n", b'{"id": "W1",\n "title": "' + b"x" * 200_000 + b'"},\n', b"{}]"),
    "a number of 100 MB": around(b'{"id": ', b"9", b"}"),
    "300 MB in a line, gzipped": packed(around(b'{"id": "', b"x", b"", 300 * MB), "gz"),
    "many lines, zstd": packed(around(b"", b'{"id": "x", "title": "y"}\n', b"", 2 * MB), "zst"),
}
TEXT_FILES: dict[str, Writer] = {
    "one line of 100 MB": around(b"@article{k, title = {", b"x", b"}}"),
    "one line of 100 MB in RIS": around(b"TY  - JOUR\nTI  - ", b"x", b"\nER  - \n"),
    "10^7 authors": around(b"@article{k, title = {T}, author = {", b"A B and ", b"C}}", AUTHORS * 8),
    "10^7 authors in RIS": around(b"TY  - JOUR\nTI  - T\n", b"AU  - A, B\n", b"ER  - \n", AUTHORS * 11),
    "braces 10^5 deep": lambda: iter([b"@article{k, title = ", b"{" * 100_000, b"x", b"}" * 100_000, b", year = 9999}"]),
    "TeX 10^5 deep": lambda: iter([b"@article{k, title = {$x$ ", b"\\emph{" * 100_000, b"x", b"}" * 100_000, b"}}"]),
    "five million beginnings": around(b"", b"@a", b"", 10 * MB),
    "a million beginnings of entries": around(b"", b"\n@a{b,", b"", 6 * MB),
    "strings of strings": lambda: iter(
        [b'@string{s0 = "%s"}' % (b"x" * 1000), *(b"@string{s%d = s%d%s}\n" % (n + 1, n, b" # s%d" % n * 9) for n in range(30)),
         b"@article{k, title = s30}"]
    ),
    "a continuation of 100 MB in RIS": around(b"TY  - JOUR\nTI  - T\n", b"more and more\n", b"ER  - \n"),
    "300 MB in a field, gzipped": packed(around(b"@article{k, title = {", b"x", b"", 300 * MB), "gz"),
    "many entries, zstd": packed(around(b"", b"@article{k, title = {T}}\n", b"", 2 * MB), "zst"),
}  # fmt: skip


def write(writer: Writer, path: Path) -> None:
    with path.open("wb") as file:
        for piece in writer():
            file.write(piece)


def outcome(source: str, path: Path) -> dict[str, float | int | str]:
    """What a child process of bounded memory and time makes of the file."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.works.importers.hostile", source, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    if done.returncode:
        raise AssertionError(f"{source} at {path.name}: {done.stderr[-2000:] or f'ended with {done.returncode}'}")
    found: dict[str, float | int | str] = json.loads(done.stdout)
    return found


def peak_mb() -> float:
    """The most memory that this program has held, in MB. Not getrusage's figure: that counts the process it was begun from as well."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def main(source: str, path: Path) -> None:
    from works.importers.record import ImportedWork, Rejection
    from works.importers.sources import SOURCES

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    works = rejections = 0
    reason, begun = "", time.process_time()
    with path.open("rb") as stream:
        for item in SOURCES[source].parse(stream, name="file"):
            works += isinstance(item, ImportedWork)
            if isinstance(item, Rejection):
                rejections, reason = rejections + 1, item.reason
    seconds = time.process_time() - begun
    print(json.dumps({"works": works, "rejections": rejections, "reason": reason, "peak": round(peak_mb()), "seconds": round(seconds, 1)}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
