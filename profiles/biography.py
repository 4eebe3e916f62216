"""Biographies: Markdown to the little HTML that may stand on a page. Pure: no Django, no database."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt

TAGS = {"p", "em", "strong", "a", "ul", "ol", "li", "blockquote", "code", "pre", "br"}
# Headings belong to the page, images would be loaded from other hosts, and HTML typed by hand is shown as it was typed.
WRITER = MarkdownIt("commonmark", {"html": False}).disable(["heading", "lheading", "image", "hr"])


def to_html(text: str) -> str:
    """Paragraphs, emphasis, links, lists, quotations and code; everything else stays text. Links are marked as a stranger's.

    >>> to_html("I build *robust* models. [Lab](https://example.org)")
    '<p>I build <em>robust</em> models. <a href="https://example.org" rel="nofollow ugc noopener">Lab</a></p>\\n'
    >>> to_html("<b>x</b> [y](javascript:alert(1))")
    '<p>&lt;b&gt;x&lt;/b&gt; [y](javascript:alert(1))</p>\\n'
    """
    return nh3.clean(
        WRITER.render(text), tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https"}, link_rel="nofollow ugc noopener"
    )
