"""My profile: what the owner says, what others see of it, and what it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from profiles.actions.claims import freeze_claim, revoke_claim
from profiles.actions.profiles import describe_oneself, look_at_old_links, pin_work, read_links, record_link_check
from profiles.models import Profile, ProfileAffiliation, ProfileLink
from tests.bzpeer.markup import parse, refused_by_policy, text_of
from tests.factories.claims import claimed
from tests.factories.imported import import_records, the_author
from tests.factories.people import make_user, signed_in
from tests.factories.records import make_imported_author, make_record
from works.importers.record import ImportedAffiliation
from works.models import Author, AuthorName, Work
from works.signals import authorships_changed

pytestmark = pytest.mark.django_db

MINE = "/me/profile/"
ABOUT = {
    "headline": "I build  mail routes for numbers",
    "biography": "I *compute*. [Home](https://ada.example) <script>alert(1)</script>",
    "topics": "engines, Engines, t",
    "is_open": "yes",
    "shown": ["biography", "topics", "affiliations", "links", "pins"],
}


@pytest.fixture
def ada() -> Author:
    """Ada Lovelace, claimed by ada@example.org."""
    at_london = make_imported_author("Ada Lovelace", affiliations=(ImportedAffiliation(raw="UCL", name="University of London"),))
    import_records(*(make_record(f"Note {letter}", [at_london, "Mary Somerville"], topics=["t"]) for letter in "ABC"))
    author = the_author("Ada Lovelace")
    claimed(author, by=make_user("ada@example.org"))
    return author


@pytest.fixture
def owner(ada):
    return signed_in(Profile.objects.get().user)


def said(client, author: Author) -> str:
    return text_of(client.get(author.get_absolute_url()).content)


def press(owner, verb: str, value: object = "", **fields) -> int:
    return int(owner.post(f"{MINE}{verb}/", {"value": value, **fields}).status_code)


def test_what_the_owner_says_stands_apart_from_what_registries_say(client, ada, owner):
    assert owner.post(MINE, ABOUT).status_code == 302
    root = parse(client.get(ada.get_absolute_url()).content)
    own = root.cssselect("#said")[0].text_content()
    assert "Said by Ada Lovelace, not by a registry" in own
    assert "I compute. Home <script>alert(1)</script>" in " ".join(own.split())
    assert root.cssselect("#said .biography a")[0].get("rel") == "nofollow ugc noopener"
    assert [chip.text_content() for chip in root.cssselect("#said .chips li")] == ["engines", "t"]
    assert root.cssselect("#said .chips a")[0].text_content() == "t"
    head = root.cssselect(".who")[0].text_content()
    assert "I build mail routes for numbers" in head
    assert "Open to collaborate" in head
    assert "Claimed by the author" in root.cssselect(".states")[0].text_content()
    assert list(refused_by_policy(client.get(ada.get_absolute_url()).content)) == []


@pytest.mark.parametrize(("answer", "badge"), [("", "Collaboration: not stated yet"), ("no", "Not open to collaborate now")])
def test_openness_is_said_by_the_person_alone(client, ada, owner, answer, badge):
    owner.post(MINE, {**ABOUT, "is_open": answer})
    assert badge in said(client, ada)


def test_what_is_not_shown_is_not_in_the_page(client, ada, owner):
    owner.post(MINE, {**ABOUT, "shown": ["topics"]})
    assert "I compute" not in said(client, ada)
    assert "engines" in said(client, ada)


def test_a_preview_shows_and_saves_nothing(client, ada, owner):
    text = text_of(owner.post(MINE, {**ABOUT, "preview": "1"}).content)
    assert "Not saved yet I build mail routes for numbers I compute." in text.replace("  ", " ")
    assert Profile.objects.get().headline == ""


def test_what_cannot_stand_says_why_and_keeps_what_was_typed(ada, owner):
    answer = owner.post(MINE, {**ABOUT, "topics": "x" * 61})
    assert answer.status_code == 422
    assert "is longer than 60 characters" in text_of(answer.content)
    assert "I build" in answer.content.decode()
    many = owner.post(MINE, {**ABOUT, "topics": ",".join(f"topic {n}" for n in range(13))})
    assert (many.status_code, "At most 12 topics" in text_of(many.content)) == (422, True)


def test_affiliations_come_from_the_record_or_as_typed(client, ada, owner):
    press(owner, "add-affiliation", institution="university of LONDON", role="Student", from_year=2019, to_year="")
    press(owner, "add-affiliation", institution="A shed", role="", from_year=2010, to_year=2012)
    assert [(item.name, bool(item.institution), item.years) for item in ProfileAffiliation.objects.all()] == [
        ("University of London", True, "since 2019"),
        ("A shed", False, "2010 to 2012"),
    ]
    assert "University of London, Student since 2019 A shed 2010 to 2012" in said(client, ada)
    assert press(owner, "add-affiliation", institution="A shed", from_year=2012, to_year=2010) == 422
    assert press(owner, "remove-affiliation", ProfileAffiliation.objects.get(name="A shed").pk) == 302
    assert "A shed" not in said(client, ada)


def test_works_come_first_in_the_owners_order(client, ada, owner):
    ids = {title: Work.objects.get(title=title).public_id for title in ("Note A", "Note B", "Note C")}
    for public_id in ids.values():
        press(owner, "pin", public_id)
    press(owner, "up", ids["Note C"])
    press(owner, "up", ids["Note C"])
    press(owner, "down", ids["Note A"])
    press(owner, "down", ids["Note A"])
    pins = [item.text_content().split(" 2022")[0] for item in parse(client.get(ada.get_absolute_url()).content).cssselect(".pinned li")]
    assert pins == ["Note C", "Note B", "Note A"]
    press(owner, "unpin", ids["Note B"])
    assert "Note C 2022 Note A 2022" in said(client, ada)


def test_only_works_of_ones_own_come_first(ada, owner):
    import_records(make_record("Of another", ["Mary Somerville"]))
    foreign = Work.objects.get(title="Of another").public_id
    answer = owner.post(f"{MINE}pin/", {"value": foreign}, follow=True)
    assert "Only works on your own page can be put first." in text_of(answer.content)


def test_a_corrected_title_reaches_the_selected_works(client, ada, owner):
    press(owner, "pin", Work.objects.get(title="Note A").public_id)
    import_records(make_record("Note A, corrected", ["Ada Lovelace", "Mary Somerville"], topics=["t"], key="note a"))
    authorships_changed.send(sender=Author, author_ids=[ada.pk])  # as the import's run does
    assert "Note A, corrected" in parse(client.get(ada.get_absolute_url()).content).cssselect(".pinned ol")[0].text_content()


def test_names_are_chosen_hidden_and_shown(client, ada, owner):
    press(owner, "name", name="Ada King")
    press(owner, "add-name", other_name="Augusta Byron", is_public="on")
    ada.refresh_from_db()
    text = said(client, ada)
    assert "Ada King" in text
    assert "Also Augusta Byron" in text
    assert "Lovelace" not in text
    press(owner, "show-name", AuthorName.objects.get(name="Ada Lovelace").pk)
    assert "Also Ada Lovelace, Augusta Byron" in said(client, ada)
    assert press(owner, "name", name="…") == 422


def test_links_are_addresses_of_the_web(client, ada, owner):
    assert press(owner, "add-link", url="https://ada.example/", label="Home") == 302
    assert press(owner, "add-link", url="javascript:alert(1)") == 422
    assert press(owner, "add-link", url="https://ada.example/") == 422
    [link] = parse(client.get(ada.get_absolute_url()).content).cssselect("#said .said-list a")
    assert (link.get("href"), link.get("rel"), link.text_content()) == ("https://ada.example/", "me nofollow ugc noopener", "Home")
    press(owner, "remove-link", ProfileLink.objects.get().pk)
    assert "Home" not in said(client, ada)


def test_links_are_looked_at_again_after_30_days(ada, owner):
    """A page that stopped linking back loses the mark; one that cannot be read today keeps it, with the reason for its owner."""
    press(owner, "add-link", url="https://ada.invalid/")
    link = ProfileLink.objects.get()
    record_link_check(link_id=link.pk, is_mutual=True)
    assert look_at_old_links() == 0
    ProfileLink.objects.update(checked_at=timezone.now() - timedelta(days=31))
    assert look_at_old_links() == 1
    assert read_links() == 1  # there is no such host
    link.refresh_from_db()
    assert (link.is_mutual, link.check_owed_at) == (True, None)
    assert link.failure
    record_link_check(link_id=link.pk, is_mutual=False)
    assert Profile.objects.get().card["links"][0]["is_mutual"] is False


def test_nobody_changes_anothers_page(ada, owner):
    """Whatever ids a request names, only rows of one's own profile are touched."""
    import_records(make_record("By Mary", ["Mary Somerville"], topics=["t"]))
    other = make_user("mary@example.org")
    claimed(the_author("Mary Somerville"), by=other)
    press(owner, "add-link", url="https://ada.example/", label="Home")
    press(owner, "add-affiliation", institution="A shed", role="")
    press(owner, "add-name", other_name="Augusta Byron")
    intruder = signed_in(other)
    press(intruder, "remove-link", ProfileLink.objects.get().pk)
    press(intruder, "remove-affiliation", ProfileAffiliation.objects.get().pk)
    press(intruder, "remove-name", AuthorName.objects.get(name="Augusta Byron").pk)
    assert (ProfileLink.objects.count(), ProfileAffiliation.objects.count(), AuthorName.objects.count()) == (1, 1, 1)


