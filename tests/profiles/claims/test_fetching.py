"""Fetching what a stranger named: nothing inside our network, nothing huge, nothing slow, no second look at the name."""

import doctest
import gzip
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from profiles.evidence import fetching
from profiles.evidence.fetching import MOST_BYTES, NotFetched, Page, Place, ask, fetch, place_of
from profiles.evidence.homepage import links_to
from tests.waiting import PATIENCE

LINK = "https://bzpeer.example/proof/7-abc/"
PUBLIC, PRIVATE = "93.184.215.14", "10.0.0.7"


class Pages(BaseHTTPRequestHandler):
    """A person's web server with everything on it that a fetcher should not fall for."""

    def do_GET(self):
        getattr(self, self.path.strip("/").partition("/")[0].replace("-", "_") or "home")()

    def send(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": "text/html; charset=utf-8"} | {k.replace("_", "-"): v for k, v in headers.items()}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def home(self):
        self.send(f'<p>Wei <a rel="me nofollow" href="{LINK}">profile</a>'.encode())

    def moved(self):
        self.send(b"", 302, Location="/home")

    def loop(self):
        self.send(b"", 302, Location="/loop")

    def inside(self):
        self.send(b"", 302, Location="https://intranet.example/")

    def metadata(self):
        self.send(b"", 302, Location="http://169.254.169.254/latest/")

    def huge(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 65536)
        except OSError:
            pass

    def slow(self):
        try:
            for letter in b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + b"x" * 100:
                self.wfile.write(bytes([letter]))
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            pass

    def bomb(self):
        self.send(gzip.compress(b"\0" * 1_000_000), Content_Encoding="gzip")

    def picture(self):
        self.send(b"PNG", Content_Type="image/png")

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    web = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    web.daemon_threads = True
    thread = threading.Thread(target=web.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{web.server_port}"
    web.shutdown()
    web.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def wei(settings, server):
    """wei.example is that server; every other name is looked up as the test says."""
    settings.LINK_PROOF_HOSTS = {"wei.example": server}


class says:  # noqa: N801 -- it reads as a function
    """A name server that gives these answers, one after another, and the last again; it notes what it was asked."""

    def __init__(self, *answers: list[str]):
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


def test_examples_in_docstrings():
    assert doctest.testmod(fetching).failed == 0


def test_a_link_is_found_with_its_rel_me():
    page = fetch("https://wei.example/home")
    assert links_to(LINK, page) is True
    assert links_to(LINK + "?x#top", page) is True
    assert links_to("https://bzpeer.example/proof/8-abc/", page) is None
    assert fetch("https://wei.example/moved").url == "https://wei.example/home"


@pytest.mark.parametrize("html", ["", "<", "\ufffd", "<a href='http://[::1'>x</a>", "<!--", "<a href=''>"])
def test_odd_pages_have_no_link(html):
    assert links_to(LINK, Page(url="", text=html, is_cut=False)) is None


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://public.example/", "must begin with https"),
        ("ftp://public.example/", "must begin with https"),
        ("https://user:word@public.example/", "must name a public host"),
        ("https://127.0.0.1/", "must name a public host"),
        ("https://[::1]/", "must name a public host"),
        ("https://2130706433/", "must name a public host"),
        ("https://localhost/", "must name a public host"),
        ("https://public.example:8443/", "ordinary port"),
        ("https://public.example:99999/", "not a web address"),
        ("https://public.example/a b", "%-codes"),
        ("https://public.example/\r\nHost: x", "%-codes"),
    ],
)
def test_addresses_that_are_refused_before_anything_is_looked_up(url, words):
    resolve = says([PUBLIC])
    if "%-codes" not in words:
        with pytest.raises(NotFetched, match=words):
            place_of(url, resolve)
        assert resolve.asked == []
    else:
        with pytest.raises(NotFetched):
            place_of(url, says([PRIVATE]))


@pytest.mark.parametrize("addresses", [[PRIVATE], [PUBLIC, PRIVATE], ["::ffff:10.0.0.7"], ["64:ff9b::a00:7"], ["fd00::7"], []])
def test_a_name_with_one_private_address_is_refused(addresses):
    with pytest.raises(NotFetched, match="not on the open internet"):
        fetch("https://sly.example/", resolve=says(addresses))


def test_redirects_are_judged_like_first_addresses():
    for path, words in (("inside", "not on the open internet"), ("metadata", "must begin with https"), ("loop", "more than 3 times")):
        with pytest.raises(NotFetched, match=words):
            fetch(f"https://wei.example/{path}", resolve=says([PRIVATE]))


def test_a_name_that_changes_its_answer_between_check_and_fetch_gains_nothing(server: str):
    """The name is asked for once, and the connection goes to the address that was judged."""
    resolve = says([PUBLIC], [PRIVATE])
    place = place_of("https://rebinding.example/", resolve)
    assert (place.address, place.host, resolve.asked) == (PUBLIC, "rebinding.example", ["rebinding.example"])
    address, _, port = server.partition(":")
    judged = Place(host="no-such-name.invalid", address=address, port=int(port), path="/home", is_tls=False)
    answer = ask(judged, time.monotonic() + PATIENCE)
    assert not isinstance(answer, str)
    text, is_cut = answer
    assert "profile" in text
    assert not is_cut


def test_a_huge_page_is_read_to_its_64_kb():
    page = fetch("https://wei.example/huge")
    assert (len(page.text), page.is_cut) == (MOST_BYTES, True)


def test_a_server_that_drips_is_hung_up_on():
    with pytest.raises(NotFetched, match="longer than three seconds"):  # of the fifteen that the whole page would take
        fetch("https://wei.example/slow", seconds=2)


def test_a_name_server_that_keeps_silent_is_not_waited_for():
    is_over = threading.Event()

    def silent(host, port):
        assert is_over.wait(PATIENCE)
        return [PUBLIC]

    with pytest.raises(NotFetched, match="could not be looked up in time"):
        fetch("https://silent.example/", resolve=silent, seconds=0.3)
    is_over.set()


@pytest.mark.parametrize(("path", "words"), [("bomb", "compressed"), ("picture", "not an HTML page"), ("nothing", "as a web server does")])
def test_what_is_no_plain_page_is_refused(path, words):
    with pytest.raises(NotFetched, match=words):
        fetch(f"https://wei.example/{path}")
