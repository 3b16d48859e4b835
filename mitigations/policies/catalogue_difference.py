"""How Kentik's catalogue differs from ours, and what of it needs nobody's word.

What Kentik tells is taken over: names, descriptions, types, links. What people have found out about a pairing (what it
does, for which families, how wide, how long, whether it is offered) is theirs, and no difference ever touches it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from audit.canonical import Fact, canonical
from audit.refusal import Objection
from mitigations.policies.catalogue import NOT_DESCRIBED, Kind, What
from mitigations.policies.catalogue_shown import Pair, Shown, Snapshot

# Some of their methods widen the target to its /24, and Kentik does not tell which.
_MAY_WIDEN = frozenset({Kind.RTBH, Kind.A10, Kind.RADWARE})
# Some of their methods need a port, which the call that starts one cannot carry.
_MAY_NEED_PORTS = frozenset({Kind.FLOWSPEC, Kind.ADAPTIVE_FLOWSPEC})


@dataclass(frozen=True, kw_only=True)
class Known:
    """A platform or a method as it stands here."""

    what: What
    id: str
    name: str
    description: str
    kind: Kind
    modified_at: datetime | None = None
    retired: bool = False


@dataclass(frozen=True, kw_only=True)
class KnownPair:
    """A pairing as it stands here. `retired`: it, its platform or its method."""

    pair: Pair
    name: str
    linked: bool
    retired: bool = False


@dataclass(frozen=True, kw_only=True)
class Ours:
    platforms: Mapping[str, Known]
    methods: Mapping[str, Known]
    pairings: Mapping[Pair, KnownPair]

    def of(self, what: What) -> Mapping[str, Known]:
        return self.platforms if what is What.PLATFORM else self.methods


@dataclass(frozen=True, kw_only=True)
class New:
    what: What
    id: str
    name: str
    description: str
    kind: Kind


@dataclass(frozen=True, kw_only=True)
class NewLink:
    """A pair that Kentik links. `again`: it is known here, and was not linked for a while."""

    pair: Pair
    name: str
    kind: Kind
    again: bool


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A platform or method that is called otherwise, described otherwise, or of another type. `field` is the column."""

    what: What
    id: str
    name: str
    field: str
    before: str
    after: str

    @property
    def label(self) -> str:
        return "type" if self.field == "kind" else self.field

    @property
    def told(self) -> tuple[str, str]:
        """Before and after, in words."""
        if self.field == "kind":
            return Kind(self.before).label, Kind(self.after).label
        return self.before, self.after


