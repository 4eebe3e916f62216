"""Whom somebody has blocked; and the button that blocks."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from profiles.actions import contact
from profiles.actions.contact import ContactRefused
from profiles.models import Block, Member, Profile, User
from profiles.views.addresses import author_at
from profiles.views.contact.parties import name_of, own_conversation, own_introduction, own_invitation, person
from works.models import Author


@require_safe
@login_required
def blocks(request: HttpRequest) -> HttpResponse:
    """Everybody whom one has blocked. One query."""
    found = Block.objects.filter(user=person(request)).select_related("blocked__profile__author")
    return render(request, "profiles/contact/blocks.html", {"blocks": [(block, name_of(block.blocked)) for block in found]})


@require_POST
@login_required
def block_from(request: HttpRequest, kind: str, public_id: str) -> HttpResponse:
    """Block the other of an invitation, a conversation or an introduction that one is a party to."""
    by, other = person(request), None
    if kind == "conversation":
        members = Member.objects.filter(conversation=own_conversation(request, public_id)).exclude(user=by).select_related("user")
        other = next((member.user for member in members), None)
    elif kind == "introduction":
        asked = own_introduction(request, public_id)
        other = asked.requester if asked.middle_id == by.pk else None
    else:
        invitation = own_invitation(request, public_id)
        other = invitation.sender if invitation.recipient_id == by.pk else None
    return do(request, other, by)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def block_author(request: HttpRequest, slug: str) -> HttpResponse:
    """Block whoever claimed a page, after saying what that means."""
    author = author_at(slug, Author.objects.only("name", "public_id", "merged_into"))
    profile = get_object_or_404(Profile.objects.select_related("user"), author=author)
    if request.method == "POST":
        return do(request, profile.user, person(request))
    return render(request, "profiles/contact/block.html", {"author": author, "is_own": profile.user_id == person(request).pk})


def do(request: HttpRequest, other: User | None, by: User) -> HttpResponse:
    try:
        if other is None:
            raise ContactRefused("There is nobody to block here.")
        contact.block(other, by=by)
        messages.success(request, "Blocked. They are not told.")
    except ContactRefused as refused:
        messages.error(request, str(refused))
        return redirect("profiles:messages")
    return redirect("profiles:blocks")


@require_POST
@login_required
def unblock(request: HttpRequest, pk: int) -> HttpResponse:
    block = get_object_or_404(Block.objects.select_related("blocked"), pk=pk, user=person(request))
    contact.unblock(block.blocked, by=person(request))
    messages.success(request, "No longer blocked.")
    return redirect("profiles:blocks")
