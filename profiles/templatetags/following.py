"""The button "Follow" on any page: `{% follow_button topic %}`, and on the page of a search `{% follow_search %}`."""

from __future__ import annotations

from typing import Any

from django import template

from profiles.loading.following import button_of, button_of_search
from profiles.models.follow import Subject
from works.models.finding import WorkSearch

register = template.Library()


@register.inclusion_tag("profiles/follow_button.html", takes_context=True)
def follow_button(context: dict[str, Any], subject: Subject) -> dict[str, Any]:
    """The button of a researcher, a topic or an institution. One query, or none (profiles.loading.following)."""
    return with_button(context, button_of(subject, context["user"]))


@register.inclusion_tag("profiles/follow_button.html", takes_context=True)
def follow_search(context: dict[str, Any]) -> dict[str, Any]:
    """The button of the search that the page's own address asks; nothing where it asks nothing. One query for who is signed in."""
    search = WorkSearch.read(context["request"].META.get("QUERY_STRING", ""))
    return with_button(context, button_of_search(search, context["user"])) if search.asks_something else {}


def with_button(context: dict[str, Any], button: Any) -> dict[str, Any]:
    return {"button": button, "user": context["user"], "csrf_token": context.get("csrf_token")}
