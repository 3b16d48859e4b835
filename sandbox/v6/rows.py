"""Rows as V6 writes them: unset fields too, 64-bit numbers as strings, durations in seconds, times with a Z."""

from datetime import UTC, datetime

from sandbox.catalogue import CREATED_AT, Method, Platform
from sandbox.lifecycle import Entry, Mitigation

STATE = "MITIGATION_STATE_"
TYPE = "MITIGATION_TYPE_"
PLATFORM_TYPE = "MITIGATION_PLATFORM_TYPE_"
ACTION = "MITIGATION_USER_ACTION_"
EVENT = "MITIGATION_EVENT_"
Row = dict[str, object]

UNSET_MATCHES = (
    "ipProtocol",
    "dstPort",
    "srcPort",
    "icmpType",
    "icmpCode",
    "tcpFlags",
    "packetLength",
    "dscp",
    "fragments",
)


def mitigation_row(row: Mitigation) -> Row:
    order = row.order
    return {
        "id": row.id,
        "type": TYPE + row.origin,
        "alarmIds": [row.alarm_id] if row.alarm_id else [],
        "target": _target(row),
        "currentState": STATE + row.state,
        "previousState": STATE + row.previous_state,
        "platformId": order.platform_id,
        "methodId": order.method_id,
        "startTimeAt": time(row.started_at),
        "endTimeAt": _time_or_none(row.ended_at or row.ends_at),
        "states": [_entry(entry) for entry in row.history],
        "autoStopTtl": f"{order.minutes * 60}s" if order.minutes else None,
        "comment": order.comment,
        "source": None,
    }


def platform_row(row: Platform) -> Row:
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "type": PLATFORM_TYPE + row.kind,
        "mitigationMethodIds": sorted(row.method_ids),
        "createdAt": time(CREATED_AT),
        "modifiedAt": time(row.modified_at),
    }


def method_row(row: Method) -> Row:
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "ackRequired": False,
        "excludedIpCidrs": [],
        "gracePeriod": None,
        "type": PLATFORM_TYPE + row.kind,
        "createdAt": time(CREATED_AT),
        "modifiedAt": time(row.modified_at),
        "notifications": [],
    }


def time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _time_or_none(at: datetime | None) -> str | None:
    return time(at) if at else None


def _target(row: Mitigation) -> Row:
    """One of the two: a Flowspec mitigation has no `ipCidr`."""
    prefix = str(row.order.target)
    if not row.flowspec:
        return {"ipCidr": prefix}
    return {"flowspec": {"dstPrefix": prefix, "srcPrefix": "", **dict.fromkeys(UNSET_MATCHES)}}


def _entry(entry: Entry) -> Row:
    return {"timestamp": time(entry.at), "state": STATE + entry.state, "event": EVENT + entry.event}
