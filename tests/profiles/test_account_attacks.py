"""What people try on accounts: guessing, asking who has one, leading others astray, forging mails."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from profiles.actions.tokens import create_token
from profiles.models import ApiToken, User
from tests.factories.people import PASSWORD, make_user, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]
SLOW = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]  # as the site itself

OWNER, NOBODY = "owner@example.org", "nobody@example.org"


@pytest.fixture(autouse=True)
def fresh_limits(redis) -> None:
    """Nobody has tried to sign in yet."""


def log_in(email: str, password: str = "a wrong phrase", client: Client | None = None, **extra: Any) -> Any:
    return (client or Client()).post("/accounts/login/", {"login": email, "password": password}, **extra)


def words(response: Any, email: str) -> str:
    """An answer's text, without what differs from request to request."""
    text: str = response.content.decode().split("<main", 1)[1].split("</main", 1)[0].replace(email, "…").split("csrfmiddlewaretoken")[0]
    return text


def test_ten_guesses_at_an_account_and_no_more_whoever_guesses():
    make_user(OWNER)
    answers = [
        log_in(OWNER.upper() if n % 2 else OWNER, REMOTE_ADDR=f"192.0.2.{n}", headers={"host": ["localhost", "127.0.0.1"][n % 2]})
        for n in range(12)
    ]
    refused = ["Too many attempts" in answer.content.decode() for answer in answers]
    assert refused == [False] * 10 + [True] * 2
    client = Client()
    log_in(OWNER, PASSWORD, client, REMOTE_ADDR="192.0.2.99")  # the right one is refused too: a guess is a guess
    assert "_auth_user_id" not in client.session
    other = Client()
    make_user("other@example.org")
    log_in("other@example.org", PASSWORD, other)
    assert "_auth_user_id" in other.session


def test_a_hundred_guesses_from_an_address_and_no_more(settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": "1000/m/ip"}
    answers = [log_in(f"guess{n}@example.org", headers={"x-forwarded-for": f"192.0.2.{n}"}) for n in range(102)]
    refused = ["Too many attempts" in answer.content.decode() for answer in answers]
    assert refused == [False] * 100 + [True] * 2


def test_a_network_of_the_newer_kind_counts_as_one(settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": "1000/m/ip", "login_failed": "5/5m/ip"}
    answers = [log_in(f"guess{n}@example.org", REMOTE_ADDR=f"2001:db8:1:2::{n + 1:x}") for n in range(6)]
    assert ["Too many attempts" in answer.content.decode() for answer in answers] == [False] * 5 + [True]
    assert "Too many attempts" not in log_in("guess@example.org", REMOTE_ADDR="2001:db8:1:3::1").content.decode()


def test_a_refused_guess_hashes_nothing(settings):
    make_user(OWNER)
    for _ in range(10):
        log_in(OWNER)
    settings.PASSWORD_HASHERS = SLOW
    hashed, refused = [], []
    for _ in range(3):
        started = time.process_time()
        log_in(NOBODY)
        hashed.append(time.process_time() - started)
        started = time.process_time()
        log_in(OWNER)
        refused.append(time.process_time() - started)
    assert median(refused) < median(hashed) / 5


def test_a_success_does_not_give_back_what_failures_have_used():
    make_user(OWNER)
    for _ in range(9):
        log_in(OWNER)
    assert log_in(OWNER, PASSWORD).status_code == 302
    log_in(OWNER)
    assert "Too many attempts" in log_in(OWNER).content.decode()


def asked_to_log_in(email: str) -> Any:
    return log_in(email)


def asked_to_sign_up(email: str) -> Any:
    return Client().post("/accounts/signup/", {"email": email, "password1": PASSWORD}, follow=True)


def asked_for_a_password(email: str) -> Any:
    return Client().post("/accounts/password/reset/", {"email": email}, follow=True)


@pytest.mark.parametrize("ask", [asked_to_log_in, asked_to_sign_up, asked_for_a_password])
def test_nobody_learns_who_has_an_account_by_text_status_or_time(ask: Callable[[str], Any], mailoutbox, settings):
    settings.PASSWORD_HASHERS = SLOW
    make_user(OWNER)
    ask("warm.up@example.org")
    times: dict[str, list[float]] = {OWNER: [], NOBODY: []}
    answers: dict[str, Any] = {}
    for _ in range(3):
        for email in (OWNER, NOBODY):
            cache.clear()  # nobody has asked yet
            User.objects.filter(email=NOBODY).delete()
            mailoutbox.clear()
            started = time.process_time()
            answers[email] = ask(email)
            times[email].append(time.process_time() - started)
            assert len(mailoutbox) == (0 if ask is asked_to_log_in else 1)
    assert answers[OWNER].status_code == answers[NOBODY].status_code
    assert answers[OWNER].redirect_chain == answers[NOBODY].redirect_chain if ask is not asked_to_log_in else True
    assert words(answers[OWNER], OWNER) == words(answers[NOBODY], NOBODY)
    shorter, longer = sorted(min(taken) for taken in times.values())
    assert longer - shorter < max(0.4 * longer, 0.05)  # where one hashes a password and the other does not, nearly all of it


def test_an_address_that_is_somebody_elses_cannot_be_confirmed_by_adding_it(mailoutbox):
    make_user(OWNER)
    make_user("rival@example.org")
    rival = Client()
    log_in("rival@example.org", PASSWORD, rival)
    rival.post("/accounts/email/", {"action_add": "", "email": OWNER})
    assert not EmailAddress.objects.filter(user__email="rival@example.org", email=OWNER, verified=True).exists()
    assert EmailAddress.objects.get(user__email=OWNER).verified


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "http:///evil.example",
        "javascript:alert(1)",
        " //evil.example",
        "/\t/evil.example",
        "https://localhost@evil.example/",
        "https://localhost.evil.example/",
        "http://127.0.0.1/",  # a host of ours, and not the one that was asked
        "data:text/html,x",
        "/" + "a" * 5_000,
    ],
)
def test_nobody_is_led_elsewhere(elsewhere, mailoutbox):
    make_user(OWNER)
    assert Client(headers={"host": "localhost"}).post("/accounts/login/", {"login": OWNER, "password": PASSWORD, "next": elsewhere})[
        "Location"
    ] in {"/", elsewhere if elsewhere.startswith("/aaaa") else "/"}
    Client(headers={"host": "localhost"}).post("/accounts/signup/", {"email": NOBODY, "password1": PASSWORD, "next": elsewhere})
    assert "evil" not in mailoutbox[-1].body
    assert "back_to" not in mailoutbox[-1].body


