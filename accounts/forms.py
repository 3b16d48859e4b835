"""What people type at the doors, and what they choose about their own pages."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.conf import settings

from accounts import zones

_OFF = {"autocapitalize": "none", "spellcheck": "false"}
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


class SignInForm(forms.Form):
    username = forms.CharField(
        max_length=150, widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, **_OFF})
    )
    password = forms.CharField(
        max_length=4096, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class LockedSignInForm(SignInForm):
    """Where too many have failed: whoever has the code of a second factor as well gets in."""

    code = forms.CharField(
        label="Code of your second factor",
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Code",
        max_length=20,
        help_text="Six digits from your authenticator app, or one of your recovery codes.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )


class AppForm(CodeForm):
    """The first code of an app, to show that it has the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = "The six digits that the app shows now."


class PasskeyNameForm(forms.Form):
    name = forms.CharField(
        label="What you call it", max_length=60, required=False, help_text="Such as: my phone, the blue key."
    )


class CredentialForm(forms.Form):
    """What the browser answers by WebAuthn, as JSON."""

    # An answer has some hundred characters; Python would count to a limit of its own in a longer number.
    credential = forms.CharField(max_length=20_000)

    def clean_credential(self) -> dict[str, Any]:
        try:
            found = json.loads(self.cleaned_data["credential"])
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise forms.ValidationError("This is no answer of a passkey.", code="passkey")
        return found


class ProofPasswordForm(forms.Form):
    password = forms.CharField(
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


class NewPasswordForm(forms.Form):
    old_password = forms.CharField(
        label="Your password now",
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new_password = forms.CharField(
        label="New password",
        max_length=4096,
        strip=False,
        help_text="At least 12 characters; a few words that belong to nobody else do well.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    new_password_again = forms.CharField(
        label="New password once more",
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("new_password") != data.get("new_password_again"):
            self.add_error("new_password_again", "These two are not the same.")
        return data
