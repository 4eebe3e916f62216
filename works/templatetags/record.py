"""How the record is written on a page.

Lists of works are put together here rather than in a template: a page of twenty works has some four hundred authors, and a template
would take more time for them than all the rest of the page. Every value is escaped where it is put in.
"""

from collections.abc import Iterable
from html import escape
from typing import Any
from urllib.parse import quote

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from works.identifiers import address
from works.models import Author, Authorship, Work

register = template.Library()

RESEARCHERS = "/researchers/"
TYPES = {value: str(label).lower() for value, label in Work.Type.choices}
SCHEMES = {
    "doi": "DOI", "arxiv": "arXiv", "pmid": "PubMed", "pmcid": "PMC", "openalex": "OpenAlex", "dblp": "dblp", "orcid": "ORCID",
    "ror": "ROR", "isbn": "ISBN", "openreview": "OpenReview", "acl": "ACL Anthology",
}  # fmt: skip
REGISTRIES = {"arxiv": "arXiv", "openalex": "OpenAlex", "bzpeer": "BZPEER records", "crossref": "Crossref", "datacite": "DataCite"}
NOTICES = {Work.Notice.RETRACTED: "Retracted", Work.Notice.WITHDRAWN: "Withdrawn"}
MATCH_WORDS = {value: str(label) for value, label in Authorship.Match.choices}
CURRENT = ' aria-current="true"'
FOLD_FROM = 420  # characters: about five lines


@register.filter
def work_type(value: str) -> str:
    """The type of a work in words: "conference paper"."""
    return TYPES.get(value, value)


@register.filter
def notice(value: str) -> str:
    return NOTICES.get(value, value)  # type: ignore[call-overload, no-any-return]


@register.filter
def registry(value: str) -> str:
    """A registry by its own name."""
    return REGISTRIES.get(value, value)


@register.filter
def scheme_name(value: str) -> str:
    """An identifier scheme by its usual name."""
    return SCHEMES.get(value, value)


@register.simple_tag
def byline(work: Work, here: str = "") -> SafeString:
    """The first authors of a work, each a link to their page; the one of public id `here` is the page itself."""
    parts = []
    for author in work.card.get("authors", ()):
        name, slug = escape(author["name"]), author["slug"]
        if not slug:
            parts.append(f"<span>{name}</span>")
        elif here and slug.endswith(here):
            parts.append(f"<b>{name}</b>")
        else:
            parts.append(f'<a href="{RESEARCHERS}{escape(slug)}/">{name}</a>')
    line = ", ".join(parts)
    if (more := work.authors_count - len(parts)) > 0:
        line += f' <a class="more-authors" href="/works/{escape(work.public_id)}/#authors">and {more:,} more</a>'
    return mark_safe(line)  # every value above went through escape()


@register.simple_tag
def topic_links(work: Work, base: str = "/search/") -> SafeString:
    """The topics of a work, each a link to the works about it."""
    links = (f'<li><a href="{base}?topic={quote(item["slug"])}">{escape(item["label"])}</a></li>' for item in work.card.get("topics", ()))
    return mark_safe("".join(links))  # labels are escaped, slugs quoted, base is ours


def identifier_link(scheme: str, value: str) -> str:
    label = f"<span>{escape(SCHEMES.get(scheme, scheme))}</span> {escape(value)}"
    if href := address(scheme, value):
        return f'<li><a href="{escape(quote(href, safe=":/?&=+;,@()~"))}" rel="noopener">{label}</a></li>'
    return f"<li>{label}</li>"


@register.simple_tag
def identifier_links(work: Work) -> SafeString:
    """The identifiers of a work, each with where it leads."""
    return mark_safe(
        "".join(identifier_link(scheme, value) for scheme, value in work.card.get("identifiers", ()))
    )  # identifier_link escapes


def abstract_block(work: Work) -> str:
    """The whole abstract, folded by a check box that needs no script where it is long; or the way to import it."""
    if not work.abstract:
        return f'<p class="abstract none">Abstract not imported. {abstract_remedy(work)}</p>'
    paragraph = f'<p class="abstract" dir="auto">{escape(work.abstract)}</p>'
    if len(work.abstract) <= FOLD_FROM:
        return paragraph
    box = f"fold-{escape(work.public_id)}"
    return (
        f'<input type="checkbox" class="fold hidden-visually" id="{box}">{paragraph}<label for="{box}"><span>Whole abstract</span></label>'
    )


