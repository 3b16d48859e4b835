"""The mitigation platforms and methods that exist here, and which method is linked to which platform."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

# Everything in a catalogue file is old enough to be used.
CREATED_AT = datetime(2024, 5, 1, tzinfo=UTC)
SHIPPED = Path(__file__).with_name("catalogue.json")


class Kind(StrEnum):
    """The platform types as Kentik writes them, without the prefix of its enum and in the order of its numbers."""

    UNSPECIFIED = "UNSPECIFIED"
    A10 = "A10"
    FLOWSPEC = "FLOWSPEC"
    RADWARE = "RADWARE"
    RTBH = "RTBH"
    CFMT = "CFMT"
    ADAPTIVE_FLOWSPEC = "ADAPTIVE_FLOWSPEC"


class CatalogueError(ValueError):
    """The catalogue file cannot be used; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Method:
    id: str
    name: str
    kind: Kind
    description: str = ""
    modified_at: datetime = CREATED_AT

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "description": self.description, "type": str(self.kind)}


@dataclass(frozen=True, kw_only=True)
class Platform:
    id: str
    name: str
    kind: Kind
    method_ids: frozenset[str]
    description: str = ""
    modified_at: datetime = CREATED_AT

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "type": str(self.kind),
            "methods": sorted(self.method_ids),
        }


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

    def is_flowspec(self, method_id: str) -> bool:
        return method_id in self.methods and self.methods[method_id].kind is Kind.FLOWSPEC

    def check(self) -> None:
        """Raises CatalogueError when a link leads nowhere, or to another type."""
        for platform in self.platforms.values():
            _check_links(platform, self.methods)

    def as_json(self) -> dict[str, Any]:
        """As a catalogue file has it."""
        return {
            "platforms": [row.as_json() for row in self.platforms.values()],
            "methods": [row.as_json() for row in self.methods.values()],
        }


def load(path: Path = SHIPPED) -> Catalogue:
    """Read a catalogue file. Raises OSError when it cannot be read and CatalogueError when it makes no sense."""
    try:
        catalogue = _read(json.loads(path.read_text(encoding="utf-8")))
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueError(f"The catalogue {path.name} cannot be used: {error!r}.") from error
    catalogue.check()
    return catalogue


def read_method(row: Mapping[str, Any], *, modified_at: datetime = CREATED_AT) -> Method:
    """Raises KeyError, TypeError or ValueError."""
    return Method(
        id=row["id"],
        name=row["name"],
        kind=Kind(row["type"]),
        description=row.get("description", ""),
        modified_at=modified_at,
    )


def read_platform(row: Mapping[str, Any], *, modified_at: datetime = CREATED_AT) -> Platform:
    """Raises KeyError, TypeError or ValueError."""
    return Platform(
        id=row["id"],
        name=row["name"],
        kind=Kind(row["type"]),
        method_ids=frozenset(row["methods"]),
        description=row.get("description", ""),
        modified_at=modified_at,
    )


def _read(data: Mapping[str, list[Mapping[str, Any]]]) -> Catalogue:
    methods = [read_method(row) for row in data["methods"]]
    platforms = [read_platform(row) for row in data["platforms"]]
    return Catalogue(platforms={row.id: row for row in platforms}, methods={row.id: row for row in methods})


def _check_links(platform: Platform, methods: Mapping[str, Method]) -> None:
    for method_id in sorted(platform.method_ids):
        if method_id not in methods:
            raise CatalogueError(f"Platform {platform.id} is linked to method {method_id}, which is not listed.")
        if methods[method_id].kind is not platform.kind:
            raise CatalogueError(f"Platform {platform.id} and its method {method_id} are not of the same type.")
