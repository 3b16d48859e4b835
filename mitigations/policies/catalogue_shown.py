"""The catalogue as Kentik showed it last: from plain JSON to values. Nothing raises: what cannot be used is said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from audit.refusal import Objection
from mitigations.policies.catalogue import Kind, What

# As Kentik's schema writes them.
KINDS: Mapping[str, Kind] = {
    "MITIGATION_PLATFORM_TYPE_RTBH": Kind.RTBH,
    "MITIGATION_PLATFORM_TYPE_FLOWSPEC": Kind.FLOWSPEC,
    "MITIGATION_PLATFORM_TYPE_ADAPTIVE_FLOWSPEC": Kind.ADAPTIVE_FLOWSPEC,
    "MITIGATION_PLATFORM_TYPE_A10": Kind.A10,
    "MITIGATION_PLATFORM_TYPE_RADWARE": Kind.RADWARE,
    "MITIGATION_PLATFORM_TYPE_CFMT": Kind.CLOUDFLARE,
}
LONGEST_NAME, LONGEST_DESCRIPTION = 100, 300
_ID = re.compile(r"[0-9]{1,19}")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A platform or a method. `kind` None: of a type that nobody here knows, which `type` says in Kentik's word."""

    what: What
    id: str
    name: str
    description: str
    kind: Kind | None
    type: str
    modified_at: datetime | None = None
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, order=True)
class Pair:
    """A platform and a method, by their IDs at Kentik."""

    platform: str
    method: str


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """All that can be used of what Kentik showed, by its IDs. `strange` is what cannot, and why."""

    platforms: Mapping[str, Shown]
    methods: Mapping[str, Shown]
    links: frozenset[Pair]
    strange: tuple[Objection, ...] = ()

    def of(self, what: What) -> Mapping[str, Shown]:
        return self.platforms if what is What.PLATFORM else self.methods

    @property
    def is_doubtful(self) -> bool:
        """No platform or no method at all: rather a matter of permissions than of everything being gone."""
        return not self.platforms or not self.methods


def read(platforms: object, methods: object) -> Snapshot:
    """From the plain rows that were kept. Links are those whose two ends are listed and of one type."""
    strange: list[Objection] = []
    shown = {
        What.PLATFORM: _things(What.PLATFORM, platforms, strange),
        What.METHOD: _things(What.METHOD, methods, strange),
    }
    links = frozenset(_links(platforms, shown[What.PLATFORM], shown[What.METHOD], strange))
    return Snapshot(
        platforms=shown[What.PLATFORM], methods=shown[What.METHOD], links=links, strange=tuple(dict.fromkeys(strange))
    )


def _things(what: What, rows: object, strange: list[Objection]) -> dict[str, Shown]:
    found: dict[str, Shown] = {}
    for thing in (_thing(what, row) for row in _rows(rows)):
        name = f"The {what} “{thing.name}” ({thing.id[:40]})"
        if not _ID.fullmatch(thing.id):
            strange.append(_odd(f"{name} has an ID that is none of Kentik's numbers."))
            continue
        if thing.kind is None:
            strange.append(_odd(f"{name} is of the type {thing.type}, which this portal does not know."))
        found.setdefault(thing.id, thing)
    return found


def _thing(what: What, row: Mapping[str, object]) -> Shown:
    thing_id, type_ = _text(row.get("id")), _text(row.get("type"))
    return Shown(
        what=what,
        id=thing_id,
        name=_text(row.get("name"))[:LONGEST_NAME].strip() or f"{what.capitalize()} {thing_id[:40]}",
        description=_text(row.get("description"))[:LONGEST_DESCRIPTION].strip(),
        kind=KINDS.get(type_),
        type=type_[:LONGEST_NAME] or "(none)",
        modified_at=_time(row.get("modified_at")),
        excluded=_texts(row.get("excluded")),
    )


def _links(
    rows: object, platforms: Mapping[str, Shown], methods: Mapping[str, Shown], strange: list[Objection]
) -> Iterator[Pair]:
    for row in _rows(rows):
        platform = platforms.get(_text(row.get("id")))
        for method_id in _texts(row.get("method_ids")):
            method = methods.get(method_id)
            if platform is None:
                continue
            if method is None:
                sentence = f"“{platform.name}” is linked to the method {method_id[:40]}, which Kentik does not list."
                strange.append(_odd(sentence))
            elif method.type != platform.type:
                strange.append(_odd(f"“{platform.name}” is linked to “{method.name}”, which is of another type."))
            else:
                yield Pair(platform=platform.id, method=method_id)


def _odd(sentence: str) -> Objection:
    return Objection(code="strange", sentence=sentence)


def _rows(rows: object) -> list[Mapping[str, object]]:
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _text(value: object) -> str:
    """On one line, and with nothing in it that cannot be printed."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(each if each.isprintable() else " " for each in value).split())


def _texts(value: object) -> tuple[str, ...]:
    items: Sequence[object] = value if isinstance(value, list) else ()
    return tuple(dict.fromkeys(text for item in items if (text := _text(item))))


def _time(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at.astimezone(UTC) if at is not None and at.tzinfo is not None and at.year > 1 and at.year < 9999 else None
