"""The headers of every answer, by the public scoring rules of MDN's HTTP Observatory (as of 2025), computed here: a site begins with 100,
loses for what is missing or weak, and gains for what is better than asked, where it has 90 without. And the checks of the code."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.conf import settings as site_settings
from django.test import Client

from tests.attacks.web.table import Table
from tests.test_house import checked_for_production

pytestmark = pytest.mark.django_db
BONUS_FROM = 90


def directives(policy: str) -> dict[str, list[str]]:
    return {words[0]: words[1:] for part in policy.split(";") if (words := part.split())}


def score(headers: dict[str, str], *, cookies: dict[str, dict[str, object]], redirects: bool) -> dict[str, int]:
    """What each rule takes or gives. `headers` of a page over HTTPS, the attributes of its cookies by name, and whether plain HTTP leads to
    HTTPS on the same host first."""
    policy = directives(headers.get("content-security-policy", ""))
    default = policy.get("default-src", ["*"])
    scripts, styles = policy.get("script-src", default), policy.get("style-src", default)
    loose = {"'unsafe-inline'", "'unsafe-eval'", "data:", "*", "https:", "http:"}
    hsts = headers.get("strict-transport-security", "")
    age = int(hsts.partition("max-age=")[2].partition(";")[0] or 0)
    framed = policy.get("frame-ancestors", ["*"])
    return {
        # No policy -25; scripts from anywhere or inline -20; styles inline 0; default-src 'none' and nothing unsafe +10, else +5.
        "content security policy": csp_score(policy, default, loose & set(scripts), loose & set(styles)),
        # A session cookie without Secure -40, without HttpOnly -30; another without Secure -20; SameSite on all +5.
        "cookies": cookie_score(cookies),
        "cross-origin sharing": -50 if headers.get("access-control-allow-origin") == "*" else 0,
        "redirection": 0 if redirects else -20,
        # none or no-referrer, same-origin, strict-origin(-when-cross-origin): +5; unsafe ones -5.
        "referrer policy": referrer_score(headers.get("referrer-policy", "")),
        # None -20; under six months -10. (+5 is for hosts that stand in the browsers' own list.)
        "strict transport security": -20 if not age else -10 if age < 15_768_000 else 0,
        # Scripts from elsewhere without integrity cost up to -50: here all are from the site itself.
        "integrity of scripts": 0,
        "content type options": 0 if headers.get("x-content-type-options") == "nosniff" else -5,
        # frame-ancestors in the policy +5; X-Frame-Options alone 0; neither -20.
        "framing": 5 if framed in (["'none'"], ["'self'"]) else 0 if headers.get("x-frame-options") in {"DENY", "SAMEORIGIN"} else -20,
        # same-origin +10, same-site 0 … cross-origin or none 0.
        "cross-origin resource policy": 10 if headers.get("cross-origin-resource-policy") in {"same-origin", "same-site"} else 0,
    }  # fmt: skip


def csp_score(policy: dict[str, list[str]], default: list[str], scripts: set[str], styles: set[str]) -> int:
    if not policy:
        return -25
    if scripts:
        return -20
    return 10 if default == ["'none'"] and not styles else 5 if not styles else 0


def cookie_score(cookies: dict[str, dict[str, object]]) -> int:
    found = [0]
    for name, has in cookies.items():
        session = "session" in name
        found += [] if has["secure"] else [-40 if session else -20]
        found += [] if has["httponly"] or not session else [-30]
    return min(found) or (5 if cookies and all(has["samesite"] for has in cookies.values()) else 0)


def referrer_score(policy: str) -> int:
    if not policy:
        return 0
    return 5 if policy in {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"} else -5


def total(found: dict[str, int]) -> int:
    without = 100 + sum(points for points in found.values() if points < 0)
    return without + (sum(points for points in found.values() if points > 0) if without >= BONUS_FROM else 0)


def as_in_public(settings) -> None:
    """The settings of a site with TLS, as they follow from SITE_URL."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True


def test_every_kind_of_answer_has_all_that_the_observatory_asks_for(settings, table: Table):
    as_in_public(settings)
    client, found = Client(), {}
    plain = client.get("/")
    for address in ("/", "/accounts/login/", "/search/?q=a", "/api/v1/", "/nothing/", "/api/v1/works/", "/robots.txt"):
        answer = client.get(address, secure=True)
        headers = {name.lower(): value for name, value in answer.items()}
        cookies = {name: dict(morsel) for name, morsel in answer.cookies.items()}
        found[address] = total(score(headers, cookies=cookies, redirects=plain["Location"].startswith("https://")))
    assert plain.status_code == 301
    table.row("R17", f"own headers by the Observatory's rules, {len(found)} addresses, the worst", 115, min(found.values()), at_least=True)


def test_the_score_sees_what_is_missing():
    bare = score({}, cookies={"sessionid": {"secure": "", "httponly": "", "samesite": ""}}, redirects=False)
    assert total(bare) == 100 - 25 - 40 - 20 - 20 - 5 - 20


@pytest.mark.attack
def test_what_tools_say_of_the_code_is_nothing(table: Table):
    table.row("R16", "check --deploy: ends with", 0, checked_for_production().returncode)
    ruff = [sys.executable, "-m", "ruff", "check", "--select", "S", "--output-format", "concise", "."]
    told = subprocess.run(ruff, cwd=site_settings.BASE_DIR, capture_output=True, text=True).stdout
    table.row("R16", "bandit's rules as ruff has them (S): findings", 0, sum(" S" in line for line in told.splitlines()))
