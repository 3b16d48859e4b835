"""What people type about mitigations, as values of the domain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from django import forms

from mitigations.policies import reasons
from mitigations.policies.catalogue import MAX_MINUTES, Kind
from mitigations.policies.guardrails import Terms
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import BadPrefix, Prefix, parse
from mitigations.policies.presets import Recipe, is_unfilled, misfit
from mitigations.selectors import catalogue, presets
from mitigations.services.glass import SHORTEST_REASON
from mitigations.services.requests import Wanted
from mitigations.services.settling import SETTLEMENTS

if TYPE_CHECKING:
    from mitigations.models import Pairing

# More than these are read faster in a list than side by side.
_MOST_CARDS = 8
# 0: until stopped by hand.
_DURATIONS = (15, 30, 60, 240, 0)


class PrefixField(forms.CharField):
    """An IP address or prefix. When it is none, `mends` of the error are the texts that may have been meant."""

    widget = forms.TextInput(
        attrs={"class": "mono", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
    )

    def to_python(self, value: Any) -> Prefix | str:  # type: ignore[override] # a field's value need not be text
        text = super().to_python(value)
        if not text:
            return ""
        prefix = parse(text)
        if isinstance(prefix, BadPrefix):
            params = {"sentence": prefix.sentence, "mends": prefix.mends}
            raise forms.ValidationError("%(sentence)s", code=prefix.code, params=params)
        return prefix

    def run_validators(self, value: Any) -> None:
        """A prefix was judged when it was read; the validators of text have nothing to add."""


class TermsForm(forms.Form):
    """What is to be done and why, whatever the target. It may start from a preset."""

    pairing = forms.TypedChoiceField(label="Platform and method", coerce=int)
    minutes_before_auto_stop = forms.IntegerField(
        label="Minutes until auto-stop",
        required=False,
        min_value=0,
        max_value=MAX_MINUTES,
        help_text="Empty: the method's usual duration. 0: until somebody stops it by hand.",
    )
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text=f"{' '.join(reasons.QUESTIONS)} For example: “{reasons.EXAMPLE}”",
    )
    comment = forms.CharField(
        max_length=200, required=False, help_text="Goes to Kentik with the mitigation, where others read it."
    )
    ticket = forms.CharField(max_length=100, required=False)
    preset = forms.ChoiceField(
        required=False,
        widget=forms.HiddenInput,
        error_messages={
            "invalid_choice": "It cannot be chosen any more, and was dropped. Read through the form, and ask again."
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pairings = {pairing.pk: pairing for pairing in catalogue.offered()}
        choices = {
            does: [(each.pk, f"{each} – {each.effect}") for each in found] for does, found in self.offers.items()
        }
        cast("forms.ChoiceField", self.fields["pairing"]).choices = [("", "Choose one …"), *choices.items()]
        self.presets = presets.choosable(self._pairings)
        named = [(preset, recipe.name) for preset, recipe in self.presets.items()]
        cast("forms.ChoiceField", self.fields["preset"]).choices = named

    @property
    def chosen(self) -> Recipe | None:
        """The preset that it started from, unless that was dropped or can no longer be chosen."""
        return self.presets.get(str(self["preset"].value()))

    @property
    def chosen_pairing(self) -> Pairing | None:
        """The one that stands in the form, whatever else is missing."""
        chosen = str(self["pairing"].value())
        return next((each for pk, each in self._pairings.items() if str(pk) == chosen), None)

    @property
    def shows_cards(self) -> bool:
        """Few enough to choose from to be shown side by side."""
        return len(self._pairings) <= _MOST_CARDS

    @property
    def offers(self) -> dict[str, list[Pairing]]:
        """What there is to choose from, by what it does to traffic."""
        return by_effect(self._pairings.values())

    @property
    def durations(self) -> list[int]:
        """Those that are one press away, of those that the chosen method allows."""
        longest = self.chosen_pairing.longest_minutes if self.chosen_pairing else None
        return [each for each in _DURATIONS if longest is None or 0 < each <= longest]

    @property
    def reason_is_thin(self) -> bool:
        return reasons.thin(str(self["reason"].value() or ""))

    def clean_comment(self) -> str:
        """One line: Kentik shows it in a list."""
        return " ".join(str(self.cleaned_data["comment"]).split())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("minutes_before_auto_stop") is None and data.get("pairing"):
            data["minutes_before_auto_stop"] = self._pairings[data["pairing"]].default_minutes
        if self.chosen is not None and is_unfilled(data.get("reason", ""), template=self.chosen.reason):
            sentence = "Fill in the reason: it still reads as the preset has it, and says nothing about this attack."
            self.add_error("reason", sentence)
        return data

    def wanted_for(self, target: Prefix) -> Wanted:
        data = self.cleaned_data
        return Wanted(
            target=target,
            pairing_id=data["pairing"],
            minutes=data["minutes_before_auto_stop"],
            comment=data.get("comment", ""),
            reason=data.get("reason", ""),
            ticket=data.get("ticket", ""),
            preset=self.chosen.name if self.chosen else "",
        )


def by_effect(pairings: Iterable[Pairing]) -> dict[str, list[Pairing]]:
    """Under what they do to traffic, which is how people choose."""
    grouped: dict[str, list[Pairing]] = {kind.does: [] for kind in Kind}
    for each in pairings:
        grouped[each.kind.does].append(each)
    return {does: found for does, found in grouped.items() if found}


class MitigationForm(TermsForm):
    ip_cidr = PrefixField(
        label="Target", max_length=100, help_text="An IP address or a prefix, such as 203.0.113.7/32 or 2001:db8::/48."
    )
    field_order = ("ip_cidr",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.fields["ip_cidr"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        target, preset = data.get("ip_cidr"), self.chosen
        if preset and target and (sentence := misfit(target, kind=preset.kind, inside=preset.inside)):
            self.add_error("ip_cidr", f"The preset does not fit. {sentence} Change the target, or drop the preset.")
        return data

    @property
    def mends(self) -> tuple[str, ...]:
        """What the person may have meant instead of the target that was refused."""
        errors = self.errors.as_data().get("ip_cidr", [])
        return tuple(mend for error in errors for mend in (error.params or {}).get("mends", ()))

    @property
    def is_judgeable(self) -> bool:
        """Whether target, pairing and duration are known: enough for the guardrails, whatever else is missing."""
        known = getattr(self, "cleaned_data", {})
        needed = ("ip_cidr", "pairing", "minutes_before_auto_stop")
        return all(known.get(name) not in {None, ""} for name in needed)

    @property
    def prefix_so_far(self) -> Prefix | None:
        """The target, once it is one."""
        return getattr(self, "cleaned_data", {}).get("ip_cidr") or None

    @property
    def terms(self) -> Terms:
        return Terms(target=self.cleaned_data["ip_cidr"], minutes=self.cleaned_data["minutes_before_auto_stop"])

    @property
    def wanted(self) -> Wanted:
        return self.wanted_for(self.cleaned_data["ip_cidr"])


class NoteForm(forms.Form):
    note = forms.CharField(
        required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), help_text="Kept for the record."
    )


class ApproveForm(NoteForm):
    """`shown`: the word for what stood on the page when the button was pressed. The page writes it anew each time."""

    shown = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class RequiredNoteForm(NoteForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = True


class ReasonForm(RequiredNoteForm):
    """Why the glass is broken."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].label = "Why it cannot wait"
        self.fields["note"].help_text = f"At least {SHORTEST_REASON} characters. Everybody who approves will read it."


