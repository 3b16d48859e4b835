"""Where the catalogue lies, and how it is changed while the sandbox runs."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.catalogue import Catalogue, CatalogueError, read_method, read_platform
from sandbox.mitigations import Clock

CHANGES = ("methods", "platforms", "link", "unlink", "remove_methods", "remove_platforms")


class Shelf:
    """Thread-safe: a change is made as a whole or not at all."""

    def __init__(self, catalogue: Catalogue, clock: Clock) -> None:
        self._loaded = self.catalogue = catalogue
        self._clock = clock
        self._lock = threading.Lock()

    def change(self, payload: object) -> None:
        """Make all changes of a control call, in the order of CHANGES. Raises CatalogueError, with nothing changed."""
        if not isinstance(payload, dict) or not payload.keys() <= set(CHANGES):
            raise CatalogueError(f"The body must be an object with any of {', '.join(CHANGES)}.")
        with self._lock:
            self.catalogue = self._changed(payload)

    def reset(self) -> None:
        with self._lock:
            self.catalogue = self._loaded

    def _changed(self, payload: Mapping[str, Any]) -> Catalogue:
        draft = _Draft(self.catalogue, self._clock)
        try:
            for name in CHANGES:
                for change in payload.get(name, []):
                    getattr(draft, name)(change)
        except (AttributeError, KeyError, TypeError, ValueError) as reason:
            raise CatalogueError(f"The catalogue cannot be changed so: {reason!r}.") from reason
        changed = Catalogue(platforms=draft.all_platforms, methods=draft.all_methods)
        changed.check()
        return changed


class _Draft:
    """A catalogue that is being changed; each method makes one change of that name."""

    def __init__(self, catalogue: Catalogue, clock: Clock) -> None:
        self.all_platforms, self.all_methods = dict(catalogue.platforms), dict(catalogue.methods)
        self._now = clock()

    def methods(self, row: Mapping[str, Any]) -> None:
        old = self.all_methods.get(row["id"])
        self.all_methods[row["id"]] = read_method({**(old.as_json() if old else {}), **row}, modified_at=self._now)

    def platforms(self, row: Mapping[str, Any]) -> None:
        old = self.all_platforms.get(row["id"])
        merged = {"methods": [], **(old.as_json() if old else {}), **row}
        self.all_platforms[row["id"]] = read_platform(merged, modified_at=self._now)

    def link(self, pair: Mapping[str, str]) -> None:
        self._relink(pair["platform"], self.all_platforms[pair["platform"]].method_ids | {pair["method"]})

    def unlink(self, pair: Mapping[str, str]) -> None:
        self._relink(pair["platform"], self.all_platforms[pair["platform"]].method_ids - {pair["method"]})

    def remove_methods(self, method_id: str) -> None:
        del self.all_methods[method_id]
        for platform in self.all_platforms.values():
            if method_id in platform.method_ids:
                self._relink(platform.id, platform.method_ids - {method_id})

    def remove_platforms(self, platform_id: str) -> None:
        del self.all_platforms[platform_id]

    def _relink(self, platform_id: str, method_ids: frozenset[str]) -> None:
        platform = self.all_platforms[platform_id]
        self.all_platforms[platform_id] = replace(platform, method_ids=method_ids, modified_at=self._now)
