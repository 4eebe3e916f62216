"""OpenReview: notes of both API versions, one work a forum, nobody's e-mail address."""

from typing import Any

import orjson
import pytest

from tests.works.importers.samples import one_rejection, one_work, read, rejections, works
from tests.works.importers.server import Reply, serving
from works.importers import openreview
from works.importers.record import to_json

FORUM = "HkghWScuoQ"


def note(**fields: Any) -> dict[str, Any]:
    return {
        "id": FORUM,
        "forum": FORUM,
        "replyto": None,
        "readers": ["everyone"],
        "cdate": 1540035843524,
        "tmdate": 1543593753140,
        "invitation": "NIPS.cc/2018/Workshop/CDNNRIA/-/Blind_Submission",
        "content": {
            "title": "Targeted $L_0$ Dropout",
            "abstract": "Neural networks are flexible.",
            "authors": ["Aidan N. Gomez", "Ivan Zhang"],
            "authorids": ["~Aidan_N._Gomez1", "ivan@for.ai"],
            "keywords": ["Deep Learning"],
        },
    } | fields


def version_2(**content: Any) -> dict[str, Any]:
    wrapped = {name: {"value": value} for name, value in (note()["content"] | content).items() if value is not None}
    return note(content=wrapped, invitations=["ICLR.cc/2024/Conference/-/Submission"], invitation=None)


def dumped(*notes: dict[str, Any]) -> bytes:
    return orjson.dumps({"notes": notes, "count": len(notes)})


def test_a_submission():
    work = one_work(openreview, dumped(note()))
    assert (work.registry, work.key, work.asserted_by, work.type) == ("openreview", FORUM, "repository", "preprint")
    assert (work.title, work.year, work.published_on) == ("Targeted $L_0$ Dropout", 2018, "2018-10-20")
    assert [(author.name, author.identifiers) for author in work.authors] == [
        ("Aidan N. Gomez", (("openreview", "~Aidan_N._Gomez1"),)),
        ("Ivan Zhang", ()),
    ]
    assert (work.source.name, work.is_byline_cut, work.updated) == ("OpenReview", False, "2018-11-30T16:02:33.140")
    assert [(topic.scheme, topic.code, topic.label) for topic in work.topics] == [("keyword", "deep learning", "Deep Learning")]


@pytest.mark.parametrize("data", [orjson.dumps(note()), orjson.dumps([note()]), orjson.dumps(note()) + b"\n", dumped(version_2())])
def test_every_form_and_version_says_the_same(data: bytes):
    assert one_work(openreview, data) == one_work(openreview, dumped(note()))


@pytest.mark.parametrize(
    ("venue", "venue_id", "told"),
    [
        ("ICLR 2024 poster", "ICLR.cc/2024/Conference", ("conference-paper", "ICLR 2024", 2024, "")),
        ("Submitted to ICLR 2024", "ICLR.cc/2024/Conference/Rejected_Submission", ("preprint", "OpenReview", 2018, "")),
        (
            "ICLR 2024 Conference Withdrawn Submission",
            "ICLR.cc/2024/Conference/Withdrawn_Submission",
            ("preprint", "OpenReview", 2018, "withdrawn"),
        ),
        ("Accepted by TMLR", "TMLR", ("article", "Transactions on Machine Learning Research", 2018, "")),
    ],
)
def test_venues(venue: str, venue_id: str, told: tuple):
    work = one_work(openreview, dumped(version_2(venue=venue, venueid=venue_id)))
    assert (work.type, work.source.name, work.year, work.notice) == told


def test_anonymous_authors_are_nobody():
    for content in ({"authors": ["Anonymous"], "authorids": ["x/Paper36/Authors"]}, {"authors": None, "authorids": None}):
        work = one_work(openreview, dumped(version_2(**content)))
        assert (work.authors, work.is_byline_cut) == ((), True)


def test_ids_that_do_not_stand_beside_names_are_nobody_s():
    content = note()["content"] | {"authorids": ["~Aidan_N._Gomez1"]}
    assert [author.identifiers for author in one_work(openreview, dumped(note(content=content))).authors] == [(), ()]


def test_authors_with_institutions():
    author = {
        "fullname": "Aidan Gomez",
        "username": "~Aidan_N._Gomez1",
        "institutions": [{"name": "University of Oxford", "country": "GB"}],
    }
    work = one_work(openreview, dumped(version_2(authors=[author], authorids=None)))
    assert work.authors[0].identifiers == (("openreview", "~Aidan_N._Gomez1"),)
    assert [(one.raw, one.country) for one in work.authors[0].affiliations] == [("University of Oxford", "GB")]


def test_of_revisions_the_newest_is_the_work():
    older = note(id="SkZXJJk1N", tmdate=1540000000000, content=note()["content"] | {"title": "An older title"})
    export = {"venue": "NIPS.cc", "submissions": [note(revisions=[older], notes=[note(id="r1", replyto=FORUM)])]}
    for data in (dumped(older, note()), dumped(note(), older), orjson.dumps([export])):
        (work,) = works(read(openreview, data))
        assert work == one_work(openreview, dumped(note()))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"replyto": FORUM, "invitation": "X/-/Paper36/Official_Review"}, "a reply to a submission (official review) is not a work"),
        ({"ddate": 1540035843524}, "the submission was deleted"),
        ({"readers": ["X/Program_Chairs"]}, "the submission is not public"),
        ({"content": {"title": ""}}, "the record has no title"),
        ({"id": None}, "this is no note of OpenReview"),
        ({"error": "there is none"}, "OpenReview gives no submission"),
    ],
)
def test_what_is_no_work(fields: dict[str, Any], reason: str):
    assert one_rejection(openreview, dumped(note(**fields))).reason.startswith(reason)


@pytest.mark.parametrize(
    "data", [dumped(note(replyto="x")), orjson.dumps(note())[:-40] + b"\n{}", dumped(note(content={"authorids": ["ivan@for.ai"]}))]
)
def test_no_email_address_is_kept(data: bytes):
    found = read(openreview, data)
    assert rejections(found)
    assert "@" not in "".join(str(to_json(item)) for item in found)


def test_by_forum():
    with serving(dumped(note()), dumped(), Reply(b"{}", 403)) as registry:
        pages = list(openreview.fetch(ids=[f"https://openreview.net/forum?id={FORUM}", "x", "y"], client=registry.client()))
    found = [item for body, _ in pages for item in read(openreview, body)]
    assert ([work.key for work in works(found)], [one.key for one in rejections(found)]) == ([FORUM], ["x", "y"])
    assert ([cursor for _, cursor in pages], registry.calls[0].params) == (["1", "2", ""], {"id": FORUM})


def test_by_venue_pages_by_offset():
    with serving(dumped(note(), note(id="b", forum="b")), dumped()) as registry:
        pages = list(openreview.fetch(query="content.venueid=ICLR.cc/2024/Conference", limit=2, client=registry.client()))
        list(openreview.fetch(query="targeted dropout", after="2", client=registry.client()))
    assert [cursor for _, cursor in pages] == ["2"]
    assert registry.calls[0].params == {"content.venueid": "ICLR.cc/2024/Conference", "offset": "0", "limit": "2"}
    assert (registry.calls[1].path, registry.calls[1].params["term"]) == ("/notes/search", "targeted dropout")