def test_a_bent_link_of_a_mail_leads_nowhere_else(mailoutbox):
    Client().post("/accounts/signup/", {"email": NOBODY, "password1": PASSWORD, "next": "/about/"})
    [link] = [word for word in mailoutbox[-1].body.split() if "confirm-email" in word]
    assert link.endswith("?back_to=%2Fabout%2F")
    path = link.removeprefix("http://localhost:8000").partition("?")[0]
    answer = Client().post(path, {"back_to": "//evil.example/"})
    assert answer["Location"] == "/accounts/login/"


def test_in_another_browser_the_link_leads_over_the_log_in_and_logs_nobody_in(mailoutbox):
    Client().post("/accounts/signup/", {"email": NOBODY, "password1": PASSWORD, "next": "/about/#trust"})
    [link] = [word for word in mailoutbox[-1].body.split() if "confirm-email" in word]
    other = Client()
    page = other.get(link.removeprefix("http://localhost:8000"))
    assert 'name="back_to" value="/about/#trust"' in page.content.decode()
    answer = other.post(page.request["PATH_INFO"], {"back_to": "/about/#trust"})
    assert answer["Location"] == "/accounts/login/?next=%2Fabout%2F%23trust"
    assert "_auth_user_id" not in other.session
    again = Client().get(page.request["PATH_INFO"])
    assert "no longer works" in again.content.decode() or "taken" in again.content.decode()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:81"])
def test_mails_name_this_site_by_its_own_address_whatever_host_was_asked(host, mailoutbox):
    make_user(OWNER)
    client = Client(headers={"host": host})
    client.post("/accounts/signup/", {"email": NOBODY, "password1": PASSWORD})
    client.post("/accounts/signup/", {"email": OWNER, "password1": PASSWORD})
    client.post("/accounts/password/reset/", {"email": OWNER})
    client.post("/accounts/password/reset/", {"email": "third@example.org"})
    assert len(mailoutbox) == 4
    for mail in mailoutbox:
        html = mail.alternatives[0].content
        for text in (mail.body, html):
            assert "http://localhost:8000/" in text
            assert host not in text.replace("http://localhost:8000", "")
        assert mail.extra_headers["Message-ID"].endswith("@localhost>")


