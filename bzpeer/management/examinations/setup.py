"""Settings, static files, mail: what an operator has written down."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core import checks
from django.core.mail import get_connection

from bzpeer.management.examinations.findings import Finding, advice, fault, good


def look_at_settings() -> Iterator[Finding]:
    """Django's own checks (those for a public site where the site is one), and what only this site knows."""
    found = checks.run_checks(include_deployment_checks=settings.BEHIND_TLS)
    for message in found:
        say = fault if message.level >= checks.ERROR else advice
        yield say(f"{message.id}: {message.msg}", message.hint or "See Django's documentation of this check.")
    if settings.SITE_HOST not in settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS:
        yield fault(
            f"SITE_URL names {settings.SITE_HOST}, which ALLOWED_HOSTS does not", "Add it to ALLOWED_HOSTS: links in mails lead there."
        )
    if settings.BEHIND_TLS and not settings.BEHIND_PROXY:
        yield advice(
            "The site is public and BEHIND_PROXY is not set", "Set BEHIND_PROXY=true, or all visitors share one address and its limits."
        )
    if not settings.CONTACT_EMAIL:
        yield advice("Registries are told no way to reach you", "Set CONTACT_EMAIL: they slow down clients that say nothing of themselves.")
    if not found:
        yield good("Django's checks find nothing")


def look_at_static_files() -> Iterator[Finding]:
    name = "css/base.css"
    try:
        staticfiles_storage.url(name)
    except ValueError:
        yield fault(f"{name} was not collected into {settings.STATIC_ROOT}", "Run manage.py collectstatic: every page asks for it.")
    else:
        yield good("Static files are collected")


def look_at_mail() -> Iterator[Finding]:
    """Whether the mail server opens and accepts the log-in. No mail is sent."""
    if "smtp" not in settings.EMAIL_BACKEND:
        say = advice if settings.BEHIND_TLS else good
        yield (
            say("Mails become files, and reach nobody", "Set EMAIL_URL.")
            if say is advice
            else good("Mails become files: no mail server is set")
        )
        return
    try:
        with get_connection():
            pass
    except (OSError, smtplib.SMTPException) as error:
        yield fault(f"The mail server {settings.EMAIL_HOST}:{settings.EMAIL_PORT} refuses: {error}", "Check EMAIL_URL and the way there.")
    else:
        yield good(f"The mail server {settings.EMAIL_HOST} accepts the log-in")
