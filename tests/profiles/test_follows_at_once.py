"""Many follows at once, in as many connections."""

import threading
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils import timezone

from profiles.actions.follows import follow, unfollow
from profiles.loading.following import button_of
from profiles.models import Follow, Profile, User
from tests.factories.claims import make_person
from tests.factories.works import make_author, make_institution, make_topic
from tests.waiting import PATIENCE
from works.models import Author, Institution, Topic

pytestmark = pytest.mark.django_db(transaction=True)


def test_many_follows_at_once_are_one():
    author, reader = make_author("Boxiao Liu"), make_person("reader")
    start = threading.Barrier(8)

    def press() -> None:
        try:
            start.wait(PATIENCE)
            follow(author, by=reader)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        for pressed in [pool.submit(press) for _ in range(8)]:
            pressed.result(PATIENCE)
    assert Follow.objects.filter(author=author, user=reader).count() == 1


def test_a_thousand_follows_and_unfollows_at_once_leave_counts_that_are_the_rows():
    """A hundred people on ten pages, from ten threads: each ends where the presses wanted it, double clicks included."""
    pages: list[Author | Topic | Institution] = [
        *(make_author(f"Author {number}") for number in range(4)),
        *(make_topic(f"Topic {number}") for number in range(3)),
        *(make_institution(f"Uni {number}") for number in range(3)),
    ]
    readers = [make_person(f"reader{number}") for number in range(100)]
    rng = Random(7)
    presses: list[list[tuple[int, int, str]]] = [[] for _ in range(10)]
    expected: dict[tuple[int, int], str] = {}
    for number in range(1_000):
        # A double click, now and then: both presses are by the same person, at once, from two threads.
        reader, page = rng.randrange(100), rng.randrange(10)
        verb = expected.get((reader, page)) or rng.choice(["follow", "unfollow"])
        expected[reader, page] = verb
        presses[number % 10].append((reader, page, verb))
    for (reader, page), verb in expected.items():
        if verb == "unfollow":
            follow(pages[page], by=readers[reader])
    start = threading.Barrier(10)

    def press(own: list[tuple[int, int, str]]) -> None:
        try:
            start.wait(PATIENCE)
            for reader, page, verb in own:
                (follow if verb == "follow" else unfollow)(pages[page], by=readers[reader])
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        for done in [pool.submit(press, own) for own in presses]:
            done.result(5 * PATIENCE)
    wanted = {(readers[reader].pk, pages[page]) for (reader, page), verb in expected.items() if verb == "follow"}
    kept = [(item.user_id, item.subject) for item in Follow.objects.with_names()]
    assert len(kept) == len(set(kept))
    assert set(kept) == wanted
    numbers = [button_of(subject, AnonymousUser()).number for subject in pages]
    assert numbers == [sum(other == subject for _, other in wanted) for subject in pages]


def test_following_while_the_page_becomes_ones_own_leaves_no_follow_of_oneself():
    for number in range(6):
        reader, page, start = make_person(f"reader{number}"), make_author(f"Page {number}"), threading.Barrier(2)

        def press(reader: User = reader, page: Author = page, start: threading.Barrier = start) -> None:
            try:
                start.wait(PATIENCE)
                follow(page, by=reader)
            finally:
                connection.close()

        def claim(reader: User = reader, page: Author = page, start: threading.Barrier = start) -> None:
            try:
                start.wait(PATIENCE)
                Profile.objects.create(user=reader, author=page, claimed_at=timezone.now())
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            for done in (pool.submit(press), pool.submit(claim)):
                done.result(PATIENCE)
    assert not Follow.objects.exists()
    assert Profile.objects.count() == 6
