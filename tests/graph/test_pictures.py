"""The picture of a researcher for shared links: with the slice, once it is built."""

import io

from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from tests.graph.conftest import Cast
from works.models import Author


def colours(content: bytes) -> list[object]:
    """What stands in the right half, where a drawing has its place."""
    image = Image.open(io.BytesIO(content)).convert("RGB").crop((760, 60, 1190, 600))
    return [colour for count, colour in image.getcolors(1 << 20) or [] if count > 20]


def test_a_person_has_a_picture_with_the_slice_once_it_is_built(client, cast: Cast):
    cast.count()
    address = f"{cast.boxiao.get_absolute_url()}picture.png"
    client.get("/healthz")
    with CaptureQueriesContext(connection) as queries:
        before = client.get(address)
    assert len(queries) == 1
    assert len(colours(before.content)) == 1
    cast.build()
    with CaptureQueriesContext(connection) as queries:
        after = client.get(address)
    assert len(queries) == 2
    assert after["ETag"] != before["ETag"]
    assert len(colours(after.content)) > 4
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).content == after.content
    assert len(queries) == 1


def test_who_objected_has_no_picture(client, cast: Cast):
    old = f"/researchers/b-{cast.boxiao.public_id}/picture.png"
    assert client.get(old)["Location"] == f"{cast.boxiao.get_absolute_url()}picture.png"
    Author.objects.filter(pk=cast.boxiao.pk).update(is_suppressed=True)
    assert client.get(f"{cast.boxiao.get_absolute_url()}picture.png").status_code == 404
