"""What V6 is asked, name by name, and whether an answer fits the question.

Kentik's gateway ignores a query name that it does not know, and an unfiltered list looks like a filtered one. So every
name stands here once, and what comes back is filtered again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from mitigations.kentik.v6.paging import Query
from mitigations.kentik.v6.parsing import canonical
from mitigations.kentik.v6.states import MitigationType, State
from mitigations.kentik.v6.values import KentikMitigation

MITIGATIONS = "/v202505/mitigations"
PLATFORMS = "/v202505/mitigations/platforms"
METHODS = "/v202505/mitigations/methods"


@dataclass(frozen=True, kw_only=True)
class MitigationFilter:
    """Which mitigations to list; what is left empty limits nothing.

    Whether Kentik finds Flowspec mitigations by `ip_cidrs` is not known: look for those by time instead.
    """

    ids: tuple[str, ...] = ()
    types: tuple[MitigationType, ...] = ()
    states: tuple[State, ...] = ()
    platform_ids: tuple[str, ...] = ()
    method_ids: tuple[str, ...] = ()
    ip_cidrs: tuple[str, ...] = ()
    created_from: datetime | None = None
    created_until: datetime | None = None

    def query(self) -> Query:
        return [
            *_repeated("filters.mitigationIds", self.ids),
            *_repeated("filters.types", self.types),
            *_repeated("filters.states", self.states),
            *_repeated("filters.platformIds", self.platform_ids),
            *_repeated("filters.methodIds", self.method_ids),
            *_repeated("filters.ipCidrs", self.ip_cidrs),
            *_time("filters.createdAt.start", self.created_from),
            *_time("filters.createdAt.end", self.created_until),
        ]

    def keeps(self, row: KentikMitigation) -> bool:
        """False for a row that this filter cannot have asked for. A type or state that is not known passes."""
        return (
            _fits(row.id, self.ids)
            and (row.type is MitigationType.UNSPECIFIED or _fits(row.type, self.types))
            and (row.state is State.UNSPECIFIED or _fits(row.state, self.states))
            and _fits(row.platform_id, self.platform_ids)
            and _fits(row.method_id, self.method_ids)
            and _fits(row.target, tuple(canonical(text) for text in self.ip_cidrs))
            and not self._surely_created_at_another_time(row)
        )

    def _surely_created_at_another_time(self, row: KentikMitigation) -> bool:
        """A row does not say when it was created, only what happened since: whatever did is no earlier."""
        happened = [at for at in (row.started_at, *(entry.at for entry in row.history)) if at]
        return bool(happened and self.created_from and min(happened) < self.created_from)


def act_body(ids: Sequence[str]) -> str:
    """The JSON of an action as it goes over the wire."""
    return json.dumps({"ids": list(ids)}, separators=(",", ":"))


def _fits(value: str | None, wanted: tuple[str, ...]) -> bool:
    return not wanted or value in wanted


def _repeated(name: str, values: tuple[str, ...]) -> Query:
    return [(name, str(value)) for value in values]


def _time(name: str, at: datetime | None) -> Query:
    return [] if at is None else [(name, at.astimezone(UTC).isoformat().replace("+00:00", "Z"))]
