"""The mitigation platforms and methods that exist here, and which method is linked to which platform."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

SHIPPED = Path(__file__).with_name("catalogue.json")


class Kind(StrEnum):
    """The platform types as Kentik writes them, without the prefix of its enum."""

    RTBH = "RTBH"
    FLOWSPEC = "FLOWSPEC"
    A10 = "A10"
    RADWARE = "RADWARE"
    CFMT = "CFMT"


class CatalogueError(ValueError):
    """The catalogue file cannot be used; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Method:
    id: str
    name: str
    kind: Kind


@dataclass(frozen=True, kw_only=True)
class Platform:
    id: str
    name: str
    kind: Kind
    method_ids: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    platforms: Mapping[str, Platform]
    methods: Mapping[str, Method]

    def objection(self, *, platform_id: str, method_id: str) -> str | None:
        """Say why this pair cannot be used, or None when it can."""
        missing = [f"mitigation platform {platform_id}"] if platform_id not in self.platforms else []
        if method_id not in self.methods:
            missing.append(f"mitigation method {method_id}")
        if missing:
            return f"Resource not found: {', '.join(missing)}."
        if method_id not in self.platforms[platform_id].method_ids:
            return f"Unsupported platform/method pair {platform_id}:{method_id}."
        return None


def load(path: Path = SHIPPED) -> Catalogue:
    """Read a catalogue file. Raises OSError when it cannot be read and CatalogueError when it makes no sense."""
    try:
        catalogue = _read(json.loads(path.read_text(encoding="utf-8")))
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueError(f"The catalogue {path.name} cannot be used: {error!r}.") from error
    for platform in catalogue.platforms.values():
        _check_links(platform, catalogue.methods)
    return catalogue


def _read(data: Mapping[str, list[Mapping[str, str]]]) -> Catalogue:
    methods = [Method(id=row["id"], name=row["name"], kind=Kind(row["type"])) for row in data["methods"]]
    platforms = [
        Platform(id=row["id"], name=row["name"], kind=Kind(row["type"]), method_ids=frozenset(row["methods"]))
        for row in data["platforms"]
    ]
    return Catalogue(platforms={row.id: row for row in platforms}, methods={row.id: row for row in methods})


def _check_links(platform: Platform, methods: Mapping[str, Method]) -> None:
    for method_id in sorted(platform.method_ids):
        if method_id not in methods:
            raise CatalogueError(f"Platform {platform.id} is linked to method {method_id}, which is not listed.")
        if methods[method_id].kind is not platform.kind:
            raise CatalogueError(f"Platform {platform.id} and its method {method_id} are not of the same type.")
