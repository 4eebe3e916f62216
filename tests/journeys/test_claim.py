"""A claim in a real browser: by its author, the reviewers and a rival, with and without scripts; with eyes, by keyboard, on a phone."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from graph.actions.collaborations import rebuild_graph
from profiles.actions import claims, evidence
from profiles.actions.claims.notices import not_me_address
from profiles.actions.findings import report
from profiles.actions.profiles import describe_oneself
from profiles.models import Claim, EmailDomain, Evidence, Trust, User
from profiles.roles import ADMINISTRATOR
from tests.conftest import Windows
from tests.factories.claims import claim_in_review, claimed
from tests.factories.imported import import_records, the_author
from tests.factories.people import PASSWORD, make_user, signed_in
from tests.factories.records import meta_knowledge_distillation, noisy_faces
from tests.factories.verified import prove, settle
from tests.waiting import click_through, fits, settled, wait_for
from works.actions.corrections import Reader, report_correction
from works.actions.proposals import ProposedPair, propose_merges
from works.models import Author, Authorship

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

Violations = Callable[[Page], list[str]]
CODE = re.compile(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}\b")


@pytest.fixture
def liu(site: str) -> Author:
    import_records(meta_knowledge_distillation(), noisy_faces())
    EmailDomain.objects.create(domain="example.edu", kind="academic")
    return the_author("Boxiao Liu")


class OwnPage:
    """The web page of a person, on a server of its own: `html` is what it says now."""

    url = "https://boxiao.example/"
    html = "<title>Boxiao Liu</title>"


@pytest.fixture
def own_page(site: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnPage]:
    """That page. Workers that are started later reach it, and know the site by its address."""
    page = OwnPage()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.html.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("LINK_PROOF_HOSTS", f"boxiao.example=127.0.0.1:{server.server_port}")
    monkeypatch.setenv("SITE_URL", site)
    yield page
    server.shutdown()
    server.server_close()
    thread.join()


def desk_of(open_page: Windows, user: User, **given: Any) -> Page:
    """A window in which `user` is signed in."""
    page = open_page(**given)
    page.context.add_cookies([{"name": "sessionid", "value": signed_in(user).cookies["sessionid"].value, "url": open_page.site}])
    return page


def read_mail(staff: Page, to: str) -> str:
    """The newest mail to an address, as staff read it in the outbox."""
    staff.goto("/outbox/")
    click_through(staff.get_by_role("row", name=to).first.get_by_role("link"))
    return staff.locator(".mail-text").inner_text()


def sign_up(page: Page, staff: Page, email: str) -> None:
    """From a page's link "Sign up" over the mail back to where one came from."""
    click_through(page.get_by_role("main").get_by_role("link", name="Sign up"))
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    click_through(page.get_by_role("button", name="Sign up", exact=True))
    [link] = re.findall(r"http\S+confirm-email\S+", read_mail(staff, email))
    page.goto(link)
    click_through(page.get_by_role("button", name="Confirm"))


def say_mine(page: Page) -> None:
    """Tick both works."""
    page.get_by_role("link", name="Say which works are yours").click()
    expect(page.get_by_role("radio", name="Mine", exact=True)).to_have_count(2)
    for box in page.get_by_role("radio", name="Mine", exact=True).all():
        box.check()
    page.get_by_role("button", name="Keep these answers").click()
    expect(page.get_by_text("2 yours, 0 not yours, of 2 in the record.")).to_be_visible()


def prove_mail(page: Page, staff: Page, address: str) -> None:
    page.get_by_text("An address at your institution").click()
    page.get_by_label("Your address there").fill(address)
    click_through(page.get_by_role("button", name="Send a code"))
    [code] = CODE.findall(read_mail(staff, address))
    page.get_by_label("The code from the mail").fill(code)
    page.get_by_role("button", name="Enter the code").click()
    expect(page.get_by_text("The address is proved.")).to_be_visible()


def prove_link(page: Page, own_page: OwnPage) -> None:
    page.get_by_text("A link on a page of yours").click()
    page.get_by_label("The page", exact=True).fill(own_page.url)
    click_through(page.get_by_role("button", name="Use this page"))
    own_page.html = page.locator(".claim-link code").inner_text()
    click_through(page.get_by_role("button", name="It stands there: look"))
    wait_for(lambda: Evidence.objects.proved().filter(kind=Evidence.Kind.LINK).exists(), "the link proof")


