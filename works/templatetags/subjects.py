"""What the pages of topics, institutions and sources are made of, and the bars of years that researchers' pages have too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from works.identifiers import address
from works.models import Institution, Source, Topic
from works.templatetags.metadata import json_ld
from works.templatetags.record import RESEARCHERS, identifier_link

register = template.Library()

FEWEST_YEARS, MOST_YEARS = 12, 60
BARS_HEIGHT = 40
SCHEMES = {
    "arxiv": "arXiv category", "openalex": "OpenAlex topic", "keyword": "keyword", "mesh": "MeSH heading", "acl": "ACL Anthology track",
    "crossref": "Crossref subject",
}  # fmt: skip
RELATIONS = {
    "parent": "Part of", "child": "Has within it", "related": "Related to", "predecessor": "Continues", "successor": "Continued by",
}  # fmt: skip
SOURCE_KINDS = {
    "journal": "Journal", "conference": "Conference proceedings", "repository": "Repository", "book-series": "Book series",
    "other": "Source",
}  # fmt: skip
# Which topics stand beside a topic is said in other words than which stand in a journal.
BESIDE = {
    ("topic", "topic"): "Topics that go with it",
    ("topic", "institution"): "Institutions that write on it",
    ("topic", "source"): "Where it appears",
    ("institution", "topic"): "What is written there",
    ("institution", "institution"): "Institutions it writes with",
    ("institution", "source"): "Where its works appear",
    ("source", "topic"): "What it is about",
    ("source", "institution"): "Institutions that write in it",
    ("source", "source"): "Also listed under",
}


@register.inclusion_tag("components/year_bars.html")
def year_bars(
    years: Iterable[Sequence[int]], base: str, chosen: object = "", kept: str = "", label: str = "Works per year as a list"
) -> dict[str, Any]:
    """Works per year as bars, and as a list of links. `years` are pairs (year, works), in order; `base` is the address that `?year=` and
    `#works` are added to, `kept` the rest of its query; the chosen year leads back to all. At most MOST_YEARS bars, the latest; what is
    earlier is in the list."""
    pairs = [(year, works) for year, works in years if year]
    if not pairs:
        return {"pairs": []}
    last = pairs[-1][0]
    first = max(min(pairs[0][0], last - FEWEST_YEARS + 1), last - MOST_YEARS + 1)
    drawn = [pair for pair in pairs if pair[0] >= first]
    peak_year, peak = max(drawn, key=lambda pair: (pair[1], pair[0]))
    bar = (
        '<a href="{href}" tabindex="-1"><title>{year}: {works}</title>'
        '<rect class="hit" x="{x}" y="0" width="1" height="{high}"/>'
        '<rect class="bar{current}" x="{left:.2f}" y="{top:.2f}" width=".76" height="{height:.2f}"/></a>'
    ).format

    def address_of(year: int) -> str:
        rest = [kept] if str(year) == str(chosen) else [kept, f"year={year}"]
        query = "&".join(filter(None, rest))
        return f"{base}{'?' if query else ''}{query}#works"

    bars = "".join(
        bar(
            href=escape(address_of(year)),
            year=year,
            works=f"{works:,} work{'' if works == 1 else 's'}",
            x=year - first,
            left=year - first + 0.12,
            high=BARS_HEIGHT,
            top=BARS_HEIGHT - (height := max(1.2, BARS_HEIGHT * works / peak)),
            height=height,
            current=" chosen" if str(year) == str(chosen) else "",
        )
        for year, works in drawn
    )
    return {
        "pairs": [(year, works, address_of(year)) for year, works in reversed(pairs)],
        "bars": mark_safe(bars),  # numbers, and an address that is escaped
        "width": last - first + 1,
        "height": BARS_HEIGHT,
        "first": first,
        "last": last,
        "peak": peak,
        "peak_year": peak_year,
        "earlier": sum(works for year, works in pairs if year < first),
        "label": label,
        "chosen": chosen,
    }


@register.filter
def topic_kind(topic: Topic) -> str:
    """What kind of term a topic is: "arXiv category cs.CV"."""
    kind = SCHEMES.get(topic.scheme, f"term of {topic.scheme}")
    return f"{kind} {topic.code}" if topic.scheme in {"arxiv", "mesh", "openalex"} else kind


@register.filter
def source_kind(source: Source) -> str:
    return SOURCE_KINDS.get(source.kind, "Source")


@register.filter
def relation_words(kind: str) -> str:
    """What an institution is to others, as the beginning of a line."""
    return RELATIONS.get(kind, kind)


@register.simple_tag
def beside(kind: str, other: str) -> str:
    """The heading over the neighbours of kind `other` of something of kind `kind`."""
    return BESIDE[kind, other]


@register.simple_tag
def identifier_items(identifiers: Iterable[tuple[str, str]]) -> SafeString:
    """Identifiers as list items, each with where it leads."""
    return mark_safe("".join(identifier_link(scheme, value) for scheme, value in identifiers))  # identifier_link escapes


@register.simple_tag
def identifier_pair(scheme: str, value: str) -> SafeString:
    """One identifier as a list item, with where it leads."""
    return mark_safe(identifier_link(scheme, value))  # identifier_link escapes


@register.simple_tag
def people_items(people: Iterable[Any]) -> SafeString:
    """People under a subject (ShelvedPerson with author) as list items: name, works, years, whether they claimed their page."""
    return format_html_join(
        "\n",
        '<li><a href="{}{}/"><bdi>{}</bdi></a><span class="small soft">{}{}{}</span></li>',
        (
            (
                RESEARCHERS,
                person.author.slug,
                person.author.name,
                f"{person.works_count:,} work{'' if person.works_count == 1 else 's'}",
                years_of(person.first_year, person.last_year),
                " · claimed" if person.author.is_claimed else "",
            )
            for person in people
        ),
    )


def years_of(first: int | None, last: int | None) -> str:
    if last is None:
        return ""
    return f", {last}" if first in {None, last} else f", {first}–{last}"


@register.simple_tag
def subject_json_ld(subject: Any, url: str, identifiers: Iterable[tuple[str, str]] = (), names: Iterable[str] = ()) -> SafeString:
    """A topic, an institution or a source in the words of schema.org."""
    told = list(identifiers)
    data: dict[str, Any] = {"@id": url, "url": url, "sameAs": [link for scheme, value in told if (link := address(scheme, value))]}
    match subject:
        case Topic():
            data |= {"@type": "DefinedTerm", "name": subject.label, "termCode": subject.code, "inDefinedTermSet": subject.scheme}
        case Institution():
            place = {"@type": "PostalAddress", "addressLocality": subject.city, "addressCountry": subject.country_code}
            data |= {
                "@type": "Organization",
                "name": subject.name,
                "alternateName": list(names),
                "address": {name: value for name, value in place.items() if value} if subject.country_code else None,
            }
        case Source():
            data |= {
                "@type": "Periodical" if subject.kind == Source.Kind.JOURNAL else "CreativeWorkSeries",
                "name": subject.name,
                "issn": [value for scheme, value in told if scheme == "issn"],
            }
    return json_ld(data)
