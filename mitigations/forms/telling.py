"""What people choose about messages, and what administrators type about channels."""

from __future__ import annotations

from typing import Any

from django import forms

from mitigations.services.telling import PERSONAL, Kind

_HOW = "Written as Apprise does, like slack://…, workflows://…, pagerduty://… or jsons://… It is never shown again."
_KINDS = [(kind.value, kind.words) for kind in Kind]
_FOR_CHANNELS = [(kind.value, kind.words) for kind in Kind if kind not in PERSONAL]


class MessagesForm(forms.Form):
    email = forms.EmailField(
        label="My e-mail address", required=False, max_length=254, help_text="Empty: nothing comes by mail."
    )
    kinds = forms.MultipleChoiceField(
        label="Tell me by mail when …", required=False, choices=_KINDS, widget=forms.CheckboxSelectMultiple
    )

    @property
    def muted(self) -> list[str]:
        return [kind.value for kind in Kind if kind.value not in self.cleaned_data["kinds"]]


class ChannelForm(forms.Form):
    """The address is never shown again, not even when something else in the form is wrong."""

    name = forms.CharField(max_length=60, help_text="What people call it: “NOC room”, “On-call pager”.")
    address = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off", "class": "mono"}),
    )
    kinds = forms.MultipleChoiceField(
        label="Tell it when …", required=False, choices=_FOR_CHANNELS, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, label: str = "", **kwargs: Any) -> None:
        """`label`: what may be shown of the address that is there; without one, an address is needed."""
        super().__init__(*args, **kwargs)
        address = self.fields["address"]
        address.required = not label
        address.help_text = f"Leave it empty to keep {label}" if label else _HOW
