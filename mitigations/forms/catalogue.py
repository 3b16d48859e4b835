"""What administrators type about platforms, methods and pairings. The models judge the values; these read them."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.validators import URLValidator

from mitigations.policies.catalogue import MAX_MINUTES, Kind
from mitigations.selectors import catalogue

KINDS = [(kind.value, kind.label) for kind in Kind]


class ThingForm(forms.Form):
    """A platform or a method, as Kentik knows it."""

    name = forms.CharField(max_length=100)
    kind = forms.ChoiceField(label="Type", choices=KINDS)
    description = forms.CharField(max_length=300, required=False)


class KentikIdField(forms.RegexField):
    def __init__(self, **kwargs: Any) -> None:
        wrong = {"invalid": "Kentik's IDs are digits only, such as 257."}
        super().__init__(regex=r"\A[0-9]+\Z", max_length=19, error_messages=wrong, **kwargs)


class NewThingForm(ThingForm):
    kentik_id = KentikIdField(label="Kentik ID", help_text="Digits, as Kentik shows it. It cannot be changed later.")
    field_order = ("kentik_id",)


class PairingForm(forms.Form):
    """The facts that Kentik does not tell."""

    offered = forms.BooleanField(required=False, help_text="People may choose it.")
    effect = forms.CharField(max_length=200, help_text="What it does to traffic, in plain words: drops everything.")
    ipv4 = forms.BooleanField(required=False, label="IPv4")
    ipv6 = forms.BooleanField(required=False, label="IPv6")
    widest_ipv4 = forms.IntegerField(min_value=0, max_value=32, initial=24, label="Widest IPv4 prefix: /")
    widest_ipv6 = forms.IntegerField(min_value=0, max_value=128, initial=48, label="Widest IPv6 prefix: /")
    widens_to_24 = forms.BooleanField(
        required=False, label="Widens to /24", help_text="Acts on the whole /24 of a smaller IPv4 target."
    )
    needs_ports = forms.BooleanField(
        required=False,
        label="Needs a port",
        help_text="Kentik's call cannot carry one, so it cannot be asked for here.",
    )
    default_minutes = forms.IntegerField(
        min_value=0, max_value=MAX_MINUTES, initial=60, label="Usual duration", help_text="Minutes."
    )
    longest_minutes = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_MINUTES,
        label="Longest duration",
        help_text="Minutes. Empty: no limit, and it may run until stopped by hand.",
    )
    runbook_url = forms.URLField(
        required=False,
        max_length=200,
        label="Runbook",
        assume_scheme="https",
        validators=[URLValidator(schemes=["http", "https"])],
    )


class NewPairingForm(PairingForm):
    platform_id = forms.TypedChoiceField(label="Platform", coerce=int)
    method_id = forms.TypedChoiceField(label="Method", coerce=int)
    field_order = ("platform_id", "method_id")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, things in (("platform_id", catalogue.platforms()), ("method_id", catalogue.methods())):
            field = cast("forms.ChoiceField", self.fields[name])
            field.choices = [(thing.pk, f"{thing.name} ({Kind(thing.kind).label})") for thing in things]
