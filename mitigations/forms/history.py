"""What the address of a target's page may say."""

from __future__ import annotations

from django import forms

ALONE = "same"


class HistoryForm(forms.Form):
    """`only=same`: this very prefix, without what overlaps it."""

    only = forms.ChoiceField(required=False, choices=[("", ""), (ALONE, ALONE)], widget=forms.HiddenInput)
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
    after = forms.IntegerField(required=False, min_value=0, max_value=2**62, widget=forms.HiddenInput)

    @property
    def is_alone(self) -> bool:
        return bool(self.cleaned_data["only"] == ALONE)
