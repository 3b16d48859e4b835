"""What people type into the search that stands on every page."""

from __future__ import annotations

from django import forms

_LONGEST = 200


class SearchForm(forms.Form):
    q = forms.CharField(
        label="Search everywhere",
        required=False,
        max_length=_LONGEST,
        widget=forms.TextInput(
            attrs={"type": "search", "autocomplete": "off", "spellcheck": "false", "data-keys": "/"}
        ),
        error_messages={"max_length": f"That is too long to look for: {_LONGEST} characters at most."},
    )
