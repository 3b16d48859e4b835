"""Mitigations that did not come by a call: somebody's in Kentik's own dialog, and automatic ones."""

import ipaddress
from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

from sandbox.catalogue import Catalogue
from sandbox.lifecycle import AUTOMATIC, Order, State
from sandbox.targets import target_problem

MOST_MINUTES = 999_999_999
TEXTS = ("ip_cidr", "platform_id", "method_id", "comment")


class OccupantError(ValueError):
    """What was asked for is no mitigation; the message says why."""


def read_elsewhere(payload: object, catalogue: Catalogue) -> Order:
    """A manual one. Raises OccupantError."""
    fields = _fields(payload, {*TEXTS, "minutes"})
    return replace(_order(fields, catalogue), minutes=_minutes(fields.get("minutes", 0)))


def read_automatic(payload: object, catalogue: Catalogue) -> tuple[Order, State]:
    """One that a policy started, and the state it is in. Raises OccupantError."""
    fields = _fields(payload, {*TEXTS, "state"})
    state = fields.get("state", State.MITIGATING.value)
    if not isinstance(state, str) or state not in AUTOMATIC:
        raise OccupantError(f"state must be one of {', '.join(sorted(AUTOMATIC))}.")
    return _order(fields, catalogue), State(state)


def _fields(payload: object, known: Set[str]) -> Mapping[str, Any]:
    if not isinstance(payload, dict) or not payload.keys() <= known:
        raise OccupantError(f"The body must be an object with any of {', '.join(sorted(known))}.")
    for name in TEXTS:
        if not isinstance(payload.get(name, ""), str):
            raise OccupantError(f"{name} must be a string.")
    return payload


def _order(fields: Mapping[str, Any], catalogue: Catalogue) -> Order:
    """Without IDs it takes the first platform of the catalogue, and the platform's first method."""
    problem = target_problem(fields.get("ip_cidr", ""))
    if problem:
        raise OccupantError(f"ip_cidr {problem}.")
    platform_id = fields.get("platform_id") or next(iter(catalogue.platforms), "")
    platform = catalogue.platforms.get(platform_id)
    method_id = fields.get("method_id") or min(platform.method_ids if platform else (), default="")
    objection = catalogue.objection(platform_id=platform_id, method_id=method_id)
    if objection:
        raise OccupantError(objection)
    return Order(
        target=ipaddress.ip_network(fields["ip_cidr"]),
        comment=fields.get("comment", ""),
        platform_id=platform_id,
        method_id=method_id,
        minutes=0,
    )


def _minutes(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_MINUTES:
        raise OccupantError(f"minutes must be a whole number from 0 to {MOST_MINUTES}.")
    return value
