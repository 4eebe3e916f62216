"""What a first visit of a researcher's page costs a reader: every file that the page loads, compressed; and from where it loads them."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import pytest

from graph.actions.builds import build_slice
from graph.actions.collaborations import rebuild_graph
from graph.actions.slices import request_slice
from profiles.actions.trust import compute_trust
from tests.bzpeer.markup import parse
from tests.factories.imported import import_records, the_author
from tests.factories.records import make_record

pytestmark = pytest.mark.django_db

MOST_BYTES = 60_000  # the bar W1: HTML, styles, scripts, fonts and images of a first visit, as they are sent
ACCEPTED = {"Accept-Encoding": "gzip, deflate, br"}
LOADED = {
    "link[rel='stylesheet']": "href", "link[rel='icon']": "href", "script[src]": "src", "img": "src", "source": "srcset", "iframe": "src",
}  # fmt: skip
FROM_STYLES = re.compile(rb"url\(\s*[\"']?([^)\"']+)|@import\s+[\"']([^\"']+)")
WORDS = [
    begins + ends for begins in ("meta", "graph", "vision", "robust", "sparse", "deep") for ends in ("ness", "ing", "ful", "able", "ed")
]


def abstract(seed: int) -> str:
    """Some 1,200 characters that no two works share in this order: harder to compress than prose."""
    return " ".join(WORDS[(seed * 7 + place * (seed + 3)) % len(WORDS)] + str((seed * place) % 97) for place in range(115))


def sent(client, address: str) -> bytes:
    """The body as the site sends it to a browser, compressed."""
    answer = client.get(address, headers=ACCEPTED)
    assert answer.status_code == 200, address
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def loaded_by(client, page: bytes, address: str) -> list[str]:
    """The address of each file that the page loads, and of those that its styles load."""
    root = parse(page)
    named = [element.get(name) for where, name in LOADED.items() for element in root.cssselect(where)]
    found = [urljoin(address, one) for one in named if one]
    for sheet in [one for one in found if one.endswith(".css")]:
        rules = b"".join(client.get(urlsplit(sheet).path).streaming_content)
        found += [urljoin(sheet, (plain or imported).decode()) for plain, imported in FROM_STYLES.findall(rules)]
    return list(dict.fromkeys(found))


def test_a_first_visit_stays_light_and_asks_nobody_else(client):
    """A full page: twenty works with long abstracts and ten authors each, a built slice, trust."""
    people = [f"Person Number{number:02}" for number in range(40)]
    import_records(
        *(
            make_record(
                f"Work {number} on {WORDS[number % len(WORDS)]} {WORDS[number * 11 % len(WORDS)]} methods",
                ["Ada Lovelace", *(people[(number * 3 + place) % 40] for place in range(9))],
                topics=[f"topic {number % 5}", f"subject {number % 7}"],
                year=2000 + number,
                abstract=abstract(number),
                identifiers=(("arxiv", f"2201.{number:05}"), ("doi", f"10.1000/{number}")),
            )
            for number in range(24)
        )
    )
    rebuild_graph()
    author = the_author("Ada Lovelace")
    compute_trust(author_ids=[author.pk])
    assert request_slice(author)
    assert build_slice(author_id=author.pk)
    here = f"http://testserver{author.get_absolute_url()}"
    page = bytes(client.get(author.get_absolute_url()).content)
    assert page.count(b'class="work"') == 20
    assert b"slice-svg" in page
    files = loaded_by(client, page, here)
    assert {urlsplit(address).netloc for address in files} == {"testserver"}
    assert len(files) > 10
    weights = {address: len(sent(client, urlsplit(address).path)) for address in (here, *files)}
    assert sum(weights.values()) <= MOST_BYTES, (sum(weights.values()), weights)
