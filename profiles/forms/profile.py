"""My profile: one small form for each thing that can be said."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils import timezone

from profiles.models import Profile

FIRST_YEAR = 1900
OPEN = [("", "I do not say"), ("yes", "Yes, show “Open to collaborate”"), ("no", "No, show “Not open to collaborate now”")]


class AboutForm(forms.Form):
    headline = forms.CharField(
        max_length=160, required=False, help_text="One line under your name: who you are and what you work on. At most 160 characters."
    )
    biography = forms.CharField(
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text="Markdown: *emphasis*, **strong**, [a link](https://example.org), lists with a hyphen. At most 5,000 characters.",
    )
    topics = forms.CharField(
        max_length=800, required=False, help_text="What you work on, in your own words, separated by commas. At most twelve."
    )
    is_open = forms.ChoiceField(label="Open to collaborate?", choices=OPEN, required=False)
    shown = forms.MultipleChoiceField(
        label="Show on my page", choices=Profile.Section.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    @staticmethod
    def initial_of(profile: Profile) -> dict[str, Any]:
        is_open = {None: "", True: "yes", False: "no"}[profile.is_open_to_collaborate]
        return {
            "headline": profile.headline,
            "biography": profile.biography,
            "topics": ", ".join(profile.topics),
            "is_open": is_open,
            "shown": [section for section in Profile.Section.values if section not in profile.hidden],
        }

    def clean_topics(self) -> list[str]:
        topics = [topic.strip() for topic in re.split(r"[,;\n]", self.cleaned_data["topics"]) if topic.strip()]
        if too_long := next((topic for topic in topics if len(topic) > 60), None):
            raise forms.ValidationError(f"“{too_long[:30]}…” is longer than 60 characters.")
        return topics

    def clean_is_open(self) -> bool | None:
        return {"": None, "yes": True, "no": False}[self.cleaned_data["is_open"]]

    def said(self) -> dict[str, Any]:
        """The arguments of describe_oneself()."""
        data = self.cleaned_data
        return {
            "headline": data["headline"],
            "biography": data["biography"],
            "topics": data["topics"],
            "is_open_to_collaborate": data["is_open"],
            "hidden": set(Profile.Section.values) - set(data["shown"]),
        }


class NameForm(forms.Form):
    name = forms.CharField(
        label="Name on your page",
        max_length=200,
        help_text="Every page, list and graph uses it. What bylines printed before stays findable, and hidden unless you show it.",
    )


class OtherNameForm(forms.Form):
    other_name = forms.CharField(
        label="Another name of yours", max_length=200, help_text="A former name, or another spelling. Search and matching use it."
    )
    is_public = forms.BooleanField(label="Show it on my page", required=False)


class AffiliationForm(forms.Form):
    institution = forms.CharField(
        max_length=300, help_text="An institution of the record is recognised by its name; any other is shown as you type it."
    )
    role = forms.CharField(max_length=100, required=False, help_text="Such as “Doctoral student”. Can stay empty.")
    from_year = forms.IntegerField(label="From year", min_value=FIRST_YEAR, required=False)
    to_year = forms.IntegerField(label="To year", min_value=FIRST_YEAR, required=False, help_text="Empty while it lasts.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        latest = timezone.localdate().year + 1
        for name in ("from_year", "to_year"):
            if (year := data.get(name)) and year > latest:
                self.add_error(name, f"The year can be at most {latest}.")
        return data


class LinkForm(forms.Form):
    url = forms.URLField(label="Address", max_length=500, assume_scheme="https", widget=forms.TextInput(attrs={"inputmode": "url"}))
    label = forms.CharField(max_length=60, required=False, help_text="What to call it, such as “Group page”. Can stay empty.")
