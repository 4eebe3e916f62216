"""Following: the action, the buttons, and many at once."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from profiles.actions.follows import MOST_SEARCHES, FollowRefused, follow, follow_search, unfollow, unfollow_search
from profiles.models import EmailDomain, Follow, Profile
from profiles.models.follow import followers_count, is_followed_by
from tests.bzpeer.markup import parse
from tests.factories.imported import import_records
from tests.factories.people import make_user, signed_in
from tests.factories.records import make_record
from tests.factories.works import make_author, make_institution, make_topic, make_work
from works.actions.attribution import settle
from works.actions.imports.listed import take_in_listed
from works.actions.journal import Actor
from works.actions.merges import merge_authors, undo_merge
from works.importers.record import ImportedMergedId
from works.models import Author
from works.models.decision import Role
from works.models.finding import WorkSearch

pytestmark = pytest.mark.django_db

STAFF = Actor(account=1, role=Role.STAFF)

BY_HTMX = {"HX-Request": "true"}


@pytest.fixture
def author() -> Author:
    return make_author("Boxiao Liu")


def test_following_twice_is_following_once(author):
    reader = make_user()
    follow(author, by=reader)
    follow(author, by=reader)
    assert [(item.user, item.author) for item in Follow.objects.all()] == [(reader, author)]
    unfollow(author, by=reader)
    unfollow(author, by=reader)
    assert not Follow.objects.exists()


def test_who_follows_people_that_turn_out_to_be_one_follows_that_one():
    import_records(make_record("First", ["Wei Wang", "Ada Lovelace"]), make_record("Second", ["Wei Wang", "Emmy Noether"]))
    settle()
    first, second = Author.objects.with_works().filter(name="Wei Wang").order_by("pk")
    both, of_first, of_second = (make_user(f"{name}@example.org") for name in ("both", "first", "second"))
    for wei, readers in ((first, (both, of_first)), (second, (both, of_second))):
        for reader in readers:
            follow(wei, by=reader)

    import_records(make_record("Third", ["Wei Wang", "Ada Lovelace", "Emmy Noether"]))
    settle()

    wei = Author.objects.with_works().get(name="Wei Wang")
    assert Author.objects.get(merged_into=wei).pk in {first.pk, second.pk}
    followed = list(Follow.objects.order_by("user").values_list("user", "author"))
    assert followed == [(reader.pk, wei.pk) for reader in (both, of_first, of_second)]


def test_postgres_refuses_a_second_follow(author):
    reader = make_user()
    follow(author, by=reader)
    with pytest.raises(IntegrityError, match="follow_once"), transaction.atomic():
        Follow.objects.create(author=author, user=reader)


def test_count_and_state_come_with_the_authors_in_one_query(author):
    ann, ben = make_user("ann@example.org"), make_user("ben@example.org")
    other = make_author("Somebody Else")
    for reader in (ann, ben):
        follow(author, by=reader)
    follow(other, by=ben)
    with CaptureQueriesContext(connection) as queries:
        rows = Author.objects.annotate(followers_count=followers_count(), is_followed=is_followed_by(ann)).order_by("pk")
        found = [(row.followers_count, row.is_followed) for row in rows]  # type: ignore[attr-defined]
    assert found == [(2, True), (1, False)]
    assert len(queries) == 1
    anonymous = Author.objects.annotate(followers_count=followers_count(), is_followed=is_followed_by(AnonymousUser())).get(pk=author.pk)
    assert (anonymous.followers_count, anonymous.is_followed) == (2, False)  # type: ignore[attr-defined]
    alone = Author.objects.annotate(number=followers_count()).values_list("number", flat=True)
    assert list(alone.filter(pk=make_author("Unknown").pk)) == [0]


def test_the_button_works_as_a_plain_form(author):
    reader = make_user()
    client = signed_in(reader)
    answer = client.post(f"/researchers/{author.slug}/follow/")
    assert (answer.status_code, answer["Location"]) == (302, f"/researchers/{author.slug}/#follow")
    assert Follow.objects.filter(author=author, user=reader).exists()
    client.post(f"/researchers/{author.slug}/unfollow/")
    assert not Follow.objects.exists()


def test_htmx_gets_the_button_as_it_is_now(author):
    client = signed_in(make_user())
    follow(author, by=make_user("other@example.org"))
    followed = client.post(f"/researchers/{author.slug}/follow/", headers=BY_HTMX).content.decode()
    assert f'hx-post="/researchers/{author.slug}/unfollow/"' in followed
    assert "You follow <bdi>Boxiao Liu</bdi>" in followed
    assert '<span class="follow-count">2</span>' in followed
    assert "csrfmiddlewaretoken" in followed
    stopped = client.post(f"/researchers/{author.slug}/unfollow/", headers=BY_HTMX).content.decode()
    assert f'hx-post="/researchers/{author.slug}/follow/"' in stopped
    assert '<span class="follow-count">1</span>' in stopped


def test_old_words_in_the_address_follow_the_same_person(author):
    reader = make_user()
    signed_in(reader).post(f"/researchers/an-old-name-{author.public_id}/follow/")
    assert Follow.objects.get().author == author


def test_visitors_without_an_account_are_led_to_the_log_in_and_back(author):
    place = f"/researchers/{author.slug}/#follow"
    for headers, name in (({}, "Location"), (BY_HTMX, "HX-Redirect")):
        answer = Client().post(f"/researchers/{author.slug}/follow/", headers=headers)
        target = urlsplit(answer[name])
        assert target.path == "/accounts/login/"
        assert parse_qs(target.query) == {"next": [place]}
    assert not Follow.objects.exists()


@pytest.mark.parametrize("verb", ["follow", "unfollow"])
def test_looking_changes_nothing(author, verb):
    assert signed_in(make_user()).get(f"/researchers/{author.slug}/{verb}/").status_code == 405
    assert not Follow.objects.exists()


def test_a_post_from_elsewhere_is_refused(author):
    reader = make_user()
    client = Client(enforce_csrf_checks=True)
    client.force_login(reader, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(f"/researchers/{author.slug}/follow/").status_code == 403
    assert not Follow.objects.exists()


@pytest.mark.parametrize("slug", ["nobody-00000000", "short", "with-%00%00%00%00%00%00%00%00"])
def test_nobody_there(slug):
    assert signed_in(make_user()).post(f"/researchers/{slug}/follow/").status_code == 404


# --- Topics, institutions, searches -----------------------------------------------------------------------------------


def test_topics_institutions_and_searches_are_followed_once_too():
    reader, vision, bremen = make_user(), make_topic("Vision"), make_institution("Uni Bremen")
    search = WorkSearch.read("q=deep+learning")
    for _ in range(2):
        follow(vision, by=reader)
        follow(bremen, by=reader)
        follow_search(search, by=reader)
    kept = [(item.kind, item.label, item.get_absolute_url()) for item in Follow.objects.with_names().order_by("pk")]
    assert kept == [
        ("topic", "Vision", vision.get_absolute_url()),
        ("institution", "Uni Bremen", bremen.get_absolute_url()),
        ("search", "“deep learning”", "/search/?q=deep+learning"),
    ]
    unfollow(vision, by=reader)
    unfollow(bremen, by=reader)
    unfollow_search(search, by=reader)
    assert not Follow.objects.exists()


@pytest.mark.parametrize(
    ("query", "kept", "label"),
    [
        ("q=deep++learning+&page=4&kind=works", "q=deep+learning", "“deep learning”"),
        ("q=X", "", "works"),
        ("topic=computer-vision-0123abcd&year=2024&type=preprint", "topic=computer-vision-0123abcd&year=2024&type=preprint",
         "works on computer vision, preprint, 2024"),
        ("q=%00%00&topic=x&year=abcd&type=poem&source=%2Fetc", "", "works"),
        ("q=" + "a" * 600, "q=" + "a" * 300, f"“{'a' * 300}”"),
    ],
)  # fmt: skip
def test_of_a_search_is_kept_what_says_which_works(query, kept, label):
    search = WorkSearch.read(query)
    assert (search.write(), search.label) == (kept, label)
    assert WorkSearch.read(search.write()) == search
    assert search.asks_something == bool(kept)


@pytest.mark.parametrize("query", ["", "year=2024", "q=" + "%E6%B1%9F" * 100])
def test_a_search_that_asks_nothing_or_too_much_is_refused(query):
    with pytest.raises(FollowRefused):
        follow_search(WorkSearch.read(query), by=make_user())


def test_an_account_follows_only_so_much():
    reader = make_user()
    for number in range(MOST_SEARCHES):
        follow_search(WorkSearch.read(f"q=word+{number}"), by=reader)
    with pytest.raises(FollowRefused, match="at most 20 searches"):
        follow_search(WorkSearch.read("q=one+more"), by=reader)
    follow_search(WorkSearch.read("q=word+1"), by=reader)  # followed already
    follow(make_topic("Vision"), by=reader)
    assert reader.follows.count() == MOST_SEARCHES + 1


def test_postgres_keeps_a_follow_to_one_thing(author):
    reader = make_user()
    for fields in ({}, {"author": author, "search": "q=x"}, {"author": author, "topic": make_topic("Vision")}):
        with pytest.raises(IntegrityError, match="follow_is_of_one_thing"), transaction.atomic():
            Follow.objects.create(user=reader, **fields)
    for fields in ({"topic": make_topic("Vision")}, {"institution": make_institution("Uni Bremen")}, {"search": "q=x"}):
        Follow.objects.create(user=reader, **fields)
        with pytest.raises(IntegrityError, match="once"), transaction.atomic():
            Follow.objects.create(user=reader, **fields)


@pytest.mark.parametrize("kind", ["topic", "institution", "search"])
def test_the_button_is_on_every_page_and_works_with_and_without_htmx(kind):
    make_work("Deep learning", authors=[author := make_author("Wei Wang")], topics=["Vision"], institutions={author: "Uni Bremen"})
    page, data = {
        "topic": (make_topic("Vision").get_absolute_url(), {}),
        "institution": (make_institution("Uni Bremen").get_absolute_url(), {}),
        "search": ("/search/?q=deep+learning", {"search": "q=deep+learning"}),
    }[kind]
    base = "/search/" if kind == "search" else page
    stranger = Client()
    [door] = parse(stranger.get(page).content).cssselect("#follow a.button")
    assert door.get("href") == f"/accounts/login/?{urlencode({'next': page + '#follow'}, safe='/')}"
    refused = stranger.post(f"{base}follow/", data)
    assert parse_qs(urlsplit(refused["Location"]).query) == {"next": [f"{page}#follow"]}
    reader = make_user()
    client = signed_in(reader)
    [form] = parse(client.get(page).content).cssselect("#follow form")
    assert (form.get("action"), form.get("hx-post"), form.get("hx-target")) == (f"{base}follow/", f"{base}follow/", "#follow")
    sent = {field.get("name"): field.get("value") for field in form.cssselect("input")} | {"csrfmiddlewaretoken": ""}
    assert {name: value for name, value in sent.items() if value} == data
    assert client.post(form.get("action"), data)["Location"] == f"{page}#follow"
    kept = Follow.objects.with_names().get()
    assert (kept.user, kept.kind, kept.get_absolute_url()) == (reader, kind, page)
    again = parse(client.get(page).content)
    assert again.cssselect("#follow form")[0].get("action") == f"{base}unfollow/"
    number = [] if kind == "search" else ["1"]
    assert [count.text for count in again.cssselect(".follow-count")] == number
    ended = client.post(f"{base}unfollow/", data, headers=BY_HTMX).content.decode()
    assert f'hx-post="{base}follow/"' in ended
    assert not Follow.objects.exists()


def test_a_search_that_asks_nothing_has_no_button():
    assert parse(Client().get("/search/?kind=works").content).cssselect("#follow") == []


def test_the_twenty_first_search_is_refused_in_words():
    reader = make_user()
    for number in range(MOST_SEARCHES):
        follow_search(WorkSearch.read(f"q=word+{number}"), by=reader)
    client = signed_in(reader)
    by_htmx = client.post("/search/follow/", {"search": "q=more"}, headers=BY_HTMX).content.decode()
    assert "An account follows at most 20 searches" in by_htmx
    assert "An account follows at most 20 searches" in client.post("/search/follow/", {"search": "q=more"}, follow=True).content.decode()
    assert reader.follows.count() == MOST_SEARCHES


# --- The list ---------------------------------------------------------------------------------------------------------


def test_the_list_is_ones_own_and_ends_what_it_shows(author):
    reader, other = make_user(), make_user("other@example.org")
    for subject in (author, make_topic("Vision"), make_institution("Uni Bremen")):
        follow(subject, by=reader)
    follow_search(WorkSearch.read("q=deep+learning&year=2024"), by=reader)
    follow(make_topic("Nobody's matter"), by=other)
    client = signed_in(reader)
    page = parse(client.get("/me/follows/").content)
    shown = [" ".join(item.text_content().split()) for item in page.cssselect(".told li p")]
    today = timezone.now().strftime("%-d %B %Y")
    assert shown == [
        f"“deep learning”, 2024 search, since {today}q=deep+learning&year=2024",
        f"Uni Bremen institution, since {today}", f"Vision topic, since {today}", f"Boxiao Liu researcher, since {today}",
    ]  # fmt: skip
    for item in other.follows.all():
        assert client.post(f"/me/follows/{item.pk}/end/").status_code == 404
    for form in page.cssselect(".told form"):
        assert client.get(form.get("action")).status_code == 405
        client.post(form.get("action"))
    assert not reader.follows.exists()
    assert other.follows.count() == 1
    assert "You follow nothing yet." in client.get("/me/follows/").content.decode()
    assert Client().get("/me/follows/")["Location"] == "/accounts/login/?next=/me/follows/"


def test_a_long_list_is_read_from_a_place_on_at_the_same_cost():
    reader = make_user()
    client = signed_in(reader)
    costs = []
    for number in (1, 3, 52):
        Follow.objects.all().delete()
        Follow.objects.bulk_create(Follow(user=reader, topic=make_topic(f"Topic {place}")) for place in range(number))
        with CaptureQueriesContext(connection) as queries:
            page = parse(client.get("/me/follows/").content)
        costs.append(len(queries))
    assert len(set(costs)) == 1
    [more] = page.cssselect(".row a.button")
    rest = parse(client.get("/me/follows/" + str(more.get("href"))).content)
    assert [link.text_content() for link in rest.cssselect(".told p a")] == ["Topic 1", "Topic 0"]
    assert client.get("/me/follows/?after=x").status_code == 200


# --- Oneself ----------------------------------------------------------------------------------------------------------


def test_nobody_follows_the_page_that_is_their_own(author):
    reader, other = make_user(), make_user("other@example.org")
    follow(author, by=reader)
    follow(author, by=other)
    Profile.objects.create(user=reader, author=author, claimed_at=timezone.now())
    assert [item.user for item in Follow.objects.all()] == [other]
    own = parse(signed_in(reader).get(author.get_absolute_url()).content)
    assert "This page is yours" in own.cssselect("#follow")[0].text_content()
    assert own.cssselect("#follow form") == []
    assert "This page is yours" in signed_in(reader).post(f"/researchers/{author.slug}/follow/", headers=BY_HTMX).content.decode()
    follow(author, by=reader)
    assert Follow.objects.count() == 1
    with pytest.raises(IntegrityError, match="follow_is_not_of_oneself"), transaction.atomic():
        Follow.objects.create(user=reader, author=author)


def test_a_merge_into_ones_own_page_ends_the_follow_and_undoing_brings_it_back(author):
    reader, twin = make_user(), make_author("B. Liu")
    make_work("On matter", authors=[twin])
    follow(twin, by=reader)
    Profile.objects.create(user=reader, author=author, claimed_at=timezone.now())
    merge = merge_authors(winner_id=author.pk, loser_ids=[twin.pk], reason="One person", by=STAFF)
    assert not Follow.objects.exists()
    undo_merge(merge.pk, by=STAFF)
    assert [(item.user, item.author) for item in Follow.objects.all()] == [(reader, twin)]


def test_institutions_that_a_registry_unites_keep_their_followers():
    """And whatever else people hold of them; in one batch, chains included."""
    first, second, third = (make_institution(f"Uni {name}") for name in ("One", "Two", "Three"))
    for number, institution in enumerate((first, second, third), 1):
        institution.identifiers.create(scheme="openalex", value=f"I{number}")
    both, one = make_user("both@example.org"), make_user("one@example.org")
    for institution, readers in ((first, (both, one)), (second, (both,)), (third, (both,))):
        for reader in readers:
            follow(institution, by=reader)
    domain = EmailDomain.objects.create(domain="one.example", kind="academic", institution=first)
    take_in_listed(
        [
            ("1", ImportedMergedId(kind="institution", scheme="openalex", old="I1", new="I2")),
            ("2", ImportedMergedId(kind="institution", scheme="openalex", old="I2", new="I3")),
        ]
    )
    connection.check_constraints()
    assert sorted(Follow.objects.values_list("user__email", "institution__name")) == [
        ("both@example.org", "Uni Three"), ("one@example.org", "Uni Three"),
    ]  # fmt: skip
    domain.refresh_from_db()
    assert domain.institution == third
