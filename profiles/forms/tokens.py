"""A new API token."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from profiles.models.token import STAFF_SCOPES, Scope


class TokenForm(forms.Form):
    """Name, scopes and end of a token. Scopes that only staff can use are offered to staff only."""

    name = forms.CharField(max_length=80, help_text="What the program is, to recognise the token by.")
    scopes = forms.MultipleChoiceField(required=False, choices=Scope.choices, widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(
        choices=[(30, "30 days"), (90, "90 days"), (365, "a year"), (0, "never")], coerce=int, initial=90, label="It ends after"
    )

    def __init__(self, *args: Any, for_staff: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(scope.value, scope.label) for scope in Scope if for_staff or scope not in STAFF_SCOPES]
        cast("forms.MultipleChoiceField", self.fields["scopes"]).choices = offered
