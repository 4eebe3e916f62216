"""The researcher page and its graph, kept for strangers: always what would be made anew, for one query."""

import gzip
from collections.abc import Callable

import pytest
import redis as redis_client
from django.conf import settings as site_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from graph.actions.builds import build_slice
from graph.actions.collaborations import rebuild_graph
from graph.models import SLICE_VERSION, Neighbourhood, Slice
from profiles.actions.follows import follow
from profiles.actions.trust import compute_trust
from profiles.models import Profile, Trust
from tests.factories.claims import claimed
from tests.factories.imported import import_records, the_author
from tests.factories.people import make_user, signed_in
from tests.factories.records import meta_knowledge_distillation, noisy_faces
from works.actions.journal import Actor
from works.actions.suppressions import suppress_author
from works.models import Author, Authorship, Work
from works.models.decision import Role
from works.views.strangers import KEPT_SECONDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def liu() -> Author:
    import_records(meta_knowledge_distillation(abstract="Recent studies."), noisy_faces())
    rebuild_graph()
    author = the_author("Boxiao Liu")
    compute_trust(author_ids=[author.pk])
    Slice.objects.get_or_create(author=author)
    return author


def kept(client: Client, address: str) -> bytes:
    """The page once it is kept."""
    for _ in range(3):
        response = client.get(address)
    assert response.status_code == 200
    assert response.headers["ETag"].startswith('W/"')
    return bytes(response.content)


def anew(client: Client, address: str) -> bytes:
    """The page as it is made for an address that is never kept."""
    return bytes(client.get(f"{address}?unknown=").content)


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def change_card(liu: Author) -> None:
    work = Work.objects.get(title="Meta Knowledge Distillation")
    Work.objects.filter(pk=work.pk).update(title="A new title", card=work.card | {"source": "Another"})


CHANGES: list[Callable[[Author], object]] = [
    lambda liu: follow(liu, by=make_user("one@example.org")),
    lambda liu: Author.objects.filter(pk=liu.pk).update(name="Boxiao LIU"),
    lambda liu: Trust.objects.filter(author=liu).update(level=2),
    lambda liu: Neighbourhood.objects.filter(author=liu).update(close_count=3),
    lambda liu: Authorship.objects.filter(author=liu, work__title__startswith="Meta").update(confidence=0.5, matched_by="topic"),
    lambda liu: claimed(liu, by=make_user("two@example.org")),
    lambda liu: Profile.objects.filter(author=liu).update(card={"headline": "On faces"}),
    lambda liu: Trust.objects.filter(author=liu).delete(),
    change_card,
    lambda liu: Slice.objects.filter(author=liu).update(fragment="<p>Drawn.</p>", built_at=timezone.now(), version=SLICE_VERSION),
    lambda liu: Slice.objects.filter(author=liu).update(stale_at=timezone.now()),
]


def test_it_is_always_what_would_be_made_anew(client, liu):
    address = liu.get_absolute_url()
    assert kept(client, address) == anew(client, address)
    for change in CHANGES:
        before = kept(client, address)
        change(liu)
        now = anew(client, address)
        assert now != before
        assert client.get(address).content == now
        assert client.get(address).content == now


def test_kept_from_the_second_visit_on_for_one_query(client, liu):
    address = liu.get_absolute_url()
    assert [queries_of(client, address) for _ in range(4)] == [2, 3, 1, 1]


def test_who_is_signed_in_gets_a_page_of_their_own(client, liu):
    address = liu.get_absolute_url()
    kept(client, address)
    reader = signed_in(make_user("reader@example.org"))
    for _ in range(3):
        response = reader.get(address)
        assert "reader@example.org" in response.content.decode()
        assert "no-store" in response.headers["Cache-Control"]
    assert b"reader@example.org" not in kept(client, address)


def test_a_cookie_of_a_session_is_enough_to_be_nobody_s_stranger(client, liu):
    address = liu.get_absolute_url()
    kept(client, address)
    client.cookies[site_settings.SESSION_COOKIE_NAME] = "whatever"
    assert "ETag" not in client.get(address).headers


def test_whoever_has_it_is_told_that_it_still_holds(client, liu):
    address = liu.get_absolute_url()
    kept(client, address)
    etag = client.get(address).headers["ETag"]
    answer = client.get(address, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", etag)
    Author.objects.filter(pk=liu.pk).update(name="Boxiao LIU")
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


def test_what_stands_on_it_is_the_same_packed_or_not(client, liu):
    address = liu.get_absolute_url()
    plain = kept(client, address)
    packed = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain
    assert {"Cookie", "HX-Request", "Accept-Encoding"} <= {name.strip() for name in packed.headers["Vary"].split(",")}
    assert packed.headers["Cache-Control"] == "no-cache"
    assert "default-src 'none'" in packed.headers["Content-Security-Policy"]


def test_without_a_cache_pages_are_made_anew(client, liu, settings):
    address = liu.get_absolute_url()
    kept(client, address)
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}
    assert [queries_of(client, address) for _ in range(3)] == [2, 2, 2]


def test_a_page_that_is_gone_is_gone_at_once(client, liu):
    address = liu.get_absolute_url()
    kept(client, address)
    suppress_author(author_id=liu.pk, by=Actor(account=None, role=Role.STAFF))
    assert client.get(address).status_code == 404


def test_a_page_with_a_form_in_it_is_made_for_its_visitor(client, liu):
    """The token against forged requests belongs to one browser."""
    Slice.objects.filter(author=liu).update(error="It failed.", built_at=None)
    for _ in range(3):
        response = Client().get(liu.get_absolute_url())
        assert "csrfmiddlewaretoken" in response.content.decode()
        assert "ETag" not in response.headers


def test_an_old_address_still_leads_to_the_new_one(client, liu):
    old = f"/researchers/old-name-{liu.public_id}/"
    for _ in range(3):
        assert client.get(old).status_code == 301


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_graph_page_is_kept_once_it_is_built(client, liu, headers):
    address = f"{liu.get_absolute_url()}graph/"
    for _ in range(3):
        assert "ETag" not in client.get(address, headers=headers).headers
    Slice.objects.filter(author=liu).update(requested_at=timezone.now())
    build_slice(author_id=liu.pk)
    first, *others = [client.get(address, headers=headers) for _ in range(4)]
    assert [response.content for response in others] == [first.content] * 3
    assert others[-1].headers["ETag"].startswith('W/"')
    other = {} if headers else {"HX-Request": "true"}
    assert client.get(address, headers=other).content != first.content
    Slice.objects.filter(author=liu).update(error="It failed.", built_at=None)
    assert "It failed." in client.get(address, headers=headers).content.decode()


def test_a_kept_page_is_forgotten_after_two_minutes(client, liu):
    kept(client, liu.get_absolute_url())
    with redis_client.Redis.from_url(site_settings.CACHE_URL) as store:
        [key] = list(store.scan_iter("*page:*"))
        assert 0 < store.ttl(key) <= KEPT_SECONDS
