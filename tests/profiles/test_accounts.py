"""Accounts: from signing up to signing in, and the admin."""

import re
from email import message_from_string
from email.policy import default
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.test import Client

from profiles.actions.follows import follow
from profiles.models import Follow, User
from tests.factories.people import PASSWORD, make_user, signed_in
from tests.factories.works import make_author

pytestmark = pytest.mark.django_db

EMAIL = "new.reader@example.org"


@pytest.fixture
def outbox(settings, tmp_path: Path) -> Path:
    """Where mails land as files, as they do on a site without a mail server."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "outbox")
    return tmp_path / "outbox"


@pytest.fixture(autouse=True)
def fresh_limits(redis) -> None:
    """Nobody has tried to sign in yet."""


def test_from_signing_up_to_signing_in_and_back_to_the_page(outbox):
    author = make_author("Boxiao Liu")
    place = f"/researchers/{author.slug}/#follow"
    client = Client()
    signed_up = client.post("/accounts/signup/", {"email": EMAIL, "password1": PASSWORD, "next": place})
    assert (signed_up.status_code, signed_up["Location"]) == (302, "/accounts/confirm-email/")
    assert "_auth_user_id" not in client.session

    [mail] = outbox.iterdir()
    message = message_from_string(mail.read_text(), policy=default)
    assert message["To"] == EMAIL
    text = message.get_body(("plain",)).get_content()
    link = re.search(r"http\S+/accounts/confirm-email/\S+", text)
    assert link

    refused = Client().post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    assert (refused.status_code, refused["Location"]) == (302, "/accounts/confirm-email/")

    address = urlsplit(link.group())
    page = client.get(address.path, QueryDict(address.query))
    assert page.status_code == 200  # looking at the link confirms nothing
    assert not EmailAddress.objects.get().verified
    confirmed = client.post(address.path)
    assert (confirmed.status_code, confirmed["Location"]) == (302, place)  # the browser that signed up is logged in and back
    assert EmailAddress.objects.get().verified
    assert client.session["_auth_user_id"] == str(User.objects.get().pk)

    fresh = Client()
    signed = fresh.post("/accounts/login/", {"login": EMAIL.upper(), "password": PASSWORD, "next": place})
    assert (signed.status_code, signed["Location"]) == (302, place)
    assert fresh.session["_auth_user_id"] == str(User.objects.get().pk)


def test_the_log_in_page_keeps_the_way_back():
    html = Client().get("/accounts/login/?next=/researchers/boxiao-liu-0000000a/%23follow").content.decode()
    assert 'value="/researchers/boxiao-liu-0000000a/#follow"' in html


def test_the_log_in_leads_to_no_other_site():
    make_user(EMAIL)
    answer = Client().post("/accounts/login/", {"login": EMAIL, "password": PASSWORD, "next": "https://example.com/"})
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_a_wrong_password_signs_nobody_in():
    make_user(EMAIL)
    client = Client()
    assert client.post("/accounts/login/", {"login": EMAIL, "password": "another phrase"}).status_code == 200
    assert "_auth_user_id" not in client.session


def test_signing_up_with_a_known_address_gives_the_same_answer(outbox):
    make_user(EMAIL)
    answer = Client().post("/accounts/signup/", {"email": EMAIL, "password1": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/confirm-email/")
    assert User.objects.count() == 1


def test_addresses_are_unique_in_any_case():
    make_user("Ann@example.org")
    with pytest.raises(IntegrityError, match="user_email_once_in_any_case"), transaction.atomic():
        User.objects.create_user("ann@example.org")
    assert User.objects.get_by_natural_key("ANN@EXAMPLE.ORG").email == "Ann@example.org"


def test_a_superuser_is_made_with_an_address_and_signs_in_to_the_admin(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", email="admin@example.org", interactive=False, verbosity=0)
    client = Client()
    entrance = client.get("/admin/")
    assert entrance["Location"] == "/admin/login/?next=/admin/"
    door = client.post("/admin/login/?next=/admin/", {"username": "admin@example.org", "password": PASSWORD})
    assert (door.status_code, door["Location"]) == (302, "/accounts/login/?next=%2Fadmin%2F")  # the one door, with its limits
    answer = client.post("/accounts/login/", {"login": "admin@example.org", "password": PASSWORD, "next": "/admin/"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


def test_whoever_runs_the_site_logs_in_without_a_mail(monkeypatch, mailoutbox):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", email="admin@example.org", interactive=False, verbosity=0)
    answer = Client().post("/accounts/login/?next=/imports/", {"login": "admin@example.org", "password": PASSWORD, "next": "/imports/"})
    assert (answer.status_code, answer["Location"], mailoutbox) == (302, "/imports/", [])


def test_the_admin_makes_and_changes_accounts_by_address():
    client = signed_in(make_user("admin@example.org", is_staff=True, is_superuser=True))
    given = {"email": EMAIL, "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    made = client.post("/admin/profiles/user/add/", given)
    assert made.status_code == 302
    account = User.objects.get(email=EMAIL)
    assert account.check_password(PASSWORD)
    assert not account.is_staff
    assert client.get("/admin/profiles/user/?q=reader").status_code == 200
    changed = client.post(f"/admin/profiles/user/{account.pk}/change/", {"email": EMAIL, "is_staff": "on"})
    assert changed.status_code == 302
    account.refresh_from_db()
    assert (account.is_staff, account.is_active) == (True, False)


def test_the_admin_shows_follows_and_changes_none():
    client = signed_in(make_user("admin@example.org", is_staff=True, is_superuser=True))
    author = make_author("Boxiao Liu")
    follow(author, by=make_user(EMAIL))
    row = Follow.objects.get()
    assert EMAIL in client.get("/admin/profiles/follow/").content.decode()
    assert client.get(f"/admin/profiles/follow/{row.pk}/change/").status_code == 200
    assert client.get("/admin/profiles/follow/add/").status_code == 403
    assert client.post(f"/admin/profiles/follow/{row.pk}/change/", {"author": "1"}).status_code == 403
    assert client.post(f"/admin/profiles/follow/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Follow.objects.count() == 1


def test_without_redis_nobody_logs_in_and_everybody_is_told_when_to_try_again(settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    make_user(EMAIL)
    client = Client()
    response = client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "_auth_user_id" not in client.session
    assert client.get("/").status_code == 200
