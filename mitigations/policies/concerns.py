"""What whoever audits should look at, under which heading, told by the facts of a deed.

Where a fact is missing, as in events from before it was kept, nothing is made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from audit.vocabulary import Concern
from mitigations.policies.lifecycle import Status
from mitigations.policies.stopping import OrderStatus

Facts: TypeAlias = Mapping[str, Any]

GLASS = Concern(code="glass", words="Glass was broken", grave=True)
UNKNOWN = Concern(code="unknown", words="Outcome unknown", grave=True)
ALARM = Concern(code="alarm", words="Kentik shows otherwise", grave=True)
REFUSED = Concern(code="refused", words="Refused or blocked")
STOPPED = Concern(code="stopped", words="Stopped before its time")
RULES = Concern(code="rules", words="Rules, prefixes, catalogue")
CHANNELS = Concern(code="channels", words="Where messages go")
SOURCES = Concern(code="sources", words="Sources of alerts")
THE_LOG = Concern(code="log", words="The log itself", grave=True)
CONCERNS = (THE_LOG, GLASS, UNKNOWN, ALARM, REFUSED, STOPPED, RULES, CHANNELS, SOURCES)

# The words of `kentik.messages.Outcome`.
_UNKNOWN = "unknown"
_NO = frozenset({"refused", "throttled"})
# (which value of a pairing, what makes it looser than before)
_SWITCHED_ON = ("offered", "ipv4", "ipv6")
_SWITCHED_OFF = ("widens_to_24", "needs_ports")
_WIDER_WHEN_SMALLER = ("widest_ipv4", "widest_ipv6")


def answered(facts: Facts) -> Concern | None:
    """Kentik's answer to a start. A call that never left is tried again, and none of it."""
    if facts.get("outcome") == _UNKNOWN or facts.get("status") == Status.UNKNOWN:
        return UNKNOWN
    return REFUSED if facts.get("outcome") in _NO or facts.get("status") == Status.REFUSED else None


def stop_answered(facts: Facts) -> Concern | None:
    return ALARM if facts.get("order") in {OrderStatus.REFUSED, OrderStatus.UNCLEAR} else None


def stopped(facts: Facts) -> Concern | None:
    """On somebody's word or order, while its auto-stop was still ahead."""
    return STOPPED if facts.get("early") else None


def seen_over(facts: Facts) -> Concern | None:
    """Over before its time, and nobody ordered that here: it was stopped elsewhere."""
    return ALARM if facts.get("status") == Status.STOPPED and not facts.get("ordered") else None


def matched(facts: Facts) -> Concern | None:
    """It is what somebody says it is, rather than what the portal found."""
    return UNKNOWN if facts.get("by_hand") else None


def glass_reviewed(facts: Facts) -> Concern | None:
    return GLASS if facts.get("verdict") == "not justified" else None


def catalogue_saved(facts: Facts) -> Concern | None:
    """A pairing lets more through than before."""
    after, before = facts.get("values", {}), facts.get("before", {})
    return RULES if after.get("offered") and (not before or _is_looser(after, before)) else None


def _is_looser(after: Facts, before: Facts) -> bool:
    return (
        any(after[name] and not before[name] for name in _SWITCHED_ON)
        or any(before[name] and not after[name] for name in _SWITCHED_OFF)
        or any(after[name] < before[name] for name in _WIDER_WHEN_SMALLER)
        or _limit(after) > _limit(before)
    )


def _limit(values: Facts) -> float:
    longest = values["longest_minutes"]
    return float("inf") if longest is None else longest
