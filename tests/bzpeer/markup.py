"""Rendered pages as a reader and a browser's policy see them."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import html
from lxml.html import HtmlElement

SCRIPTS_THAT_RUN = {"", "module", "text/javascript", "application/javascript"}


def parse(content: bytes) -> HtmlElement:
    return html.document_fromstring(content.decode())


def text_of(content: bytes) -> str:
    """What a reader reads, one space between words, without what is in the head."""
    return " ".join(parse(content).body.text_content().split())


def links_of(content: bytes) -> list[str]:
    return [link.get("href") for link in parse(content).iter("a") if link.get("href")]


def refused_by_policy(content: bytes) -> Iterator[str]:
    """Inline scripts, styles and handlers, and resources of others: what our content security policy would refuse."""
    for element in parse(content).iter():
        if not isinstance(element.tag, str):
            continue
        is_data = element.get("type") == "application/ld+json"  # no browser runs it, so that no policy refuses it
        if element.tag == "style" or (element.tag == "script" and not element.get("src") and not is_data):
            yield f"<{element.tag}> without an address"
        for name, value in element.attrib.items():
            if name == "style" or name.startswith(("on", "hx-on")):
                yield f"{name} on <{element.tag}>"
            if name in {"src", "href", "action"} and value.strip().lower().startswith(("javascript:", "data:")):
                yield f"{name}={value[:30]}"
            if name == "src" and "//" in value:
                yield f"src={value}"
