"""What people type about findings: a report, a decision, an appeal, the reason of a suspension."""

from __future__ import annotations

from django import forms

from profiles.models import Finding

REPORTABLE = [(Finding.Kind.IDENTITY.value, Finding.Kind.IDENTITY.label), (Finding.Kind.AUTHORSHIP.value, Finding.Kind.AUTHORSHIP.label)]


def words(label: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, max_length=2000, widget=forms.Textarea(attrs={"rows": 6}))


class ReportForm(forms.Form):
    kind = forms.ChoiceField(label="What is wrong", choices=REPORTABLE, widget=forms.RadioSelect)
    statement = words("How do you know?", "Say what staff can check: a work, a page, a message. Only staff read it.")


class DecisionForm(forms.Form):
    decision = words("Reason", "The owner of the page reads it.")


class AppealForm(forms.Form):
    statement = words("Why the decision is wrong", "Somebody else than who decided reads it.")


class SuspensionForm(forms.Form):
    reason = forms.CharField(label="Reason", max_length=300, help_text="The owner of the page reads it.")
