"""Proof by a link on the person's own page. The page is fetched by a worker, never by a visitor's request."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from profiles.actions.claims.cases import Role, append, case_of, refuse
from profiles.actions.evidence.proofs import check_open, end, prove, told
from profiles.claiming import DAY
from profiles.evidence import homepage
from profiles.evidence.domains import kind_of_domain, normalised
from profiles.models import Claim, EmailDomain, Evidence, User
from profiles.signals import evidence_due
from works.models import InstitutionIdentifier

Kind, Status = Evidence.Kind, Evidence.Status
LEASE = timedelta(seconds=60)
MOST_PAGES = 5
PAGES_A_DAY = 10  # dropped ones count: this site's requests are nobody's hammer
LOOKS_A_DAY = 30


def name_page(claim: Claim, *, url: str, by: User) -> Evidence:
    """Name a page of one's own. It gets an address of this site to link to; `look_again` says that the link stands there."""
    with case_of(claim) as case:
        check_open(case, by=by)
        parts = urlsplit(url.strip())
        host = normalised(parts.hostname or "")
        if not host or len(url) > 400:
            refuse("not-an-address", "This is not the web address of a page.", claim=case.claim, by=by)
        pages = Evidence.objects.filter(user=by, author=case.author, kind=Kind.LINK, status__in=[Status.PENDING, Status.PROVED])
        if known := pages.filter(value=url.strip()).first():
            return known
        if pages.count() >= MOST_PAGES:
            refuse("too-many-pages", f"{MOST_PAGES} pages are enough. Drop one first.", claim=case.claim, by=by)
        named = Evidence.objects.filter(user=by, kind=Kind.LINK, created_at__gt=timezone.now() - DAY).count()
        if named >= PAGES_A_DAY:
            refuse("too-many-pages", f"You have named {PAGES_A_DAY} pages in 24 hours. Come back tomorrow.", claim=case.claim, by=by)
        item = Evidence.objects.create(
            user=by, author=case.author, claim=case.claim, kind=Kind.LINK, source=voice_of(host), value=url.strip()
        )
        append(case.claim, "page-named", role=Role.CLAIMANT, data=told(item), by=by)
        return item


def voice_of(host: str) -> str:
    """Who speaks through a page: the institution where the registry of domains knows the host as one's, so that a mailbox and a page
    of one institution are one voice; else the host."""
    domain = kind_of_domain(host)
    if domain.kind != EmailDomain.Kind.ACADEMIC:
        return host[:100]
    ror = InstitutionIdentifier.objects.filter(institution=domain.institution_id, scheme="ror").values_list("value", flat=True).first()
    return ror or domain.entry[:100]


def look_again(claim: Claim, *, evidence_id: int, by: User) -> Evidence:
    """The link stands on the page now: a worker looks."""
    with case_of(claim) as case:
        check_open(case, by=by)
        item = Evidence.objects.filter(pk=evidence_id, user=by, author=case.author, kind=Kind.LINK, status=Status.PENDING).first()
        if item is None:
            refuse("no-page", "There is no such page waiting.", claim=case.claim, by=by)
        looks = int(item.detail.get("looks", 0)) + 1
        if looks > LOOKS_A_DAY:
            refuse(
                "too-many-looks", "This page was looked at often enough. Name it anew, or choose another proof.", claim=case.claim, by=by
            )
        item.detail = {**item.detail, "looks": looks, "said": ""}
        item.due_at = timezone.now()
        item.save(update_fields=["detail", "due_at"])
        append(case.claim, "page-look-asked", role=Role.CLAIMANT, data=told(item), by=by)
        evidence_due.send(sender=Evidence, evidence_id=item.pk)
        return item


def are_links_due() -> bool:
    return Evidence.objects.filter(due_at__lte=timezone.now()).exists()


def look_at_links(*, limit: int = 50) -> int:
    """Look at the pages that are due, oldest first; how many. Any number of workers may do this at once: a page is leased for a minute."""
    looked = 0
    while looked < limit and (item := lease()):
        look_at(item)
        looked += 1
    return looked


@transaction.atomic
def lease() -> Evidence | None:
    due = Evidence.objects.select_for_update(skip_locked=True, of=("self",)).filter(kind=Kind.LINK, due_at__lte=timezone.now())
    item = due.order_by("due_at").first()
    if item:
        item.due_at = timezone.now() + LEASE
        item.save(update_fields=["due_at"])
    return item


def look_at(item: Evidence) -> None:
    """Fetch outside any transaction, then write what was found. A page that cannot be read now is tried again before it counts as gone."""
    look = homepage.look_for(homepage.address_of(item.pk), item.value)
    if item.claim is None:
        Evidence.objects.filter(pk=item.pk).update(due_at=None)
        return
    with case_of(item.claim) as case:
        fresh = Evidence.objects.filter(pk=item.pk, due_at=item.due_at).first()
        if fresh is None:
            return  # somebody else has looked meanwhile, or it was dropped
        if look.is_found:
            fresh.detail = {**fresh.detail, "is_rel_me": look.is_rel_me, "said": "", "tries": 0}
            prove(case, fresh, role=Role.SYSTEM, by=None, due_at=timezone.now() + homepage.RECHECK)
        elif fresh.status == Status.PENDING:
            fresh.detail, fresh.due_at, fresh.checked_at = {**fresh.detail, "said": look.said}, None, timezone.now()
            fresh.save(update_fields=["detail", "due_at", "checked_at"])
        else:
            tries = int(fresh.detail.get("tries", 0)) + 1
            fresh.detail = {**fresh.detail, "tries": tries, "said": look.said}
            if tries >= homepage.TRIES:
                end(case, fresh, Status.REVOKED, why=look.said, role=Role.SYSTEM, by=None)
            else:
                fresh.due_at, fresh.checked_at = timezone.now() + timedelta(days=1), timezone.now()
                fresh.save(update_fields=["detail", "due_at", "checked_at"])
