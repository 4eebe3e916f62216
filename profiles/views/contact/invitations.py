"""Inviting somebody, and answering."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from profiles.actions import contact
from profiles.actions.contact import NOT_POSSIBLE, ContactRefused
from profiles.actions.contact.pairs import quota
from profiles.forms.contact import InvitationForm, WordsForm
from profiles.inviting import MOST_WORKS
from profiles.models import Conversation, Introduction, Invitation, Profile, User
from profiles.models.invitation import is_blocked
from profiles.views.addresses import author_at
from profiles.views.contact.parties import name_of, own_invitation, person
from works.models import Author, Authorship, Work

SHOWN = 50
OFFERED_WORKS = 12


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """The form behind "Invite to collaborate" and "Hold an invitation". About eight queries to show."""
    author = author_at(slug, Author.objects.only("name", "public_id", "merged_into"))
    by, form = person(request), InvitationForm(request.POST or None)
    ticked = request.POST.getlist("work")
    if request.method == "POST" and form.is_valid():
        try:
            invitation = contact.send_invitation(author, **form.cleaned_data, works=ticked, by=by)
        except ContactRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, SENT[Invitation.Status(invitation.status)])
            return redirect(invitation)
    profile = Profile.objects.filter(author=author).only("user", "is_open_to_collaborate").first()
    context: dict[str, Any] = {
        "author": author,
        "form": form,
        "profile": profile,
        "hindrance": hindrance(profile, by),
        "standing": Invitation.objects.live().filter(sender=by, author=author).first(),
        "works": Work.objects.filter(
            pk__in=[line.work_id for line in Authorship.objects.filter(author=author).newest_first()[:OFFERED_WORKS]]
        ).order_by("-year", "pk"),
        "ticked": ticked,
        "most_works": MOST_WORKS,
        "quota": quota(by=by),
    }
    return render(request, "profiles/contact/invite.html", context, status=422 if form.errors else 200)


SENT = {
    Invitation.Status.WAITING: "Sent. You read here what becomes of it.",
    Invitation.Status.HELD: "Kept. It is delivered once this person claims the page and is open to collaborate; until then nobody is told.",
}


def hindrance(profile: Profile | None, by: User) -> str:
    """Why there is no form; "" where there is one. At most one query."""
    if profile is None:
        return ""
    if profile.user_id == by.pk:
        return "This page is yours."
    if is_blocked(profile.user_id, by.pk):
        return NOT_POSSIBLE
    return "This person says that they are not open to collaborate now." if profile.is_open_to_collaborate is False else ""


@require_safe
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """Conversations, invitations to answer and sent ones, introductions. Five queries beside the session's, whatever there is."""
    by = person(request)
    conversations = Conversation.objects.of(by).with_unread(by).select_related("invitation__sender__profile__author", "invitation__author")
    received = Invitation.objects.delivered_to(by).select_related("sender__profile__author")
    sent = Invitation.objects.filter(sender=by).exclude(status=Invitation.Status.ACCEPTED).select_related("author")
    context = {
        "conversations": [(found, partner(found, by)) for found in conversations[:SHOWN]],
        "received": [(found, name_of(found.sender)) for found in received[:SHOWN]],
        "sent": sent[:SHOWN],
        "asked": [
            (found, name_of(found.requester))
            for found in Introduction.objects.filter(middle=by, status=Introduction.Status.ASKED).select_related(
                "requester__profile__author", "author"
            )[:SHOWN]
            if found.is_asked
        ],
        "asked_by_me": Introduction.objects.filter(requester=by)
        .exclude(status=Introduction.Status.PASSED_ON)
        .select_related("author", "middle_author")[:SHOWN],
    }
    return render(request, "profiles/contact/inbox.html", context)


def partner(conversation: Conversation, by: User) -> str:
    """The name of the other, by the invitation that opened the conversation."""
    invitation = conversation.invitation
    if invitation is None:
        return "Somebody who has left"
    return invitation.author.name if invitation.sender_id == by.pk else name_of(invitation.sender)


@require_safe
@login_required
def invitation(request: HttpRequest, public_id: str) -> HttpResponse:
    """One invitation, for its two parties. Three queries."""
    found = own_invitation(request, public_id)
    is_sender = found.sender_id == person(request).pk
    context = {
        "invitation": found,
        "author": found.author,
        "is_sender": is_sender,
        "sender": name_of(found.sender),
        "sender_page": getattr(found.sender, "profile", None),
        "introduced_by": name_of(found.introduced_by) if found.introduced_by else "",
        "works": [line.work for line in found.about.select_related("work")],
        "conversation": getattr(found, "conversation", None),
        "form": WordsForm(),
    }
    return render(request, "profiles/contact/invitation.html", context)


class Answer(NamedTuple):
    """What a button does, and what is said afterwards."""

    act: Callable[..., Any]
    said: str


ANSWERS = {
    "accept": Answer(contact.accept, "Accepted. You can write to each other here."),
    "decline": Answer(contact.decline, "Declined. The sender reads that, and no reason."),
    "later": Answer(contact.put_off, "Put off. It waits 60 days from now."),
    "revoke": Answer(contact.revoke, "Taken back."),
}


@require_POST
@login_required
def answer(request: HttpRequest, public_id: str, verb: str) -> HttpResponse:
    """Accept, decline, put off, take back."""
    found = own_invitation(request, public_id)
    if verb not in ANSWERS:
        raise Http404("There is no such answer.")
    try:
        outcome = ANSWERS[verb].act(found, by=person(request))
    except ContactRefused as refused:
        messages.error(request, str(refused))
        return redirect(found)
    messages.success(request, ANSWERS[verb].said)
    return redirect(outcome if isinstance(outcome, Conversation) else found)
