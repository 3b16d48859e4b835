"""What administrators type about presets, and what a chosen preset does to the form of a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django import forms

from audit.refusal import Objection
from mitigations.forms.mitigation import PrefixField
from mitigations.policies.catalogue import MAX_MINUTES
from mitigations.policies.presets import Recipe, TargetClass, is_unfilled
from mitigations.selectors import catalogue

PRESET_IS_GONE = Objection(
    code="preset",
    sentence="This preset cannot be chosen any more: it was deleted, or its platform and method are not offered.",
)


class PresetForm(forms.Form):
    name = forms.CharField(max_length=60, help_text="What is under attack and how, as people say it at the desk.")
    target_class = forms.TypedChoiceField(
        label="It is for",
        coerce=TargetClass,
        widget=forms.RadioSelect,
        choices=[(each.value, each.words) for each in TargetClass],
    )
    inside = PrefixField(
        required=False, max_length=100, label="Inside", help_text="The prefix that its targets lie in. Empty: anywhere."
    )
    pairing = forms.TypedChoiceField(
        label="Platform and method",
        coerce=int,
        error_messages={"invalid_choice": "This platform and method are not offered any more. Choose another."},
    )
    minutes = forms.IntegerField(
        label="Minutes until auto-stop",
        min_value=0,
        max_value=MAX_MINUTES,
        help_text="0: until somebody stops it by hand.",
    )
    comment = forms.CharField(
        max_length=200, required=False, help_text="Goes to Kentik with the mitigation, where others read it."
    )
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        required=False,
        label="Reason, to be filled in",
        help_text="What a good reason says: since when, how much, seen where. Whoever asks must put more into it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[tuple[int | str, str]] = [("", "Choose one …")]
        choices += [(pairing.pk, f"{pairing} – {pairing.effect}") for pairing in catalogue.offered()]
        cast("forms.ChoiceField", self.fields["pairing"]).choices = choices

    def clean_name(self) -> str:
        return _one_line(self.cleaned_data["name"])

    def clean_comment(self) -> str:
        return _one_line(self.cleaned_data["comment"])

    @property
    def mends(self) -> tuple[str, ...]:
        """What may have been meant instead of the prefix that was refused."""
        errors = self.errors.as_data().get("inside", [])
        return tuple(mend for error in errors for mend in (error.params or {}).get("mends", ()))

    @property
    def recipe(self) -> Recipe:
        data = self.cleaned_data
        return Recipe(
            name=data["name"],
            kind=data["target_class"],
            inside=data["inside"] or None,
            pairing_id=data["pairing"],
            minutes=data["minutes"],
            comment=data["comment"],
            reason=data["reason"],
        )


def filled(typed: Mapping[str, Any], *, preset: str, offered: Mapping[str, Recipe]) -> dict[str, Any]:
    """The form of a request as it was typed, with what a preset says; without a preset, as if none had been chosen.

    The target and the ticket stay, and so do a comment and a reason in somebody's own words.
    """
    before, now = offered.get(str(typed.get("preset", ""))), offered.get(preset)
    started = {**typed, "preset": preset if now else ""}
    for name in ("comment", "reason"):
        written, template = str(typed.get(name, "")), getattr(before, name, "")
        if not written.strip() or is_unfilled(written, template=template):
            started[name] = getattr(now, name, "")
    if now is not None:
        started |= {"pairing": now.pairing_id, "minutes_before_auto_stop": now.minutes}
    return started


def _one_line(text: str) -> str:
    return " ".join(text.split())
