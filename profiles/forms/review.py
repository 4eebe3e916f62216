"""The review desk: narrowing the queue, deciding a case, deciding many."""

from __future__ import annotations

from django import forms

from profiles.actions.review import METHODS
from profiles.claiming import REASONS

# Which reasons fit which decision; the words are what the claimant reads.
FOR_APPROVAL = ["evidence-fits"]
FOR_REJECTION = ["evidence-missing", "other-person", "mixed-record", "evidence-false"]
FOR_UPHOLDING = ["dispute-not-upheld"]
FOR_REVOKING = ["dispute-upheld", "evidence-false", "not-me", "other-person", "own-wish"]

QUESTIONS = {
    "second-source": "Please add one more piece of evidence from another source: a link from your own page, say.",
    "institution": "Your works print an institution. Can you prove an e-mail address there?",
    "orcid": "Please log in with ORCID, and have a publisher add your iD to one of these works.",
    "works": "Some of these works look like another person’s. Please go through the list again, and say “not mine” where it is not.",
}


class QueueForm(forms.Form):
    state = forms.ChoiceField(
        choices=[
            ("", "Everything that waits"),
            ("review", "To decide"),
            ("disputed", "Disputed"),
            ("appeal", "Appeals"),
            ("identity", "Identity checks asked for"),
            ("asked", "Asked"),
        ],
        required=False,
    )
    order = forms.ChoiceField(choices=[("", "Riskiest first"), ("age", "Oldest first")], required=False)
    free = forms.BooleanField(label="Only those on nobody’s table", required=False)


class ManyForm(forms.Form):
    verb: forms.Field = forms.ChoiceField(choices=[("approve", "Approve"), ("reject", "Reject"), ("ask", "Ask for more")])
    reason = forms.ChoiceField(choices=[(code, REASONS[code]) for code in FOR_APPROVAL + FOR_REJECTION])
    question = forms.ChoiceField(choices=[("", "Choose a question"), *QUESTIONS.items()], required=False)
    text = forms.CharField(max_length=2000, required=False)

    def words(self) -> str:
        """What is written to the claimant: the chosen question, and what was typed."""
        data = self.cleaned_data
        return " ".join(filter(None, [QUESTIONS.get(data.get("question", ""), ""), data.get("text", "").strip()]))


class DecisionForm(ManyForm):
    verb = forms.CharField(max_length=20)
    reason = forms.ChoiceField(choices=[("", ""), *REASONS.items()], required=False)
    method = forms.ChoiceField(choices=[("", ""), *METHODS.items()], required=False)


class AuditForm(forms.Form):
    table = forms.CharField(max_length=60, required=False)
    kind = forms.CharField(max_length=32, required=False)
    actor = forms.IntegerField(min_value=1, required=False)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)
    before = forms.IntegerField(min_value=1, required=False)
