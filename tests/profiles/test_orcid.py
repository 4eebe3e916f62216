"""Log-in with an ORCID iD, against a server that speaks as ORCID does; and what must not get through."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.test import Client

from profiles.evidence.account import connected_orcid
from profiles.models import User
from tests.factories.people import PASSWORD, make_user
from tests.orcid import CLIENT_ID, JOSIAH, REGISTERED_MS, OrcidServer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]

SITE = "http://localhost:8000"
CALLBACK = "/accounts/orcid/login/callback/"


@pytest.fixture(autouse=True)
def fresh_limits(redis) -> None:
    """Nobody has tried to sign in yet."""


def sent_to_orcid(client: Client, process: str = "login", following: str = "/about/") -> dict[str, str]:
    """What the site asks of ORCID when somebody presses the button."""
    answer = client.post(f"/accounts/orcid/login/?process={process}&next={following}")
    assert answer.status_code == 302
    address = urlsplit(answer["Location"])
    assert address.path == "/oauth/authorize"
    return {name: values[0] for name, values in parse_qs(address.query).items()}


def back(client: Client, **answer: str) -> Any:
    return client.get(CALLBACK, answer)


def logged_in_by_password(email: str = "reader@example.org") -> Client:
    """A browser whose owner has just typed the password, as connecting an iD asks for."""
    client = Client()
    client.post("/accounts/login/", {"login": email, "password": PASSWORD})
    assert "_auth_user_id" in client.session
    return client


def connected(orcid: OrcidServer, email: str = "reader@example.org") -> Client:
    make_user(email)
    client = logged_in_by_password(email)
    asked = sent_to_orcid(client, "connect")
    assert back(client, code=orcid.grant(asked["redirect_uri"]), state=asked["state"]).status_code == 302
    return client


def test_what_is_asked_of_orcid(orcid):
    asked = sent_to_orcid(Client(headers={"host": "127.0.0.1"}))
    assert asked["client_id"] == CLIENT_ID
    assert asked["scope"] == "/authenticate"
    assert asked["redirect_uri"] == SITE + CALLBACK  # whatever host was asked
    assert len(asked["state"]) >= 16
    bent = Client().post("/accounts/orcid/login/?process=login&scope=/person/update&auth_params=redirect_uri%3Dhttps://evil.example/")
    assert "evil" not in bent["Location"]
    assert parse_qs(urlsplit(bent["Location"]).query)["scope"] == ["/authenticate"]


def test_looking_at_the_address_sends_nobody_to_orcid(orcid):
    assert Client().get("/accounts/orcid/login/?process=login").status_code == 200


def test_an_id_is_connected_to_an_account_and_logs_in_from_then_on(orcid, mailoutbox):
    connected(orcid)
    proof = connected_orcid(User.objects.get())
    assert proof is not None
    assert (proof.orcid, proof.registered_at) == (JOSIAH, datetime.fromtimestamp(REGISTERED_MS / 1000, UTC))
    assert [mail.subject for mail in mailoutbox] == ["An ORCID iD was connected"]
    fresh = Client()
    asked = sent_to_orcid(fresh)
    answer = back(fresh, code=orcid.grant(asked["redirect_uri"]), state=asked["state"])
    assert (answer.status_code, answer["Location"]) == (302, "/about/")
    assert fresh.session["_auth_user_id"] == str(User.objects.get().pk)


def test_signing_up_with_an_id_asks_for_an_address_and_confirms_it(orcid, mailoutbox):
    client = Client()
    asked = sent_to_orcid(client)
    answer = back(client, code=orcid.grant(asked["redirect_uri"]), state=asked["state"])
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/3rdparty/signup/")
    assert JOSIAH in client.get(answer["Location"]).content.decode()
    assert not User.objects.exists()
    sent = client.post("/accounts/3rdparty/signup/", {"email": "josiah@example.org"})
    assert (sent.status_code, sent["Location"]) == (302, "/accounts/confirm-email/")
    assert "_auth_user_id" not in client.session
    [mail] = mailoutbox
    [link] = [word for word in mail.body.split() if "confirm-email" in word]
    confirmed = client.post(urlsplit(link).path)
    assert (confirmed.status_code, confirmed["Location"]) == (302, "/about/")
    proof = connected_orcid(User.objects.get())
    assert proof is not None
    assert proof.orcid == JOSIAH


def test_signing_up_with_an_id_and_somebody_elses_address_takes_nothing_over(orcid, mailoutbox):
    owner = make_user("owner@example.org")
    client = Client()
    asked = sent_to_orcid(client)
    back(client, code=orcid.grant(asked["redirect_uri"]), state=asked["state"])
    sent = client.post("/accounts/3rdparty/signup/", {"email": "owner@example.org"})
    assert (sent.status_code, sent["Location"]) == (302, "/accounts/confirm-email/")  # the same answer as for a free address
    assert "_auth_user_id" not in client.session
    assert connected_orcid(owner) is None
    assert [mail.subject for mail in mailoutbox] == ["You have an account already"]


def test_the_state_of_another_session_is_refused(orcid, caplog):
    make_user()
    attacker, victim = Client(), logged_in_by_password()
    asked = sent_to_orcid(attacker, "connect")
    with caplog.at_level(logging.WARNING):
        answer = back(victim, code=orcid.grant(asked["redirect_uri"]), state=asked["state"])
    assert "cannot be used" in answer.content.decode()
    assert orcid.exchanges == []  # the code was not even asked about
    assert not SocialAccount.objects.exists()
    assert "Log-in with ORCID failed" in caplog.text


def test_a_callback_is_good_once(orcid):
    client = Client()
    asked = sent_to_orcid(client)
    code = orcid.grant(asked["redirect_uri"])
    assert back(client, code=code, state=asked["state"]).status_code == 302
    again = back(client, code=code, state=asked["state"])
    assert "cannot be used" in again.content.decode()
    assert len(orcid.exchanges) == 1


def test_a_code_that_was_used_elsewhere_is_refused(orcid):
    thief, owner = Client(), Client()
    asked = sent_to_orcid(owner)
    code = orcid.grant(asked["redirect_uri"])
    back(owner, code=code, state=asked["state"])
    own = sent_to_orcid(thief)
    answer = back(thief, code=code, state=own["state"])
    assert "cannot be used" in answer.content.decode()
    assert "socialaccount_sociallogin" not in thief.session


@pytest.mark.parametrize(
    ("answer", "words"),
    [({"error": "access_denied"}, "turned back"), ({"error": "server_error"}, "cannot be used"), ({}, "cannot be used")],
)
def test_denied_consent_and_other_answers_without_a_code_change_nothing(orcid, answer, words):
    client = Client()
    state = sent_to_orcid(client)["state"]
    response = client.get(CALLBACK, {**answer, "state": state}, follow=True)
    assert words in response.content.decode()
    assert (orcid.exchanges, User.objects.count()) == ([], 0)


@pytest.mark.parametrize("named", [None, "", "0000-0002-1825-0098", "josiah", {"path": JOSIAH}, "0" * 10_000])
def test_an_answer_without_a_valid_id_is_refused(orcid, named):
    orcid.orcid = named
    client = Client()
    asked = sent_to_orcid(client)
    answer = back(client, code=orcid.grant(asked["redirect_uri"]), state=asked["state"])
    assert "cannot be used" in answer.content.decode()
    assert not User.objects.exists()


def test_a_record_that_does_not_answer_hinders_nobody(orcid):
    orcid.has_records = False
    connected(orcid)
    proof = connected_orcid(User.objects.get())
    assert proof is not None
    assert (proof.orcid, proof.registered_at) == (JOSIAH, None)


def test_an_account_has_one_id_and_an_id_one_account(orcid):
    client = connected(orcid)
    orcid.orcid = "0000-0001-5109-3700"
    asked = sent_to_orcid(client, "connect")
    answer = back(client, code=orcid.grant(asked["redirect_uri"]), state=asked["state"])
    assert JOSIAH in client.get(answer["Location"]).content.decode()
    assert SocialAccount.objects.get().uid == JOSIAH
    with pytest.raises(IntegrityError, match="one_orcid_an_account"), transaction.atomic():
        SocialAccount.objects.create(user=User.objects.get(), provider="orcid", uid="0000-0001-5109-3700")

    orcid.orcid = JOSIAH
    make_user("rival@example.org")
    rival = logged_in_by_password("rival@example.org")
    asked = sent_to_orcid(rival, "connect", "/accounts/3rdparty/")
    answer = back(rival, code=orcid.grant(asked["redirect_uri"]), state=asked["state"])
    assert "connected to another account" in rival.get(answer["Location"]).content.decode()
    assert SocialAccount.objects.get().user.email == "reader@example.org"


def test_connecting_asks_who_it_is_where_that_was_long_ago(orcid):
    user = make_user()
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")  # a session without a fresh password
    asked = sent_to_orcid(client, "connect")
    answer = back(client, code=orcid.grant(asked["redirect_uri"]), state=asked["state"])
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not SocialAccount.objects.exists()


def test_disconnecting_tells_the_owner(orcid, mailoutbox):
    client = connected(orcid)
    mailoutbox.clear()
    client.post("/accounts/3rdparty/", {"account": SocialAccount.objects.get().pk})
    assert connected_orcid(User.objects.get()) is None
    assert [mail.subject for mail in mailoutbox] == ["An ORCID iD was disconnected"]


def test_whoever_has_no_password_cannot_lock_themselves_out(orcid):
    client = connected(orcid)
    User.objects.update(password="!")
    User.objects.get().save()
    fresh = Client()
    asked = sent_to_orcid(fresh)
    back(fresh, code=orcid.grant(asked["redirect_uri"]), state=asked["state"])
    answer = fresh.post("/accounts/3rdparty/", {"account": SocialAccount.objects.get().pk})
    assert "Set a password first" in answer.content.decode()
    assert SocialAccount.objects.exists()
    assert client is not fresh


def test_without_credentials_nothing_of_it_is_there(settings):
    settings.ORCID_CLIENT_ID = ""
    client = Client()
    assert "ORCID" not in client.get("/accounts/login/").content.decode().split("<main", 1)[1].split("</main", 1)[0]
    assert client.post("/accounts/orcid/login/?process=login").status_code == 404
    assert client.get(CALLBACK, {"code": "x", "state": "y"}).status_code == 404
    assert EmailAddress.objects.count() == 0
