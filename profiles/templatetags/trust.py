"""How points are written."""

from django import template

from profiles.trust.explain import points_text

register = template.Library()


@register.filter
def points(micropoints: int) -> str:
    """Millionths of a point as an exact decimal number: 2, 0.5, 11.55, −15."""
    return points_text(micropoints)
