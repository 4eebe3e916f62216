"""What a feed holds: what follows bring, each thing once, latest first, place by place; and nothing of whom one has no business with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.actions import contact
from profiles.actions.follows import follow, follow_search, unfollow
from profiles.actions.privacy.objections import forget_held
from profiles.loading.feed import FeedItem, Kind, Place, feed_items, feed_page
from profiles.models import Block, Profile, TrustChange, User
from tests.factories.claims import make_person
from tests.factories.contact import make_researcher
from tests.factories.works import make_author, make_institution, make_topic, make_work
from works.actions.search import index_titles
from works.actions.shelves import owe_shelving, shelve
from works.models import Author, FormerId, RegistryRecord, Work
from works.models.finding import WorkSearch, last_imported
from works.models.finding.arrivals import CANDIDATES, COUNTED_UP_TO, OF_A_YEAR

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def reader() -> User:
    return make_person("reader")


def everything(user: User) -> list[FeedItem]:
    return feed_items(user, since=LONG_AGO, until=timezone.now() + timedelta(days=1))


def titles(items: list[FeedItem]) -> list[str]:
    return [item.work.title if item.work else f"{item.kind} {item.author}" for item in items]


def index() -> None:
    """What workers do after an import."""
    owe_shelving(work_ids=Work.objects.values_list("pk", flat=True))
    shelve()
    index_titles()


def change_level(author: Author, before: int, after: int, day: datetime) -> TrustChange:
    def figures(level: int) -> dict:
        return {"micropoints": 0, "level": level, "band": "unverified", "formula": "1", "lines": {}}

    return TrustChange.objects.create(author=author, day=day.date(), before=figures(before), after=figures(after))


def test_one_work_that_many_follows_bring_is_one_item_that_names_them(reader):
    wei = make_author("Wei Wang")
    make_work("Elsewhere", authors=[make_author("Somebody Else")])
    work = make_work("On distilling faces", authors=[wei], topics=["Vision"], institutions={wei: "Uni Bremen"})
    index()
    follow(wei, by=reader)
    follow(make_topic("Vision"), by=reader)
    follow(make_institution("Uni Bremen"), by=reader)
    follow_search(WorkSearch.read("q=faces"), by=reader)
    follow_search(WorkSearch.read("q=matter"), by=reader)
    [item] = everything(reader)
    assert (item.kind, item.work, item.at, item.author) == (Kind.WORK, work, work.created_at, None)
    assert [(one.kind, one.label) for one in item.follows] == [
        ("researcher", "Wei Wang"), ("topic", "Vision"), ("institution", "Uni Bremen"), ("search", "“faces”"),
    ]  # fmt: skip


def test_works_come_in_the_order_of_their_import_whatever_their_year(reader):
    wei = make_author("Wei Wang")
    for title, year in (("First", 2024), ("Second", 1990), ("Third", None)):
        make_work(title, year, authors=[wei], topics=["Vision"])
    index()
    follow(wei, by=reader)
    assert titles(everything(reader)) == ["Third", "Second", "First"]
    unfollow(wei, by=reader)
    assert everything(reader) == []
    follow(make_topic("Vision"), by=reader)
    assert titles(everything(reader)) == ["Third", "Second", "First"]


def test_a_search_brings_what_it_asks_for(reader):
    for title, year, topics in (
        ("Deep learning of faces", 2023, ["Vision"]),
        ("Faces in the deep sea", 2024, ["Oceans"]),
        ("Learned depth for face images", 2023, ["Vision"]),
        ("Deep nets", 1999, ["Vision"]),
    ):
        author = make_author(title)
        make_work(title, year, authors=[author], topics=topics, institutions={author: "Uni Bremen"} if year == 2023 else None)
    RegistryRecord.objects.create(
        registry="arxiv", key="1", work=Work.objects.get(title="Deep nets"), content_hash=b"", payload={}, retrieved_at=timezone.now()
    )
    index()
    bremen = make_institution("Uni Bremen")
    FormerId.objects.create(public_id="0ldbrem1", kind="institution", subject=bremen.pk)
    vision = make_topic("Vision")
    asked = {
        "q=face+deep": ["Faces in the deep sea", "Deep learning of faces"],
        "q=deep&year=2023": ["Deep learning of faces"],
        f"q=deep&topic={vision.slug}": ["Deep nets", "Deep learning of faces"],
        f"topic={vision.slug}": ["Deep nets", "Learned depth for face images", "Deep learning of faces"],
        f"topic={vision.slug}&year=2023": ["Learned depth for face images", "Deep learning of faces"],
        f"institution={bremen.slug}": ["Learned depth for face images", "Deep learning of faces"],
        "institution=bremen-0ldbrem1&q=deep": ["Deep learning of faces"],
        "q=deep&registry=arxiv": ["Deep nets"],
        f"institution={bremen.slug}&topic={vision.slug}&year=1999": [],
        "source=nowhere-00000000": [],
        "q=deep&type=book": [],
        "q=deep&topic=nowhere-00000000": [],
        "q=the": [],
    }
    for query, expected in asked.items():
        follow_search(WorkSearch.read(query), by=reader)
        assert titles(everything(reader)) == expected, query
        reader.follows.all().delete()


def test_claims_and_levels_of_people_are_told_when_they_are_settled(reader):
    ada = make_researcher("Ada Open")
    now = timezone.now()
    Profile.objects.update(claimed_at=now - timedelta(days=2))
    change_level(ada.author, 1, 3, now - timedelta(days=5))
    change_level(ada.author, 3, 3, now - timedelta(days=4))
    change_level(ada.author, 3, 4, now)
    change_level(make_author("Nobody Followed"), 0, 3, now - timedelta(days=3))
    Work.objects.all().delete()
    follow(ada.author, by=reader)
    claim, level = everything(reader)
    assert (claim.kind, claim.author, claim.at) == (Kind.CLAIM, ada.author, now - timedelta(days=2))
    assert (level.kind, level.levels, level.get_absolute_url()) == (Kind.LEVEL, (1, 3), f"{ada.author.get_absolute_url()}trust/")
    # The day is told of when it is over.
    assert level.at == datetime.combine((now - timedelta(days=4)).date(), datetime.min.time(), UTC)
    assert claim.key != level.key


def test_a_period_begins_with_its_first_moment_and_ends_before_its_last(reader):
    wei = make_author("Wei Wang")
    follow(wei, by=reader)
    start = timezone.now() - timedelta(days=10)
    for day in range(5):
        make_work(f"Day {day}", authors=[wei])
        Work.objects.filter(title=f"Day {day}").update(created_at=start + timedelta(days=day))
    found = feed_items(reader, since=start + timedelta(days=1), until=start + timedelta(days=3))
    assert titles(found) == ["Day 2", "Day 1"]
    assert titles(feed_items(reader, since=start, until=timezone.now(), limit=2)) == ["Day 4", "Day 3"]


@given(st.lists(st.sampled_from("wcln"), max_size=14), st.integers(1, 4))
@settings(max_examples=20)
def test_pages_of_any_size_hold_everything_once_in_one_order(kinds, size):
    """Whatever came when, and though dates and numbers of works disagree: leafing through is reading at once."""
    with transaction.atomic():
        reader, start = make_person("reader"), timezone.now() - timedelta(days=40)
        for number, kind in enumerate(kinds):
            author = make_author(f"Author {number}")
            if kind in "wn":
                work = make_work(f"Work {number}", authors=[author])
                Work.objects.filter(pk=work.pk).update(created_at=start + timedelta(days=number * 7 % 5))
            if kind in "cn":
                Profile.objects.create(user=make_person(f"p{number}"), author=author, claimed_at=start + timedelta(days=number % 3))
            if kind in "ln":
                change_level(author, 1, 2, start + timedelta(days=number))
            follow(author, by=reader)
        whole, end = feed_page(reader, size=100)
        assert end is None
        assert len(whole) == sum({"w": 1, "c": 1, "l": 1, "n": 3}[kind] for kind in kinds)
        leafed: list[FeedItem] = []
        place: Place | None = Place()
        while place is not None:
            items, place = feed_page(reader, before=place, size=size)
            assert len(items) <= size
            place = Place.read(place.write()) if place else None
            leafed += items
        assert leafed == whole
        transaction.set_rollback(True)


@pytest.mark.parametrize("text", ["", "x", "1-2-3", "1-99999999999999.000000-1", "1-999999999999.000000-1", "٣-1.000000-1"])
def test_a_place_that_is_none(text):
    assert Place.read(text) is None


def test_blocks_hold_though_the_page_became_theirs_after_it_was_followed(reader):
    wei, other = make_author("Wei Wang"), make_person("wei")
    make_work("On matter", authors=[wei], topics=["Vision"])
    follow(wei, by=reader)
    Block.objects.create(user=other, blocked=reader)
    assert len(everything(reader)) == 1
    Profile.objects.create(user=other, author=wei, claimed_at=timezone.now())
    assert everything(reader) == []
    Block.objects.update(user=reader, blocked=other)
    assert everything(reader) == []
    follow(make_topic("Vision"), by=reader)
    assert titles(everything(reader)) == ["On matter"]  # a topic's works are the public record
    contact.unblock(other, by=reader)
    assert titles(everything(reader)) == ["claim Wei Wang", "On matter"]


def test_of_who_objected_nothing_is_told(reader):
    wei = make_author("Wei Wang")
    make_work("On matter", authors=[wei])
    follow(wei, by=reader)
    Author.objects.filter(pk=wei.pk).update(is_suppressed=True)
    forget_held(author_ids=[wei.pk])
    assert everything(reader) == []


def test_somebody_elses_follows_bring_nothing(reader):
    wei = make_author("Wei Wang")
    make_work("On matter", authors=[wei])
    follow(wei, by=make_person("other"))
    assert everything(reader) == []


def test_a_page_costs_the_same_queries_whatever_is_followed(reader):
    costs = []
    for number in (1, 3):
        for place in range(number):
            author = make_author(f"Author {number} {place}")
            work = make_work(f"Matter {number} {place}", authors=[author], topics=[f"T{number}{place}"], institutions={author: f"U{place}"})
            follow(author, by=reader)
            follow(make_topic(f"T{number}{place}"), by=reader)
            follow(make_institution(f"U{place}"), by=reader)
            follow_search(WorkSearch.read(f"q=matter+{number}+{place}"), by=reader)
            Profile.objects.create(user=make_person(f"p{number}{place}"), author=author, claimed_at=work.created_at)
        index()
        with CaptureQueriesContext(connection) as counted:
            items, _ = feed_page(reader)
        assert {item.kind for item in items} == {Kind.WORK, Kind.CLAIM}
        costs.append(len(counted))
    assert costs == [7, 7]


def test_of_a_common_word_the_works_imported_last_of_each_late_year_are_looked_at(reader):
    """More titles than are counted: of the latest fifteen years that have the word, and of one of another year where it is asked for."""
    titles = [f"Common matter {number}" for number in range(COUNTED_UP_TO + 5)]
    Work.objects.bulk_create(
        Work(public_id=f"{n:08}", type="preprint", title=title, title_key=title.lower(), title_hash=n, year=2000 + n % 20)
        for n, title in enumerate(titles)
    )
    while index_titles():
        pass
    [old] = Work.objects.filter(title="Common matter 0")
    rare = make_work("Common rarity", 2000, authors=[make_author("Wei Wang")])
    index_titles()
    searches = [WorkSearch.read(query) for query in ("q=common", "q=common&year=2000", "q=common+rarity", "q=common+1004")]
    found = last_imported(searches, before=rare.pk + 1, limit=1_000)
    works = [[work for place, work in found if place == number] for number in range(4)]
    late = Work.objects.filter(year__gte=2005).order_by("-pk").values_list("pk", flat=True)
    assert works[0] == list(late[:CANDIDATES])
    assert works[1] == list(Work.objects.filter(year=2000).order_by("-pk").values_list("pk", flat=True)[:OF_A_YEAR])
    assert works[2] == [rare.pk]
    assert works[3] == list(Work.objects.filter(title="Common matter 1004").values_list("pk", flat=True))
    assert old.pk not in works[0]