def test_who_has_no_page_is_told_how_one_begins(client, ada):
    assert client.get(MINE).status_code == 302
    visitor = signed_in(make_user())
    assert "You have no page of your own yet." in text_of(visitor.get(MINE).content)
    assert visitor.post(f"{MINE}name/", {"name": "X"}).status_code == 302
    ada.refresh_from_db()
    assert ada.name == "Ada Lovelace"


def test_nonsense_changes_nothing(ada, owner):
    for verb in ("remove-link", "remove-name", "remove-affiliation", "check-link", "pin", "unpin", "up", "show-name"):
        for value in ("", "x", "-1", "9" * 30, "\0", "²"):
            assert press(owner, verb, value) == 302, (verb, value)
    assert not AuthorName.objects.exists()
    assert owner.post(f"{MINE}nothing/").status_code == 404


def test_a_frozen_claim_changes_nothing(ada, owner):
    claim = Profile.objects.get().user.claims.get()
    freeze_claim(claim)
    answer = owner.post(MINE, ABOUT)
    assert answer.status_code == 422
    assert "Somebody objected to your claim." in text_of(answer.content)


def test_with_a_revoked_claim_goes_everything_that_was_said(client, ada, owner):
    owner.post(MINE, ABOUT)
    press(owner, "name", name="Mallory")
    claim = Profile.objects.get().user.claims.get()
    revoke_claim(claim, reason="evidence-false", by=make_user("other@example.org", is_staff=True))
    ada.refresh_from_db()
    text = said(client, ada)
    assert ada.name == "Ada Lovelace"
    assert "In their own words" not in text
    assert "Unclaimed author" in text


