"""Files made to break a reader end in a word, within 300 MB and a minute, whatever the source. Each is read by a process of its own."""

from pathlib import Path

import pytest

from tests.works.importers.hostile import JSON_FILES, PEAK_MB, SECONDS, TEXT_FILES, XML_FILES, Writer, outcome, write

CASES = (
    [("dblp", what, writer) for what, writer in XML_FILES.items()]
    + [("openalex", what, writer) for what, writer in JSON_FILES.items()]
    + [("ris" if what.endswith("RIS") else "bibtex", what, writer) for what, writer in TEXT_FILES.items()]
)


@pytest.mark.parametrize(
    ("source", "writer"), [(source, writer) for source, _, writer in CASES], ids=[f"{one}: {what}" for one, what, _ in CASES]
)
def test_memory_and_time_are_bounded(source: str, writer: Writer, tmp_path: Path):
    path = tmp_path / "file"
    write(writer, path)
    found = outcome(source, path)
    assert int(found["works"]) + int(found["rejections"]) > 0
    assert float(found["peak"]) <= PEAK_MB
    assert float(found["seconds"]) <= SECONDS
