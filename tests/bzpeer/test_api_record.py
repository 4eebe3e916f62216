"""What the API says of the record, exactly; and what is in no answer of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from bzpeer.api.urls import urlpatterns
from graph.actions.builds import build
from graph.actions.slices import request_slice
from graph.models import KIND_OF, Slice
from profiles.actions.profiles import add_other_name, choose_name, describe_oneself
from profiles.actions.tokens import create_token
from profiles.models import Follow, User
from profiles.models.token import Scope
from tests.factories.claims import claimed, make_person
from tests.factories.people import make_user, signed_in
from tests.factories.verified import bring_in, person, printed, record, settle
from works.actions.journal import Actor
from works.actions.shelves import rebuild_shelves
from works.actions.suppressions import suppress_author
from works.models import Affiliation, Author, FormerId, ImportRun, Institution, Topic, Work
from works.models.decision import Role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def unlimited(redis, settings) -> None:
    settings.API_VISITORS_A_MINUTE = settings.API_ACCOUNTS_A_MINUTE = 10_000


@pytest.fixture
def engines() -> Work:
    """A preprint by two people, one with an institution and an iD, and its counts and trust."""
    ada = printed("Ada Lovelace", ror="02mhbdp94", orcid="0000-0002-1825-0097")
    bring_in(
        record(
            "Notes on $x^2$ engines",
            [ada, {"raw_name": "Babbage, C.", "name": "C. Babbage"}],
            abstract="On the analytical engine.",
            identifiers=[["arxiv", "2201.00042"], ["doi", "10.1000/42"]],
            references=[["doi", "10.1000/41"]],
            source={"name": "arXiv", "kind": "repository"},
        )
    )
    settle()
    return Work.objects.get()


def get(path: str) -> Any:
    answer = Client().get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_work_with_its_byline_reasons_and_versions(engines):
    ada, babbage = person("Ada Lovelace"), person("C. Babbage")
    said = get(f"works/{engines.public_id}/")
    versions = said.pop("versions")
    authorships = said.pop("authorships")
    assert [(version["registry"], version["type"], version["title"], version["source"]) for version in versions] == [
        ("arxiv", "preprint", "Notes on $x^2$ engines", "arXiv")
    ]
    institution = authorships[0]["affiliations"][0]["institution"]
    topic = said["topics"][0]
    assert authorships[0] == {
        "position": 1,
        "name": "Ada Lovelace",
        "author": {"id": ada.public_id, "name": "Ada Lovelace", "url": f"/researchers/ada-lovelace-{ada.public_id}/"},
        "orcid": "0000-0002-1825-0097",
        "orcid_asserted_by": "repository",
        "matched_by": authorships[0]["matched_by"],
        "reason": authorships[0]["reason"],
        "confidence": authorships[0]["confidence"],
        "affiliations": [{"raw": "Department, 02mhbdp94", "institution": institution, "asserted_by": "repository", "is_inferred": False}],
    }
    assert institution["name"] == "University 02mhbdp94"
    assert (authorships[1]["author"]["id"], authorships[1]["affiliations"]) == (babbage.public_id, [])
    source = engines.source
    assert said == {
        "id": engines.public_id,
        "type": "preprint",
        "title": "Notes on $x^2$ engines",
        "title_plain": said["title_plain"],
        "abstract": "On the analytical engine.",
        "abstract_from": "arxiv",
        "year": 2022,
        "published_on": "2022-03-01",
        "language": "",
        "notice": "",
        "notices": [],
        "source": {"id": source.public_id, "name": "arXiv", "kind": "repository"},
        **dict.fromkeys(("volume", "issue", "pages", "publisher"), ""),  # a preprint has none
        "authors_count": 2,
        "is_byline_cut": False,
        "topics": [{"id": topic["id"], "scheme": "keyword", "code": "t0", "label": "Topic 0", "url": topic["url"]}],
        "identifiers": [
            {"scheme": "arxiv", "value": "2201.00042", "url": "https://arxiv.org/abs/2201.00042"},
            {"scheme": "doi", "value": "10.1000/42", "url": "https://doi.org/10.1000/42"},
        ],
        "references_count": 1,
        "references_here": 0,
        "citations_count": 0,
        "url": f"/works/{engines.public_id}/",
    }
    assert "$" not in said["title_plain"]
    assert get(f"works/{engines.public_id}/references/")["results"] == [
        {"scheme": "doi", "value": "10.1000/41", "url": "https://doi.org/10.1000/41", "work": None}
    ]
    assert get("works/?identifier=doi:10.1000/42")["results"][0]["authors"] == [
        {"id": ada.public_id, "name": "Ada Lovelace"},
        {"id": babbage.public_id, "name": "C. Babbage"},
    ]


def test_an_author_with_figures_trust_and_what_they_say(engines):
    ada = person("Ada Lovelace")
    said = get(f"authors/{ada.public_id}/")
    trust = get(f"authors/{ada.public_id}/trust/")
    assert said["trust"] == {"score": trust["score"], "band": trust["band"], "level": trust["level"]}
    assert (said["works_count"], said["topics_count"], said["years"], said["first_year"]) == (1, 1, [[2022, 1]], 2022)
    assert [(place["name"], place["year"]) for place in said["affiliations"]] == [("University 02mhbdp94", 2022)]
    assert (said["profile"], said["is_claimed"], said["followers_count"]) == (None, False, 0)
    assert (said["collaborators_count"], said["close_collaborators_count"]) == (1, 1)
    assert get("authors/?identifier=orcid:0000-0002-1825-0097")["results"] == [said]
    assert get("authors/?search=lovelace ada")["results"] == [said]
    tie = get(f"authors/{ada.public_id}/collaborations/")["results"]
    babbage = person("C. Babbage")
    assert tie == [
        {
            "author": {"id": babbage.public_id, "name": "C. Babbage", "url": babbage.get_absolute_url()},
            "works_count": 1,
            "strength": 1.0,
            "first_year": 2022,
            "last_year": 2022,
            "url": f"/api/v1/authorships/?author={babbage.public_id}",
        }
    ]


def test_institution_source_and_topic(engines):
    places = get("institutions/")["results"]
    assert [(place["name"], place["identifiers"]) for place in places] == [
        ("University 02mhbdp94", [{"scheme": "ror", "value": "02mhbdp94", "url": "https://ror.org/02mhbdp94"}])
    ]
    assert get("institutions/?identifier=ror:02mhbdp94")["results"] == places
    rebuild_shelves()
    ada, babbage = person("Ada Lovelace"), person("C. Babbage")
    for kind, people in (("institution", [ada]), ("source", [ada, babbage]), ("topic", [ada, babbage])):
        one = get(f"{kind}s/")["results"][0]
        assert (one["works_count"], one["people_count"]) == (1, len(people))
        assert get(f"{kind}s/{one['id']}/") == one
        assert get(f"{kind}s/?search={(one.get('name') or one['label'])[:5]}")["results"] == [one]
        assert [row["id"] for row in get(f"authors/?{kind}={one['id']}")["results"]] == [author.public_id for author in people]
        assert [row["id"] for row in get(f"works/?{kind}={one['id']}")["results"]] == [engines.public_id]
        assert Client().get(f"/api/v1/{kind}s/00000000/").status_code == 404
        key = {"institution": Affiliation.objects.get().institution_id, "source": engines.source_id}.get(kind) or topic_of(engines)
        FormerId.objects.create(public_id="0000000a", kind=kind, subject=key)
        answer = Client().get(f"/api/v1/{kind}s/0000000a/?fields=id")
        assert (answer.status_code, answer["Location"]) == (301, f"/api/v1/{kind}s/{one['id']}/?fields=id")
        assert [row["id"] for row in get(f"works/?{kind}=0000000a")["results"]] == [engines.public_id]
        FormerId.objects.all().delete()
    assert [row["label"] for row in get("topics/?scheme=keyword")["results"]] == ["Topic 0"]
    assert [row["label"] for row in get("topics/?identifier=keyword:t0")["results"]] == ["Topic 0"]
    assert get("topics/?scheme=arxiv")["results"] == get("topics/?identifier=arxiv:t0")["results"] == []
    assert [row["name"] for row in get("sources/?kind=repository")["results"]] == ["arXiv"]
    assert get("sources/?kind=journal")["results"] == []


def topic_of(work: Work) -> int:
    return work.work_topics.get().topic_id


def test_a_slice_is_asked_for_and_then_there(engines):
    ada = person("Ada Lovelace")
    address = f"/api/v1/authors/{ada.public_id}/slice/"
    Slice.objects.all().delete()
    missing = Client().get(address)
    assert (missing.status_code, missing["Retry-After"], missing["Content-Type"]) == (404, "2", "application/problem+json")
    assert Slice.objects.get().requested_at is not None
    build(kind="person", subject_id=ada.pk)
    answer = Client().get(address)
    assert answer.json() == Slice.objects.get().payload
    assert {node["kind"] for node in answer.json()["nodes"]} == {"person", "work", "topic", "institution"}
    assert Client().get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    work = f"/api/v1/works/{engines.public_id}/slice/"
    assert Client().get(work).status_code == 404
    build(kind="work", subject_id=engines.pk)
    answer = Client().get(work)
    centre = next(node for node in answer.json()["nodes"] if node["id"] == answer.json()["centre"])
    assert (centre["kind"], centre["label"], answer["Cache-Control"]) == ("work", get(work[8:-6])["title_plain"], "public, max-age=60")


def test_a_slice_costs_one_query(engines, django_assert_num_queries):
    for address, subject in (
        (f"authors/{person('Ada Lovelace').public_id}", person("Ada Lovelace")),
        (f"works/{engines.public_id}", engines),
    ):
        request_slice(subject)
        build(kind=KIND_OF[type(subject)], subject_id=subject.pk)
        with django_assert_num_queries(1):
            assert Client().get(f"/api/v1/{address}/slice/").status_code == 200


def test_nobody_is_read_who_objected_to_a_page(engines):
    ada = person("Ada Lovelace")
    suppress_author(author_id=ada.pk, by=Actor(account=1, role=Role.STAFF))
    for rest in ("", "trust/", "slice/", "collaborations/"):
        assert Client().get(f"/api/v1/authors/{ada.public_id}/{rest}").status_code == 404, rest
    assert get(f"authorships/?author={ada.public_id}")["results"] == get(f"works/?author={ada.public_id}")["results"] == []
    assert get(f"works/{engines.public_id}/")["authorships"][0]["author"] is None


def test_who_was_merged_redirects_everywhere(engines):
    ada, babbage = person("Ada Lovelace"), person("C. Babbage")
    Author.objects.filter(pk=babbage.pk).update(merged_into=ada)
    other = Work.objects.create(public_id="00000000", title="Old", title_key="old", title_hash=0, type="preprint", merged_into=engines)
    for rest in ("?fields=id", "trust/", "slice/"):
        answer = Client().get(f"/api/v1/authors/{babbage.public_id}/{rest}")
        assert (answer.status_code, answer["Location"]) == (301, f"/api/v1/authors/{ada.public_id}/{rest}")
    answer = Client().get(f"/api/v1/works/{other.public_id}/?fields=id")
    assert (answer.status_code, answer["Location"]) == (301, f"/api/v1/works/{engines.public_id}/?fields=id")
    assert get(f"works/{other.public_id}/references/") == get(f"works/{engines.public_id}/references/")


def test_pages_name_their_json(engines):
    ada = person("Ada Lovelace")
    for page, address in (
        (ada.get_absolute_url(), f"/api/v1/authors/{ada.public_id}/"),
        (engines.get_absolute_url(), f"/api/v1/works/{engines.public_id}/"),
        (engines.source.get_absolute_url(), f"/api/v1/sources/{engines.source.public_id}/"),
        *((one["url"], f"/api/v1/{kind}/{one['id']}/") for kind in ("topics", "institutions") for one in get(f"{kind}/")["results"]),
    ):
        html = Client().get(page).content.decode()
        assert f'<link rel="alternate" type="application/json" href="{address}">' in html
        assert Client().get(address).status_code == 200


SECRETS = ("ada@mail.example", "reader@secret.example", "Byron", "byron", "wei@phys.example.edu", "Met in person", "walker@secret.example")


def every_address(work: Work, author: Author, run: ImportRun) -> list[str]:
    """Each address of the API that can be read, with what there is."""
    known = {"authors": author.public_id, "works": work.public_id}
    kinds = {"topics": work.work_topics.get().topic, "sources": work.source, "institutions": Affiliation.objects.first().institution}
    found = []
    for pattern in urlpatterns:
        if not pattern.name:
            continue
        route = str(pattern.pattern)
        kind = route.partition("/")[0]
        opaque = known.get(kind) or getattr(kinds.get(kind), "public_id", "")
        asked = f"?from={author.public_id}&to={author.public_id}" if route == "paths/" else ""
        found.append("/api/v1/" + route.replace("<public_id:public_id>", str(opaque)).replace("<int:pk>", str(run.pk)) + asked)
    assert not any("<" in address for address in found)
    return [*found, f"/api/v1/authorships/?author={author.public_id}", f"/api/v1/works/?author={author.public_id}"]


def test_addresses_hidden_names_follows_and_evidence_are_in_no_answer(engines):
    """Everything is planted, then every address of the API is read as everybody."""
    bring_in(record("Poetical science", [printed("Ada Byron", ror="02mhbdp94")], source={"name": "arXiv", "kind": "repository"}))
    settle()
    ada = person("Ada Byron")
    owner = make_person("ada")
    claimed(ada, by=owner, approved_by=make_user("walker@secret.example", is_staff=True))
    choose_name(name="Ada Lovelace of Ockham", by=owner)
    add_other_name(name="Ada King", is_public=True, by=owner)
    describe_oneself(headline="Engines", biography="", topics=[], is_open_to_collaborate=None, hidden=[], by=owner)
    follower = make_user("reader@secret.example")
    Follow.objects.create(user=follower, author=ada)
    Affiliation.objects.update(raw="Department of Physics; wei@phys.example.edu")
    run = ImportRun.objects.create(
        source="arxiv", request={"files": [], "ids": [], "query": "q"}, fingerprint="x", requested_by="walker@secret.example"
    )
    settle()
    for subject in (ada, *Work.objects.all(), *Topic.objects.all(), *Institution.objects.all()):
        request_slice(subject)
        build(kind=KIND_OF[type(subject)], subject_id=subject.pk)
    request_slice(ada, kind="similar")
    build(kind="similar", subject_id=ada.pk)
    staff = User.objects.get(email="walker@secret.example")
    clients = [Client(), signed_in(follower), signed_in(owner), signed_in(staff)]
    tokens = [create_token(name="all", scopes=Scope.values, by=user)[1] for user in (follower, owner, staff)]
    read = 0
    for address in every_address(Work.objects.get(title="Poetical science"), ada, run):
        answers = [client.get(address) for client in clients]
        answers += [Client().get(address, headers={"Authorization": f"Bearer {token}"}) for token in tokens]
        for answer in answers:
            assert answer.status_code in {200, 401, 403}, address
            if not answer["Content-Type"].startswith("text/html"):
                text = answer.content.decode()
                assert [secret for secret in SECRETS if secret in text] == [], address
                assert "@" not in text or address.endswith("schema/"), address
                read += answer.status_code == 200
    assert read > 100
    said = get(f"authors/{ada.public_id}/")
    assert (said["name"], said["other_names"], said["followers_count"], said["profile"]["headline"]) == (
        "Ada Lovelace of Ockham",
        ["Ada King"],
        1,
        "Engines",
    )
    assert json.dumps(get("authors/?search=byron")["results"]) == json.dumps([said])  # found by it, and not told