class StopForm(RequiredNoteForm):
    """Why the worker is to have it stopped."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].label = "Why it is to stop"
        self.fields["note"].help_text = "Kept with the order, for the record."


class RecordStopForm(RequiredNoteForm):
    """What somebody saw who stopped it in Kentik."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].label = "What you saw in Kentik"
        self.fields["note"].help_text = "Its status there after the stop, and who stopped it. Kept for the record."


class IdentifyForm(RequiredNoteForm):
    """Which one at Kentik it is, of those that it may be."""

    kentik_id = forms.ChoiceField(label="Which one is it?", widget=forms.RadioSelect)
    field_order = ("kentik_id", "note")

    def __init__(self, *args: Any, candidates: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(each, f"Kentik’s {each}") for each in candidates]
        cast("forms.ChoiceField", self.fields["kentik_id"]).choices = choices
        self.fields["note"].label = "What tells you so"


class ReviewForm(RequiredNoteForm):
    justified = forms.TypedChoiceField(
        label="Was it right to break the glass?",
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        choices=[("yes", "Yes, it was justified."), ("no", "No, it should have waited.")],
    )
    field_order = ("justified", "note")


class SettleForm(RequiredNoteForm):
    outcome = forms.TypedChoiceField(
        label="What did you find in Kentik?",
        coerce=Status,
        widget=forms.RadioSelect,
        choices=[
            (status.value, words)
            for status, words in zip(
                SETTLEMENTS,
                ("It is in force.", "It is not there and never was.", "It was in force, and it is stopped."),
                strict=True,
            )
        ],
    )
    field_order = ("outcome", "note")
