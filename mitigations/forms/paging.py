from __future__ import annotations

from django import forms


class BeforeForm(forms.Form):
    """Where a list goes on that has no other filter: before this number."""

    before = forms.IntegerField(required=False, min_value=1, max_value=2**62)
