"""What pages say to programs."""

import json

import pytest
from lxml import etree, html

from tests.factories.imported import import_records, the_author
from tests.factories.records import make_record, meta_knowledge_distillation
from works.models import Work

pytestmark = pytest.mark.django_db

HOSTILE = '</script><script>alert(1)</script>"><img src=x onerror=alert(1)> $x$ & \u2028'
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def page(client, address):
    return html.fromstring(client.get(address).content)


def tags(document, attribute="name", prefix="citation_"):
    return [(tag.get(attribute), tag.get("content")) for tag in document.cssselect(f"meta[{attribute}^='{prefix}']")]


def json_ld(document):
    """The first data block: what the page is about. Its place in the site follows."""
    return json.loads(document.cssselect("script[type='application/ld+json']")[0].text)


def test_highwire_tags_of_a_work(client):
    import_records(meta_knowledge_distillation())
    work = Work.objects.get()
    said = tags(page(client, work.get_absolute_url()))
    assert said == [
        ("citation_title", "Meta Knowledge Distillation"),
        ("citation_author", "Jihao Liu"),
        ("citation_author", "Boxiao Liu"),
        ("citation_author", "Hongsheng Li"),
        ("citation_author", "Yu Liu"),
        ("citation_publication_date", "2022/02/16" if work.published_on else "2022"),
        ("citation_arxiv_id", "2202.07940"),
        ("citation_abstract_html_url", f"http://testserver{work.get_absolute_url()}"),
    ]


def test_json_ld_of_a_work(client):
    import_records(meta_knowledge_distillation())
    said = json_ld(page(client, Work.objects.get().get_absolute_url()))
    assert (said["@context"], said["@type"], said["name"]) == ("https://schema.org", "ScholarlyArticle", "Meta Knowledge Distillation")
    assert [author["name"] for author in said["author"]] == ["Jihao Liu", "Boxiao Liu", "Hongsheng Li", "Yu Liu"]
    assert said["author"][1]["url"] == f"http://testserver{the_author('Boxiao Liu').get_absolute_url()}"
    assert said["sameAs"] == ["https://arxiv.org/abs/2202.07940"]


def test_json_ld_of_a_person_says_what_the_record_says(client):
    import_records(meta_knowledge_distillation())
    author = the_author("Boxiao Liu")
    said = json_ld(page(client, author.get_absolute_url()))
    assert (said["@type"], said["mainEntity"]["@type"], said["mainEntity"]["name"]) == ("ProfilePage", "Person", "Boxiao Liu")
    assert said["mainEntity"]["agentInteractionStatistic"]["userInteractionCount"] == 1
    assert not {"email", "gender", "telephone"} & said["mainEntity"].keys()


def test_hostile_titles_and_names_stay_text(client):
    import_records(make_record(HOSTILE, [HOSTILE]))
    work = Work.objects.get()
    document = page(client, work.get_absolute_url())
    assert "alert(1)" in json_ld(document)["name"]
    assert all("src" in script.attrib or script.get("type") == "application/ld+json" for script in document.cssselect("script"))
    assert not document.cssselect("[onerror]")
    researcher = page(client, work.authorships.get().author.get_absolute_url())
    assert "alert(1)" in json_ld(researcher)["mainEntity"]["name"]
    assert not researcher.cssselect("[onerror]")


def test_the_feed_of_a_researcher(client, django_assert_num_queries):
    import_records(meta_knowledge_distillation())
    author = the_author("Boxiao Liu")
    address = f"{author.get_absolute_url()}feed/"
    with django_assert_num_queries(2):
        response = client.get(address)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = etree.fromstring(response.content)
    assert feed.xpath("a:title/text()", namespaces=ATOM) == ["Works of Boxiao Liu – BZPEER"]
    assert feed.xpath("a:link[@rel='self']/@href", namespaces=ATOM) == [f"http://testserver{address}"]
    work = Work.objects.get()
    assert feed.xpath("a:entry/a:id/text()", namespaces=ATOM) == [f"tag:localhost,2026:{work.get_absolute_url()}"]
    assert feed.xpath("a:entry/a:title/text()", namespaces=ATOM) == ["Meta Knowledge Distillation"]
    assert feed.xpath("a:updated/text()", namespaces=ATOM) == feed.xpath("a:entry/a:updated/text()", namespaces=ATOM)
    assert client.get(address, headers={"If-None-Match": response["ETag"]}).status_code == 304
    assert client.get(f"/researchers/someone-else-{author.public_id}/feed/")["Location"] == address
    assert client.get("/researchers/nobody-00000000/feed/").status_code == 404


def test_the_page_names_its_feed(client):
    import_records(meta_knowledge_distillation())
    document = page(client, the_author("Boxiao Liu").get_absolute_url())
    [link] = document.cssselect("link[rel='alternate'][type='application/atom+xml']")
    assert client.get(link.get("href")).status_code == 200
