"""The work page, and the staff's import pages."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.bzpeer.markup import links_of, parse, text_of
from tests.factories.imported import import_records
from tests.factories.people import make_user, signed_in
from tests.factories.records import make_imported_author, make_record, meta_knowledge_distillation, noisy_faces
from works.importers.record import ImportedAffiliation
from works.models import Authorship, ImportRun, RejectedRecord, Work
from works.signals import import_requested

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    return signed_in(make_user("staff@example.org", is_staff=True))


@pytest.fixture
def requests():
    """The imports that were asked for; nobody runs them."""
    heard: list[int] = []

    def hear(run_id: int, **_: object) -> None:
        heard.append(run_id)

    import_requested.connect(hear)
    yield heard
    import_requested.disconnect(hear)


def page(client, work: Work, query: str = "") -> bytes:
    response = client.get(f"{work.get_absolute_url()}{query}")
    assert response.status_code == 200
    return bytes(response.content)


# --- Works ------------------------------------------------------------------------------------------------------------


def test_a_work_says_how_sure_it_is_of_each_author(client):
    import_records(meta_knowledge_distillation(), noisy_faces())
    work = Work.objects.get(title__startswith="Rethinking")
    Authorship.objects.filter(work=work, name="Boxiao Liu").update(confidence=0.95, matched_by="coauthor")
    Authorship.objects.filter(work=work, name="Yu Liu").update(confidence=0.6, matched_by="coauthor")
    text = text_of(page(client, work))
    assert "Boxiao Liu, Yu Liu (match uncertain)" in text
    assert "Boxiao Liu: matched by evidence. Not this person?" in text
    assert "Yu Liu: match uncertain. Not this person?" in text


def test_a_work_leads_to_what_it_cites_what_cites_it_and_what_is_like_it(client):
    cited = (("arxiv", "2202.07940"), ("doi", "10.1000/unknown"))
    import_records(meta_knowledge_distillation(), noisy_faces(references=cited))
    first, citing = Work.objects.order_by("pk")
    content = page(client, citing)
    assert first.get_absolute_url() in links_of(content)
    assert "Meta Knowledge Distillation 2022 · 2 shared authors" in text_of(content)
    assert "preprint, 2022, arXiv" in text_of(content)
    references = text_of(client.get(f"{citing.get_absolute_url()}references/").content)
    assert "Meta Knowledge Distillation" in references
    assert "DOI 10.1000/unknown" in references
    assert citing.get_absolute_url() in links_of(client.get(f"{first.get_absolute_url()}citations/").content)
    assert client.get(f"/works/{'0' * 8}/citations/").status_code == 404


def test_a_work_says_all_that_the_record_knows(client):
    cited = (("arxiv", "2202.07940"), ("doi", "10.1000/unknown"))
    import_records(meta_knowledge_distillation(abstract="About distillation."), noisy_faces(references=cited))
    citing = Work.objects.get(title__startswith="Rethinking")
    text = text_of(page(client, citing))
    assert "Preprint · 2022 · arXiv" in text
    assert "Authors 4, in byline order Bingqi Ma, Guanglu Song, Boxiao Liu (match uncertain), Yu Liu (match uncertain)" in text
    assert "Bingqi Ma: match uncertain. Not this person?" in text
    assert "Cites 2 works, 1 of them in the record. No work in the record is known to cite it." in text
    assert "Abstract not imported. An import from arXiv brings it" in text
    assert "arXiv 2208.04352" in text
    other = page(client, Work.objects.get(title__startswith="Meta"))
    assert "From arXiv About distillation." in text_of(other)
    assert "Cited by 1 work in the record." in text_of(other)
    assert "https://arxiv.org/abs/2202.07940" in links_of(other)


def test_affiliations_are_numbered_as_in_a_journal(client):
    def at(*places: str) -> tuple[ImportedAffiliation, ...]:
        return tuple(ImportedAffiliation(raw=place) for place in places)

    import_records(
        make_record(
            "Three people, two places",
            [
                make_imported_author("Ada Lovelace", affiliations=at("London")),
                make_imported_author("Emmy Noether", affiliations=at("Göttingen", "London")),
                make_imported_author("Sofja Kowalewskaja"),
            ],
        )
    )
    root = parse(page(client, Work.objects.get()))
    assert [place.text_content() for place in root.cssselect(".places li")] == ["London", "Göttingen"]
    assert [mark.text_content() for mark in root.cssselect(".byline-full sup")] == ["affiliation 1", "affiliation 2,1"]


def test_a_retraction_is_the_first_thing_said(client):
    import_records(make_record("Cold fusion", ["Ada Lovelace"], notice="retracted"))
    notice = parse(page(client, Work.objects.get())).cssselect(".work-head .notice")
    assert notice[0].text_content() == "Retracted. A registry says so; the work stays in the record with this notice."


def test_a_byline_of_thousands_is_paged(client):
    import_records(make_record("Crowd", [f"Person Number{number:04}" for number in range(1, 251)]))
    work = Work.objects.get()
    assert "1 to 100 of 250, in byline order" in text_of(page(client, work))
    last = parse(page(client, work, "?authors=3"))
    names = [item.text_content() for item in last.cssselect(".byline-full a")]
    assert (names[0], names[-1], len(names)) == ("Person Number0201", "Person Number0250", 50)
    for nonsense in ("?authors=99", "?authors=x", "?authors=-1", "?authors=²"):
        page(client, work, nonsense)


@pytest.mark.parametrize("authors", [1, 3])
def test_a_work_page_costs_nine_queries(client, authors):
    import_records(
        make_record(
            "Counted",
            [
                make_imported_author(f"Person {name}", affiliations=(ImportedAffiliation(raw=name, name=name),))
                for name in ("Alpha", "Beta", "Gamma")[:authors]
            ],
        )
    )
    work = Work.objects.get()
    with CaptureQueriesContext(connection) as queries:
        page(client, work)
    assert len(queries) == 9


def test_a_work_that_is_not_there(client):
    assert client.get("/works/00000000/").status_code == 404
    assert client.get("/works/%00/").status_code == 404


# --- Imports ----------------------------------------------------------------------------------------------------------


def test_imports_are_for_staff(client, staff):
    run = ImportRun.objects.create(source="arxiv", request={}, fingerprint="x")
    for address in ("/imports/", run.get_absolute_url()):
        assert client.get(address)["Location"] == f"/accounts/login/?next={address}"
        assert signed_in(make_user(f"{len(address)}@example.org")).get(address).status_code == 403
        assert staff.get(address).status_code == 200


def test_staff_start_an_import_by_identifiers(staff, requests):
    response = staff.post("/imports/", {"source": "arxiv", "ids": "2202.07940, 2208.04352\n2202.07940"})
    run = ImportRun.objects.get()
    assert (response.status_code, response["Location"]) == (302, run.get_absolute_url())
    assert requests == [run.pk]
    assert run.request["ids"] == ["2202.07940", "2208.04352"]
    assert run.requested_by == "staff@example.org"


def test_staff_start_an_import_of_a_file(staff, requests, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    upload = SimpleUploadedFile("../../records of 2022.jsonl.gz", b"not opened here")
    staff.post("/imports/", {"source": "bzpeer", "files": upload})
    [path] = map(Path, ImportRun.objects.get().request["files"])
    assert path.parent == tmp_path / "imports"
    assert path.name.endswith(".jsonl.gz")
    assert path.read_bytes() == b"not opened here"


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({"source": "arxiv"}, "Say what to import in exactly one way"),
        ({"source": "arxiv", "ids": "2202.07940", "query": "cat:cs.LG"}, "Say what to import in exactly one way"),
        ({"source": "bzpeer", "query": "everything"}, "BZPEER records can be imported from files only"),
        ({"source": "elsewhere", "query": "x"}, "Select a valid choice"),
        ({"source": "arxiv", "ids": " ".join(map(str, range(1001)))}, "at most 1,000 fit into one import"),
    ],
)
def test_a_request_that_makes_no_sense_says_why(staff, requests, data, complaint):
    response = staff.post("/imports/", data)
    assert response.status_code == 422
    assert complaint in text_of(response.content)
    assert requests == []


def test_a_running_import_asks_again_and_a_finished_one_does_not(staff):
    run = ImportRun.objects.create(source="arxiv", request={"query": "cat:cs.LG"}, fingerprint="x", status="running", read=1200, new=1000)
    live = staff.get(run.get_absolute_url(), headers={"HX-Request": "true"})
    assert b'hx-trigger="every 2s"' in live.content
    assert b"<html" not in live.content
    assert "1,200" in text_of(live.content)
    assert "HX-Refresh" not in live
    ImportRun.objects.update(status="finished")
    done = staff.get(run.get_absolute_url(), headers={"HX-Request": "true"})
    assert b"hx-trigger" not in done.content
    assert done["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"status": "waiting"}, "so far there is nothing on it"),
        ({"status": "failed", "error": "arXiv cannot be reached"}, "Nothing was read."),
        ({"status": "finished", "read": 3, "new": 3}, "Every record that was read is in."),
    ],
)
def test_an_import_says_that_all_is_in_only_when_it_is(staff, state, said):
    run = ImportRun.objects.create(source="arxiv", request={"query": "cat:cs.LG"}, fingerprint="x", **state)
    text = text_of(staff.get(run.get_absolute_url()).content)
    assert said in text
    assert ("Every record that was read is in." in text) is (state["status"] == "finished")


def test_what_was_not_taken_in_is_listed_page_by_page(staff):
    run = ImportRun.objects.create(source="arxiv", request={}, fingerprint="x", status="finished", rejected=60)
    RejectedRecord.objects.bulk_create(RejectedRecord(run=run, place=f"line {number}", reason="no title") for number in range(1, 61))
    first, second = (staff.get(f"{run.get_absolute_url()}?page={page}").content for page in (1, 2))
    assert "60 remarks" in text_of(first)
    assert ("line 50–" in text_of(first), "line 51–" in text_of(first)) == (True, False)
    assert "line 60–" in text_of(second)


def test_the_media_folder_is_not_served(client):
    assert not any(str(settings.MEDIA_ROOT).startswith(str(folder)) for folder in [settings.STATIC_ROOT])
    assert client.get("/media/imports/").status_code == 404
