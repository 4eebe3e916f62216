"""The page "Why 13?"."""

import re
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from graph.models import Neighbourhood
from profiles.actions.trust import compute_trust
from profiles.models import Profile, Trust, TrustChange
from tests.bzpeer.markup import parse
from tests.factories.people import make_user, signed_in
from tests.factories.registries import register
from tests.factories.works import make_author, make_work
from works.models import Author

pytestmark = pytest.mark.django_db


@pytest.fixture
def author() -> Author:
    author = make_author("Boxiao Liu")
    for number, title in enumerate(["Meta Knowledge Distillation", "Fine-grained Noisy Faces"]):
        register(make_work(title, 2022, [author], [title]), ("arxiv", f"2202.0000{number}"))
    Neighbourhood.objects.create(author=author, collaborators_count=5, close_count=5, closest=[])
    compute_trust(author_ids=[author.pk])
    return author


def text_of(html: bytes) -> str:
    """What a reader reads, one space between words."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.decode()).split())


def test_the_page_gives_every_line(client, author):
    text = text_of(client.get(f"/researchers/{author.slug}/trust/").content)
    assert "Why 13?" in text
    assert "Trust 13 – Unverified , verification level L1" in text
    assert "Formula 2026-11, computed" in text
    assert "Verification level 5 of 60 Imported: at least one work carries a registry&#x27;s identifier." in text
    assert "Independent registries 2 of 6 1 registry: arXiv arXiv 2026-11-20" in text
    assert "Close collaborators 2 of 2 5 close collaborators on works of at most 25 authors BZPEER, from the bylines 2026-11-20" in text
    assert "Sum 13 of 100 Rounded down: trust 13" in text
    assert "None of the 5 close collaborators is verified yet." in text
    assert "Citations, h-index and downloads" in text


def test_the_network_is_told_by_institution(client, author):
    trust = Trust.objects.get(author=author)
    backing = {"name": "An institute", "vouchers": 2, "works": ["a", "b", "c"], "micropoints": 10_000_000}
    trust.lines = [{**line, "institutions": [backing]} if line["key"] == "network" else line for line in trust.lines]
    trust.save()
    text = text_of(client.get(f"/researchers/{author.slug}/trust/").content)
    assert "An institute : 2 vouchers, 3 confirmed joint works; alone worth 10 of at most 10" in text
    assert "What would raise it" not in text  # for the owner alone


def test_history_says_what_changed_and_why(client, author):
    Neighbourhood.objects.update(close_count=1)
    compute_trust(author_ids=[author.pk], causes={author.pk: ["collaborations"]})
    text = text_of(client.get(f"/researchers/{author.slug}/trust/").content)
    assert "13 → 11 Collaborations were counted again. Formula 2026-11." in text
    assert "Close collaborators 2 → 0.5: 1 close collaborator on works of at most 25 authors" in text
    Neighbourhood.objects.update(close_count=4)
    compute_trust(author_ids=[author.pk], causes={author.pk: ["record"]})
    assert TrustChange.objects.get().causes == ["collaborations", "record"]  # a day is one row
    assert "→" not in text_of(client.get(f"/researchers/{author.slug}/trust/").content)  # and the day changed nothing in the end


def test_the_owner_is_told_what_would_raise_it(author):
    owner = make_user()
    Profile.objects.create(user=owner, author=author, claimed_at=timezone.now())
    text = text_of(signed_in(owner).get(f"/researchers/{author.slug}/trust/").content)
    assert "What would raise it" in text
    assert text.index("Import the works that are missing here") < text.index("Ask a close collaborator")


def test_the_badge_is_a_picture_with_words_that_caches_keep(client, author):
    address = f"/researchers/{author.slug}/trust.svg"
    answer = client.get(address)
    assert answer["Content-Type"] == "image/svg+xml; charset=utf-8"
    picture = ET.fromstring(answer.content)
    assert picture.find("{http://www.w3.org/2000/svg}title").text == "Trust 13 – Unverified: Boxiao Liu"
    assert "prefers-color-scheme:dark" in answer.content.decode()
    assert "http" not in answer.content.decode().replace("http://www.w3.org/2000/svg", "")  # it loads nothing
    assert "max-age=3600" in answer["Cache-Control"]
    assert "public" in answer["Cache-Control"]
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    again = client.get(address, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Neighbourhood.objects.update(close_count=0)
    compute_trust(author_ids=[author.pk])
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 200
    assert b"Trust not computed yet" in client.get(f"/researchers/{make_author('New Person').slug}/trust.svg").content


def test_the_picture_comes_with_the_html_to_copy(client, author, settings):
    settings.SITE_URL = "https://peers.example"
    Author.objects.filter(pk=author.pk).update(name='Bo "x" <Liu>')
    author.refresh_from_db()
    [code] = parse(client.get(f"{author.get_absolute_url()}trust/").content).cssselect(".embed pre")
    [picture] = parse(f"<html><body>{code.text_content()}</body></html>".encode()).cssselect("a > img")
    assert picture.getparent().get("href") == f"https://peers.example/researchers/{author.slug}/trust/"
    assert picture.get("src") == f"https://peers.example/researchers/{author.slug}/trust.svg"
    assert picture.get("alt") == 'Trust of Bo "x" <Liu> at BZPEER'


def test_the_badge_and_the_json_take_few_queries(client, author, redis):
    for address, number in ((f"/researchers/{author.slug}/trust.svg", 1), (f"/api/v1/authors/{author.public_id}/trust/", 2)):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) == number


def test_programs_get_every_line(client, author, redis):
    told = client.get(f"/api/v1/authors/{author.public_id}/trust/").json()
    assert (told["score"], told["band"], told["level"], told["formula"]) == (13, "unverified", 1, "2026-11")
    assert sum(line["micropoints"] for line in told["lines"]) == told["micropoints"] == 13_000_000
    assert told["not_counted"]
    assert client.get(f"/api/v1/authors/{make_author('New Person').public_id}/trust/").status_code == 404


def test_half_points_are_shown_and_rounded_in_the_headline_only(client, author):
    Neighbourhood.objects.update(close_count=3)
    compute_trust(author_ids=[author.pk])
    text = text_of(client.get(f"/researchers/{author.slug}/trust/").content)
    assert "1.5 of 2 3 close collaborators" in text
    assert "Sum 12.5 of 100 Rounded down: trust 12" in text


def test_htmx_gets_the_lines_alone(client, author):
    answer = client.get(f"/researchers/{author.slug}/trust/", headers={"HX-Request": "true"})
    assert answer.content.decode().lstrip().startswith('<div class="trust-lines" id="trust-lines">')
    assert b"<html" not in answer.content
    assert "HX-Request" in answer["Vary"]
    whole = client.get(f"/researchers/{author.slug}/trust/", headers={"HX-Request": "true", "HX-Boosted": "true"})
    assert b"<html" in whole.content


def test_unknown_trust_is_unknown_and_not_zero(client):
    author = make_author("Not Yet Computed")
    text = text_of(client.get(f"/researchers/{author.slug}/trust/").content)
    assert "Trust is not computed yet" in text
    assert "which is not the same as zero" in text
    assert "Trust 0" not in text


def test_old_words_lead_to_the_present_address(client, author):
    answer = client.get(f"/researchers/b-lui-{author.public_id}/trust/")
    assert (answer.status_code, answer["Location"]) == (301, f"/researchers/{author.slug}/trust/")


@pytest.mark.parametrize("slug", ["boxiao-liu", "boxiao-liu-00000000", "x"])
def test_nobody_there(client, slug):
    assert client.get(f"/researchers/{slug}/trust/").status_code == 404


def test_two_queries_for_a_stranger_and_five_for_an_account(client, author):
    signed = signed_in(make_user())
    for browser, number in ((client, 2), (signed, 5)):  # the last counts what the header tells
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(f"/researchers/{author.slug}/trust/").status_code == 200
        assert len(queries) == number


def test_the_page_is_only_for_reading(client, author):
    assert client.post(f"/researchers/{author.slug}/trust/").status_code == 405


def test_names_are_text(client):
    author = make_author("<script>alert(1)</script>")
    register(make_work("Work", authors=[author]), ("arxiv", "1"))
    compute_trust(author_ids=[author.pk])
    html = client.get(f"/researchers/{author.slug}/trust/").content
    assert b"<script>alert" not in html
    assert b"&lt;script&gt;alert(1)&lt;/script&gt;" in html
