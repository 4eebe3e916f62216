"""What pages say to programs: Highwire tags (as Google Scholar's inclusion guidelines name them), schema.org as JSON-LD, Open Graph.

Only what the record holds is said; an abstract is a registry's, and stays in the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from works.exports import FORMATS
from works.identifiers import address
from works.mathematics import to_plain
from works.models import Author, Authorship, Source, Work
from works.templatetags.record import facts_line

register = template.Library()

NAMED_AUTHORS = 500  # in the tags of one page; a page of 3,000 would be tags for the most part
JSON_IN_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})
VENUE_TAGS = {Source.Kind.JOURNAL: "citation_journal_title", Source.Kind.CONFERENCE: "citation_conference_title"}
SCHEMA_TYPES = {
    Work.Type.BOOK: "Book", Work.Type.BOOK_CHAPTER: "Chapter", Work.Type.DATASET: "Dataset", Work.Type.DISSERTATION: "Thesis",
    Work.Type.REPORT: "Report", Work.Type.SOFTWARE: "SoftwareSourceCode",
}  # fmt: skip


@register.simple_tag
def highwire_tags(work: Work, byline: Iterable[Authorship], url: str) -> SafeString:
    """The `citation_` tags of a work, one `citation_author` for each byline position that is shown."""
    pairs = [("citation_title", to_plain(work.title))]
    pairs += [("citation_author", authorship.name) for authorship, _ in zip(byline, range(NAMED_AUTHORS), strict=False)]
    if work.published_on:
        pairs.append(("citation_publication_date", f"{work.published_on:%Y/%m/%d}"))
    elif work.year:
        pairs.append(("citation_publication_date", str(work.year)))
    if work.source and (tag := VENUE_TAGS.get(Source.Kind(work.source.kind))):
        pairs.append((tag, work.source.name))
    first, _, last = work.pages.partition("-")
    told = (("volume", work.volume), ("issue", work.issue), ("firstpage", first), ("lastpage", last), ("publisher", work.publisher))
    pairs += [(f"citation_{name}", value) for name, value in told if value]
    names = {"doi": "citation_doi", "arxiv": "citation_arxiv_id", "pmid": "citation_pmid"}
    pairs += [(names[scheme], value) for scheme, value in work.card.get("identifiers", ()) if scheme in names]
    pairs.append(("citation_abstract_html_url", url))
    return format_html_join("\n", '<meta name="{}" content="{}">', pairs)


@register.simple_tag
def file_links(url: str) -> SafeString:
    """Where programs find the same as files: reference managers look for these. `url` is the page, whose `export/` they are."""
    return format_html_join(
        "\n",
        '<link rel="alternate" type="{}" title="{}" href="{}export/?format={}">',
        ((found.content_type.partition(";")[0], found.label, url, name) for name, found in FORMATS.items()),
    )


@register.simple_tag
def work_json_ld(work: Work, byline: Iterable[Authorship], url: str) -> SafeString:
    """A work in the words of schema.org."""
    site = url.removesuffix(f"/works/{work.public_id}/")
    data: dict[str, Any] = {
        "@type": SCHEMA_TYPES.get(Work.Type(work.type), "ScholarlyArticle"),
        "@id": url,
        "name": to_plain(work.title),
        "headline": to_plain(work.title)[:110],
        "image": f"{url}picture.png",
        "url": url,
        "author": [person(authorship, site) for authorship, _ in zip(byline, range(NAMED_AUTHORS), strict=False)],
        "datePublished": work.published_on.isoformat() if work.published_on else str(work.year or ""),
        "inLanguage": work.language,
        "isPartOf": part_of(work),
        "pagination": work.pages,
        "publisher": {"@type": "Organization", "name": work.publisher} if work.publisher else None,
        "identifier": [
            {"@type": "PropertyValue", "propertyID": scheme, "value": value} for scheme, value in work.card.get("identifiers", ())
        ],
        "sameAs": [link for scheme, value in work.card.get("identifiers", ()) if (link := address(scheme, value))],
        "about": [{"@type": "DefinedTerm", "name": topic["label"]} for topic in work.card.get("topics", ())],
    }
    return json_ld(data)


def part_of(work: Work) -> dict[str, Any] | None:
    """The issue in the volume in the source, as far as they are known; each is a part of the next."""
    if work.source is None:
        return None
    whole: dict[str, Any] = {
        "@type": "Periodical" if work.source.kind == Source.Kind.JOURNAL else "CreativeWorkSeries",
        "name": work.source.name,
    }
    if work.volume:
        whole = {"@type": "PublicationVolume", "volumeNumber": work.volume, "isPartOf": whole}
    return {"@type": "PublicationIssue", "issueNumber": work.issue, "isPartOf": whole} if work.issue else whole


def person(authorship: Authorship, site: str) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": "Person", "name": authorship.name}
    if authorship.author is None:
        return found | {"@type": "Organization"}
    if authorship.orcid:
        found["identifier"] = address("orcid", authorship.orcid)
    return found | {"url": f"{site}/researchers/{authorship.author.slug}/"}


@register.simple_tag
def person_json_ld(author: Author, url: str) -> SafeString:
    """A researcher's page in the words of schema.org: what the record says, and nothing that somebody would have to vouch for."""
    affiliations = [{"@type": "Organization", "name": item["name"]} for item in author.summary.get("affiliations", ())[:1]]
    return json_ld(
        {
            "@type": "ProfilePage",
            "@id": url,
            "url": url,
            "name": author.name,
            "dateCreated": author.created_at.date().isoformat(),
            "mainEntity": {
                "@type": "Person",
                "@id": f"{url}#person",
                "name": author.name,
                "url": url,
                "affiliation": affiliations,
                "knowsAbout": [topic["label"] for topic in author.topics],
                "description": facts_line(author),
                "identifier": author.public_id,
                "image": f"{url}picture.png",
                "agentInteractionStatistic": counter("WriteAction", author.works_count),
                "interactionStatistic": counter("FollowAction", vars(author).get("followers_count", 0)),
            },
        }
    )


