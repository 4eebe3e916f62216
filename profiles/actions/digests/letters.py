"""The words of a digest: what is new about what somebody follows, as text and as HTML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from email.utils import formataddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from profiles import periods
from profiles.actions.digests.choosing import stop_word
from profiles.inviting import clean
from profiles.loading.feed import FeedItem, Kind, feed_items
from profiles.models import Digest, DigestPlan
from works.mathematics import to_plain

LISTED = 30  # the rest is in the feed
NAMED = 3  # authors, and things followed, of one item


@dataclass(frozen=True, slots=True)
class Letter:
    """A digest ready to leave, but for its recipient; and how many items it tells of."""

    mail: EmailMessage
    items: int


@dataclass(frozen=True, slots=True)
class Line:
    """One item as both forms of the mail show it: each a single line of plain text, escaped where it becomes HTML."""

    title: str
    about: str
    because: str
    url: str


def letter_of(digest: Digest) -> Letter | None:
    """The digest of an account for a period; None where nothing is new. The feed's queries, and two more.

    An item that cannot stand in a mail makes this fail, not the sending.
    """
    found = feed_items(digest.user, since=digest.starts_at, until=digest.ends_at, limit=LISTED + 1)
    if not found:
        return None
    shown = found[:LISTED]
    where = periods.zone(DigestPlan.objects.get(user=digest.user_id).time_zone)
    stop_url = f"{settings.SITE_URL}{reverse('profiles:stop_digest', args=[stop_word(digest.user)])}"
    context = {
        "lines": [line_of(item) for item in shown],
        "has_more": len(found) > LISTED,
        "span": span(digest.starts_at.astimezone(where).date(), digest.period - timedelta(days=1)),
        "feed_url": f"{settings.SITE_URL}{reverse('profiles:my_feed')}",
        "settings_url": f"{settings.SITE_URL}{reverse('profiles:settings')}#digest",
        "stop_url": stop_url,
        "site_url": settings.SITE_URL,
    }
    context["subject"] = f"BZPEER: {counted(shown, has_more=len(found) > LISTED)}, {context['span']}"
    headers = {
        "List-Id": formataddr(("BZPEER digest", f"digest.{urlsplit(settings.SITE_URL).hostname}")),
        "List-Unsubscribe": f"<{stop_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    text = render_to_string("emails/digest.txt", context).strip()
    mail = EmailMultiAlternatives(str(context["subject"]), f"{text}\n", headers=headers)
    mail.attach_alternative(render_to_string("emails/digest.html", context), "text/html")
    mail.message().as_bytes()
    return Letter(mail, len(shown))


def counted(items: list[FeedItem], *, has_more: bool) -> str:
    """ "3 new works", "1 new work and 2 changed pages"; never a name: a subject is read over shoulders."""
    works = sum(item.kind is Kind.WORK for item in items)
    pages = len(items) - works
    parts = [f"{works}{'+' * has_more} new work{'s' * (works != 1 or has_more)}"] * bool(works)
    parts += [f"{pages} changed page{'s' * (pages != 1)}"] * bool(pages)
    return " and ".join(parts)


def span(first: date, last: date) -> str:
    """
    >>> span(date(2026, 11, 20), date(2026, 11, 26)), span(date(2026, 11, 26), date(2026, 11, 26))
    ('20 to 26 November', '26 November')
    >>> span(date(2026, 12, 28), date(2027, 1, 3))
    '28 December to 3 January'
    """
    if first >= last:
        return f"{last:%-d %B}"
    return f"{first:%-d %B} to {last:%-d %B}" if first.month != last.month else f"{first.day} to {last:%-d %B}"


def plain(text: str) -> str:
    """One line, nothing invisible in it, mathematics as text."""
    return " ".join(clean(to_plain(text)).split())


def several(names: list[str]) -> str:
    """
    >>> several(["Ada"]), several(["Ada", "Bo", "Cai", "Di", "Ed"])
    ('Ada', 'Ada, Bo, Cai and 2 more')
    """
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def line_of(item: FeedItem) -> Line:
    because = several([plain(follow.label) for follow in item.follows])
    url = f"{settings.SITE_URL}{item.get_absolute_url()}"
    if item.work:
        card = item.work.card
        names = [plain(author["name"]) for author in card.get("authors", ())]
        names += ["…"] * max(0, item.work.authors_count - len(names))
        about = "; ".join(filter(None, (several(names), plain(card.get("source") or ""), str(item.work.year or ""))))
        return Line(plain(item.work.title), about, because, url)
    assert item.author  # noqa: S101 -- of everything that is no work
    name = plain(item.author.name)
    if item.kind is Kind.CLAIM:
        return Line(f"The page of {name} was claimed", "The author answers for it now", because, url)
    low, high = item.levels or (0, 0)
    said = "rose" if high > low else "fell"
    return Line(f"The verification of {name} {said} to L{high}", f"It was L{low}; the page says why", because, url)
