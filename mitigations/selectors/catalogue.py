"""The catalogue, as pages and forms need it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from django.db.models import QuerySet

from audit.refusal import Objection
from mitigations.models import KentikView, Method, Pairing, Platform, ProtectedPrefix
from mitigations.policies import catalogue_difference, catalogue_shown
from mitigations.policies.catalogue import Kind, What
from mitigations.policies.catalogue_difference import Difference, Known, KnownPair, Ours
from mitigations.policies.catalogue_shown import Pair, Snapshot
from mitigations.policies.network import Prefix, parse
from mitigations.selectors import kentik

Thing: TypeAlias = Platform | Method | Pairing

MODELS: Mapping[What, type[Thing]] = {
    What.PLATFORM: Platform,
    What.METHOD: Method,
    What.PAIRING: Pairing,
}

# More excluded prefixes, and more protected ones that touch them, than a person reads.
_EXCLUDED, _GUARDS = 100, 500


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


def pairing_ids_of(platform_id: int | None, method_id: int | None) -> list[int]:
    """Those of this platform and of this method; None: of any."""
    wanted = {"platform_id": platform_id, "method_id": method_id}
    found = Pairing.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
    return list(found.values_list("pk", flat=True))


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


@dataclass(frozen=True, kw_only=True)
class Exclusion:
    """A prefix that a method leaves out of automatic mitigations. `addable`: it could be protected here, and is not."""

    prefix: str
    protected: bool
    addable: bool


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Kentik's catalogue beside ours. `odd`: what is not taken over, and why; `excluded` goes by the method's name."""

    view: KentikView
    difference: Difference
    unlinked: list[KnownPair]
    retired: list[Known]
    odd: tuple[Objection, ...]
    excluded: list[tuple[str, list[Exclusion]]]

    @property
    def is_awaited(self) -> bool:
        """Somebody asked for it to be read, and it was not read since."""
        wanted, read = self.view.catalogue_wanted_at, self.view.catalogue_read_at
        return wanted is not None and (read is None or read < wanted)

    @property
    def moment(self) -> int:
        """Another number after another reading."""
        read_at = self.view.catalogue_read_at
        return int(read_at.timestamp() * 1000) if read_at else 0


def comparison() -> Comparison:
    """All that the page of the difference shows, in a constant number of queries."""
    view, here = kentik.view(), ours()
    shown = snapshot(view)
    if view.catalogue_read_at is None:
        return Comparison(view=view, difference=Difference(), unlinked=[], retired=[], odd=(), excluded=[])
    return Comparison(
        view=view,
        difference=catalogue_difference.compare(shown, here),
        unlinked=catalogue_difference.unlinked(here),
        retired=catalogue_difference.retired(shown, here),
        odd=catalogue_difference.odd(shown),
        excluded=_excluded(shown),
    )


def count_waiting() -> int:
    """How many differences wait to be taken over."""
    return difference(kentik.view()).count


def _excluded(shown: Snapshot) -> list[tuple[str, list[Exclusion]]]:
    texts = [(method.name, text) for method in shown.methods.values() for text in method.excluded][:_EXCLUDED]
    parsed = {text: found for _, text in texts if isinstance(found := parse(text), Prefix)}
    guards = [each.network for each in ProtectedPrefix.objects.overlapping(*parsed.values())[:_GUARDS]]
    by_method: dict[str, list[Exclusion]] = {}
    for name, text in texts:
        by_method.setdefault(name, []).append(_exclusion(text, parsed.get(text), guards))
    return sorted(by_method.items())


def _exclusion(text: str, prefix: Prefix | None, guards: list[Prefix]) -> Exclusion:
    protected = prefix is not None and any(guard.contains(prefix) for guard in guards)
    return Exclusion(prefix=text, protected=protected, addable=prefix is not None and not protected)


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
