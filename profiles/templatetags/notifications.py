"""What of notifications stands in the header."""

from __future__ import annotations

from typing import Any

from django import template

from profiles.models import Notification, User

register = template.Library()


@register.inclusion_tag("profiles/notifications_link.html", takes_context=True)
def notifications_link(context: dict[str, Any]) -> dict[str, Any]:
    """The link to somebody's notifications with the number of unread ones. One query for who is signed in; none for strangers."""
    user = context.get("user")
    return {"unread": Notification.objects.unread_count(user)} if isinstance(user, User) else {"is_stranger": True}
