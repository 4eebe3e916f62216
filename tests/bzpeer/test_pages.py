"""Home, search, about, the accounts' pages, and what the site says when something is wrong."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import path

from bzpeer import urls, views
from tests.bzpeer.markup import links_of, parse, refused_by_policy, text_of
from tests.factories.imported import import_records, the_author
from tests.factories.people import make_user, signed_in
from tests.factories.records import make_imported_author, make_record, meta_knowledge_distillation, noisy_faces
from works.models import ImportRun, Work
from works.models.corpus import corpus_size

pytestmark = pytest.mark.django_db


def search(client, **query: str) -> bytes:
    response = client.get("/search/", query)
    assert response.status_code == 200
    return bytes(response.content)


def people_of(content: bytes) -> list[str]:
    return [heading.text_content() for heading in parse(content).cssselect(".results h3")]


def works_of(content: bytes) -> list[str]:
    return [heading.text_content() for heading in parse(content).cssselect(".works h3")]


# --- Home -------------------------------------------------------------------------------------------------------------


def test_home_says_what_the_record_holds(client):
    import_records(meta_knowledge_distillation(), noisy_faces())
    ImportRun.objects.create(source="arxiv", request={}, fingerprint="x", status="finished", finished_at="2026-03-04T05:06Z")
    text = text_of(client.get("/").content)
    assert "works2 authors6 topics2 institutions0" in text
    assert "Last import: arXiv, 4 March 2026." in text
    assert "Boxiao Liu2 works · cs.CV" in text


def test_an_empty_site_says_how_to_begin(client):
    text = text_of(client.get("/").content)
    assert "Nothing has been imported yet: manage.py import_works" in text
    assert "works0 authors0 topics0 institutions0" in text


def test_home_costs_five_queries_whatever_it_holds(client):
    for number in (1, 3):
        import_records(*(make_record(f"Work {number}-{part}", [f"Person {part}"], topics=[f"t{part}"]) for part in range(number)))
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        assert len(queries) == 5


def test_large_tables_are_estimated_and_small_ones_counted():
    import_records(meta_knowledge_distillation())
    assert corpus_size() == {"works": (1, True), "authors": (4, True), "topics": (1, True), "institutions": (0, True)}
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET reltuples = 1234567 WHERE oid = 'works_work'::regclass")
        assert corpus_size()["works"] == (1_234_567, False)


# --- Search -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["Łukasz", "lukasz zolc", "ZOLC luk", "zółć"])
def test_people_are_found_without_accents_in_any_order(client, query):
    import_records(make_record("On bile", ["Łukasz Żółć"]))
    assert people_of(search(client, q=query)) == ["Łukasz Żółć"]


def test_a_person_is_told_from_a_namesake(client):
    at_cuhk = make_imported_author("Yu Liu", identifiers=(("openalex", "A1"),))
    elsewhere = make_imported_author("Yu Liu", identifiers=(("openalex", "A2"),))
    import_records(make_record("On faces", [at_cuhk], topics=["faces"]), make_record("On rivers", [elsewhere], topics=["rivers"]))
    text = text_of(search(client, q="yu liu"))
    assert "2 found" in text
    assert "affiliation not imported · 1 work · faces On faces" in text
    assert "affiliation not imported · 1 work · rivers On rivers" in text


def test_works_are_found_by_words_of_their_titles(client):
    import_records(meta_knowledge_distillation(), noisy_faces())
    assert works_of(search(client, q="distilling knowledge")) == ["Meta Knowledge Distillation"]


def test_a_topic_narrows_people_and_works(client):
    import_records(meta_knowledge_distillation(), noisy_faces())
    slug = next(topic["slug"] for topic in the_author("Hongsheng Li").topics)
    content = search(client, q="li", topic=slug)
    assert "Boxiao Liu" in people_of(content)
    assert "Bingqi Ma" not in people_of(search(client, q="bingqi", topic=slug))
    assert works_of(search(client, topic=slug)) == ["Meta Knowledge Distillation"]
    assert "There is no such topic in the record" in text_of(search(client, q="li", topic="nothing-00000000"))


@pytest.mark.parametrize(
    "query", ["2202.07940", "arXiv:2202.07940v1", "https://arxiv.org/abs/2202.07940", "10.48550/arXiv.2202.07940", " 2202.07940 "]
)
def test_a_pasted_arxiv_id_leads_to_the_work(client, query):
    import_records(meta_knowledge_distillation())
    assert client.get("/search/", {"q": query})["Location"] == Work.objects.get().get_absolute_url()


def test_a_pasted_doi_or_orcid_leads_to_its_page(client):
    author = make_imported_author("Josiah Carberry", identifiers=(("orcid", "0000-0002-1825-0097"),))
    import_records(make_record("Psychoceramics", [author], identifiers=(("doi", "10.5555/12345678"),)))
    doi = client.get("/search/", {"q": "https://doi.org/10.5555/12345678"})
    orcid = client.get("/search/", {"q": "https://orcid.org/0000-0002-1825-0097"})
    assert doi["Location"] == Work.objects.get().get_absolute_url()
    assert orcid["Location"] == the_author("Josiah Carberry").get_absolute_url()


@pytest.mark.parametrize(
    ("query", "help_text"),
    [
        ("2202.07940", "manage.py import_works arxiv --ids 2202.07940"),
        ("10.5555/UNKNOWN", "manage.py import_works openalex --ids 10.5555/unknown"),
        ("0000-0002-1825-0097", "An ORCID iD is found once a registry prints it"),
        ("nobody of this name", "Nothing in the record fits “nobody of this name”."),
    ],
)
def test_nothing_found_says_what_to_do(client, query, help_text):
    assert help_text in text_of(search(client, q=query))


def test_pages_are_numbered(client):
    import_records(*(make_record(f"Report {number}", [f"Annie Jump {chr(65 + number)}annon"]) for number in range(25)))
    both = search(client, q="annie")
    assert len(people_of(both)) == 8
    assert "?q=annie&kind=people" in links_of(both)
    seen = [people_of(search(client, q="annie", kind="people", page=page)) for page in ("1", "2", "3")]
    assert [len(page) for page in seen] == [20, 5, 5]  # beyond the last page stands the last page
    assert len({*seen[0], *seen[1]}) == 25
    assert "Page 2 of 2" in text_of(search(client, q="annie", kind="people", page="2"))


@pytest.mark.parametrize(
    "query",
    [
        {"q": "\x00"},
        {"q": "x" * 5000},
        {"q": "'; DROP TABLE works_work; --"},
        {"q": "a & | ! <-> :*"},
        {"q": "\\"},
        {"q": "li", "page": "-1"},
        {"q": "li", "page": "999999999999999999"},
        {"q": "li", "kind": "stars"},
        {"q": "😀"},
        {"topic": "\x00"},
        {"q": "10.1/%zz"},
    ],
)
def test_no_query_breaks_the_search(client, query):
    import_records(meta_knowledge_distillation())
    assert client.get("/search/", query).status_code == 200
    assert Work.objects.count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_a_search_costs_four_queries(client, number):
    import_records(*(make_record(f"Fish {part}", [f"Fish Person{chr(97 + part)}"]) for part in range(number)))
    with CaptureQueriesContext(connection) as queries:
        search(client, q="fish")
    assert len(queries) == 4


# --- Every page -------------------------------------------------------------------------------------------------------


def addresses() -> list[str]:
    import_records(meta_knowledge_distillation(), noisy_faces())
    run = ImportRun.objects.create(source="arxiv", request={}, fingerprint="x")
    author, work = the_author("Boxiao Liu").get_absolute_url(), Work.objects.first()
    assert work is not None
    public = ["/", "/search/", "/search/?q=liu", "/search/?q=zzz", "/about/", author, f"{author}graph/", f"{author}trust/"]
    accounts = ["login/", "signup/", "logout/", "password/reset/", "password/reset/done/", "password/reset/key/1-set-password/"]
    accounts += ["password/reset/key/done/", "confirm-email/", "confirm-email/unknown-key/", "email/", "password/change/", "inactive/"]
    return [*public, work.get_absolute_url(), "/imports/", run.get_absolute_url(), *(f"/accounts/{name}" for name in accounts), "/nothing/"]


def test_no_page_has_anything_inline_and_every_page_has_the_policy(client):
    seen = set()
    for who in (client, signed_in(make_user(is_staff=True))):
        for address in addresses() if who is client else sorted(seen):
            seen.add(address)
            response = who.get(address)
            policy = response["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            if response.status_code not in {301, 302}:
                assert list(refused_by_policy(response.content)) == [], address
                root = parse(response.content)
                assert len(root.cssselect("h1")) == 1, address
                assert root.cssselect("title")[0].text.endswith(" – BZPEER"), address
                assert root.cssselect("a.skip")[0].get("href") == "#content"


def test_only_those_who_are_signed_in_carry_a_token_for_htmx(client):
    assert parse(client.get("/about/").content).body.get("hx-headers") is None
    assert "csrftoken" not in client.get("/about/").cookies
    assert "x-csrftoken" in parse(signed_in(make_user()).get("/about/").content).body.get("hx-headers")


def test_pages_of_somebody_signed_in_are_kept_by_no_cache(client):
    assert all("Cache-Control" not in client.get(address) for address in ("/", "/about/", "/search/?q=liu"))
    client.force_login(make_user("reader@example.org"))
    for address in ("/", "/about/", "/search/?q=liu", "/accounts/email/"):
        assert client.get(address)["Cache-Control"] == "private, no-store"


def test_the_styles_stay_small():
    """All style sheets together weigh at most 14 kB compressed."""
    import gzip

    folder = settings.BASE_DIR / "static" / "css"
    assert sum(len(gzip.compress(sheet.read_bytes())) for sheet in folder.glob("*.css")) <= 14_000


def test_health_needs_the_database_and_no_session(client):
    with CaptureQueriesContext(connection) as queries:
        response = client.get("/healthz")
    assert (response.content, response["Content-Type"]) == (b"ok\n", "text/plain")
    assert [query["sql"] for query in queries] == ["SELECT 1"]
    assert "Set-Cookie" not in response


def test_robots_are_kept_from_searches(client):
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain"
    assert "Disallow: /search/" in response.content.decode()


# --- Errors -----------------------------------------------------------------------------------------------------------


def fail(request):
    raise RuntimeError("a secret in an error")


def refuse(request):
    raise SuspiciousOperation("odd")


class BrokenUrls:
    """The address book with two addresses that fail."""

    urlpatterns = [*urls.urlpatterns, path("fail/", fail), path("refuse/", refuse)]
    handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/nothing/", 404, "There is no such page"),
        ("/refuse/", 400, "That request could not be read"),
        ("/fail/", 500, "Something went wrong here"),
    ],
)
def test_errors_say_what_happened_and_carry_the_requests_number(settings, address, status, words):
    settings.ROOT_URLCONF = BrokenUrls
    response = Client(raise_request_exception=False).get(address, headers={"X-Request-Id": "test-request-1234"})
    text = text_of(response.content)
    assert response.status_code == status
    assert words in text
    assert "Number of this request: test-request-1234" in text
    assert "secret" not in text
    assert list(refused_by_policy(response.content)) == []


def test_the_page_of_a_server_error_asks_no_database():
    with CaptureQueriesContext(connection) as queries:
        response = views.server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert len(queries) == 0


def test_a_stale_form_says_so():
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {})
    assert response.status_code == 403
    assert "The form has expired" in text_of(response.content)


def test_every_template_of_ours_is_in_the_house():
    """No template extends another site's frame: each page begins with our base, or is a part of one that does."""
    folder = Path(settings.BASE_DIR) / "templates"
    for template in folder.rglob("*.html"):
        assert "<style" not in template.read_text(), template
        assert "http://" not in template.read_text(), template
