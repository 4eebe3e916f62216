"""The main path in one piece: records are imported by the command, and a worker alone brings trust and slice to the page."""

from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.core.management import call_command

from graph.models import Collaboration
from profiles.models import Trust
from tests.waiting import PATIENCE, wait_for
from works.models import Author, Work

LINES = 24  # of the sample; both works of the reference page are among them


@pytest.mark.django_db(transaction=True)
def test_a_worker_brings_an_imported_researcher_to_the_page(site: str, worker: object, tmp_path: Path) -> None:
    sample = (settings.BASE_DIR / "works" / "sample" / "corpus.jsonl").read_text().splitlines(keepends=True)
    part = tmp_path / "part.jsonl"
    part.write_text("".join(line for number, line in enumerate(sample) if number < LINES or "Boxiao Liu" in line))
    call_command("import_works", "bzpeer", files=[str(part)])
    assert Work.objects.count() >= LINES
    author = Author.objects.get(name="Boxiao Liu")
    with httpx.Client(base_url=site, trust_env=False, follow_redirects=True, timeout=PATIENCE) as visitor:
        wait_for(lambda: Trust.objects.filter(author=author).exists(), "trust")
        wait_for(lambda: Collaboration.objects.filter(author_a=author).exists() or Collaboration.objects.filter(author_b=author).exists())
        page = visitor.get(author.get_absolute_url())
        assert page.status_code == 200
        assert Trust.objects.get(author=author).score == 13
        graph = f"/researchers/{author.slug}/graph/"
        assert visitor.get(graph).status_code == 200
        payload = wait_for(
            lambda: (found := visitor.get(graph, params={"format": "json"})).status_code == 200 and found.json(), "the slice"
        )
    assert "Boxiao Liu" in str(payload)
