"""Invitations: sent, answered, taken back, run out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from profiles.actions.contact.pairs import (
    NOT_POSSIBLE,
    ContactRefused,
    check_may_write,
    check_pair,
    cleaned,
    lock_accounts,
    owner_of,
    quota,
)
from profiles.actions.waiting import tell
from profiles.inviting import DELIVERED, HOLD, LIVE, MOST_WORKS, NOT_AGAIN, PURPOSES, PUT_OFF, WAIT, WAITING_FOR_ONE_PERSON, after
from profiles.models import Conversation, Introduction, Invitation, InvitationWork, Member, Message, Profile, User
from works.models import Author, Work

Status = Invitation.Status
DAY = timedelta(days=1)
CANNOT = {
    "accept": "This invitation cannot be accepted any more: {state}.",
    "decline": "This invitation cannot be declined any more: {state}.",
    "later": "This invitation cannot be put off any more: {state}.",
    "revoke": "This invitation cannot be taken back any more: {state}.",
}


@transaction.atomic
def send_invitation(author: Author, *, purpose: str, message: str, works: Collection[str] = (), by: User) -> Invitation:
    """Invite whoever is behind an author record. `works` are public ids. About a dozen statements."""
    profile = owner_of(author.pk)
    lock_accounts(by.pk, profile.user_id if profile else None)
    check_may_write(by=by)
    check_quota(by=by)
    return place(author, profile, purpose=purpose, message=cleaned(message), works=works, by=by)


def place(
    author: Author,
    profile: Profile | None,
    *,
    purpose: str,
    message: str,
    works: Collection[str] = (),
    introduced_by: User | None = None,
    by: User,
) -> Invitation:
    """The invitation itself, delivered or held. The caller holds both accounts' rows, and has counted."""
    if purpose not in PURPOSES:
        raise ContactRefused("Choose what it is about.")
    check_reachable(author, profile, by=by)
    is_open = profile is not None and profile.is_open_to_collaborate is True
    now = timezone.now()
    invitation = Invitation.objects.create(
        sender=by,
        author=author,
        recipient_id=profile.user_id if profile and is_open else None,
        introduced_by=introduced_by,
        status=Status.WAITING if is_open else Status.HELD,
        purpose=purpose,
        message=message,
        expires_at=now + (WAIT if is_open else HOLD),
    )
    about = Work.objects.filter(public_id__in=[one for one in list(works)[:MOST_WORKS] if "\0" not in one]).order_by("pk")
    InvitationWork.objects.bulk_create(InvitationWork(invitation=invitation, work=work) for work in about.only("pk"))
    if invitation.recipient_id:
        tell(invitation.recipient_id, kind="invitation")
    return invitation


def check_reachable(author: Author, profile: Profile | None, *, by: User) -> None:
    """Refuse oneself, who said no, who is blocked either way, a second one, and a crowd; end one's own that has lapsed. Seven queries."""
    own = check_wanted(author, profile, by=by)
    for lapsed in own.filter(status__in=LIVE).select_for_update():
        step(lapsed, "expire")
    check_crowd(author)


def check_wanted(author: Author, profile: Profile | None, *, by: User) -> QuerySet[Invitation]:
    """Refuse oneself, who said no, who is blocked either way, and a second one; else one's own invitations to this person. Five queries."""
    own = Invitation.objects.filter(sender=by, author=author)
    if profile is not None:
        if profile.user_id == by.pk:
            raise ContactRefused("This page is yours.")
        check_pair(by.pk, profile.user_id)
        if profile.is_open_to_collaborate is False:
            raise ContactRefused("This person says that they are not open to collaborate now.")
        if Conversation.objects.of(by).filter(members__user=profile.user_id, closed_at=None).exists():
            raise ContactRefused("You are in conversation with this person already: see your messages.")
        own = Invitation.objects.filter(Q(author=author) | Q(recipient=profile.user_id), sender=by)
    if own.filter(status__in=LIVE, expires_at__gt=timezone.now()).exists():
        raise ContactRefused("An invitation of yours to this person is open already.")
    if own.filter(status=Status.DECLINED, status_at__gt=timezone.now() - NOT_AGAIN).exists():
        raise ContactRefused(f"This person answered you lately. You can invite them again {NOT_AGAIN.days} days after that.")
    return own


