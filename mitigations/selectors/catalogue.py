"""The catalogue, as pages and forms need it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from django.db.models import QuerySet

from mitigations.models import KentikView, Method, Pairing, Platform
from mitigations.policies import catalogue_difference, catalogue_shown
from mitigations.policies.catalogue import Kind, What
from mitigations.policies.catalogue_difference import Difference, Known, KnownPair, Ours
from mitigations.policies.catalogue_shown import Pair, Snapshot

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


def ours() -> Ours:
    """All of it, as it is compared with Kentik's."""
    return Ours(
        platforms=_known(What.PLATFORM, Platform.objects.all()),
        methods=_known(What.METHOD, Method.objects.all()),
        pairings={each.pair: each for each in map(_known_pair, _pairings())},
    )


def snapshot(view: KentikView) -> Snapshot:
    """What Kentik showed last."""
    return catalogue_shown.read(view.platforms, view.methods)


def difference(view: KentikView) -> Difference:
    """What waits to be taken over; nothing while Kentik's catalogue was never read."""
    if view.catalogue_read_at is None:
        return Difference()
    return catalogue_difference.compare(snapshot(view), ours())


def _known(what: What, things: Iterable[Platform | Method]) -> dict[str, Known]:
    return {
        each.kentik_id: Known(
            what=what,
            id=each.kentik_id,
            name=each.name,
            description=each.description,
            kind=Kind(each.kind),
            modified_at=each.modified_at,
            retired=each.retired_at is not None,
        )
        for each in things
    }


def _known_pair(pairing: Pairing) -> KnownPair:
    pair = Pair(platform=pairing.platform.kentik_id, method=pairing.method.kentik_id)
    return KnownPair(pair=pair, name=str(pairing), linked=pairing.linked, retired=pairing.is_retired)


def _pairings() -> QuerySet[Pairing]:
    return Pairing.objects.select_related("platform", "method")
