"""A conversation: read, written to, looked at again by HTMX with growing pauses."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from profiles.actions import contact
from profiles.actions.contact import ContactRefused
from profiles.forms.contact import WordsForm
from profiles.inviting import next_look
from profiles.models import Conversation, Member, Message, User
from profiles.views.contact.parties import name_of, own_conversation, person

ON_A_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def conversation(request: HttpRequest, public_id: str) -> HttpResponse:
    """The thread, newest messages last; posting adds one. Reading changes nothing: what was read is marked by a button, by writing, or by
    the page's own looking for more. Four queries to show.
    """
    found, by = own_conversation(request, public_id), person(request)
    form = WordsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            contact.write(found, text=form.cleaned_data["text"], by=by)
        except ContactRefused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect(f"{found.get_absolute_url()}#newest")
    page = messages_of(found, before=number(request.GET.get("before")))
    members = list(Member.objects.filter(conversation=found).select_related("user__profile__author"))
    other = next((member.user for member in members if member.user_id != by.pk), None)
    context: dict[str, Any] = {
        "conversation": found,
        "form": form,
        "shown": page[-ON_A_PAGE:],
        "earlier": page[-ON_A_PAGE].pk if len(page) > ON_A_PAGE else None,
        "other": other,
        "other_name": name_of(other) if other else "Somebody who has left",
        "seen": next(member.seen for member in members if member.user_id == by.pk),
        "is_newest": "before" not in request.GET,
        **looking(page[-1].pk if page else 0, quiet=0),
    }
    return render(request, "profiles/contact/conversation.html", context, status=422 if form.errors else 200)


def messages_of(conversation: Conversation, *, before: int | None) -> list[Message]:
    """The newest messages before a place, one more than a page holds, oldest first. One query."""
    found = Message.objects.filter(conversation=conversation).order_by("-pk")
    return list(reversed((found.filter(pk__lt=before) if before else found)[: ON_A_PAGE + 1]))


def looking(last: int, *, quiet: int) -> dict[str, int]:
    """What the page's next look needs: after which message, in how many seconds, after how many looks in vain."""
    return {"last": last, "seconds": next_look(quiet), "quiet": quiet + 1}


def number(given: str | None) -> int | None:
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 19 else None


@require_POST
@login_required
def look(request: HttpRequest, public_id: str) -> HttpResponse:
    """What is new since the last look, for HTMX; and it is marked as read, since it is on the screen. Three or four statements."""
    found, by = own_conversation(request, public_id), person(request)
    last, quiet = number(request.POST.get("last")) or 0, number(request.POST.get("quiet")) or 0
    new = list(Message.objects.filter(conversation=found, pk__gt=last).order_by("pk")[:ON_A_PAGE])
    upto = new[-1].pk if new else last
    seen(found, upto, by)
    context = {"conversation": found, "shown": new, "seen": upto, **looking(upto, quiet=0 if new else quiet)}
    return render(request, "profiles/contact/news.html", context)


def seen(conversation: Conversation, upto: int, by: User) -> None:
    """Mark as read what there is: whoever names a message that was never written marks no more than that."""
    last = Message.objects.filter(conversation=conversation, pk__lte=upto).order_by("-pk").values_list("pk", flat=True).first()
    if last:
        contact.mark_seen(conversation, upto=last, by=by)


@require_POST
@login_required
def mark(request: HttpRequest, public_id: str) -> HttpResponse:
    """The button "Mark as read"."""
    found = own_conversation(request, public_id)
    seen(found, number(request.POST.get("last")) or 0, person(request))
    return redirect(found)


@require_POST
@login_required
def close(request: HttpRequest, public_id: str) -> HttpResponse:
    found = own_conversation(request, public_id)
    try:
        contact.close(found, by=person(request))
        messages.success(request, "The conversation is closed. Both of you can still read it.")
    except ContactRefused as refused:
        messages.error(request, str(refused))
    return redirect(found)
