"""Two people in real browsers: one looks the other up, follows, leaves a word; the other claims the page, answers, writes, blocks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core.mail import EmailMessage
from playwright.sync_api import Page, expect

from profiles.actions import contact
from profiles.actions.claims import approve_claim, submit_claim
from profiles.actions.digests import plan_digests, stop_word
from profiles.actions.mail_reports import take_report
from profiles.actions.mails import post
from profiles.models import Claim, Conversation, Digest, DigestPlan, Follow, Invitation, Message, SentMail, User
from tests.conftest import Windows
from tests.factories.claims import make_reviewer, prove
from tests.factories.contact import WORDS, make_conversation, make_invitation, make_researcher
from tests.factories.imported import import_records, the_author
from tests.factories.mail_reports import make_bounce
from tests.factories.people import PASSWORD, make_user
from tests.factories.records import meta_knowledge_distillation, noisy_faces
from tests.journeys.test_claim import desk_of, say_mine
from tests.waiting import PATIENCE, click_through, fits, wait_for

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

Violations = Callable[[Page], list[str]]


@pytest.mark.parametrize("javascript", [True, False])
def test_from_a_search_to_a_conversation_and_its_end(open_page: Windows, site: str, worker: object, javascript: bool) -> None:
    """Follow, held invitation, claim, delivery, acceptance, words both ways, block: each by hand, in pages that lead to one another."""
    import_records(meta_knowledge_distillation(), noisy_faces())
    liu = the_author("Boxiao Liu")
    reader, owner = make_user("reader@example.org"), make_user("boxiao@example.org")

    ann = open_page("/", javascript=javascript)
    ann.get_by_role("main").locator("input[type=search]").fill("boxiao liu")
    ann.get_by_role("main").locator("input[type=search]").press("Enter")
    expect(ann).to_have_url(re.compile("/search/"))
    click_through(ann.get_by_role("main").get_by_role("link", name="Boxiao Liu").first)
    click_through(ann.get_by_role("link", name="Follow researcher"))
    ann.get_by_label("Email").fill(reader.email)
    ann.get_by_label("Password").fill(PASSWORD)
    click_through(ann.get_by_role("button", name="Log in", exact=True))
    ann.get_by_role("button", name="Follow researcher").click()
    expect(ann.get_by_role("button", name="Following – stop")).to_be_visible()

    click_through(ann.get_by_role("link", name="Hold an invitation"))
    ann.get_by_label("A joint work").check()
    ann.get_by_label("Your message").fill(WORDS)
    ann.get_by_role("button", name="Hold it").click()
    expect(ann.get_by_role("heading", level=1)).to_have_text("Your invitation to Boxiao Liu")
    expect(ann.get_by_text("Until then nobody knows of it")).to_be_visible()

    boxiao = desk_of(open_page, owner, javascript=javascript)
    boxiao.goto("/me/messages/")
    expect(boxiao.get_by_text("None yet.")).to_be_visible()
    boxiao.goto(liu.get_absolute_url())
    boxiao.get_by_role("button", name="This is me").click()
    if javascript:
        click_through(boxiao.get_by_role("link", name="Go on with your claim"))
    say_mine(boxiao)
    claim = Claim.objects.get()
    prove(owner, liu, claim=claim)
    approve_claim(submit_claim(claim, statement="Both are mine.", by=owner), by=make_reviewer())
    boxiao.goto("/me/profile/")
    boxiao.get_by_label("Open to collaborate").select_option("yes")
    click_through(boxiao.get_by_role("main").get_by_role("button", name="Save").first)
    wait_for(lambda: Invitation.objects.filter(status="waiting").exists(), "the delivery")
    boxiao.goto("/me/messages/")
    click_through(boxiao.get_by_role("main").get_by_role("link", name="Somebody").first)
    expect(boxiao.get_by_text(WORDS)).to_be_visible()
    expect(boxiao.get_by_text("nothing here says who they are")).to_be_visible()
    click_through(boxiao.get_by_role("button", name="Accept"))
    boxiao.get_by_label("Your message").fill("Gladly. <b>When?</b>")
    boxiao.get_by_role("button", name="Send").click()
    expect(boxiao.locator(".messages .mine").last).to_contain_text("Gladly. <b>When?</b>")

    ann.goto("/me/messages/")
    expect(ann.get_by_role("main").locator(".threads").first).to_contain_text("New")
    click_through(ann.get_by_role("main").get_by_role("link", name="Boxiao Liu").first)
    expect(ann.locator(".messages .theirs").last).to_contain_text("Gladly.")
    talk = Conversation.objects.get()
    if javascript:  # what has been on the screen for some seconds
        wait_for(lambda: not is_unread(talk, reader), "the mark that it was read")
    else:
        assert is_unread(talk, reader)  # a visit alone marks nothing
        click_through(ann.get_by_role("button", name="Mark as read"))
        assert not is_unread(talk, reader)
    ann.get_by_label("Your message").fill("On Tuesday.")
    click_through(ann.get_by_role("button", name="Send"))
    if javascript:  # the other page asks for itself, while it stands open
        expect(boxiao.locator(".messages .theirs").last).to_contain_text("On Tuesday.", timeout=1000 * PATIENCE)
        newest = Message.objects.latest("pk").pk
        wait_for(lambda: talk.members.filter(user=owner, seen=newest).exists(), "the mark that it was read")
    else:
        boxiao.reload()
        expect(boxiao.locator(".messages .theirs").last).to_contain_text("On Tuesday.")

    click_through(boxiao.get_by_role("button", name="Block"))
    assert not Follow.objects.exists()
    ann.reload()
    expect(ann.get_by_text("This conversation is closed.")).to_be_visible()
    ann.goto(liu.get_absolute_url())
    click_through(ann.get_by_role("link", name="Invite to collaborate"))
    expect(ann.get_by_role("main")).to_contain_text(contact.NOT_POSSIBLE)
    expect(ann.get_by_role("textbox", name="Your message")).to_have_count(0)


def is_unread(talk: Conversation, user: User) -> bool:
    return bool(Conversation.objects.with_unread(user).get(pk=talk.pk).unread)  # type: ignore[attr-defined]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_pages_of_messages_and_settings_with_content_are_accessible(
    open_page: Windows, site: str, accessibility_violations: Violations, width: str, theme: str
) -> None:
    ada, bo, reader = make_researcher("Ada Open"), make_researcher("Bo Bond"), make_user("reader@example.org")
    talk = make_conversation(reader, ada)
    contact.write(talk, text="Gladly. Which faces do you mean, and where are the data?\n\nYours, Ada", by=ada.user)
    received, held = make_invitation(bo.user, ada.author), make_invitation(reader, make_researcher("Cai Silent", is_open=None).author)
    post_and_bounce(reader)
    page = desk_of(open_page, reader, width=width, theme=theme)
    for address in (
        "/me/messages/",
        talk.get_absolute_url(),
        held.get_absolute_url(),
        f"/researchers/{make_researcher('Di Dell').author.slug}/invite/",
        f"/me/reports/conversation/{talk.public_id}/",
        "/me/settings/",
        f"/digest/stop/{stop_word(reader)}/",
    ):
        look_at(page, address, accessibility_violations)
    other = desk_of(open_page, ada.user, width=width, theme=theme)
    for address in ("/me/messages/", received.get_absolute_url(), f"/researchers/{bo.author.slug}/block/"):
        look_at(other, address, accessibility_violations)


def post_and_bounce(user: User) -> None:
    post(EmailMessage("Something waits", "It waits.", to=[user.email]), kind="waiting", account=user)
    take_report(make_bounce(SentMail.objects.get(user=user).message_id))


def look_at(page: Page, address: str, violations: Violations) -> None:
    page.goto(address)
    assert violations(page) == [], address
    assert fits(page), address


def test_a_digest_is_chosen_by_keyboard_and_ended_by_one_click_without_scripts(open_page: Windows, site: str) -> None:
    reader = make_user("reader@example.org")
    page = desk_of(open_page, reader, javascript=False)
    page.goto("/me/settings/")
    page.get_by_label("Every week, on Mondays").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")

    def is_chosen() -> bool:
        page.keyboard.type("Europe/Lis")
        if page.locator("#time-zone").input_value() == "Europe/Lisbon":
            return True
        page.wait_for_timeout(1_500)  # letters that come too slowly do not count together: a browser begins anew after a second
        return False

    wait_for(is_chosen, "the choice by its first letters")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    plan = DigestPlan.objects.get(user=reader)
    assert (plan.rhythm, plan.time_zone) == ("daily", "Europe/Lisbon")
    stranger = open_page(f"/digest/stop/{stop_word(reader)}/", javascript=False)
    stranger.get_by_role("button", name="End the digest").click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("No digest any more")
    plan.refresh_from_db()
    assert plan.rhythm == "off"
    assert plan_digests() == Digest.objects.count() == 0
