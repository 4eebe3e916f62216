"""How the record is written on a page.

Lists of works are put together here rather than in a template: a page of twenty works has some four hundred authors, and a template
would take more time for them than all the rest of the page. Every value is escaped where it is put in.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from works import mathematics as tex
from works.exports import FORMATS
from works.identifiers import address
from works.importers.sources import LABELS
from works.models import Author, Authorship, Notice, Work
from works.names import fold

register = template.Library()

RESEARCHERS = "/researchers/"
TYPES = {value: str(label).lower() for value, label in Work.Type.choices}
SCHEMES = {
    "doi": "DOI", "arxiv": "arXiv", "pmid": "PubMed", "pmcid": "PMC", "openalex": "OpenAlex", "dblp": "dblp", "orcid": "ORCID",
    "ror": "ROR", "isbn": "ISBN", "openreview": "OpenReview", "acl": "ACL Anthology",
}  # fmt: skip
REGISTRIES = LABELS | {"datacite": "DataCite"}
NOTICES = {Work.Notice.RETRACTED: "Retracted", Work.Notice.WITHDRAWN: "Withdrawn"}
MATCH_WORDS = {value: str(label) for value, label in Authorship.Match.choices}
# What an authorship rests on, where it is more than a likeness.
SETTLED: dict[str, str] = {
    Authorship.Match.IDENTIFIER: "Matched by identifier",
    Authorship.Match.DECIDED: "Confirmed by a person",
    Authorship.Match.MERGED: "Merged by a person",
    Authorship.Match.SPLIT: "Split off by a person",
}
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
def mathematics(text: str) -> SafeString:
    """A title or an abstract with its formulas drawn."""
    return mark_safe(tex.to_html(text))  # it escapes what is no formula, and writes of a formula only what it knows


@register.filter
def plain(text: str) -> str:
    """A title without TeX, for where no formula can be drawn."""
    return tex.to_plain(text)


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
def topic_links(work: Work) -> SafeString:
    """The topics of a work, each a link to its page."""
    links = (f'<li><a href="/topics/{quote(item["slug"])}/">{escape(item["label"])}</a></li>' for item in work.card.get("topics", ()))
    return mark_safe("".join(links))  # labels are escaped, slugs quoted


def identifier_link(scheme: str, value: str) -> str:
    label = f"<span>{escape(SCHEMES.get(scheme, scheme))}</span> {escape(value)}"
    if href := address(scheme, value):
        return f'<li><a href="{escape(quote(href, safe=":/?&=+;,@()~"))}" rel="noopener">{label}</a></li>'
    return f"<li>{label}</li>"


@register.simple_tag
def notice_link(notice: Notice) -> SafeString:
    """A notice by its title, else by its identifier, with where it leads."""
    label = mathematics(notice.title) or escape(f"{SCHEMES.get(notice.notice_scheme, notice.notice_scheme)} {notice.notice_value}")
    if href := address(notice.notice_scheme, notice.notice_value):
        return format_html('<a href="{}" rel="noopener">{}</a>', quote(href, safe=":/?&=+;,@()~"), mark_safe(label))  # escaped above
    return mark_safe(label)  # as above


@register.simple_tag
def identifier_links(work: Work) -> SafeString:
    """The identifiers of a work, each with where it leads."""
    return mark_safe(
        "".join(identifier_link(scheme, value) for scheme, value in work.card.get("identifiers", ()))
    )  # identifier_link escapes


def abstract_block(work: Work) -> str:
    """The whole abstract, folded by a check box that needs no script where it is long. The page of the work says what would bring one."""
    if not work.abstract:
        return '<p class="abstract none">Abstract not imported.</p>'
    paragraph = f'<p class="abstract" dir="auto">{tex.to_html(work.abstract)}</p>'
    if len(work.abstract) <= FOLD_FROM:
        return paragraph
    box = f"fold-{escape(work.public_id)}"
    return (
        f'<input type="checkbox" class="fold hidden-visually" id="{box}">{paragraph}<label for="{box}"><span>Whole abstract</span></label>'
    )


# Below this the page calls a match uncertain. Where authors are known, nine in ten of those above it are right (docs/matching.md).
SURE = 0.9
SPOKE_FOR = {
    "name": "a name that few people of the record have",
    "coauthor": "co-authors in common",
    "affiliation": "an affiliation in common",
    "topic": "words or topics in common",
    "identifier": "an identifier in common",
}
SPOKE_AGAINST = {
    "name": "a name that many have",
    "affiliation": "different affiliations",
    "topic": "the years between",
}


@register.filter
def match_summary(authorship: Authorship) -> str:
    """How the authorship came to its author, in three words; where evidence is too little, that it is uncertain."""
    if summary := SETTLED.get(authorship.matched_by):
        return summary
    is_sure = authorship.matched_by != Authorship.Match.FIRST and (authorship.confidence or 0.0) >= SURE
    return "Matched by evidence" if is_sure else "Match uncertain"


@register.filter
def is_doubtful(authorship: Authorship) -> bool:
    """Whether evidence joins this place to others of its author, and too little of it. Who has this one work is joined to nothing."""
    is_joined = authorship.author_id is not None and authorship.matched_by != Authorship.Match.FIRST
    return is_joined and match_summary(authorship) == "Match uncertain"


def why_block(authorship: Authorship) -> str:
    """Why an authorship points at this author and no other, how sure that is, and where to say that it should not."""
    match = authorship.matched_by
    reason = escape(MATCH_WORDS.get(match, match))
    link = '<a href="/authorships/{}/correct/?kind={}" rel="nofollow">{}</a>'.format
    doubt = f"{link(authorship.pk, 'not-this-person', 'Not this person?')} {link(authorship.pk, 'wrong-work', 'Wrong work?')}"
    if match in SETTLED:
        summary = match_summary(authorship)
        return f'<details class="why"><summary>{summary}</summary><p>Listed here because of {reason}. {doubt}</p></details>'
    figure = f" How sure that is: {authorship.confidence:.0%}." if authorship.confidence and match != Authorship.Match.FIRST else ""
    return (
        f'<details class="why"><summary>{match_summary(authorship)}</summary>'
        f"<p>Listed here because of {reason}.{figure}{evidence_words(authorship.evidence)} "
        f"No registry ties this byline to a person by an identifier, so it may be a namesake’s. {doubt}</p></details>"
    )


def evidence_words(evidence: dict[str, float]) -> str:
    """What spoke for a match and against it, in words, strongest first."""
    ordered = sorted(evidence.items(), key=lambda item: -abs(item[1]))
    spoke_for = [SPOKE_FOR[kind] for kind, weight in ordered if weight > 0 and kind in SPOKE_FOR]
    against = [SPOKE_AGAINST[kind] for kind, weight in ordered if weight < 0 and kind in SPOKE_AGAINST]
    said = f" For it: {', '.join(spoke_for)}." if spoke_for else ""
    return said + (f" Against it: {', '.join(against)}." if against else "")


def facts_block(work: Work) -> str:
    source = f" <span>{escape(name)}</span>" if (name := work.card.get("source")) else ""
    warning = f' <strong class="warning">{escape(notice(work.notice))}</strong>' if work.notice else ""
    return (
        f'<p class="work-facts"><span class="work-year">{work.year or "no year"}</span> '
        f"<span>{escape(work_type(work.type))}</span>{source}{warning}</p>"
    )


def take_block(work: Work) -> str:
    """A box to take the work along by (templates/works/selection.html has the form), and the way to its citation."""
    name = escape(work.public_id)
    return (
        f'<p class="take small no-print"><label><input type="checkbox" name="id" value="{name}" form="selection"> Take along</label> '
        f'<a href="/works/{name}/cite/" rel="nofollow" data-cite>Cite</a></p>'
    )


def heading_block(work: Work, marked: frozenset[str] = frozenset()) -> str:
    return f'<h3 dir="auto"><a href="/works/{escape(work.public_id)}/">{marked_html(tex.to_html(work.title), marked.__contains__)}</a></h3>'


# What is no word of a text in HTML: a formula whole, a tag, a character by its name.
NOT_TEXT = re.compile(r"(<math\b.*?</math>|<[^>]*>|&[#\w]+;)", re.DOTALL)
WORD = re.compile(r"[^\W_]+")


def marked_html(html: str, is_marked: Callable[[str], bool]) -> str:
    """HTML with those words marked of which `is_marked` says so, folded as they are searched."""

    def mark(found: re.Match[str]) -> str:
        return f"<mark>{found[0]}</mark>" if is_marked(fold(found[0])) else found[0]

    parts = NOT_TEXT.split(html)
    return "".join(part if place % 2 else WORD.sub(mark, part) for place, part in enumerate(parts))


@register.filter
def marked_name(name: str, words: tuple[str, ...]) -> SafeString:
    """A name with the words marked that begin with one of `words`, folded."""
    return mark_safe(marked_html(escape(name), lambda word: bool(words) and word.startswith(words)))  # escaped, then words wrapped


@register.simple_tag
def work_items(authorships: Iterable[Authorship], here: str, acts: Mapping[int, SafeString] | None = None) -> SafeString:
    """The works of the author of public id `here` as list items: facts, title, byline, abstract, topics, identifiers, reason; and what
    `acts` holds for the authorship's id: what the reader may do about it.
    """
    acts = acts or {}
    items = []
    for authorship in authorships:
        work = authorship.work
        items.append(
            f'<li class="work">{facts_block(work)}\n<div>{heading_block(work)}\n<p class="byline">{byline(work, here)}</p>\n'
            f'{abstract_block(work)}\n<ul class="chips">{topic_links(work)}</ul>\n<ul class="identifiers">{identifier_links(work)}</ul>\n'
            f"{take_block(work)}\n{why_block(authorship)}{acts.get(authorship.pk, '')}</div></li>\n"
        )
    return mark_safe("".join(items))  # each block escapes what it is given


@register.simple_tag
def work_results(works: Iterable[Work], marked: frozenset[str] = frozenset()) -> SafeString:
    """Works as list items, briefly: facts, title, byline, topics. The folded words in `marked` are marked in the titles."""
    items = (
        f'<li class="work">{facts_block(work)}\n<div>{heading_block(work, marked)}\n<p class="byline">{byline(work)}</p>\n'
        f'<ul class="chips">{topic_links(work)}</ul>\n{take_block(work)}</div></li>\n'
        for work in works
    )
    return mark_safe("".join(items))  # each block escapes what it is given


@register.simple_tag
def format_links(address: str) -> SafeString:
    """Links to a list of works in each format; `address` is that of its export, its query included."""
    joint = "&" if "?" in address else "?"
    links = ((f"{address}{joint}format={name}", found.label) for name, found in FORMATS.items())
    return format_html_join("", '<li><a href="{}" rel="nofollow">{}</a></li>', links)


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
