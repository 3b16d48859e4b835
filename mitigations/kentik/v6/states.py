"""Kentik's closed sets as its schema has them, and what a state means to people and to the network.

Members stand in the order of the schema's numbers, for a gateway may write an enum as its number.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class MitigationType(StrEnum):
    UNSPECIFIED = "MITIGATION_TYPE_UNSPECIFIED"
    MANUAL = "MITIGATION_TYPE_MANUAL"
    AUTO = "MITIGATION_TYPE_AUTO"


class PlatformType(StrEnum):
    UNSPECIFIED = "MITIGATION_PLATFORM_TYPE_UNSPECIFIED"
    A10 = "MITIGATION_PLATFORM_TYPE_A10"
    FLOWSPEC = "MITIGATION_PLATFORM_TYPE_FLOWSPEC"
    RADWARE = "MITIGATION_PLATFORM_TYPE_RADWARE"
    RTBH = "MITIGATION_PLATFORM_TYPE_RTBH"
    CFMT = "MITIGATION_PLATFORM_TYPE_CFMT"
    ADAPTIVE_FLOWSPEC = "MITIGATION_PLATFORM_TYPE_ADAPTIVE_FLOWSPEC"


class Action(StrEnum):
    """What Kentik can be asked to do with a mitigation. It takes more; the portal asks for no other."""

    STOP = "MITIGATION_USER_ACTION_STOP"
    START = "MITIGATION_USER_ACTION_START"
    DELETE = "MITIGATION_USER_ACTION_DELETE"
    RETRY = "MITIGATION_USER_ACTION_RETRY"


class StateClass(StrEnum):
    """A state in a word for people."""

    PENDING = "pending"
    LIVE = "live"
    STOPPING = "stopping"
    FAILING = "failing"
    URGENT = "urgent"  # it should be gone, and could not be removed
    ENDED = "ended"
    UNKNOWN = "unknown"


class OnWire(StrEnum):
    """Whether traffic may be handled by it."""

    NO = "no"
    MAYBE = "maybe"
    YES = "yes"
    UNKNOWN = "unknown"


class State(StrEnum):
    UNSPECIFIED = "MITIGATION_STATE_UNSPECIFIED"
    ACK_REQUIRED = "MITIGATION_STATE_ACK_REQUIRED"
    ARCHIVED = "MITIGATION_STATE_ARCHIVED"
    CLEARING = "MITIGATION_STATE_CLEARING"
    CLEARING_FAIL = "MITIGATION_STATE_CLEARING_FAIL"
    END_GRACE = "MITIGATION_STATE_END_GRACE"
    END_WAIT = "MITIGATION_STATE_END_WAIT"
    MANUAL_CLEAR = "MITIGATION_STATE_MANUAL_CLEAR"
    MANUAL_CLEARING = "MITIGATION_STATE_MANUAL_CLEARING"
    MANUAL_CLEARING_FAIL = "MITIGATION_STATE_MANUAL_CLEARING_FAIL"
    MANUAL_MITIGATING = "MITIGATION_STATE_MANUAL_MITIGATING"
    MANUAL_STARTING = "MITIGATION_STATE_MANUAL_STARTING"
    MANUAL_STARTING_FAIL = "MITIGATION_STATE_MANUAL_STARTING_FAIL"
    MITIGATING = "MITIGATION_STATE_MITIGATING"
    STARTING = "MITIGATION_STATE_STARTING"
    STARTING_FAIL = "MITIGATION_STATE_STARTING_FAIL"
    START_WAIT = "MITIGATION_STATE_START_WAIT"

    @property
    def label(self) -> str:
        """The word on Kentik's own page."""
        return _MEANINGS[self].label

    @property
    def state_class(self) -> StateClass:
        return _MEANINGS[self].state_class

    @property
    def on_wire(self) -> OnWire:
        return _MEANINGS[self].on_wire

    @property
    def occupies_its_target(self) -> bool:
        """Whether another mitigation of the same target must be expected to be refused."""
        return self not in {State.MANUAL_CLEAR, State.ARCHIVED, State.ACK_REQUIRED}


@dataclass(frozen=True)
class _Meaning:
    label: str
    state_class: StateClass
    on_wire: OnWire


# Where Kentik does not say whether traffic is affected, the answer is the one that makes people look.
_MEANINGS = {
    State.UNSPECIFIED: _Meaning("Unknown", StateClass.UNKNOWN, OnWire.UNKNOWN),
    State.ACK_REQUIRED: _Meaning("Acknowledgement Required", StateClass.ENDED, OnWire.NO),
    State.ARCHIVED: _Meaning("Archived", StateClass.ENDED, OnWire.NO),
    State.CLEARING: _Meaning("Clearing", StateClass.STOPPING, OnWire.YES),
    State.CLEARING_FAIL: _Meaning("Failed to clear", StateClass.URGENT, OnWire.YES),
    State.END_GRACE: _Meaning("End Grace", StateClass.LIVE, OnWire.YES),
    State.END_WAIT: _Meaning("End Wait", StateClass.LIVE, OnWire.YES),
    State.MANUAL_CLEAR: _Meaning("Clear", StateClass.ENDED, OnWire.NO),
    State.MANUAL_CLEARING: _Meaning("Clearing", StateClass.STOPPING, OnWire.YES),
    State.MANUAL_CLEARING_FAIL: _Meaning("Failed to clear", StateClass.URGENT, OnWire.YES),
    State.MANUAL_MITIGATING: _Meaning("Active", StateClass.LIVE, OnWire.YES),
    State.MANUAL_STARTING: _Meaning("Starting", StateClass.PENDING, OnWire.MAYBE),
    State.MANUAL_STARTING_FAIL: _Meaning("Failed to start", StateClass.FAILING, OnWire.MAYBE),
    State.MITIGATING: _Meaning("Active", StateClass.LIVE, OnWire.YES),
    State.STARTING: _Meaning("Starting", StateClass.PENDING, OnWire.MAYBE),
    State.STARTING_FAIL: _Meaning("Failed to start", StateClass.FAILING, OnWire.MAYBE),
    State.START_WAIT: _Meaning("Start Wait", StateClass.PENDING, OnWire.NO),
}
