"""Presets, as their pages and the form of a request need them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mitigations.models import Preset
from mitigations.policies.presets import Recipe
from mitigations.selectors import catalogue


@dataclass(frozen=True, kw_only=True)
class Row:
    """A preset of the list. It can be chosen while its platform and method can."""

    preset: Preset
    choosable: bool


def everything() -> list[Row]:
    offered = {pairing.pk for pairing in catalogue.offered()}
    return [
        Row(preset=preset, choosable=preset.pairing_id in offered)
        for preset in Preset.objects.select_related("pairing__platform", "pairing__method")
    ]


def one(id: int) -> Preset:
    return Preset.objects.select_related("pairing__platform", "pairing__method").get(pk=id)


def choosable(pairing_ids: Iterable[int]) -> dict[str, Recipe]:
    """By their IDs, as forms carry them: the presets of these pairings, which are those that people may choose."""
    return {str(preset.pk): preset.recipe for preset in Preset.objects.filter(pairing__in=list(pairing_ids))}
