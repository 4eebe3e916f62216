"""The buttons under each work of one's own page."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from profiles.models import Profile
from works.models import Authorship


def answer_forms(request: HttpRequest, profile: Profile | None, works: Iterable[Authorship]) -> dict[int, SafeString]:
    """The buttons under each work of one's own page; for everybody else, nothing. No query."""
    if profile is None or profile.user_id != request.user.pk:
        return {}
    return {
        place.pk: render_to_string(
            "profiles/work_answer.html",
            {"place_id": place.pk, "title": place.work.title, "is_mine": True, "is_said": place.matched_by == Authorship.Match.DECIDED},
            request,
        )
        for place in works
    }