def decide(desk: Page, claim: Claim, label: str, words: str = "") -> None:
    """Open a case from the queue and decide it."""
    desk.goto("/review/")
    click_through(desk.locator(f"a[href='/review/{claim.public_id}/']"))
    form = desk.locator("details.decision", has=desk.locator("summary", has_text=re.compile(f"^{label}$")))
    form.locator("summary").click()
    if words:
        form.get_by_role("textbox").fill(words)
    click_through(form.get_by_role("button", name=label, exact=True))


@pytest.mark.parametrize("javascript", [True, False])
def test_from_sign_up_to_a_claim_that_is_disputed_and_upheld(
    open_page: Windows, liu: Author, own_page: OwnPage, worker: object, javascript: bool
) -> None:
    first, second = make_user("rita@example.org", is_staff=True), make_user("sam@example.org", is_staff=True)
    rita, sam = (desk_of(open_page, user, javascript=javascript) for user in (first, second))
    page = open_page(liu.get_absolute_url(), javascript=javascript)
    click_through(page.get_by_role("link", name="This is me"))
    sign_up(page, rita, f"boxiao.{javascript}@mail.example".lower())
    expect(page.get_by_role("heading", level=1)).to_have_text("Are you Boxiao Liu?")
    if javascript:  # the panel of the researcher page does it in place
        page.goto(liu.get_absolute_url())
        page.get_by_role("button", name="This is me").click()
        click_through(page.get_by_role("link", name="Go on with your claim"))
    else:
        click_through(page.get_by_role("button", name="This is me"))
    claim = Claim.objects.get()
    expect(page).to_have_url(f"{open_page.site}{claim.get_absolute_url()}")
    say_mine(page)
    prove_mail(page, rita, f"boxiao.{javascript}@cs.example.edu".lower())
    page.get_by_label("To the reviewers").fill("Both are mine.")
    page.get_by_role("button", name="Hand in the claim").click()
    expect(page.locator(".page-head .badge")).to_have_text("In review")

    decide(rita, claim, "Ask for more", "A link from your own page, please.")
    expect(rita.get_by_text("The claimant is asked.")).to_be_visible()
    page.reload()
    expect(page.locator("#question")).to_have_text("A link from your own page, please.")
    prove_link(page, own_page)
    page.get_by_label("Your answer to the reviewer").fill("It stands there.")
    click_through(page.get_by_role("button", name="Hand in the answer"))
    decide(rita, claim, "Approve")
    expect(rita.get_by_text("Approved. The claimant is told.")).to_be_visible()

    wait_for(lambda: Author.objects.filter(pk=liu.pk, trust__level__gte=2).exists(), "level 2")
    stranger = open_page(liu.get_absolute_url(), javascript=javascript)
    expect(stranger.get_by_text(re.compile(r"^Claimed by the author, \d{1,2} \w+ 20\d\d$"))).to_be_visible()
    expect(stranger.get_by_role("button", name="Verification L2")).to_be_visible()
    expect(stranger.get_by_role("main")).not_to_contain_text("unclaimed")

    click_through(stranger.get_by_role("link", name="It is you, and somebody else holds it?"))
    sign_up(stranger, sam, f"rival.{javascript}@mail.example".lower())
    click_through(stranger.get_by_role("button", name="This is me"))
    say_mine(stranger)
    prove_mail(stranger, sam, f"rival.{javascript}@example.edu".lower())
    stranger.get_by_label("Why the page is yours").fill("I am the one who wrote them.")
    stranger.get_by_role("button", name="Dispute their claim").click()
    expect(stranger.get_by_text("Your dispute is handed in.")).to_be_visible()

    decide(rita, claim, "Uphold")
    expect(rita.get_by_text("You approved this claim. Another reviewer decides the dispute.")).to_be_visible()
    open_page.forgive("422")  # the browser notes that answer's status
    click_through(rita.get_by_role("button", name="Give it back"))
    decide(sam, claim, "Uphold", "The page and the mailbox agree.")
    expect(sam.get_by_text("Upheld.", exact=True)).to_be_visible()
    page.reload()
    expect(page.locator(".page-head .badge")).to_have_text("Approved, and upheld after a dispute")
    stranger.reload()
    expect(stranger.locator(".page-head .badge")).to_have_text("Not approved")
    kinds = list(claim.events.order_by("pk").values_list("kind", flat=True))
    assert [kind for kind in kinds if kind in {"questioned", "approved", "disputed", "upheld"}] == [
        "questioned",
        "approved",
        "disputed",
        "upheld",
    ]