def test_a_host_that_is_not_ours_is_refused_and_sends_no_mail(mailoutbox):
    answer = Client(headers={"host": "evil.example"}).post("/accounts/password/reset/", {"email": OWNER})
    assert (answer.status_code, mailoutbox) == (400, [])


def test_an_address_cannot_smuggle_headers_or_receivers_into_a_mail(mailoutbox):
    for email in ("a@example.org\nBcc: b@example.org", "a@example.org,b@example.org", '"a\r\nSubject: x"@example.org', "<b>@example.org"):
        assert Client().post("/accounts/password/reset/", {"email": email}).status_code == 200
        assert Client().post("/accounts/signup/", {"email": email, "password1": PASSWORD}).status_code == 200
    assert mailoutbox == []


def test_a_session_from_before_the_log_in_is_worth_nothing_after():
    make_user(OWNER)
    client = Client()
    client.get("/accounts/login/")
    log_in(NOBODY, client=client)
    before = client.cookies.get("sessionid")
    log_in(OWNER, PASSWORD, client)
    after = client.cookies["sessionid"].value
    assert before is None or before.value != after
    assert "httponly" in client.cookies["sessionid"].output().lower()


def test_the_old_address_is_told_when_mail_goes_elsewhere(mailoutbox):
    user = make_user(OWNER)
    EmailAddress.objects.create(user=user, email="second@example.org", verified=True)
    client = Client()
    log_in(OWNER, PASSWORD, client)
    client.post("/accounts/email/", {"action_primary": "", "email": "second@example.org"})
    user.refresh_from_db()
    assert user.email == "second@example.org"
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [([OWNER], "Mail goes to another address now")]
    assert "second@example.org" in mailoutbox[0].body


def test_changing_addresses_asks_again_who_it_is():
    stale = signed_in(make_user(OWNER))
    answer = stale.post("/accounts/email/", {"action_add": "", "email": "thief@example.org"})
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert EmailAddress.objects.count() == 1


def test_tokens_are_made_seen_once_and_revoked_by_their_owner_only():
    make_user(OWNER)
    client = Client()
    log_in(OWNER, PASSWORD, client)
    made = client.post("/accounts/tokens/", {"name": "script", "scopes": ["account:read"], "days": "30"})
    token = made.content.decode().split('id="new-token">')[1].split("<")[0]
    assert Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert made["Cache-Control"].find("no-store") >= 0
    page = client.get("/accounts/tokens/").content.decode()
    assert token not in page
    assert token[:12] in page
    row = ApiToken.objects.get()
    stranger = signed_in(make_user("rival@example.org"))
    assert stranger.post(f"/accounts/tokens/{row.pk}/revoke/").status_code == 404
    assert client.get(f"/accounts/tokens/{row.pk}/revoke/").status_code == 405
    client.post(f"/accounts/tokens/{row.pk}/revoke/")
    assert Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_token_asks_who_it_is_and_offers_staff_scopes_to_staff_only():
    assert signed_in(make_user(OWNER)).get("/accounts/tokens/")["Location"].startswith("/accounts/reauthenticate/")
    client = Client()
    log_in(OWNER, PASSWORD, client)
    refused = client.post("/accounts/tokens/", {"name": "script", "scopes": ["imports:write"], "days": "30"})
    assert (refused.status_code, ApiToken.objects.count()) == (422, 0)
    User.objects.update(is_staff=True)
    client.post("/accounts/tokens/", {"name": "script", "scopes": ["imports:write"], "days": "30"})
    assert ApiToken.objects.get().scopes == ["imports:write"]


def test_the_list_of_tokens_costs_the_same_however_long(django_assert_num_queries):
    user = make_user(OWNER)
    client = Client()
    log_in(OWNER, PASSWORD, client)
    for count in (1, 3):
        while ApiToken.objects.count() < count:
            create_token(name="script", by=user)
        with django_assert_num_queries(4):
            client.get("/accounts/tokens/")
