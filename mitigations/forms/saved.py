"""Saving a list under a name."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from mitigations.forms.listing import ListForm


class QueryField(forms.CharField):
    """What stands in the address of a list, and nothing else: names that no list knows, and places in it, are dropped.

    It is never an address itself, so it leads nowhere but to the list.
    """

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        form = ListForm(QueryDict(text or ""))
        if not form.is_valid():
            raise forms.ValidationError("What is in the address of this list makes no sense any more.", code="query")
        return form.text


class SavedForm(forms.Form):
    name = forms.CharField(max_length=60, label="Name")
    shared = forms.BooleanField(required=False, label="For everybody")
    query = QueryField(required=False, max_length=2000)

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            del self.fields["shared"]

    def clean_name(self) -> str:
        """One line."""
        return " ".join(str(self.cleaned_data["name"]).split())

    def clean(self) -> dict[str, Any]:
        return {"shared": False, **(super().clean() or {})}