class Scene(NamedTuple):
    """Claims in several states: what each person may see."""

    owner: User
    claimant: User
    staff: User
    for_owner: list[str]
    for_claimant: list[str]
    for_staff: list[str]


@pytest.fixture
def scene(liu: Author) -> Scene:
    """Guanglu Song holds a page at level 4; Boxiao Liu was asked something and asks Song for a word; a rival's claim waits for staff."""
    staff = make_user("rita@example.org", is_staff=True, role=ADMINISTRATOR)
    owner, claimant, rival = (make_user(f"{name}@mail.example") for name in ("guanglu", "boxiao", "rival"))
    song, yu = the_author("Guanglu Song"), the_author("Yu Liu")
    rebuild_graph()
    held = claimed(song, by=owner)
    not_me = urlsplit(not_me_address(held)).path
    for name in ("sam", "tess"):
        prove(song, owner, Evidence.Kind.IDENTITY_CHECK, given_by=make_user(f"{name}@example.org", is_staff=True))
    settle()
    assert Trust.objects.get(author=song).level == 4
    describe_oneself(
        headline="Faces under noise",
        biography="I *measure* noise.",
        topics=["faces"],
        is_open_to_collaborate=True,
        hidden=(),
        by=owner,
    )

    asked = claim_in_review(liu, by=claimant)
    claims.ask_for_more(asked, question="A link from your own page, please.", by=staff)
    evidence.name_page(asked, url="https://boxiao.example/a/page/of/mine/", by=claimant)
    prove(liu, claimant, Evidence.Kind.INSTITUTION_EMAIL, value="cs.example.edu")
    vouch = evidence.ask_for_vouch(asked, voucher=owner.pk, message="Do you remember ECCV?", by=claimant)
    waits = claim_in_review(liu, by=rival)
    untouched = claims.begin_claim(yu, by=claimant)

    report(author=song, kind="identity", statement="Somebody else answers.", by=rival)
    place = Authorship.objects.get(author=yu, work__title="Meta Knowledge Distillation")
    report_correction(place=place, kind="wrong-work", note="Not mine.", by=Reader(account=rival.pk, address="203.0.113.7"))
    propose_merges(authors=[ProposedPair(one=liu.pk, other=yu.pk, score=0.4, reasons=[{"says": "Same surname.", "feature": "name"}])])
    return Scene(
        owner,
        claimant,
        staff,
        [
            "/me/profile/",
            "/me/profile/preview/",
            "/me/claims/",
            held.get_absolute_url(),
            f"/vouches/{vouch.pk}/",
            not_me,
            song.get_absolute_url(),
        ],
        [
            f"{yu.get_absolute_url()}claim/",
            asked.get_absolute_url(),
            f"{asked.get_absolute_url()}works/",
            untouched.get_absolute_url(),
            "/me/claims/",
        ],
        [
            "/review/",
            f"/review/{waits.public_id}/",
            f"/review/{held.public_id}/",
            "/review/audit/",
            "/about/claims/",
            "/review/findings/",
            "/merges/",
            "/corrections/",
        ],
    )


@pytest.mark.parametrize(("width", "theme"), [("desktop", "light"), ("phone", "dark")])
def test_every_screen_of_a_claim_is_accessible(
    open_page: Windows, scene: Scene, accessibility_violations: Violations, width: str, theme: str
) -> None:
    for user, addresses in ((scene.owner, scene.for_owner), (scene.claimant, scene.for_claimant), (scene.staff, scene.for_staff)):
        page = desk_of(open_page, user, width=width, theme=theme)
        for address in addresses:
            page.goto(address)
            page.evaluate("document.querySelectorAll('main details').forEach((fold) => { fold.removeAttribute('name'); fold.open = true })")
            assert accessibility_violations(page) == [], address
            assert fits(page), address