@dataclass(frozen=True, kw_only=True)
class Vanished:
    """A platform or method that Kentik does not show (any more)."""

    what: What
    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What waits to be taken over. Its truth value: whether anything does."""

    new: tuple[New, ...] = ()
    links: tuple[NewLink, ...] = ()
    changed: tuple[Changed, ...] = ()
    vanished: tuple[Vanished, ...] = ()

    @property
    def count(self) -> int:
        return sum(len(getattr(self, field.name)) for field in fields(self))

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def mark(self) -> str:
        """The same for the same difference only: whoever takes it over names what they were shown."""
        return hashlib.sha256(canonical(self.facts()).encode()).hexdigest()

    def facts(self) -> dict[str, Fact]:
        """As the audit log keeps it."""
        return {
            "new": [
                {
                    "what": each.what,
                    "id": each.id,
                    "name": each.name,
                    "type": each.kind,
                    "description": each.description,
                }
                for each in self.new
            ],
            "links": [
                {"platform": each.pair.platform, "method": each.pair.method, "name": each.name, "again": each.again}
                for each in self.links
            ],
            "changed": [
                {"what": each.what, "id": each.id, "field": each.field, "before": each.before, "after": each.after}
                for each in self.changed
            ],
            "vanished": [{"what": each.what, "id": each.id, "name": each.name} for each in self.vanished],
        }


@dataclass(frozen=True, kw_only=True)
class Touched:
    """A platform or method that was changed at Kentik. `again`: it was changed since it came to be known here."""

    what: What
    id: str
    name: str
    modified_at: datetime
    again: bool


@dataclass(frozen=True, kw_only=True)
class Tightening:
    """What makes things only stricter, so that it waits for nobody."""

    unlinked: tuple[KnownPair, ...] = ()
    touched: tuple[Touched, ...] = ()

    @property
    def sentences(self) -> list[str]:
        """What people feel of it."""
        return [
            *(f"{each.name} is not linked at Kentik, so it cannot be used." for each in self.unlinked),
            *(f"The {each.what} {each.name} was changed at Kentik: look at what it does." for each in self._again),
        ]

    @property
    def _again(self) -> tuple[Touched, ...]:
        return tuple(each for each in self.touched if each.again)


def compare(shown: Snapshot, ours: Ours) -> Difference:
    """What would change here, were it taken over. What people retired here stays retired, whatever Kentik shows."""
    if shown.is_doubtful:
        return Difference()
    return Difference(
        new=tuple(_new(shown, ours)),
        links=tuple(_links(shown, ours)),
        changed=tuple(_changed(shown, ours)),
        vanished=tuple(_vanished(shown, ours)),
    )


def tighten(shown: Snapshot, ours: Ours, *, before: Snapshot, at: datetime) -> Tightening:
    """What follows at once from a reading at `at`; `before` is the reading before that.

    Kentik's clock is its own, so a change is taken to be no later than when it was read.
    """
    if shown.is_doubtful:
        return Tightening()
    unlinked = [each for pair, each in sorted(ours.pairings.items()) if each.linked and pair not in shown.links]
    return Tightening(unlinked=tuple(unlinked), touched=tuple(_touched(shown, ours, before, at)))


def unlinked(ours: Ours) -> list[KnownPair]:
    """The pairings that would be there, were they linked at Kentik."""
    return [each for _, each in sorted(ours.pairings.items()) if not each.linked and not each.retired]


def retired(shown: Snapshot, ours: Ours) -> list[Known]:
    """The platforms and methods that are retired here while Kentik shows them."""
    return [
        known
        for what in (What.PLATFORM, What.METHOD)
        for known in ours.of(what).values()
        if known.retired and known.id in shown.of(what)
    ]


def odd(shown: Snapshot) -> tuple[Objection, ...]:
    """What is not taken over, and why."""
    if not shown.is_doubtful:
        return shown.strange
    sentence = (
        "Kentik shows no platforms or no methods at all. That is rather a matter of what its user may see than of "
        "everything being gone, so nothing is concluded from it."
    )
    return (Objection(code="doubtful", sentence=sentence), *shown.strange)


def first_facts(kind: Kind) -> dict[str, str | int | bool]:
    """What is assumed of a new pairing until somebody has looked: the worst, and nobody may choose it."""
    return {
        "offered": False,
        "effect": NOT_DESCRIBED,
        "ipv4": True,
        "ipv6": False,
        "widest_ipv4": 24 if kind in _MAY_WIDEN else 32,
        "widest_ipv6": 128,
        "widens_to_24": kind in _MAY_WIDEN,
        "needs_ports": kind in _MAY_NEED_PORTS,
        "default_minutes": 60,
        "longest_minutes": 60,
    }


def _new(shown: Snapshot, ours: Ours) -> Iterator[New]:
    for what in (What.PLATFORM, What.METHOD):
        for each in shown.of(what).values():
            if each.id not in ours.of(what) and each.kind is not None:
                yield New(what=what, id=each.id, name=each.name, description=each.description, kind=each.kind)


def _links(shown: Snapshot, ours: Ours) -> Iterator[NewLink]:
    for pair in sorted(shown.links):
        platform, method = shown.platforms[pair.platform], shown.methods[pair.method]
        known = ours.pairings.get(pair)
        retired = _is_retired(pair, ours) if known is None else known.retired
        if retired or platform.kind is None or (known is not None and known.linked):
            continue
        name = f"{platform.name} · {method.name}"
        yield NewLink(pair=pair, name=name, kind=platform.kind, again=known is not None)


def _is_retired(pair: Pair, ours: Ours) -> bool:
    ends = (ours.platforms.get(pair.platform), ours.methods.get(pair.method))
    return any(end is not None and end.retired for end in ends)


def _changed(shown: Snapshot, ours: Ours) -> Iterator[Changed]:
    for what in (What.PLATFORM, What.METHOD):
        for known in ours.of(what).values():
            now = shown.of(what).get(known.id)
            if now is not None:
                yield from _changes(known, now)


def _changes(known: Known, now: Shown) -> Iterator[Changed]:
    kind = known.kind if now.kind is None else now.kind
    for field, before, after in (
        ("name", known.name, now.name),
        ("description", known.description, now.description),
        ("kind", known.kind.value, kind.value),
    ):
        if before != after:
            yield Changed(what=known.what, id=known.id, name=known.name, field=field, before=before, after=after)


def _vanished(shown: Snapshot, ours: Ours) -> Iterator[Vanished]:
    for what in (What.PLATFORM, What.METHOD):
        for known in ours.of(what).values():
            if known.id not in shown.of(what) and not known.retired:
                yield Vanished(what=what, id=known.id, name=known.name)


def _touched(shown: Snapshot, ours: Ours, before: Snapshot, at: datetime) -> Iterator[Touched]:
    for what in (What.PLATFORM, What.METHOD):
        for known in ours.of(what).values():
            now = shown.of(what).get(known.id)
            if now is not None and (changed_at := _changed_at(known, now, before.of(what).get(known.id), at)):
                again = known.modified_at is not None
                yield Touched(what=what, id=known.id, name=known.name, modified_at=changed_at, again=again)


def _changed_at(known: Known, now: Shown, before: Shown | None, at: datetime) -> datetime | None:
    """When it was changed, if that is news. A time ahead of us that stays the same is told once, or it never ends."""
    if now.modified_at is None:
        return None
    changed_at = min(now.modified_at, at)
    if known.modified_at is None:
        return changed_at
    is_news = before is None or before.modified_at != now.modified_at
    return changed_at if is_news and changed_at > known.modified_at else None
