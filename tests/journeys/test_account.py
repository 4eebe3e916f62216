"""An account in a real browser: from signing up to a passkey, with eyes, keyboard, phone; without scripts where that can be."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Windows
from tests.factories.imported import import_records, the_author
from tests.factories.people import PASSWORD, code_of, make_user
from tests.factories.records import noisy_faces
from tests.orcid import JOSIAH, OrcidServer
from tests.waiting import click_through, fits, wait_for
from works.models import Author

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

Violations = Callable[[Page], list[str]]
DEVICE = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}


@pytest.fixture
def liu(site: str) -> Author:
    import_records(noisy_faces())
    return the_author("Boxiao Liu")


def log_in(page: Page, email: str, path: str = "/accounts/login/") -> None:
    page.goto(path)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    click_through(page.get_by_role("button", name="Log in", exact=True))


def by_name(open_page: Windows) -> None:
    """Use the site's name rather than its number: passkeys are bound to names."""
    open_page.site = open_page.site.replace("127.0.0.1", "localhost")


@pytest.mark.parametrize("javascript", [True, False])
def test_from_follow_to_sign_up_to_the_mail_and_back_to_the_button(open_page: Windows, liu: Author, javascript: bool) -> None:
    make_user("admin@example.org", is_staff=True)
    page = open_page(liu.get_absolute_url(), javascript=javascript)
    click_through(page.get_by_role("link", name="Follow researcher"))
    click_through(page.get_by_role("link", name="Sign up"))
    email = f"new.reader.{javascript}@example.org".lower()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One step left: your mail")

    staff = open_page()
    log_in(staff, "admin@example.org")
    staff.goto("/outbox/")
    click_through(staff.get_by_role("row", name=email).get_by_role("link"))
    link = staff.get_by_role("link", name=re.compile("confirm-email")).get_attribute("href")
    assert link is not None

    page.goto(link)
    click_through(page.get_by_role("button", name="Confirm"))
    expect(page).to_have_url(f"{open_page.site}{liu.get_absolute_url()}#follow")
    page.get_by_role("button", name="Follow researcher").click()
    expect(page.get_by_role("button", name="Following – stop")).to_be_visible()


def set_up_an_app(page: Page) -> None:
    """From the page's key to the recovery codes. A code is good for half a minute: where that ends too soon, the next one is typed."""
    page.goto("/accounts/2fa/totp/activate/")

    def is_set_up() -> bool:
        page.get_by_label("code").fill(code_of(page.locator("code.secret").inner_text()))
        click_through(page.get_by_role("button", name="Set up"))
        return page.get_by_role("heading", level=1).inner_text() == "Recovery codes"

    wait_for(is_set_up, "a code in time")


def test_an_app_then_a_passkey_then_a_log_in_by_it_alone(open_page: Windows, site: str) -> None:
    by_name(open_page)
    make_user("reader@example.org")
    page = open_page()
    log_in(page, "reader@example.org")
    set_up_an_app(page)
    expect(page.locator(".codes li")).to_have_count(10)
    recovery = page.locator(".codes li").first.inner_text()

    debugger = page.context.new_cdp_session(page)
    debugger.send("WebAuthn.enable")
    device = debugger.send("WebAuthn.addVirtualAuthenticator", {"options": {**DEVICE, "automaticPresenceSimulation": True}})
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label("Log in with it alone").check()
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("The passkey is added")).to_be_visible()

    page.goto("/accounts/logout/")
    click_through(page.get_by_role("button", name="Log out"))
    page.goto("/accounts/login/?next=/about/")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page).to_have_url(f"{open_page.site}/about/")

    page.goto("/accounts/logout/")
    click_through(page.get_by_role("button", name="Log out"))
    log_in(page, "reader@example.org", "/accounts/login/?next=/about/")
    expect(page.get_by_role("heading", level=1)).to_have_text("And your second factor")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{open_page.site}/about/")

    page.goto("/accounts/logout/")
    click_through(page.get_by_role("button", name="Log out"))
    debugger.send("WebAuthn.setUserVerified", {"authenticatorId": device["authenticatorId"], "isUserVerified": False})
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_text("The device did not answer")).to_be_visible()
    plain = open_page(javascript=False)
    log_in(plain, "reader@example.org", "/accounts/login/?next=/about/")
    plain.get_by_label("Code of the app").fill(recovery)
    plain.get_by_role("button", name="Go on").click()
    expect(plain).to_have_url(f"{open_page.site}/about/")


@pytest.mark.parametrize("javascript", [True, False])
def test_to_orcid_and_back_under_the_policy_of_the_site(
    open_page: Windows, site: str, orcid_process: OrcidServer, javascript: bool
) -> None:
    orcid_process.start_anew()
    make_user("reader@example.org")
    page = open_page(javascript=javascript)
    log_in(page, "reader@example.org", "/accounts/login/?next=/accounts/3rdparty/")
    page.get_by_role("button", name="Connect your ORCID iD").click()
    page.get_by_role("button", name="Authorize access").click()
    expect(page.get_by_text(JOSIAH)).to_be_visible()
    fresh = open_page("/accounts/login/?next=/about/", javascript=javascript)
    fresh.get_by_role("button", name="Log in with ORCID").click()
    fresh.get_by_role("button", name="Deny access").click()
    expect(fresh.get_by_role("heading", level=1)).to_have_text("ORCID was not asked")
    fresh.goto("/accounts/login/?next=/about/")
    fresh.get_by_role("button", name="Log in with ORCID").click()
    fresh.get_by_role("button", name="Authorize access").click()
    expect(fresh).to_have_url(f"{open_page.site}/about/")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_every_page_of_an_account_is_accessible(
    open_page: Windows, site: str, accessibility_violations: Violations, width: str, theme: str
) -> None:
    make_user("reader@example.org", is_staff=True)
    page = open_page(width=width, theme=theme)
    for address in ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/confirm-email/", "/api/v1/"):
        page.goto(address)
        assert accessibility_violations(page) == [], address
        assert fits(page), address
    log_in(page, "reader@example.org")
    for address in (
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/2fa/webauthn/",
        "/accounts/sessions/",
        "/accounts/3rdparty/",
        "/accounts/tokens/",
        "/accounts/reauthenticate/",
        "/accounts/logout/",
        "/outbox/",
    ):
        page.goto(address)
        assert accessibility_violations(page) == [], address
        assert fits(page), address


def test_tokens_are_made_by_keyboard_alone(open_page: Windows, site: str) -> None:
    make_user("reader@example.org")
    page = open_page()
    log_in(page, "reader@example.org")
    page.goto("/accounts/tokens/")
    page.get_by_label("Name").focus()
    page.keyboard.type("my script")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("#new-token")).to_have_text(re.compile("^bzp_"))
    expect(page.get_by_role("row", name="my script")).to_contain_text("account:read")
