"""The catalogue, as pages and forms need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from django.db.models import QuerySet

from mitigations.models import Method, Pairing, Platform
from mitigations.policies.catalogue import What

Thing: TypeAlias = Platform | Method | Pairing

MODELS: Mapping[What, type[Thing]] = {
    What.PLATFORM: Platform,
    What.METHOD: Method,
    What.PAIRING: Pairing,
}


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    platforms: list[Platform]
    methods: list[Method]
    pairings: list[Pairing]


def everything() -> Catalogue:
    return Catalogue(
        platforms=list(Platform.objects.all()), methods=list(Method.objects.all()), pairings=list(_pairings())
    )


def offered() -> list[Pairing]:
    """The pairings that people may choose."""
    return list(
        _pairings().filter(
            offered=True,
            needs_ports=False,
            retired_at=None,
            platform__retired_at=None,
            method__retired_at=None,
        )
    )


def platforms() -> list[Platform]:
    return list(Platform.objects.all())


def methods() -> list[Method]:
    return list(Method.objects.all())


def thing(what: What, id: int) -> Thing:
    return MODELS[what]._default_manager.get(pk=id)


def pairing(id: int) -> Pairing:
    return _pairings().get(pk=id)


def pairing_ids(platform_id: int) -> list[int]:
    return list(Pairing.objects.filter(platform_id=platform_id).values_list("pk", flat=True))


def _pairings() -> QuerySet[Pairing]:
    return Pairing.objects.select_related("platform", "method")
