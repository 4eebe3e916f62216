"""Following: the action, the buttons, and many at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from profiles.actions.follows import follow, unfollow
from profiles.models import Follow
from profiles.models.follow import followers_count, is_followed_by
from tests.factories.people import make_user, signed_in
from tests.factories.works import make_author
from works.models import Author

pytestmark = pytest.mark.django_db

BY_HTMX = {"HX-Request": "true"}


@pytest.fixture
def author() -> Author:
    return make_author("Boxiao Liu")


def test_following_twice_is_following_once(author):
    reader = make_user()
    follow(author, by=reader)
    follow(author, by=reader)
    assert [(item.user, item.author) for item in Follow.objects.all()] == [(reader, author)]
    unfollow(author, by=reader)
    unfollow(author, by=reader)
    assert not Follow.objects.exists()


def test_postgres_refuses_a_second_follow(author):
    reader = make_user()
    follow(author, by=reader)
    with pytest.raises(IntegrityError, match="follow_once"), transaction.atomic():
        Follow.objects.create(author=author, user=reader)


def test_count_and_state_come_with_the_authors_in_one_query(author):
    ann, ben = make_user("ann@example.org"), make_user("ben@example.org")
    other = make_author("Somebody Else")
    for reader in (ann, ben):
        follow(author, by=reader)
    follow(other, by=ben)
    with CaptureQueriesContext(connection) as queries:
        rows = Author.objects.annotate(followers_count=followers_count(), is_followed=is_followed_by(ann)).order_by("pk")
        found = [(row.followers_count, row.is_followed) for row in rows]  # type: ignore[attr-defined]
    assert found == [(2, True), (1, False)]
    assert len(queries) == 1
    anonymous = Author.objects.annotate(followers_count=followers_count(), is_followed=is_followed_by(AnonymousUser())).get(pk=author.pk)
    assert (anonymous.followers_count, anonymous.is_followed) == (2, False)  # type: ignore[attr-defined]
    alone = Author.objects.annotate(number=followers_count()).values_list("number", flat=True)
    assert list(alone.filter(pk=make_author("Unknown").pk)) == [0]


def test_the_button_works_as_a_plain_form(author):
    reader = make_user()
    client = signed_in(reader)
    answer = client.post(f"/researchers/{author.slug}/follow/")
    assert (answer.status_code, answer["Location"]) == (302, f"/researchers/{author.slug}/#follow")
    assert Follow.objects.filter(author=author, user=reader).exists()
    client.post(f"/researchers/{author.slug}/unfollow/")
    assert not Follow.objects.exists()


def test_htmx_gets_the_button_as_it_is_now(author):
    client = signed_in(make_user())
    follow(author, by=make_user("other@example.org"))
    followed = client.post(f"/researchers/{author.slug}/follow/", headers=BY_HTMX).content.decode()
    assert f'hx-post="/researchers/{author.slug}/unfollow/"' in followed
    assert "You follow Boxiao Liu." in followed
    assert '<span class="follow-count">2</span>' in followed
    assert "csrfmiddlewaretoken" in followed
    stopped = client.post(f"/researchers/{author.slug}/unfollow/", headers=BY_HTMX).content.decode()
    assert f'hx-post="/researchers/{author.slug}/follow/"' in stopped
    assert '<span class="follow-count">1</span>' in stopped


def test_old_words_in_the_address_follow_the_same_person(author):
    reader = make_user()
    signed_in(reader).post(f"/researchers/an-old-name-{author.public_id}/follow/")
    assert Follow.objects.get().author == author


def test_visitors_without_an_account_are_led_to_the_log_in_and_back(author):
    place = f"/researchers/{author.slug}/#follow"
    for headers, name in (({}, "Location"), (BY_HTMX, "HX-Redirect")):
        answer = Client().post(f"/researchers/{author.slug}/follow/", headers=headers)
        target = urlsplit(answer[name])
        assert target.path == "/accounts/login/"
        assert parse_qs(target.query) == {"next": [place]}
    assert not Follow.objects.exists()


@pytest.mark.parametrize("verb", ["follow", "unfollow"])
def test_looking_changes_nothing(author, verb):
    assert signed_in(make_user()).get(f"/researchers/{author.slug}/{verb}/").status_code == 405
    assert not Follow.objects.exists()


def test_a_post_from_elsewhere_is_refused(author):
    reader = make_user()
    client = Client(enforce_csrf_checks=True)
    client.force_login(reader, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(f"/researchers/{author.slug}/follow/").status_code == 403
    assert not Follow.objects.exists()


@pytest.mark.parametrize("slug", ["nobody-00000000", "short", "with-%00%00%00%00%00%00%00%00"])
def test_nobody_there(slug):
    assert signed_in(make_user()).post(f"/researchers/{slug}/follow/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_many_follows_at_once_are_one(author):
    reader = make_user()
    start = threading.Barrier(8)

    def press() -> None:
        try:
            start.wait(timeout=10)
            follow(author, by=reader)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        for pressed in [pool.submit(press) for _ in range(8)]:
            pressed.result(timeout=20)
    assert Follow.objects.filter(author=author, user=reader).count() == 1
