"""Text as registries give it, made fit to store and to show: no control characters, one form of each letter, no markup. Pure."""

import html
import re
import unicodedata

# What Postgres cannot store (NUL, lone surrogates) or a page must not show (other control characters, byte order marks inside a text).
# Soft hyphens and zero-width spaces are traces of typesetting.
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
UNSHOWN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\u00ad\u200b\u2060\ufeff\ufffe\uffff]")
SPACE = re.compile(r"\s+")

# HTML, JATS and MathML elements met in titles and abstracts. Only these: "$a<b$" and "p<0.05" are no markup.
MARKUP = re.compile(
    r"</?(?:(?:jats|mml|m|xhtml):[a-z]+|inline-formula|tex-math|alternatives|title|sec|italic|bold|sc|scp|roman"
    r"|i|b|u|p|em|strong|sub|sup|small|big|tt|span|div|font|br|hr|a|ul|ol|li|h[1-6]"
    r"|math|semantics|mrow|mi|mn|mo|mtext|mspace|mstyle|msub|msup|msubsup|mfrac|msqrt|mroot|mover|munder|munderover|mfenced|mtable|mtr|mtd"
    r"|mpadded|mphantom|mmultiscripts|mprescripts|none)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
ANNOTATION = re.compile(r"<((?:mml:)?annotation(?:-xml)?)\b[^<>]*>[^\0]{0,5000}?</\1>", re.IGNORECASE)
BREAKING = re.compile(r"</?(?:jats:)?(?:p|title|sec|br|div|li|ul|ol|h[1-6])\b", re.IGNORECASE)


def storable(text: str) -> str:
    """`text` as it is, but for what no database can hold."""
    return UNSTORABLE.sub("", text)


def one_line(text: str) -> str:
    r"""`text` on one line: control characters gone, every run of white space one space, letters composed (NFC).

    >>> one_line("Prompt diphoton\n  production at\xa0Tevatron\x00 ")
    'Prompt diphoton production at Tevatron'
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return SPACE.sub(" ", UNSHOWN.sub("", unicodedata.normalize("NFC", text))).strip()


def without_markup(text: str) -> str:
    """The words of a text that carries HTML, JATS or MathML; TeX stays as it is.

    >>> without_markup("Growth of <i>E. coli</i> in H<sub>2</sub>O &amp; heat, p<0.05")
    'Growth of E. coli in H2O & heat, p<0.05'
    >>> without_markup("<mml:math><mml:mi>x</mml:mi><mml:annotation>x</mml:annotation></mml:math>-ray")
    'x-ray'
    """
    if "<" in text:
        text = ANNOTATION.sub("", text)
        text = MARKUP.sub(lambda tag: " " if BREAKING.match(tag.group()) else "", text)
    return html.unescape(text) if "&" in text else text


def without_heading(abstract: str) -> str:
    """An abstract without the word "Abstract" that some pages print above it.

    >>> without_heading("Abstract Background: we show"), without_heading("ABSTRACT: We show"), without_heading("Abstract interpretation is")
    ('Background: we show', 'We show', 'Abstract interpretation is')
    """
    return re.sub(r"^(?:Abstract|ABSTRACT)(?:\s*[:.–—-]\s*|\s+(?=[A-Z\d“\"'(]))", "", abstract)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters of `text`, with an ellipsis where it was longer."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
