"""Home, search, about, the accounts' pages, and what the site says when something is wrong."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import path
from django.utils import timezone

from bzpeer import urls, views
from profiles.models import Profile
from tests.bzpeer.markup import links_of, parse, refused_by_policy, text_of
from tests.factories.imported import import_records, the_author
from tests.factories.people import make_user, signed_in
from tests.factories.records import make_record, meta_knowledge_distillation, noisy_faces
from works.models import ImportRun, Work
from works.models.corpus import corpus_size

pytestmark = pytest.mark.django_db


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


def test_home_costs_six_queries_whatever_it_holds(client):
    for number in (1, 3):
        import_records(*(make_record(f"Work {number}-{part}", [f"Person {part}"], topics=[f"t{part}"]) for part in range(number)))
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        assert len(queries) == 6


def test_home_names_who_claimed_last_and_where_the_record_comes_from(client):
    import_records(meta_knowledge_distillation(), noisy_faces())
    text = text_of(client.get("/").content)
    assert "Recently claimed" not in text
    assert "Where it comes from" not in text
    for number, name in enumerate(("Boxiao Liu", "Yu Liu")):
        card = {"headline": "Reads papers"} if number else {}
        Profile.objects.create(user=make_user(f"p{number}@example.org"), author=the_author(name), claimed_at=timezone.now(), card=card)
    ImportRun.objects.create(source="arxiv", request={}, fingerprint="x", status="finished", finished_at="2026-03-04T05:06Z", new=1234)
    text = text_of(client.get("/").content)
    assert "Recently claimed" in text
    assert text.index("Yu LiuReads papers · ") < text.index("Boxiao Liu2 works · ")
    assert "arXiv 1,234 records" in text


def test_what_about_says_is_where_links_lead(client):
    ids = {element.get("id") for element in parse(client.get("/about/").content).cssselect("[id]")}
    assert ids >= {"data", "identity", "claims", "trust", "levels", "collaboration", "stored", "wrong"}
    linked = {
        link.partition("#")[2] for link in (*links_of(client.get("/").content), *links_of(client.get("/about/").content)) if "#" in link
    }
    assert linked - {"content"} <= ids


def test_large_tables_are_estimated_and_small_ones_counted():
    import_records(meta_knowledge_distillation())
    assert corpus_size() == {"works": (1, True), "authors": (4, True), "topics": (1, True), "institutions": (0, True)}
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET reltuples = 1234567 WHERE oid = 'works_work'::regclass")
        assert corpus_size()["works"] == (1_234_567, False)


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


def test_the_styles_of_a_researcher_page_stay_small(client):
    """Its style sheets together weigh at most 13 kB compressed."""
    import gzip

    import_records(meta_knowledge_distillation())
    links = parse(client.get(the_author("Boxiao Liu").get_absolute_url()).content).cssselect("link[rel='stylesheet']")
    names = {Path(link.get("href")).name.partition(".")[0] for link in links}
    folder = settings.BASE_DIR / "static" / "css"
    weight = sum(len(gzip.compress((folder / f"{name}.css").read_bytes())) for name in names)
    assert "researcher" in names
    assert weight <= 13_000, (weight, sorted(names))


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
