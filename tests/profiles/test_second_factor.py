"""The second factor by app and recovery code; what it guards, what is kept of it, what its owner is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from profiles.accounts.second_factor import SecondFactorAdapter
from profiles.evidence.account import second_factor_used_at
from profiles.models import User
from tests.bzpeer.markup import parse
from tests.factories.people import PASSWORD, code_of, make_user, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords", "same_minute")]

EMAIL = "reader@example.org"


@pytest.fixture(autouse=True)
def fresh_limits(redis) -> None:
    """Nobody has tried to sign in yet, and no code has been used."""


def logged_in() -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    return client


@pytest.fixture
def secret() -> str:
    """An account with an app that is set up; the app's key."""
    make_user(EMAIL)
    client = logged_in()
    key = str(parse(client.get("/accounts/2fa/totp/activate/").content).cssselect("code.secret")[0].text_content())
    done = client.post("/accounts/2fa/totp/activate/", {"code": code_of(key)})
    assert (done.status_code, done["Location"]) == (302, "/accounts/2fa/recovery-codes/")
    return key


def test_a_password_alone_opens_nothing_any_more(secret):
    client = Client()
    answer = client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD, "next": "/about/"})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/authenticate/")
    assert "_auth_user_id" not in client.session
    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert wrong.status_code == 200
    assert "_auth_user_id" not in client.session
    right = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert (right.status_code, right["Location"]) == (302, "/about/")
    assert "_auth_user_id" in client.session


def test_a_code_is_good_once(secret):
    code = code_of(secret)
    answers = []
    for _ in range(2):
        client = Client()
        client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
        answers.append(client.post("/accounts/2fa/authenticate/", {"code": code}).status_code)
    assert answers == [302, 200]


def test_a_recovery_code_opens_the_account_once(secret):
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    answers = []
    for _ in range(2):
        client = Client()
        client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
        answers.append(client.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code)
    assert answers == [302, 200]
    assert len(Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()) == len(codes) - 1


def test_a_new_password_by_mail_does_not_get_around_it(secret, mailoutbox):
    Client().post("/accounts/password/reset/", {"email": EMAIL})
    [link] = [word for word in mailoutbox[-1].body.split() if "/reset/key/" in word]
    client = Client()
    form = client.get(link.removeprefix("http://localhost:8000"), follow=True)
    new = "another long phrase"
    client.post(form.request["PATH_INFO"], {"password1": new, "password2": new})
    answer = client.post("/accounts/login/", {"login": EMAIL, "password": new})
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert mailoutbox[-1].subject == "Your password was set anew"


def test_the_admin_has_no_door_of_its_own(secret):
    User.objects.update(is_staff=True, is_superuser=True)
    client = Client()
    client.post("/admin/login/?next=/admin/", {"username": EMAIL, "password": PASSWORD, "next": "/admin/"})
    assert "_auth_user_id" not in client.session


def test_keys_are_kept_encrypted_and_read_with_an_older_secret_of_the_site(secret, settings):
    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in kept
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a new secret of the site, fifty signs long or more"
    assert SecondFactorAdapter().decrypt(kept) == secret


@pytest.mark.django_db(transaction=True)  # mails go out once the change is committed
def test_its_owner_is_told_of_every_change(mailoutbox, secret):
    assert [(mail.subject, mail.to) for mail in mailoutbox] == [("A second factor was set up", [EMAIL])]


def test_changing_it_asks_again_who_it_is(secret):
    stale = signed_in(User.objects.get())  # a session that nobody has typed a password into
    for page in ("totp/deactivate/", "webauthn/add/", "recovery-codes/generate/"):
        assert stale.get(f"/accounts/2fa/{page}")["Location"].startswith("/accounts/reauthenticate/"), page
        stale.post(f"/accounts/2fa/{page}")
    shown = stale.get("/accounts/2fa/recovery-codes/", follow=True)
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert not any(code in shown.content.decode() for code in codes)
    assert Authenticator.objects.filter(type="totp").exists()


def test_when_it_was_last_used():
    user = make_user(EMAIL)
    assert second_factor_used_at(user) is None
    long_ago, lately = timezone.now() - timedelta(days=90), timezone.now() - timedelta(days=2)
    factors = [("totp", long_ago, lately), ("webauthn", long_ago, None), ("recovery_codes", lately, timezone.now())]
    for kind, made, used in factors:
        row = Authenticator.objects.create(user=user, type=kind, data={}, last_used_at=used)
        Authenticator.objects.filter(pk=row.pk).update(created_at=made)
    assert second_factor_used_at(user) == lately
    Authenticator.objects.filter(type="totp").delete()
    assert second_factor_used_at(user) == long_ago


def test_sessions_are_listed_and_the_others_end():
    make_user(EMAIL)
    here, elsewhere = logged_in(), logged_in()
    assert len(parse(here.get("/accounts/sessions/").content).cssselect("tbody tr")) == 2
    assert here.post("/accounts/sessions/").status_code == 302
    assert elsewhere.get("/accounts/email/")["Location"].startswith("/accounts/login/")
    assert here.get("/accounts/email/").status_code == 200


def test_a_new_password_ends_the_other_sessions_and_not_this_one():
    make_user(EMAIL)
    here, elsewhere = logged_in(), logged_in()
    new = "another long phrase"
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert elsewhere.get("/accounts/email/")["Location"].startswith("/accounts/login/")
    assert here.get("/accounts/email/").status_code == 200
