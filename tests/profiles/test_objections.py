"""Whoever objected has no page, no link, no hit and no node; and no importer brings them back, whatever it prints of them."""

import json
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client

from graph.actions.collaborations import rebuild_graph
from profiles.actions.follows import follow
from profiles.actions.privacy import objections
from profiles.actions.privacy.objections import ObjectionRefused
from profiles.models import Follow, Objection
from tests.factories.claims import claimed, make_reviewer
from tests.factories.imported import import_records, the_author
from tests.factories.people import make_user, signed_in
from tests.factories.records import make_imported_author, make_record, meta_knowledge_distillation, noisy_faces, noisy_faces_in_proceedings
from works.actions.attribution.settling import settle
from works.actions.corrections import Reader
from works.actions.journal import Actor
from works.actions.search import index_names, rebuild_search
from works.actions.suppressions import SuppressionRefused, suppress_author
from works.importers import bibtex, crossref, csl, ris
from works.importers.record import ImportedWork
from works.models import Author, Authorship, RecordEvent, SuppressionMark, Work
from works.models.decision import Role

pytestmark = pytest.mark.django_db

STAFF = Actor(account=1, role=Role.STAFF)
ORCID = "0000-0002-1825-0097"


@pytest.fixture
def boxiao() -> Author:
    import_records(
        meta_knowledge_distillation(),
        make_record("Faces in the dark", [make_imported_author("Boxiao Liu", identifiers=(("orcid", ORCID),)), "Yu Liu"]),
    )
    settle()
    rebuild_search()
    rebuild_graph()
    return Author.objects.get(authorships__orcid=ORCID)


def behind(name: str) -> set:
    """The authors behind every position at which a name of this spelling stands."""
    return set(Authorship.objects.filter(name=name).values_list("author", flat=True))


def by_bibtex() -> list:
    text = "@article{a, title={Meta Knowledge Distillation}, author={Liu, Boxiao and Liu, Jihao}, year={2022}, doi={10.1000/bib}}"
    return list(bibtex.parse(BytesIO(text.encode()), name="a.bib"))


def by_ris() -> list:
    lines = ["TY  - JOUR", "TI  - Another work with an old co-author", "AU  - Liu, Boxiao", "AU  - Li, Hongsheng", "PY  - 2024"]
    text = "\n".join([*lines, "DO  - 10.1000/ris", "ER  - ", ""])
    return list(ris.parse(BytesIO(text.encode()), name="a.ris"))


def by_csl() -> list:
    authors = [{"family": "Liu", "given": "Boxiao"}]
    item = {"id": "x", "type": "article-journal", "title": "Alone, and new", "author": authors, "issued": {"date-parts": [[2025]]}}
    return list(csl.parse(BytesIO(json.dumps([item | {"DOI": "10.1000/csl"}]).encode()), name="a.json"))


def by_crossref() -> list:
    author = {"family": "Liu", "given": "B.", "ORCID": f"https://orcid.org/{ORCID}", "sequence": "first"}
    item = {"DOI": "10.1000/cr", "type": "journal-article", "title": ["Deposited by a publisher"], "author": [author]}
    return list(crossref.parse(BytesIO(json.dumps({"message": {"items": [item]}}).encode()), name="a.json"))


IMPORTERS = {"bibtex": by_bibtex, "ris": by_ris, "csl": by_csl, "crossref": by_crossref}


@pytest.mark.parametrize("name", IMPORTERS)
def test_no_importer_brings_them_back(boxiao, name):
    records = IMPORTERS[name]()
    assert all(isinstance(record, ImportedWork) for record in records)
    suppress_author(author_id=boxiao.pk, by=STAFF)
    import_records(*records)
    settle()
    index_names()
    for place in Authorship.objects.filter(name__in=["Boxiao Liu", "B. Liu"]):
        assert (place.author_id, place.matched_by, place.block, place.orcid) == (None, "suppressed", "", "")
    assert Authorship.objects.filter(work__title=records[0].title).exists()  # the work is there
    assert not Author.objects.filter(name__icontains="Boxiao").exists()


def test_the_same_records_again_and_newer_ones_keep_them_out(boxiao):
    suppress_author(author_id=boxiao.pk, by=STAFF)
    import_records(meta_knowledge_distillation(), meta_knowledge_distillation(year=2023, version="v2"), noisy_faces())
    import_records(noisy_faces_in_proceedings())
    settle()
    assert behind("Boxiao Liu") == {None}
    assert behind("Jihao Liu") != {None}


