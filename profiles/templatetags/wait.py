"""Spans of time in words."""

from __future__ import annotations

from datetime import timedelta

from django import template

register = template.Library()


@register.filter
def span(length: timedelta) -> str:
    """A length of time, in the largest unit of which there are two or more.

    >>> span(timedelta(days=3)), span(timedelta(hours=30)), span(timedelta(minutes=90)), span(timedelta(seconds=5))
    ('3 days', '30 hours', '90 minutes', 'less than two minutes')
    """
    for unit, seconds in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if (whole := int(length.total_seconds() // seconds)) >= 2:
            return f"{whole} {unit}"
    return "less than two minutes"