def why_block(match: str) -> str:
    """Why an authorship points at this author and no other."""
    reason = escape(MATCH_WORDS.get(match, match))
    if match == Authorship.Match.IDENTIFIER:
        return f'<details class="why"><summary>Matched by identifier</summary><p>Listed here because of {reason}.</p></details>'
    return (
        f'<details class="why"><summary>Match uncertain</summary><p>Listed here because of {reason}. '
        "No registry ties this byline to a person by an identifier, so it may be a namesake’s.</p></details>"
    )


def facts_block(work: Work) -> str:
    source = f" <span>{escape(name)}</span>" if (name := work.card.get("source")) else ""
    warning = f' <strong class="warning">{escape(notice(work.notice))}</strong>' if work.notice else ""
    return (
        f'<p class="work-facts"><span class="work-year">{work.year or "no year"}</span> '
        f"<span>{escape(work_type(work.type))}</span>{source}{warning}</p>"
    )


def heading_block(work: Work) -> str:
    return f'<h3 dir="auto"><a href="/works/{escape(work.public_id)}/">{escape(work.title)}</a></h3>'


@register.simple_tag
def work_items(authorships: Iterable[Authorship], here: str) -> SafeString:
    """The works of the author of public id `here` as list items: facts, title, byline, abstract, topics, identifiers, reason."""
    items = []
    for authorship in authorships:
        work = authorship.work
        items.append(
            f'<li class="work">{facts_block(work)}\n<div>{heading_block(work)}\n<p class="byline">{byline(work, here)}</p>\n'
            f'{abstract_block(work)}\n<ul class="chips">{topic_links(work)}</ul>\n<ul class="identifiers">{identifier_links(work)}</ul>\n'
            f"{why_block(authorship.matched_by)}</div></li>\n"
        )
    return mark_safe("".join(items))  # each block escapes what it is given


@register.simple_tag
def work_results(works: Iterable[Work]) -> SafeString:
    """Works as list items, briefly: facts, title, byline, topics."""
    items = (
        f'<li class="work">{facts_block(work)}\n<div>{heading_block(work)}\n<p class="byline">{byline(work)}</p>\n'
        f'<ul class="chips">{topic_links(work)}</ul></div></li>\n'
        for work in works
    )
    return mark_safe("".join(items))  # each block escapes what it is given


@register.simple_tag
def choice_items(choices: Iterable[Any]) -> SafeString:
    """Values to narrow a list by (label, works, href, is_chosen) as list items with links."""
    items = (
        f'<li><a href="{escape(choice.href)}"{CURRENT if choice.is_chosen else ""}>{escape(choice.label)}</a> '
        f"<span>{choice.works:,}</span></li>\n"
        for choice in choices
    )
    return mark_safe("".join(items))  # label and address are escaped


@register.simple_tag
def abstract_remedy(work: Work) -> SafeString:
    """How a missing abstract gets here."""
    for scheme, value in work.card.get("identifiers", ()):
        if scheme == "arxiv":
            return format_html("An import from arXiv brings it: <code>manage.py import_works arxiv --ids {}</code>", value)
    return format_html("{}", "None of the registries imported so far gives one; an import from one that does, such as OpenAlex, brings it.")


@register.filter
def facts_line(author: Author) -> str:
    """One line of facts about an author: the leading topics and the years of the works. Never praise."""
    topics = ", ".join(item["label"] for item in author.topics[:3])
    first, last = author.first_year, author.last_year
    years = "" if last is None else f"works {last}" if first in {None, last} else f"works {first}–{last}"
    return " · ".join(filter(None, (topics[:1].upper() + topics[1:], years)))


@register.filter
def affiliation(author: Author) -> str:
    """The latest affiliation that a registry gives, or nothing."""
    found: list[dict[str, Any]] = author.summary.get("affiliations", [])
    return str(found[0]["name"]) if found else ""
