"""What the graph's pages say of files and the explorer. No queries."""

from __future__ import annotations

from typing import Any

from django import template

from graph.exports import FORMATS

register = template.Library()


@register.inclusion_tag("graph/downloads.html")
def download_menu(query: str = "") -> dict[str, Any]:
    """The menu of files that this page can be had as. `query` is the page's state, which every link keeps."""
    return {"formats": FORMATS.values(), "query": f"{query}&" if query else ""}
