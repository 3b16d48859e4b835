from __future__ import annotations

from django import forms


class AskForm(forms.Form):
    reason = forms.CharField(
        label="Why must it go?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Do not repeat what must go: this stands in the log.",
        error_messages={"required": "Say why, so that an administrator can decide."},
    )
