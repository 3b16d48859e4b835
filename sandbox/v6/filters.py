"""Which rows a list has: the filters of the query, all of which must hold, and each of which may name several."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sandbox.catalogue import CREATED_AT, Kind, Method, Platform
from sandbox.lifecycle import Mitigation, Origin, State
from sandbox.v6 import rows
from sandbox.v6.query import Query


def mitigation_filter(query: Query) -> Callable[[Mitigation], bool]:
    """Raises a Refusal."""
    ids, platforms, methods = (query.texts(f"filters.{name}") for name in ("mitigationIds", "platformIds", "methodIds"))
    alarms, prefixes = query.texts("filters.alarmIds"), query.texts("filters.ipCidrs")
    pattern = query.text("filters.ipCidrPattern") or ""
    states = query.choices("filters.states", State, rows.STATE)
    origins = query.choices("filters.types", Origin, rows.TYPE)
    created = _between(query, "filters.createdAt")

    def keeps(row: Mitigation) -> bool:
        # A Flowspec mitigation has no ipCidr, so nothing that looks for one finds it.
        prefix = "" if row.flowspec else str(row.order.target)
        return (
            _among(row.id, ids)
            and _among(row.order.platform_id, platforms)
            and _among(row.order.method_id, methods)
            and _among(row.alarm_id or "", alarms)
            and _among(prefix, prefixes)
            and pattern in prefix
            and _among(row.state, states)
            and _among(row.origin, origins)
            and created(row.created_at)
        )

    return keeps


def offer_filter(query: Query, *, ids: str) -> Callable[[Platform | Method], bool]:
    """For platforms and methods, which have the same filters but for the name of their IDs. Raises a Refusal."""
    wanted = query.texts(ids)
    kinds = query.choices("filters.platformTypes", Kind, rows.PLATFORM_TYPE)
    created, modified = _between(query, "filters.createdAt"), _between(query, "filters.modifiedAt")

    def keeps(row: Platform | Method) -> bool:
        return _among(row.id, wanted) and _among(row.kind, kinds) and created(CREATED_AT) and modified(row.modified_at)

    return keeps


def _among(value: str, wanted: Sequence[str]) -> bool:
    return not wanted or value in wanted


def _between(query: Query, name: str) -> Callable[[datetime], bool]:
    """The start belongs to it and the end does not."""
    start, end = query.time(f"{name}.start"), query.time(f"{name}.end")
    return lambda at: (start is None or start <= at) and (end is None or at < end)
