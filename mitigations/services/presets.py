"""Editing presets. Each change is one event with the values, and what they were before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError

from accounts.authority import Actor, Deed, demand
from audit.canonical import Fact
from audit.ledger import recorded
from audit.refusal import Conflict, Objection, Unacceptable
from mitigations.models import Pairing, Preset
from mitigations.policies import presets
from mitigations.policies.presets import Recipe
from mitigations.services import events


def save(*, id: int | None, recipe: Recipe, by: Actor, at: datetime) -> Preset:
    """Add a preset, or change the one with this ID.

    Raises Unacceptable, each objection named for the value that is wrong: a name that another has, a platform and
    method that nobody may choose, or values with which nothing could ever be asked for.
    """
    with recorded(events.PRESET_SAVED, subject=recipe.name, by=by.author, at=at) as record:
        demand(by, Deed.EDIT_PRESETS)
        preset = Preset() if id is None else _locked(id)
        pairing = Pairing.objects.select_related("platform", "method").get(pk=recipe.pairing_id)
        record.facts = {"values": _facts(recipe, pairing), "before": _facts_of(preset)}
        record.detail = {"values": _texts(recipe), "before": _texts_of(preset)}
        if wrong := (*_taken(recipe.name, besides=preset), *presets.flaws(recipe, pairing.facts())):
            raise Unacceptable(wrong)
        _write(preset, recipe)
    return preset


def delete(*, id: int, by: Actor, at: datetime) -> None:
    """Nobody can start from it any more. What was asked for from it keeps its name. Raises Conflict while a source of
    alerts starts from it.
    """
    with recorded(events.PRESET_DELETED, subject=f"preset {id}", by=by.author, at=at) as record:
        demand(by, Deed.EDIT_PRESETS)
        preset = _locked(id)
        record.subject = preset.name
        record.facts, record.detail = {"before": _facts_of(preset)}, {"before": _texts_of(preset)}
        if sources := list(preset.sources.values_list("name", flat=True)):
            raise Conflict([_needed(sources)])
        preset.delete()


def _locked(id: int) -> Preset:
    return (
        Preset.objects.select_for_update(of=("self",)).select_related("pairing__platform", "pairing__method").get(pk=id)
    )


def _taken(name: str, *, besides: Preset) -> tuple[Objection, ...]:
    """Two names that differ in capitals only are one to whoever chooses in a hurry."""
    others = Preset.objects.filter(name__iexact=name).exclude(pk=besides.pk)
    return (_name_taken(name),) if others.exists() else ()


def _needed(sources: Sequence[str]) -> Objection:
    sentence = f"Alerts start from it ({', '.join(sources)}). Give these sources another preset first."
    return Objection(code="sources", sentence=sentence)


def _name_taken(name: str) -> Objection:
    return Objection(code="name", sentence=f"There is a preset named “{name}” already.")


def _write(preset: Preset, recipe: Recipe) -> None:
    preset.name = recipe.name
    preset.target_class = recipe.kind.value
    preset.inside = recipe.inside.text if recipe.inside else ""
    preset.pairing_id = recipe.pairing_id
    preset.minutes = recipe.minutes
    preset.comment = recipe.comment
    preset.reason = recipe.reason
    try:
        preset.save()
    except IntegrityError as error:  # somebody took the name in the same moment
        raise Unacceptable([_name_taken(recipe.name)]) from error


def _facts(recipe: Recipe, pairing: Pairing) -> dict[str, Fact]:
    return {
        "name": recipe.name,
        "made_for": recipe.made_for,
        "pairing": str(pairing),
        "minutes": recipe.minutes,
    }


def _facts_of(preset: Preset) -> dict[str, Fact]:
    """As it stands; a new one stands nowhere yet."""
    return _facts(preset.recipe, preset.pairing) if preset.pk else {}


def _texts(recipe: Recipe) -> dict[str, Fact]:
    """What may have to be redacted one day, as with requests."""
    return {"comment": recipe.comment, "reason": recipe.reason}


def _texts_of(preset: Preset) -> dict[str, Fact]:
    return _texts(preset.recipe) if preset.pk else {}