def reach(page: Page, name: str) -> None:
    """Press Tab until what has this name has the focus."""
    settled(page)
    wanted = "() => { const at = document.activeElement; return (at.labels?.[0] ?? at).innerText || at.ariaLabel || '' }"
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(wanted).strip().startswith(name):
            return
    pytest.fail(f"{name} is not reached by Tab on {page.url}")


def follow(page: Page, name: str, key: str = "Enter") -> None:
    """Reach it, press the key, and wait for the page to which that leads."""
    reach(page, name)
    with page.expect_navigation():
        page.keyboard.press(key)


def decide_by_keyboard(desk: Page, label: str, words: str) -> None:
    """Open the first case of the queue, the riskiest, and decide it."""
    desk.goto("/review/")
    follow(desk, "Boxiao Liu")
    expect(desk.get_by_role("heading", name="The claimant shows")).to_be_visible()
    reach(desk, label)
    desk.keyboard.press("Enter")
    reach(desk, "In your words")
    desk.keyboard.type(words)
    follow(desk, label, "Space")


def test_a_claim_its_review_dispute_and_appeal_by_keyboard_alone(open_page: Windows, liu: Author) -> None:
    wei = make_user("wei@mail.example")
    page = desk_of(open_page, wei)
    page.goto(liu.get_absolute_url())
    reach(page, "This is me")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Go on with your claim")).to_be_visible()
    follow(page, "Go on with your claim")
    follow(page, "Say which works are yours")
    reach(page, "Open")  # a group of radio buttons is left by Tab, and chosen from by arrows
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    follow(page, "Keep these answers")
    expect(page.get_by_text("1 yours, 0 not yours, of 2 in the record.")).to_be_visible()
    prove(liu, wei, Evidence.Kind.INSTITUTION_EMAIL, value="example.edu")
    reach(page, "A link on a page of yours")
    page.keyboard.press("Space")
    reach(page, "The page")
    page.keyboard.type("https://boxiao.example/")
    follow(page, "Use this page")
    expect(page.get_by_role("button", name="It stands there: look")).to_be_visible()
    reach(page, "To the reviewers")
    page.keyboard.type("Mine.")
    follow(page, "Hand in the claim", "Space")
    expect(page.locator(".page-head .badge")).to_have_text("In review")
    prove(liu, wei, Evidence.Kind.LINK, value="https://boxiao.example/")

    rita, sam, tess = (desk_of(open_page, make_user(f"{name}@example.org", is_staff=True)) for name in ("rita", "sam", "tess"))
    decide_by_keyboard(rita, "Approve", "Both agree.")
    expect(rita.get_by_text("Approved. The claimant is told.")).to_be_visible()

    rival = make_user("rival@mail.example")
    other = desk_of(open_page, rival)
    other.goto(liu.get_absolute_url())
    follow(other, "It is you, and somebody else holds it?")
    follow(other, "This is me")
    follow(other, "Say which works are yours")
    reach(other, "Open")
    other.keyboard.press("ArrowRight")
    other.keyboard.press("Space")
    follow(other, "Keep these answers")
    prove(liu, rival, Evidence.Kind.INSTITUTION_EMAIL, value="cs.example.edu")
    other.reload()
    reach(other, "Why the page is yours")
    other.keyboard.type("I am the one who wrote them.")
    follow(other, "Dispute their claim")
    expect(other.get_by_text("Your dispute is handed in.")).to_be_visible()

    decide_by_keyboard(sam, "Uphold", "The page and the mailbox agree.")
    expect(sam.get_by_text("Upheld.", exact=True)).to_be_visible()
    other.reload()
    reach(other, "Why the decision is wrong")
    other.keyboard.type("Nobody asked my co-authors.")
    follow(other, "Appeal to another reviewer")
    expect(other.locator(".page-head .badge")).to_have_text("In review")
    decide_by_keyboard(tess, "Uphold", "The co-authors were asked.")
    other.reload()
    expect(other.locator(".page-head .badge")).to_have_text("Not approved")
    page.reload()
    expect(page.locator(".page-head .badge")).to_have_text("Approved, and upheld after a dispute")
