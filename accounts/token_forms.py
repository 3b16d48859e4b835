"""What people type about tokens of the API."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator

from accounts.authority import Scope
from accounts.tokens import Wish

_MOST_NETWORKS = 20
_USUAL_DAYS = 90
# The log quotes it in its sentences, so it must not be able to end the quotation and go on.
_NAME = RegexValidator(r"^\w[\w ._-]*\Z", "Letters, digits, spaces, dots, hyphens and underscores, such as soar-2.")


class NetworksField(forms.CharField):
    """Networks, one a line, as canonical prefixes; none: from anywhere."""

    widget = forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"})

    def __init__(self) -> None:
        super().__init__(
            label="Only from these networks",
            required=False,
            max_length=1000,
            help_text="One a line, such as 198.51.100.0/24. Empty: from anywhere that reaches the portal.",
        )

    def clean(self, value: Any) -> tuple[str, ...]:
        lines = str(super().clean(value)).split()
        if len(lines) > _MOST_NETWORKS:
            raise forms.ValidationError(f"At most {_MOST_NETWORKS} networks.", code="too-many")
        return tuple(dict.fromkeys(_network(line) for line in lines))


class TokenForm(forms.Form):
    name = forms.CharField(
        max_length=40,
        validators=[_NAME],
        help_text="Short, such as “soar”: the log says it with each deed.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    purpose = forms.CharField(
        label="What for", max_length=200, help_text="What uses it and where, for whoever finds it one day."
    )
    scopes = forms.TypedMultipleChoiceField(
        label="It may",
        coerce=Scope,
        choices=[(scope.value, f"{scope}: {scope.words}") for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
        help_text="Never more than you may yourself at the time.",
    )
    networks = NetworksField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        longest = settings.API_TOKEN_DAYS
        self.fields["days"] = forms.IntegerField(
            label="Expires after, in days",
            min_value=1,
            max_value=longest,
            initial=min(_USUAL_DAYS, longest),
            help_text=f"At most {longest}.",
        )

    @property
    def wish(self) -> Wish:
        data = self.cleaned_data
        return Wish(
            name=data["name"],
            purpose=data["purpose"],
            scopes=frozenset(data["scopes"]),
            networks=data["networks"],
            lasts=timedelta(days=data["days"]),
        )


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise forms.ValidationError(_mended(text), code="network") from None


def _mended(text: str) -> str:
    try:
        meant = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return f"“{text}” is no network. One reads 198.51.100.0/24 or 2001:db8::/32."
    return f"“{text}” has host bits set. Did you mean {meant}?"
