"""What people type to each other. What may be sent is for the actions to judge; here it is cut to size."""

from __future__ import annotations

from django import forms

from profiles.inviting import MESSAGE_LENGTH, WORDS_LENGTH
from profiles.models import AbuseReport, Invitation


class InvitationForm(forms.Form):
    """An invitation, or a request for an introduction."""

    purpose = forms.ChoiceField(
        label="What it is about", choices=Invitation.Purpose.choices, widget=forms.RadioSelect, error_messages={"required": "Choose one."}
    )
    message = forms.CharField(
        label="Your message",
        max_length=MESSAGE_LENGTH[1],
        widget=forms.Textarea({"rows": 8}),
        help_text=f"Plain text, {MESSAGE_LENGTH[0]} to {MESSAGE_LENGTH[1]} characters: who you are, and what you have in mind.",
        error_messages={"required": "Write who you are and what you have in mind."},
    )


class WordsForm(forms.Form):
    """A message of a conversation."""

    text = forms.CharField(
        label="Your message", max_length=WORDS_LENGTH, widget=forms.Textarea({"rows": 4}), error_messages={"required": "Write something."}
    )


class AbuseForm(forms.Form):
    kind = forms.ChoiceField(label="What is wrong", choices=AbuseReport.Kind.choices, widget=forms.RadioSelect)
    statement = forms.CharField(
        label="What staff should know (may be left out)", max_length=2000, required=False, widget=forms.Textarea({"rows": 4})
    )


class AbuseDecisionForm(forms.Form):
    decision = forms.CharField(label="The reason", max_length=2000, widget=forms.Textarea({"rows": 4}))
