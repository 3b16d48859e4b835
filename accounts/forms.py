"""What people choose about their own pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from accounts import zones

_HOURS = [("24", "24 hours, like 15:30"), ("12", "12 hours, like 3:30 pm")]
_TWELVE = "12"


class PreferencesForm(forms.Form):
    time_zone = forms.CharField(
        label="My time zone",
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
    )
    hours = forms.ChoiceField(label="A day has", choices=_HOURS, widget=forms.RadioSelect)
    shortcuts = forms.BooleanField(
        label="Keyboard shortcuts", required=False, help_text="Single keys that lead to pages, such as / to the search."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].help_text = (
            f"Type a city, such as Berlin or New York. Empty: the site’s, which is {settings.TIME_ZONE}. "
            "UTC stands beside each time, on hover."
        )

    def clean_time_zone(self) -> str:
        text = str(self.cleaned_data["time_zone"])
        name = zones.named(text) if text else ""
        if name is None:
            sentence = f"“{text}” names no time zone, or several. Write it in full, like Europe/Berlin."
            raise forms.ValidationError(sentence, code="zone")
        return name

    @property
    def chosen(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "time_zone": data["time_zone"],
            "twelve_hours": data["hours"] == _TWELVE,
            "shortcuts": data["shortcuts"],
        }
