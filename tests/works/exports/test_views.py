"""Exports by address: a work, a selection, a researcher, a search; and the page that cites."""

import csv
import io
import json

import pybtex.database
import pytest
import rispy
from lxml import html

from tests.factories.imported import import_records, the_author
from tests.factories.records import make_record, meta_knowledge_distillation, noisy_faces
from works.importers import bibtex, csl, ris
from works.importers.record import ImportedWork
from works.models import Authorship, Work
from works.models.exported import exported

pytestmark = pytest.mark.django_db


def text_of(response):
    return response.getvalue().decode()


def test_a_work_in_each_format(client, django_assert_num_queries):
    import_records(meta_knowledge_distillation())
    address = f"{Work.objects.get().get_absolute_url()}export/"
    with django_assert_num_queries(4):
        response = client.get(address)
        library = pybtex.database.parse_string(text_of(response), "bibtex")
    [entry] = library.entries.values()
    assert (entry.fields["title"], entry.fields["eprint"], entry.fields["primaryclass"]) == (
        "Meta Knowledge Distillation",
        "2202.07940",
        "cs.LG",
    )
    assert [str(person) for person in entry.persons["author"]] == ["Liu, Jihao", "Liu, Boxiao", "Li, Hongsheng", "Liu, Yu"]
    assert response["Content-Disposition"].endswith('.bib"')
    assert response["X-Robots-Tag"] == "noindex"
    [tagged] = rispy.loads(text_of(client.get(f"{address}?format=ris")))
    assert tagged["authors"] == ["Liu, Jihao", "Liu, Boxiao", "Li, Hongsheng", "Liu, Yu"]
    [item] = json.loads(text_of(client.get(f"{address}?format=csl")))
    assert item["author"][0] == {"family": "Liu", "given": "Jihao"}
    [row] = csv.DictReader(io.StringIO(text_of(client.get(f"{address}?format=csv"))))
    assert row["arxiv"] == "2202.07940"
    assert client.get(f"{address}?format=docx").status_code == 404
    assert client.get("/works/00000000/export/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_a_selection_takes_as_many_queries_however_long_it_is(client, django_assert_num_queries, count):
    import_records(*(make_record(f"Work of number {number}", ["Ada Lovelace", "Charles Babbage"]) for number in range(count)))
    ids = list(Work.objects.order_by("pk").values_list("public_id", flat=True))
    with django_assert_num_queries(4):
        text = text_of(client.get("/works/export/", {"id": [*reversed(ids), "00000000"], "format": "bibtex"}))
    assert text.startswith("% Not in the record: 00000000.")
    titles = [entry.fields["title"] for entry in pybtex.database.parse_string(text, "bibtex").entries.values()]
    assert titles == [f"Work of number {number}" for number in reversed(range(count))]
    assert client.post("/works/export/", {"id": ids, "format": "ris"}).status_code == 200
    assert client.get("/works/export/").status_code == 404
    assert client.get("/works/export/", {"id": ["00000000"]}).status_code == 404


def test_all_works_of_a_researcher_newest_first(client):
    import_records(
        make_record("Without a year", ["Ada Lovelace"], year=None),
        make_record("The old one", ["Ada Lovelace", "Charles Babbage"], year=1843),
        make_record("The new one", ["Ada Lovelace", "Charles Babbage"], year=1852),
        meta_knowledge_distillation(),
    )
    author = Work.objects.get(title="The new one").authorships.get(position=1).author
    address = f"{author.get_absolute_url()}export/"
    rows = list(csv.DictReader(io.StringIO(text_of(client.get(f"{address}?format=csv")))))
    places = Authorship.objects.filter(author=author).newest_first()
    assert [row["title"] for row in rows] == list(places.values_list("work__title", flat=True))
    assert [row["year"] for row in rows][:2] == ["1852", "1843"]
    narrowed = list(csv.DictReader(io.StringIO(text_of(client.get(f"{address}?format=csv&year=1843")))))
    assert [row["title"] for row in narrowed] == ["The old one"]
    assert client.get(f"/researchers/somebody-else-{author.public_id}/export/?format=ris")["Location"] == f"{address}?format=ris"


def test_what_a_search_finds(client):
    import_records(meta_knowledge_distillation(), noisy_faces())
    response = client.get("/search/export/", {"q": "knowledge distillation", "format": "csv"})
    assert [row["title"] for row in csv.DictReader(io.StringIO(text_of(response)))] == ["Meta Knowledge Distillation"]
    assert (response["X-Result-Count"], response["X-Result-Is-Capped"]) == ("1", "false")
    assert client.get("/search/export/").status_code == 404


@pytest.mark.parametrize(("name", "reader"), [("bibtex", bibtex), ("ris", ris), ("csl", csl)])
def test_what_is_imported_comes_back(client, name, reader):
    """Written for records as importers leave them, and read by our own importers: title, people, year, identifiers, source."""
    import_records(
        meta_knowledge_distillation(),
        noisy_faces(),
        make_record(
            r"Decays $B^0\to K^{*0}$ & {braces}",
            ["Jan van der Berg", "The ATLAS Collaboration", "江常皓"],
            identifiers=(("arxiv", "2001.00001"),),
        ),
    )
    works = list(Work.objects.order_by("pk"))
    text = text_of(client.get("/works/export/", {"id": [work.public_id for work in works], "format": name}))
    found = [item for item in reader.parse(io.BytesIO(text.encode()), name="export") if isinstance(item, ImportedWork)]
    assert [(item.type, item.year, set(item.identifiers), item.source.name) for item in found] == [
        (work.type, work.year, {tuple(pair) for pair in work.card["identifiers"]}, "arXiv") for work in works
    ]
    assert [[author.name for author in item.authors] for item in found] == [
        [creator.name for creator in entry.authors] for entry in exported([work.pk for work in works], site="")
    ]


def test_boxes_and_links_stand_in_the_lists(client):
    import_records(meta_knowledge_distillation())
    work = Work.objects.get()
    for address in (the_author("Boxiao Liu").get_absolute_url(), "/search/?q=knowledge+distillation"):
        document = html.fromstring(client.get(address).content)
        [box] = document.cssselect("input[type=checkbox][form=selection]")
        [form] = document.cssselect("form#selection")
        assert (box.get("name"), box.get("value"), form.get("action")) == ("id", work.public_id, "/works/export/")
        links = document.cssselect("form#selection a")
        assert [link.text for link in links] == ["BibTeX", "RIS", "CSL-JSON", "CSV"]
        assert all(client.get(link.get("href")).status_code == 200 for link in links)
        assert document.cssselect(f"a[href='{work.get_absolute_url()}cite/']")


def test_the_page_that_cites(client, django_assert_num_queries):
    import_records(meta_knowledge_distillation(notice="retracted"), make_record("</pre><script>alert(1)</script>", ["<b>Eve</b>"]))
    work = Work.objects.get(title="Meta Knowledge Distillation")
    with django_assert_num_queries(4):
        document = html.fromstring(client.get(f"{work.get_absolute_url()}cite/").content)
    assert [element.text for element in document.cssselect(".cited")] == [
        (
            "Liu, J., Liu, B., Li, H., & Liu, Y. (2022). Meta Knowledge Distillation (arXiv:2202.07940). arXiv. "
            "https://arxiv.org/abs/2202.07940 [Retracted]"
        ),
        "Liu, J. et al. (2022) “Meta Knowledge Distillation”. arXiv. Available at: https://arxiv.org/abs/2202.07940. [Retracted]",
        (
            "J. Liu, B. Liu, H. Li, and Y. Liu, “Meta Knowledge Distillation”, 2022, arXiv:2202.07940. [Online]. "
            "Available: https://arxiv.org/abs/2202.07940 [Retracted]"
        ),
        "Liu, J., Liu, B., Li, H. & Liu, Y. Meta Knowledge Distillation. Preprint at https://arxiv.org/abs/2202.07940 (2022). [Retracted]",
    ]
    hostile = html.fromstring(client.get(f"{Work.objects.exclude(pk=work.pk).get().get_absolute_url()}cite/").content)
    assert all("src" in script.attrib for script in hostile.cssselect("script"))