def test_the_preview_is_a_strangers_page(ada, owner):
    text = text_of(owner.get(f"{MINE}preview/").content)
    assert "Log in" in text
    assert "Change my page" not in text
    assert "Change my page" in text_of(owner.get(ada.get_absolute_url()).content)


@pytest.mark.parametrize("pins", [1, 3])
def test_a_claimed_page_costs_a_stranger_two_queries(client, ada, owner, pins):
    user = Profile.objects.get().user
    describe_oneself(headline="H", biography="B", topics=["t"], is_open_to_collaborate=True, hidden=[], by=user)
    for work in Work.objects.all()[:pins]:
        pin_work(public_id=work.public_id, by=user)
    client.get(ada.get_absolute_url())
    with CaptureQueriesContext(connection) as queries:
        assert client.get(ada.get_absolute_url() + "?made=anew").status_code == 200  # kept pages: test_kept_for_strangers.py
    assert len(queries) == 2, [query["sql"] for query in queries]
    owner.get(MINE)
    with CaptureQueriesContext(connection) as queries:
        owner.get(MINE)
    assert len(queries) == 9, [query["sql"] for query in queries]


def test_direct_collaboration_is_what_the_owner_says_and_never_that_of_an_unclaimed_page(client, ada, owner):
    def section() -> str:
        return " ".join(parse(client.get(ada.get_absolute_url()).content).cssselect("#direct")[0].text_content().split())

    assert "Ada Lovelace has not said whether they are open to collaborate." in section()
    owner.post(MINE, ABOUT)
    assert "Ada Lovelace says: open to collaborate. Invite to collaborate You log in first" in section()
    owner.post(MINE, ABOUT | {"is_open": "no"})
    assert "Ada Lovelace says: not open to collaborate now." in section()
    assert "claimed" not in section()
    revoke_claim(Profile.objects.get().user.claims.get(), reason="other-person", by=make_user("sam@example.org", is_staff=True))
    assert "Nobody has claimed this page, so nobody has said here whether they are open to collaborate." in section()