def test_somebody_else_of_the_name_with_an_id_of_their_own_is_not_left_out(boxiao):
    suppress_author(author_id=boxiao.pk, by=STAFF)
    import_records(make_record("Botany", [make_imported_author("Boxiao Liu", identifiers=(("orcid", "0000-0001-5109-3700"),)), "Eva Ende"]))
    assert Authorship.objects.get(work__title="Botany", position=1).author is not None


def test_no_page_link_hit_feed_or_node_is_left_and_the_works_stay_with_the_printed_name(boxiao):
    reader = make_user()
    follow(boxiao, by=reader)
    address, public_id = boxiao.get_absolute_url(), boxiao.public_id
    other = the_author("Jihao Liu")
    client = Client()
    assert client.get(address).status_code == 200
    suppress_author(author_id=boxiao.pk, by=STAFF)
    index_names()
    for gone in (address, f"{address}feed/", f"{address}trust/", f"{address}graph/", f"/api/v1/authors/{public_id}/trust/"):
        assert client.get(gone).status_code == 404, gone
    work = Work.objects.get(title="Meta Knowledge Distillation")
    pages = [
        client.get(place).content.decode()
        for place in (work.get_absolute_url(), other.get_absolute_url(), "/search/?q=Boxiao+Liu", "/search/suggest/?q=boxiao", "/")
    ]
    assert all(public_id not in page for page in pages)
    assert "Boxiao Liu" in pages[0]
    assert not Follow.objects.exists()
    with connection.cursor() as cursor:
        for table in ("works_authorword", "graph_collaboration", "graph_neighbourhood", "graph_slice", "works_authoridentifier"):
            columns = "author_a_id = %s OR author_b_id" if table == "graph_collaboration" else "author_id"
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {columns} = %s", [boxiao.pk] * (1 + ("_a_" in columns)))
            assert cursor.fetchone()[0] == 0, table
    boxiao.refresh_from_db()
    assert (boxiao.name, boxiao.name_key, boxiao.summary) == ("Removed", "", {})
    assert {len(bytes(mark)) for mark in SuppressionMark.objects.values_list("digest", flat=True)} == {32}


def test_anybody_objects_and_staff_decide(boxiao):
    client = Client()
    given = {
        "page": f"https://site.example{boxiao.get_absolute_url()}?x=1",
        "statement": "It is me, see my site.",
        "contact": "b@mail.example",
    }
    assert client.post("/privacy/objection/", given | {"page": "https://site.example/researchers/nobody-zzzzzzzz/"}).status_code == 422
    for _ in range(2):
        assert client.post("/privacy/objection/", given)["Location"] == "/about/privacy/"
    objection = Objection.objects.get()
    decide = f"/review/objections/{objection.public_id}/"
    assert signed_in(make_user("other@example.org")).post(decide, {"verb": "grant", "reason": "x"}).status_code == 403
    staff = signed_in(make_reviewer())
    assert "It is me, see my site." in staff.get("/review/objections/").content.decode()
    staff.post(decide, {"verb": "grant", "reason": ""})
    assert client.get(boxiao.get_absolute_url()).status_code == 200
    staff.post(decide, {"verb": "grant", "reason": "Shown by their site."})
    objection.refresh_from_db()
    assert (objection.status, objection.statement, objection.contact) == ("granted", "", "")
    assert client.get(boxiao.get_absolute_url()).status_code == 404
    assert RecordEvent.objects.filter(kind="author-suppressed", about_author=boxiao.pk).count() == 1


def test_a_claimed_page_is_given_up_first_and_floods_end(boxiao):
    claimed(boxiao, by=make_user("owner@example.org"))
    with pytest.raises(SuppressionRefused, match="holds this page"):
        suppress_author(author_id=boxiao.pk, by=STAFF)
    import_records(make_record("Many", [f"Person {letter}" for letter in "ABCDEF"]))
    authors = [the_author(f"Person {letter}") for letter in "ABCDEF"]
    reader = Reader(account=None, address="192.0.2.1")
    for author in authors[:5]:
        objections.object_to(author=author, statement="No.", contact="", by=reader)
    with pytest.raises(ObjectionRefused, match="5 objections a day"):
        objections.object_to(author=authors[5], statement="No.", contact="", by=reader)
