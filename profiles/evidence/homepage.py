"""A link to this site on a page of the person's own: who can change the page says "this is me" by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from lxml import etree, html

from profiles.evidence.fetching import NotFetched, Page, fetch

RECHECK = timedelta(days=30)
# How often a worker looks again at a page that had no link, or did not answer, after it was told to look.
TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look at a page found. `is_certain` is false where the page could not be read: that says nothing about the link."""

    is_found: bool
    is_certain: bool
    is_rel_me: bool = False
    said: str = ""


def token_of(evidence_id: int) -> str:
    """The one-time word of a link proof: its number, and a mark that only this site can make. It is meant to stand on a public page."""
    return f"{evidence_id}-{salted_hmac('profiles.evidence.link', str(evidence_id), algorithm='sha256').hexdigest()[:24]}"


def evidence_of(token: str) -> int | None:
    """The number in a word that this site made; None for any other."""
    number = token.partition("-")[0]
    is_ours = number.isascii() and number.isdigit() and len(number) < 19 and constant_time_compare(token, token_of(int(number)))
    return int(number) if is_ours else None


def address_of(evidence_id: int) -> str:
    """The one-time address that the page must link to."""
    return f"{settings.SITE_URL}{reverse('profiles:proof', args=[token_of(evidence_id)])}"


def look_for(link: str, url: str) -> Look:
    """Fetch a page and look for a link to `link` in it, in <a> or <link>. At most three seconds."""
    try:
        page = fetch(url)
    except NotFetched as failure:
        return Look(is_found=False, is_certain=False, said=str(failure))
    found = links_to(link, page)
    if found is None:
        cut = " in its first 64 KB" if page.is_cut else ""
        return Look(is_found=False, is_certain=True, said=f"The page has no link to {link}{cut}.")
    return Look(is_found=True, is_certain=True, is_rel_me=found, said=page.url)


def links_to(link: str, page: Page) -> bool | None:
    """Whether the page's link has rel="me"; None where it has no such link."""
    try:
        tree = html.fromstring(page.text)
    except (etree.ParserError, ValueError):
        return None
    rels = [
        "me" in (element.get("rel") or "").lower().split() for element in tree.iter("a", "link") if same(element.get("href") or "", link)
    ]
    return any(rels) if rels else None


def same(href: str, link: str) -> bool:
    """Whether two addresses are one, but for the final slash and the fragment."""
    try:
        given, wanted = urlsplit(href.strip()), urlsplit(link)
    except ValueError:
        return False
    return (given.scheme, given.netloc.lower(), given.path.rstrip("/")) == (wanted.scheme, wanted.netloc.lower(), wanted.path.rstrip("/"))
