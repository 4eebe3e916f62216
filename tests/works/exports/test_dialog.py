"""Citing in a real browser: the dialog that the script opens, and the page where there is none."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.bzpeer.markup import links_of, parse
from tests.factories.imported import import_records
from tests.factories.records import meta_knowledge_distillation, noisy_faces
from tests.waiting import clipboard_begins_with, fits, hear, until
from works.models import Work

IN_IEEE = "J. Liu, B. Liu, H. Li, and Y. Liu"


@pytest.mark.django_db
def test_the_part_for_the_dialog_has_every_style_and_file(client, django_assert_num_queries):
    import_records(meta_knowledge_distillation())
    here = Work.objects.get().get_absolute_url()
    with django_assert_num_queries(4):
        answer = client.get(f"{here}cite/", headers={"HX-Request": "true"})
    assert "HX-Request" in answer["Vary"]
    assert b"<html" not in answer.content
    root = parse(answer.content)
    choices = [(choice.get("value"), choice.tail.strip()) for choice in root.cssselect("[data-cite-style]")]
    assert [label for _, label in choices] == ["APA", "Harvard", "IEEE", "Nature", "BibTeX", "RIS"]
    texts = {text.get("id"): text for text in root.cssselect(".cite-text")}
    assert list(texts) == [value for value, _ in choices]
    assert [value for value, text in texts.items() if text.get("hidden") is None] == [choices[0][0]]
    assert {f"{here}export/?format={name}" for name in ("bibtex", "ris", "csl", "csv")} <= set(links_of(answer.content))


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
def test_the_dialog(site, open_page, accessibility_violations):
    import_records(meta_knowledge_distillation(), noisy_faces())
    page = open_page(f"{Work.objects.get(title='Meta Knowledge Distillation').get_absolute_url()}", theme="dark")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    link = page.get_by_role("link", name="Cite", exact=True)
    link.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Cite")
    expect(dialog.locator(".cite-text:visible")).to_have_text(re.compile(r"^\s*Liu, J., Liu, B., Li, H., & Liu, Y\. \(2022\)\."))
    dialog.get_by_label("IEEE").check()
    expect(dialog.locator(".cite-text:visible")).to_have_text(re.compile(rf"^\s*{re.escape(IN_IEEE)}"))
    assert accessibility_violations(page) == []
    hear(page)
    dialog.get_by_role("button", name="Copy").click()
    until(page, "heard.includes('Copied')")
    assert clipboard_begins_with(page, IN_IEEE)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    until(page, "document.activeElement.textContent === 'Cite'")


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
def test_without_the_script_the_link_is_a_page(site, open_page, accessibility_violations):
    import_records(meta_knowledge_distillation())
    here = Work.objects.get().get_absolute_url()
    page = open_page(here, javascript=False)
    page.get_by_role("link", name="Cite", exact=True).click()
    expect(page).to_have_url(f"{site}{here}cite/")
    expect(page.locator(".cite-text")).to_have_count(6)
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    page = open_page(f"{here}cite/", width="phone")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    assert accessibility_violations(page) == []
    hear(page)
    page.get_by_role("button", name="Copy the citation in the style of IEEE").click()
    until(page, "heard.includes('Copied')")
    assert clipboard_begins_with(page, IN_IEEE)
    assert fits(page)