def check_crowd(author: Author) -> None:
    """Refuse where as many wait for this person as may. One query."""
    crowd = Invitation.objects.live().filter(author=author)[:WAITING_FOR_ONE_PERSON]
    if len(crowd.values_list("pk")) >= WAITING_FOR_ONE_PERSON:
        raise ContactRefused(NOT_POSSIBLE)


def check_quota(*, by: User) -> None:
    """Invitations and requests for introductions count together, so that no way round is wider. Three queries; the account is locked."""
    allowed, since = quota(by=by), timezone.now() - DAY
    asked = Introduction.objects.filter(requester=by)
    today = (
        Invitation.objects.filter(sender=by, created_at__gt=since, introduced_by=None).count() + asked.filter(asked_at__gt=since).count()
    )
    if today >= allowed.a_day:
        raise ContactRefused(f"At your verification level, {allowed.a_day} invitations a day are possible. Write again tomorrow.")
    if Invitation.objects.live().filter(sender=by).count() + asked.open().count() >= allowed.open:
        raise ContactRefused(f"{allowed.open} invitations of yours are open. Wait for answers, or take one back.")


def step(invitation: Invitation, name: str, **fields: object) -> None:
    """Take a step of profiles.inviting; the row is locked. Refused where the state does not allow it."""
    target = after(name, invitation.status)
    if target is None:
        state = invitation.get_status_display().lower()
        raise ContactRefused(CANNOT.get(name, "This cannot be done now: {state}.").format(state=state))
    for key, value in {**fields, "status": target, "status_at": timezone.now()}.items():
        setattr(invitation, key, value)
    invitation.save(update_fields=[*fields, "status", "status_at"])


def locked(invitation: Invitation, *, by: User) -> Invitation:
    """The invitation as it is now, and both accounts, locked. Whoever is neither of the two is told that there is none."""
    known = Invitation.objects.filter(pk=invitation.pk).values_list("sender", "recipient").first()
    if known is None or by.pk not in known:
        raise ContactRefused("You have no such invitation.")
    lock_accounts(*known)
    found = Invitation.objects.select_for_update(of=("self",)).select_related("author").get(pk=invitation.pk)
    if by.pk not in (found.sender_id, found.recipient_id):
        raise ContactRefused("You have no such invitation.")
    return found


def to_answer(invitation: Invitation, *, by: User) -> Invitation:
    """The same for who received it. What has run out cannot be answered, whether or not a worker has noticed."""
    found = locked(invitation, by=by)
    if found.recipient_id != by.pk:
        raise ContactRefused("Only who was invited can answer.")
    if found.status in DELIVERED and found.expires_at <= timezone.now():
        raise ContactRefused("This invitation has run out.")
    return found


@transaction.atomic
def accept(invitation: Invitation, *, by: User) -> Conversation:
    """The two can talk from now on. The message of the invitation is the first of the conversation."""
    found = to_answer(invitation, by=by)
    check_pair(found.sender_id, by.pk)
    step(found, "accept")
    conversation = Conversation.objects.create(invitation=found)
    first = Message.objects.create(conversation=conversation, sender_id=found.sender_id, text=found.message, sent_at=found.created_at)
    Member.objects.bulk_create(Member(conversation=conversation, user_id=one, seen=first.pk) for one in (found.sender_id, by.pk))
    tell(found.sender_id, kind="accepted")
    return conversation


@transaction.atomic
def decline(invitation: Invitation, *, by: User) -> Invitation:
    found = to_answer(invitation, by=by)
    step(found, "decline")
    tell(found.sender_id, kind="declined")
    return found


@transaction.atomic
def put_off(invitation: Invitation, *, by: User) -> Invitation:
    """Keep it for 60 days from now. Its sender sees that it waits, and nothing else."""
    found = to_answer(invitation, by=by)
    step(found, "later", expires_at=timezone.now() + PUT_OFF)
    return found


@transaction.atomic
def revoke(invitation: Invitation, *, by: User) -> Invitation:
    """Take one's own back, as long as there is no answer."""
    found = locked(invitation, by=by)
    if found.sender_id != by.pk:
        raise ContactRefused("Only who sent it can take it back.")
    step(found, "revoke")
    return found


def expire_invitations(*, limit: int = 1000) -> int:
    """Close what nobody answered in time; how many. Whoever answers at this moment is passed over."""
    with transaction.atomic():
        due = Invitation.objects.live().filter(expires_at__lte=timezone.now()).order_by("expires_at")
        found = list(due.select_for_update(skip_locked=True)[:limit])
        for invitation in found:
            step(invitation, "expire")
        return len(found)