def counter(action: str, count: int) -> dict[str, Any]:
    return {"@type": "InteractionCounter", "interactionType": f"https://schema.org/{action}", "userInteractionCount": count}


@register.simple_tag
def site_json_ld(url: str) -> SafeString:
    """The site itself, and how to search it. `url` is the home page."""
    action = {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": f"{url}search/?q={{search_term_string}}"},
        "query-input": "required name=search_term_string",
    }
    return json_ld({"@type": "WebSite", "@id": f"{url}#site", "name": "BZPEER", "url": url, "potentialAction": action})


@register.simple_tag
def crumbs_json_ld(url: str, name: str, *above: str) -> SafeString:
    """Where the page stands: what is above it as pairs of name and path, then the page itself by its whole address."""
    site = "/".join(url.split("/", 3)[:3])
    pairs = [*zip(above[::2], above[1::2], strict=True), (name, "")]
    items = [
        {"@type": "ListItem", "position": place, "name": to_plain(label), "item": f"{site}{path}" if path else url}
        for place, (label, path) in enumerate(pairs, start=1)
    ]
    return json_ld({"@type": "BreadcrumbList", "itemListElement": items})


def json_ld(data: dict[str, Any]) -> SafeString:
    """A data block, which no browser runs; empty values are left out. What could end the element is written as JSON escapes."""
    said = {"@context": "https://schema.org"} | {name: value for name, value in data.items() if value}
    return mark_safe(f'<script type="application/ld+json">{json.dumps(said, ensure_ascii=False).translate(JSON_IN_HTML)}</script>')


@register.simple_tag
def open_graph(title: str, url: str, kind: str, description: str = "", image: str = "") -> SafeString:
    """What a shared link shows; `image` is the address of a picture that works.exports.picture draws."""
    pairs = [("og:site_name", "BZPEER"), ("og:title", to_plain(title)), ("og:type", kind), ("og:url", url)]
    if description:
        pairs.append(("og:description", description))
    if image:
        pairs += [("og:image", image), ("og:image:type", "image/png"), ("og:image:width", "1200"), ("og:image:height", "630")]
        pairs.append(("og:image:alt", f"A card with the name and facts of the record: {to_plain(title)}"))
    tags = format_html_join("\n", '<meta property="{}" content="{}">', pairs)
    return tags + mark_safe('\n<meta name="twitter:card" content="summary_large_image">') if image else tags  # a constant
