"""The outbox: mails that became files, read by staff of a site that has no mail server."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.mail import EmailMessage, get_connection
from django.test import Client

from tests.bzpeer.markup import links_of, text_of
from tests.factories.people import PASSWORD, make_user, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]


@pytest.fixture
def outbox(settings, tmp_path: Path, redis) -> Path:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "outbox")
    return tmp_path / "outbox"


@pytest.fixture
def staff() -> Client:
    return signed_in(make_user("admin@example.org", is_staff=True))


def test_a_mail_is_read_and_its_link_followed(outbox, staff):
    assert "No mail has been sent yet" in text_of(staff.get("/outbox/").content)
    Client().post("/accounts/signup/", {"email": "käthe@example.org", "password1": PASSWORD})
    Client().post("/accounts/signup/", {"email": "new.reader@example.org", "password1": PASSWORD, "next": "/about/?a=1&b=<2>"})
    page = staff.get("/outbox/")
    assert "new.reader@example.org" in text_of(page.content)
    [address] = [link for link in links_of(page.content) if link.startswith("/outbox/") and link != "/outbox/"]
    mail = staff.get(address)
    assert "Somebody, you we hope, signed up" in text_of(mail.content)
    [confirm] = [link for link in links_of(mail.content) if "confirm-email" in link]
    assert Client().get(confirm.removeprefix("http://localhost:8000")).status_code == 200


def test_several_mails_of_one_connection_are_told_apart_and_markup_is_text(outbox, staff):
    with get_connection() as connection:
        for number in range(3):
            EmailMessage(
                f"<b>Subject {number}</b>", f"Text {number}\n<script>alert(1)</script>", "a@b.org", ["c@d.org"], connection=connection
            ).send()
    assert len(list(outbox.iterdir())) == 1
    page = staff.get("/outbox/")
    addresses = [link for link in links_of(page.content) if link.startswith("/outbox/2")]
    assert len(set(addresses)) == 3
    first = staff.get(addresses[0]).content
    assert b"<script>alert" not in first
    assert "Text 2" in text_of(first)
    assert staff.get("/outbox/..%2f..%2fetc%2fpasswd/").status_code == 404


def test_it_is_for_staff_and_only_where_mails_become_files(outbox, staff, settings):
    assert Client().get("/outbox/").status_code == 302
    assert signed_in(make_user("reader@example.org")).get("/outbox/").status_code == 403
    assert 'href="/outbox/"' in staff.get("/").content.decode()
    settings.BEHIND_TLS = True  # a public site
    assert staff.get("/outbox/").status_code == 404
    settings.BEHIND_TLS = False
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert staff.get("/outbox/").status_code == 404
    assert 'href="/outbox/"' not in staff.get("/").content.decode()
