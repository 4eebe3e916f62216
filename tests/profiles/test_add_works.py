"""Adding works to one's own record: looked at first, taken in when chosen, and only by whose names stand there."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from profiles.actions.additions import pay_additions
from profiles.models import Addition, Claim, Profile
from tests.bzpeer.markup import parse, text_of
from tests.factories.claims import claimed
from tests.factories.imported import import_records, the_author
from tests.factories.people import make_user, signed_in
from tests.factories.records import make_record
from works.models import Author, Authorship, AuthorshipDecision, Work

pytestmark = pytest.mark.django_db

ADD = "/me/works/add/"
FILE = b"""
@article{one, title = {Sketch of the Analytical Engine}, author = {Lovelace, Ada and Menabrea, Luigi}, year = 1843}
@article{two, title = {Note A on the computing engine}, author = {Lovelace, Ada and Somerville, Mary}, year = 2022}
@article{three, title = {On the connexion of the sciences}, author = {Somerville, Mary}, year = 1834}
@article{four, author = {Nobody}}
"""


@pytest.fixture
def ada() -> Author:
    import_records(make_record("Note A on the computing engine", ["A. Lovelace", "Mary Somerville"]), make_record("B", ["Ada Lovelace"]))
    author = the_author("Ada Lovelace")
    claimed(author, by=make_user("ada@example.org"))
    Claim.objects.update(decided_at=timezone.now() - timedelta(days=4))
    return author


@pytest.fixture
def owner(ada: Author) -> Client:
    return signed_in(Profile.objects.get().user)


def hand_in(client: Client, content: bytes = FILE, name: str = "mine.bib") -> Addition | None:
    client.post(ADD, {"by-file": "1", "file": SimpleUploadedFile(name, content)})
    return Addition.objects.first()


def test_a_file_is_looked_at_before_anything_is_written(ada, owner):
    addition = hand_in(owner)
    root = parse(owner.get(addition.get_absolute_url()).content)
    lines = [" ".join(line.text_content().split()) for line in root.cssselect("form.claim-works fieldset")]
    assert "New to the record" in lines[0]
    assert "Known: Note A on the computing engine" in lines[1]
    assert "None of its 1 name is one of yours" in lines[2]
    assert [box.get("name") for box in root.cssselect("input[type=radio][checked]") if box.get("value")] == ["place-0", "place-1"]
    assert "title" in root.cssselect("#rejected-head")[0].getparent().getparent().text_content()
    assert Work.objects.count() == 2


def test_what_is_chosen_is_taken_in_and_mine(ada, owner):
    addition = hand_in(owner)
    owner.post(addition.get_absolute_url(), {"place-0": "1", "place-1": "1", "place-2": ""})
    assert pay_additions() == 1
    assert pay_additions() == 0
    addition.refresh_from_db()
    assert (addition.state, addition.outcome) == ("done", {"new": 1, "merged": 1, "unchanged": 0, "mine": 2, "refused": []})
    assert {place.work.title for place in Authorship.objects.filter(author=ada).select_related("work")} == {
        "B",
        "Note A on the computing engine",
        "Sketch of the Analytical Engine",
    }
    assert AuthorshipDecision.objects.filter(author=ada, role="owner", answer="mine").count() == 2
    assert "yours, as you said" in text_of(owner.get(addition.get_absolute_url()).content)


def test_only_ones_own_names_and_ones_own_additions(ada, owner):
    addition = hand_in(owner)
    answer = owner.post(addition.get_absolute_url(), {"place-2": "1"}, follow=True)
    assert "none of yours" in text_of(answer.content)
    assert signed_in(make_user("reader@example.org")).get(addition.get_absolute_url()).status_code == 404
    addition.refresh_from_db()
    assert addition.state == "read"


def test_the_first_three_days_and_an_objection_in_between_add_nothing(ada, owner):
    addition = hand_in(owner)
    owner.post(addition.get_absolute_url(), {"place-0": "1"})
    Claim.objects.update(decided_at=timezone.now())
    pay_additions()
    addition.refresh_from_db()
    assert addition.state == "failed"
    assert Work.objects.count() == 2
    answer = owner.post(ADD, {"by-file": "1", "file": SimpleUploadedFile("b.bib", FILE)})
    assert (answer.status_code, "less than 72 hours ago" in text_of(answer.content)) == (422, True)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"ids": "10.1000/x 2201.00001"}, "one kind at a time"),
        ({"ids": "nonsense"}, "“nonsense” is no DOI, arXiv id or ORCID iD."),
        ({"by-file": "1", "file": SimpleUploadedFile("a.pdf", b"%PDF")}, "has to end in .bib, .ris or .json"),
        ({"by-file": "1", "file": SimpleUploadedFile("a.bib", b" " * (1024 * 1024 + 1))}, "larger than 1 MB"),
    ],
)
def test_what_cannot_be_read_says_why(ada, owner, given, says):
    answer = owner.post(ADD, given)
    assert (answer.status_code, says in text_of(answer.content)) == (422, True)
    assert not Addition.objects.exists()


def test_a_registry_that_does_not_answer_fails_with_its_name(ada, owner, settings):
    settings.CROSSREF_API_URL, settings.REGISTRY_ATTEMPTS = "http://127.0.0.1:9/", 1
    owner.post(ADD, {"ids": "https://doi.org/10.1000/x"})
    addition = Addition.objects.get()
    assert (addition.source, addition.ids, addition.state) == ("crossref", ["10.1000/x"], "asked")
    assert "A worker is asking the registry." in text_of(owner.get(addition.get_absolute_url()).content)
    pay_additions()
    addition.refresh_from_db()
    assert addition.state == "failed"
    assert "Crossref" in addition.error
