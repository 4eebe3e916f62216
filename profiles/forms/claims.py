"""What claimants type. What it means is for the actions to judge; here it is only cut to size."""

from __future__ import annotations

from django import forms

from profiles.trust.levels import VOUCHES


class StatementForm(forms.Form):
    """Words to the reviewers; they may be left out."""

    text = forms.CharField(max_length=2000, required=False, strip=True)


class WordsForm(forms.Form):
    """Words that something cannot do without."""

    text = forms.CharField(max_length=2000, strip=True, error_messages={"required": "Write a sentence or two."})


class AddressForm(forms.Form):
    address = forms.EmailField(max_length=254, error_messages={"invalid": "This is not an e-mail address."})


class CodeForm(forms.Form):
    code = forms.CharField(max_length=40, error_messages={"required": "Type the code from the mail."})


class PageForm(forms.Form):
    url = forms.URLField(max_length=400, assume_scheme="https", error_messages={"invalid": "This is not the web address of a page."})


class RowForm(forms.Form):
    """Which piece of evidence is meant."""

    evidence = forms.IntegerField(min_value=1, max_value=2**62)


class VouchForm(forms.Form):
    """Whom of the record's verified co-authors to ask, and for what: an attestation, unless said otherwise."""

    kind = forms.ChoiceField(choices=[(kind, kind) for kind in sorted(VOUCHES)], required=False)
    voucher = forms.IntegerField(min_value=1, max_value=2**62, error_messages={"required": "Choose whom to ask."})
    text = forms.CharField(max_length=1000, required=False, strip=True)
