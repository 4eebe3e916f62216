"""Rows to the facts by which profiles.risk weighs a claim. Nothing else knows both."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.db import connection
from django.utils import timezone

from profiles.claiming import STRONG, WEAK
from profiles.evidence.domains import kind_of_domain
from profiles.models import Claim, Evidence
from profiles.risk import Facts
from works.names import fold

# How far the graph is walked to somebody verified, and along how many of the strongest collaborations of each author.
STEPS, BRANCHES, VERIFIED_FROM = 2, 40, 4
NEAR = f"""
    SELECT DISTINCT near.id FROM unnest(%(authors)s::bigint[]) AS at (id) CROSS JOIN LATERAL (
        (SELECT author_b_id AS id FROM graph_collaboration WHERE author_a_id = at.id ORDER BY strength_units DESC LIMIT {BRANCHES})
        UNION ALL
        (SELECT author_a_id AS id FROM graph_collaboration WHERE author_b_id = at.id ORDER BY strength_units DESC LIMIT {BRANCHES})
    ) AS near
"""
VERIFIED = "SELECT EXISTS (SELECT FROM profiles_trust WHERE author_id = ANY(%s) AND level >= %s)"


def load_facts(claim: Claim) -> Facts:
    """What is known of a claim (with its author and user). About ten queries, each of a bounded number of rows."""
    user, now = claim.user, timezone.now()
    address = user.email if user else ""
    mailbox, _, domain = address.rpartition("@")
    proved = [
        item
        for item in Evidence.objects.proved().filter(user=claim.user_id, author=claim.author_id).only("kind", "detail")
        if item.kind in STRONG | WEAK
    ]
    orcid = orcid_account(claim)
    others = Claim.objects.filter(user=claim.user_id).exclude(pk=claim.pk) if claim.user_id else Claim.objects.none()
    return Facts(
        name_key=claim.author.name_key,
        mailbox=mailbox,
        domain=domain,
        domain_kind=str(kind_of_domain(domain).kind) if domain else "unknown",
        account_days=(now - user.date_joined).days if user else 0,
        seconds_to_claim=max(0, int((claim.created_at - user.date_joined).total_seconds())) if user else 0,
        identifier_name=fold(str(orcid.get("name") or "")),
        identifier_days=days_since(orcid.get("registered_at")),
        pieces=len(proved),
        strong=sum(item.kind in STRONG or bool(item.detail.get("backed")) for item in proved),
        rivals=Claim.objects.live().filter(author=claim.author_id).exclude(pk=claim.pk).exclude(status=Claim.Status.DRAFT).count(),
        contests=claim.contests_id is not None,
        is_disputed=claim.status == Claim.Status.DISPUTED,
        is_frozen=claim.frozen_at is not None,
        rejected_before=others.filter(status__in=[Claim.Status.REJECTED, Claim.Status.REVOKED]).count(),
        works=claim.author.works_count,
        says_mine=claim.answers.filter(is_mine=True).count(),
        distance=distance_to_verified(claim.author_id),
    )


def orcid_account(claim: Claim) -> dict[str, Any]:
    """What ORCID said of the account when its owner logged in there. One query."""
    found = SocialAccount.objects.filter(user=claim.user_id, provider="orcid").first() if claim.user_id else None
    return dict(found.extra_data) if found else {}


def days_since(milliseconds: Any) -> int | None:
    return int((timezone.now().timestamp() - milliseconds / 1000) // 86_400) if isinstance(milliseconds, int) else None


def distance_to_verified(author_id: int) -> int | None:
    """How many steps along collaborations the nearest verified person is away, up to two; None if further. At most four queries."""
    reached, frontier = {author_id}, [author_id]
    with connection.cursor() as cursor:
        for steps in range(1, STEPS + 1):
            cursor.execute(NEAR, {"authors": frontier})
            frontier = sorted({found for (found,) in cursor.fetchall()} - reached)
            if not frontier:
                return None
            reached.update(frontier)
            cursor.execute(VERIFIED, [frontier, VERIFIED_FROM])
            if cursor.fetchone()[0]:
                return steps
    return None
