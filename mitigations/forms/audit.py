from __future__ import annotations

from django import forms


class LogForm(forms.Form):
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62)
