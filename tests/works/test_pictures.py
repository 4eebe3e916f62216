"""The pictures that shared links show: their size, what they are made of, when they are drawn anew, and what they cost."""

import io

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from tests.factories.imported import import_records
from tests.factories.records import make_record, meta_knowledge_distillation
from works.exports import picture
from works.models import Author, Work


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(
    "heading",
    [
        "Yu Liu",
        "知识蒸馏" * 300,
        "word " * 2000,
        "W" * 5000,
        "",
        "x\x00\u2028y",
        "Rethinking Robust Representation Learning Under Noisy Faces",
    ],
)
def test_any_text_makes_a_picture_of_its_size(heading):
    made = picture.picture("Preprint · 2022", heading, ["", "a" * 3000, "江常皓 " * 300])
    image = opened(made)
    assert (image.format, image.size) == ("PNG", (1200, 630))
    assert len(made) < 120_000


def test_a_heading_keeps_within_its_room():
    for text in ("Short", "A title of some length that needs more than one line in any size of type", "W" * 600, "江" * 900):
        size, lines = picture.set_heading(text, 1056, 300)
        assert len(lines) <= picture.MOST_HEADING_LINES
        assert all(picture.width_of(line, picture.SERIF, size) <= 1056 for line in lines)
        assert len(lines) * size * 1.2 <= 300
    assert "".join(picture.set_heading("A B C", 1056, 300)[1]) == "A B C"
    assert picture.set_heading("W" * 600, 1056, 300)[1][-1].endswith("…")


def test_the_colours_are_those_of_the_pages():
    tokens = (settings.BASE_DIR / "static/css/tokens.css").read_text().partition("@media")[0]
    for name in ("paper", "surface", "ink", "accent", "line"):
        assert f"--{name}: {getattr(picture, name.upper())};" in tokens
    assert f"--ink-soft: {picture.SOFT};" in tokens


@pytest.mark.django_db
def test_a_work_has_a_picture_of_what_it_is(client):
    import_records(meta_knowledge_distillation())
    work = Work.objects.get()
    address = f"{work.get_absolute_url()}picture.png"
    client.get("/healthz")
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    assert len(queries) == 1
    assert answer["Content-Type"] == "image/png"
    assert answer["Cache-Control"] == "public, max-age=86400"
    assert client.get(address).content == answer.content
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    Work.objects.update(title="Another title")
    assert client.get(address)["ETag"] != answer["ETag"]
    assert client.get("/works/00000000/picture.png").status_code == 404
    other = Work.objects.create(public_id="abcdefgh", type="article", title="T", title_key="t", title_hash=1, merged_into=work)
    assert client.get(f"/works/{other.public_id}/picture.png")["Location"] == address


@pytest.mark.django_db
def test_a_picture_is_drawn_once_and_kept(client):
    import_records(make_record("Kept", ["Ada Lovelace"]))
    address = f"{Work.objects.get().get_absolute_url()}picture.png"
    client.get(address)
    with redis.Redis.from_url(settings.CACHE_URL) as kept:
        [key] = kept.scan_iter("*:picture:*")
        assert 0 < kept.ttl(key) <= 86400
    assert opened(client.get(address).content).size == (1200, 630)


@pytest.mark.django_db
def test_an_address_gets_so_many_pictures_a_minute(client, settings):
    settings.PICTURES_A_MINUTE = 2
    import_records(make_record("Wanted", ["Ada Lovelace"]))
    for page in (Work.objects.get().get_absolute_url(), Author.objects.get().get_absolute_url()):
        answers = [client.get(f"{page}picture.png", REMOTE_ADDR="198.51.100.7") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert 0 < int(answers[2]["Retry-After"]) <= 60
        assert client.get(f"{page}picture.png", REMOTE_ADDR="198.51.100.8").status_code == 200
