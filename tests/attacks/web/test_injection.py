"""Payloads in queries, seen by a real browser, in which nothing runs, nothing asks elsewhere, and no element appears that the page does not
have with harmless words; the content security policy, which would stop what runs, is off. And payloads in every imported and typed text,
in whatever leaves the site as a file."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from lxml import etree
from playwright.sync_api import Browser, BrowserContext, Page

from tests.attacks.web.payloads import PAYLOADS
from tests.attacks.web.planting import Planter
from tests.attacks.web.scene import Scene, make_scene
from tests.attacks.web.table import Table

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_passwords", "unlimited")]
# The signs of an element: its name, the names of its attributes, and whither they lead.
LOOK = """() => {
  const scheme = value => (/^\\s*(javascript|data|vbscript):/i.exec(value) || /^\\s*(https?:)?[\\\\/]{2}evil/i.exec(value) || [''])[0];
  const leads = ['href', 'src', 'action', 'formaction', 'data', 'srcset', 'poster', 'xlink:href', 'hx-get', 'hx-post'];
  const found = new Set();
  for (const element of document.querySelectorAll('*')) {
    const within = element.closest('math') ? 'math ' : element.closest('.biography') ? 'biography ' : '';
    const names = element.getAttributeNames().sort();
    const told = names.map(name => leads.includes(name) ? name + scheme(element.getAttribute(name)) : name);
    found.add(within + element.localName + '[' + told + ']');
  }
  return {signs: [...found], ran: window.__ran || 0, scripts: document.scripts.length};
}"""
# What a formula or a biography may be made of beside what the harmless page has.
ALLOWED = re.compile(
    r"^(math m[a-z]+\[[a-z,]*\]|math semantics\[\]|math annotation\[encoding\]|math math\[[a-z,]*\]|math math\[class,display,xmlns\]"
    r"|biography (p|em|strong|ul|ol|li|blockquote|code|br|hr|h3|h4|pre)\[\]|biography a\[href,rel\])$"
)
RUNS = re.compile(r"^math [a-z]+\[[^\]]*\b(on[a-z]+|href|src|style)\b")


class Looker:
    """A browser in which somebody is signed in, and what it saw that should not be."""

    def __init__(self, browser: Browser, site: str, session: str) -> None:
        self.site, self.found = site, []  # type: tuple[str, list[str]]
        self.context: BrowserContext = browser.new_context(base_url=site, bypass_csp=True)
        self.context.set_default_timeout(30_000)
        self.context.add_init_script("window.__ran = 0; window.__x = () => { window.__ran += 1; };")
        self.context.route(lambda address: urlsplit(address).netloc != urlsplit(site).netloc, self.refuse)
        if session:
            self.context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
        self.page: Page = self.context.new_page()
        self.page.on("dialog", self.dismiss)
        self.seen: dict[str, set[str]] = {}
        self.looks = 0

    def refuse(self, route: Any) -> None:
        if not route.request.url.startswith(("data:", "blob:", "about:")):
            self.found.append(f"{self.page.url} asked {route.request.url}")
        route.abort()

    def dismiss(self, dialog: Any) -> None:
        self.found.append(f"{self.page.url} opened a dialog")
        dialog.dismiss()

    def look(self, address: str, *, key: str, is_control: bool = False) -> None:
        """Open a page, let its parts load, and compare it with what it is with harmless words."""
        answer = self.page.goto(address, wait_until="load")
        assert answer is not None
        assert answer.status in {200, 422}, (address, answer.status)
        self.page.wait_for_timeout(50)  # a picture that is not there says so a moment later
        self.page.wait_for_function("() => !document.querySelector('.htmx-request')")
        told = self.page.evaluate(LOOK)
        self.looks += 1
        if told["ran"]:
            self.found.append(f"{address} ran {told['ran']}")
        if is_control:
            self.seen.setdefault(key, set()).update(told["signs"])
            return
        new = set(told["signs"]) - self.seen[key]
        self.found += [f"{address} has {sign}" for sign in sorted(new) if not ALLOWED.match(sign) or RUNS.match(sign)]


@pytest.fixture
def scene(settings: Any) -> Scene:
    scene = make_scene()
    scene.users["administrator"].is_superuser = True
    scene.users["administrator"].save()
    return scene


@pytest.fixture
def lookers(browser: Browser, site: str, scene: Scene) -> Any:
    made = {role: Looker(browser, site, scene.client(role).session.session_key or "" if role != "stranger" else "") for role in
            ("stranger", "owner", "administrator")}  # fmt: skip
    yield made
    for looker in made.values():
        looker.context.close()


@pytest.mark.attack
def test_no_payload_in_a_query_runs_or_changes_a_page(lookers, scene, redis, table: Table):
    asked = [("/search/", "q"), ("/graph/path/", "from_name"), ("/graph/", "find"), ("/search/suggest/", "q")]
    stranger = lookers["owner"]
    for address, name in asked:
        stranger.look(f"{address}?{urlencode({name: 'a harmless word'})}", key=address, is_control=True)
        stranger.look(f"{address}?{urlencode({name: 'engines'})}", key=address, is_control=True)
    for number, payload in enumerate(PAYLOADS):
        address, name = asked[number % len(asked)]
        if number % 40 == 0:
            redis.flushdb()
        stranger.look(f"{address}?{urlencode({name: payload})}", key=address)
    table.row("R10", f"{len(PAYLOADS)} payloads in queries: run or change markup", 0, len(stranger.found))
    assert stranger.found == []


@pytest.mark.attack
def test_a_look_sees_what_runs_and_what_is_added(browser, site, table: Table):
    """The measure itself: were a payload written out as it is, it would be seen."""
    looker = Looker(browser, site, "")
    looker.look("/about/", key="about", is_control=True)
    for payload in ("<img src=x onerror=__x()>", "<form action=//evil.example/>"):
        looker.page.evaluate("text => { document.querySelector('main').insertAdjacentHTML('beforeend', text) }", payload)
        looker.page.wait_for_timeout(200)
        told = looker.page.evaluate(LOOK)
        assert told["ran"] or any("action//evil" in sign for sign in told["signs"])
    looker.context.close()


# --- What is no page -------------------------------------------------------------------------------------------------------------------

FILES = {
    "researchers/{ada}/feed/": "xml", "topics/{topic}/feed/": "xml", "institutions/{institution}/feed/": "xml",
    "search/feed/?q=engines": "xml",
    "sitemap.xml": "xml", "researchers/{ada}/trust.svg": "xml", "researchers/{ada}/export/?format=csv": "csv",
    "researchers/{ada}/export/?format=ris": "ris", "researchers/{ada}/export/?format=bibtex": "bibtex",
    "researchers/{ada}/export/?format=csl": "json", "researchers/{ada}/graph/?format=json": "json",
    "works/{work}/export/?format=ris": "ris",
    "researchers/{ada}/": "jsonld", "works/{work}/": "jsonld", "topics/{topic}/": "jsonld", "institutions/{institution}/": "jsonld",
}  # fmt: skip
XHTML, SVG = "{http://www.w3.org/1999/xhtml}", "{http://www.w3.org/2000/svg}"


def wrong_in(kind: str, body: str) -> str:
    """What is wrong with a file; "" if nothing is."""
    if kind == "xml":
        root = etree.fromstring(body.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
        names = {element.tag for element in root.iter() if isinstance(element.tag, str)}
        runs = {name for name in names if name.rpartition("}")[2] in {"script", "foreignObject", "iframe", "img", "object", "form", "set"}}
        handlers = {name for element in root.iter() for name in element.attrib if str(name).startswith("on")}
        return f"{runs or ''}{handlers or ''}"
    if kind == "csv":
        cells = [cell for row in csv.reader(io.StringIO(body)) for cell in row]
        return "".join(cell for cell in cells if cell[:1] in set("=+-@\t\r|") and not re.fullmatch(r"-?\d+", cell))[:200]
    if kind == "jsonld":
        blocks = re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', body, re.DOTALL)
        return "" if all(isinstance(json.loads(block), dict) and "<" not in block for block in blocks) else "markup in JSON-LD"
    if kind == "json":
        return "" if json.loads(body) is not None else "empty"
    if kind == "ris":
        lines = [line for line in body.splitlines() if line]
        return "".join(line for line in lines if not re.match(r"[A-Z][A-Z0-9]  - ?", line))[:200]
    return "" if body.count("\n@") + body.startswith("@") == body.count("\n}\n") + body.endswith("\n}") else "an entry is broken"


@pytest.mark.django_db
@pytest.mark.parametrize("start", [0, 166])
def test_no_payload_breaks_out_of_a_file(scene, start):
    planter = Planter(scene)
    things = {name: scene.things[name].slug for name in ("ada", "topic", "institution")} | {"work": scene.things["work"].public_id}
    client = scene.client("stranger")
    wrong = {}
    for first in range(start, start + 166, 83):
        planter.plant(PAYLOADS[first : first + 83])
        for path, kind in FILES.items():
            answer = client.get("/" + path.format(**things), follow=True)
            assert answer.status_code == 200, path
            if told := wrong_in(kind, answer.getvalue().decode()):
                wrong[path] = told
            for name in ("Content-Disposition", "Link", "Location"):
                assert not re.search(r"[\r\n<>]", answer.get(name, "")) or name == "Link", (path, name)
    assert wrong == {}
