"""What administrators type about sources of alerts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.core.validators import RegexValidator

from accounts.token_forms import NetworksField
from mitigations.policies.alerts import Kind, Places, Proof
from mitigations.selectors import sources
from mitigations.services.sources import Setup

_NAME = RegexValidator(r"^[a-z0-9][a-z0-9-]*\Z", "Small letters, digits and hyphens alone, such as edge-fnm.")
_POINTERS = ("target", "key", "words", "when", "holds")
_MONO = {"class": "mono", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class PointerField(forms.CharField):
    """Where something stands in any JSON. Whether it is a pointer, the policy says."""

    def __init__(self, label: str, help_text: str) -> None:
        widget = forms.TextInput(attrs=_MONO)
        super().__init__(label=label, required=False, max_length=200, widget=widget, help_text=help_text)


class SourceForm(forms.Form):
    name = forms.CharField(
        max_length=40,
        validators=[_NAME],
        widget=forms.TextInput(attrs=_MONO),
        help_text="Short, such as edge-fnm. It stands in the address that alerts are sent to, and stays.",
    )
    kind = forms.TypedChoiceField(
        label="It is",
        coerce=Kind,
        widget=forms.RadioSelect,
        choices=[(each.value, each.words) for each in Kind],
    )
    preset = forms.TypedChoiceField(
        coerce=int, help_text="Which platform and method it proposes, for how long, and for which targets alone."
    )
    owner = forms.TypedChoiceField(
        coerce=int, help_text="Takes its secret, answers for what it proposes, and never approves any of that."
    )
    proof = forms.TypedChoiceField(
        label="How it proves itself",
        coerce=Proof,
        widget=forms.RadioSelect,
        choices=[(each.value, each.words) for each in Proof],
    )
    networks = NetworksField()
    target = PointerField("Target stands at", "A JSON pointer, such as /attack/target.")
    key = PointerField(
        "Key stands at", "What its detector calls the attack: another for each, the same while it lasts."
    )
    words = PointerField("Words stand at", "What people read as its reason.")
    when = PointerField("It is an attack when", "A JSON pointer, such as /status. Empty: each alert is one.")
    holds = forms.CharField(
        label="… has this value", required=False, max_length=200, widget=forms.TextInput(attrs=_MONO)
    )

    def __init__(self, *args: Any, named: bool = False, **kwargs: Any) -> None:
        """`named`: it has its name already, which stays."""
        super().__init__(*args, **kwargs)
        if named:
            del self.fields["name"]
        owners = [(each.pk, each.username) for each in sources.possible_owners()]
        self._offer("owner", owners)
        self._offer("preset", [(each.pk, f"{each} ({each.pairing})") for each in sources.possible_presets()])

    @property
    def whoever(self) -> list[forms.BoundField]:
        """What is said of each source."""
        return [each for each in self if each.name not in _POINTERS]

    @property
    def pointers(self) -> list[forms.BoundField]:
        """What is said of any JSON alone."""
        return [each for each in self if each.name in _POINTERS]

    @property
    def setup(self) -> Setup:
        data = self.cleaned_data
        return Setup(
            kind=data["kind"],
            preset_id=data["preset"],
            owner_id=data["owner"],
            proof=data["proof"],
            networks=data["networks"],
            places=Places(**{name: data[name] for name in _POINTERS}),
        )

    def _offer(self, name: str, choices: list[tuple[int, str]]) -> None:
        offered: list[tuple[int | str, str]] = [("", "Choose one …"), *choices]
        cast("forms.ChoiceField", self.fields[name]).choices = offered


def as_typed(source: Any) -> Mapping[str, Any]:
    """What stands in the form of a source that there is."""
    return {
        "kind": source.kind,
        "preset": source.preset_id,
        "owner": source.owner_id,
        "proof": source.proof,
        "networks": "\n".join(source.networks),
        **vars(source.places),
    }
