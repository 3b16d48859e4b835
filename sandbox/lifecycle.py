"""The life of a mitigation: what a user's action and what the clock make of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from itertools import takewhile

Network = IPv4Network | IPv6Network


class Origin(StrEnum):
    """In the order of Kentik's numbers, and as it writes them without the prefix of its enum."""

    UNSPECIFIED = "UNSPECIFIED"
    MANUAL = "MANUAL"
    AUTO = "AUTO"


class State(StrEnum):
    """In the order of Kentik's numbers, and as it writes them without the prefix of its enum."""

    UNSPECIFIED = "UNSPECIFIED"
    ACK_REQUIRED = "ACK_REQUIRED"
    ARCHIVED = "ARCHIVED"
    CLEARING = "CLEARING"
    CLEARING_FAIL = "CLEARING_FAIL"
    END_GRACE = "END_GRACE"
    END_WAIT = "END_WAIT"
    MANUAL_CLEAR = "MANUAL_CLEAR"
    MANUAL_CLEARING = "MANUAL_CLEARING"
    MANUAL_CLEARING_FAIL = "MANUAL_CLEARING_FAIL"
    MANUAL_MITIGATING = "MANUAL_MITIGATING"
    MANUAL_STARTING = "MANUAL_STARTING"
    MANUAL_STARTING_FAIL = "MANUAL_STARTING_FAIL"
    MITIGATING = "MITIGATING"
    STARTING = "STARTING"
    STARTING_FAIL = "STARTING_FAIL"
    START_WAIT = "START_WAIT"


class Action(StrEnum):
    """In the order of Kentik's numbers, and as it writes them without the prefix of its enum."""

    UNSPECIFIED = "UNSPECIFIED"
    TAKE_CONTROL = "TAKE_CONTROL"
    STOP = "STOP"
    START = "START"
    DELETE = "DELETE"
    APPROVE_START = "APPROVE_START"
    SKIP_WAIT = "SKIP_WAIT"
    RETRY = "RETRY"
    ACK = "ACK"


class Event(StrEnum):
    USER_MANUAL_CONTROL = "USER_MANUAL_CONTROL"
    USER_STOP = "USER_STOP"
    USER_START = "USER_START"
    USER_DELETE = "USER_DELETE"
    USER_RETRY = "USER_RETRY"
    AUTO_START = "AUTO_START"
    REMOTE_ADDED = "REMOTE_ADDED"
    REMOTE_REMOVED = "REMOTE_REMOVED"
    REMOTE_ERROR = "REMOTE_ERROR"
    TTL_EXPIRED = "TTL_EXPIRED"


# In these a target is free for another mitigation.
FREE = {State.MANUAL_CLEAR, State.ARCHIVED, State.ACK_REQUIRED}
AUTOMATIC = {state for state in State if not state.startswith("MANUAL_")} - {State.UNSPECIFIED, State.ARCHIVED}

MOVES: dict[tuple[State, Action], tuple[State, Event]] = {
    (State.MANUAL_STARTING, Action.STOP): (State.MANUAL_CLEARING, Event.USER_STOP),
    (State.MANUAL_MITIGATING, Action.STOP): (State.MANUAL_CLEARING, Event.USER_STOP),
    (State.MANUAL_CLEARING, Action.START): (State.MANUAL_STARTING, Event.USER_START),
    (State.MANUAL_CLEAR, Action.START): (State.MANUAL_STARTING, Event.USER_START),
    (State.MANUAL_CLEAR, Action.DELETE): (State.ARCHIVED, Event.USER_DELETE),
    (State.MANUAL_STARTING_FAIL, Action.RETRY): (State.MANUAL_STARTING, Event.USER_RETRY),
    (State.MANUAL_STARTING_FAIL, Action.DELETE): (State.ARCHIVED, Event.USER_DELETE),
    (State.MANUAL_CLEARING_FAIL, Action.RETRY): (State.MANUAL_CLEARING, Event.USER_RETRY),
    (State.MANUAL_CLEARING_FAIL, Action.DELETE): (State.ARCHIVED, Event.USER_DELETE),
    (State.STARTING, Action.STOP): (State.CLEARING, Event.USER_STOP),
    (State.MITIGATING, Action.STOP): (State.CLEARING, Event.USER_STOP),
    (State.END_GRACE, Action.STOP): (State.CLEARING, Event.USER_STOP),
    (State.END_WAIT, Action.STOP): (State.CLEARING, Event.USER_STOP),
    (State.MITIGATING, Action.TAKE_CONTROL): (State.MANUAL_MITIGATING, Event.USER_MANUAL_CONTROL),
}


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a caller asks to have mitigated."""

    target: Network
    comment: str
    platform_id: str
    method_id: str
    minutes: int


@dataclass(frozen=True, kw_only=True)
class Delays:
    """How long a platform takes to start and to clear."""

    start: timedelta = timedelta()
    clear: timedelta = timedelta()


@dataclass(frozen=True, kw_only=True)
class Entry:
    at: datetime
    state: State
    event: Event


@dataclass(frozen=True, kw_only=True)
class Mitigation:
    """`start_fails` and `clear_fails` say what becomes of the next start and of the next clearing."""

    id: str
    order: Order
    history: tuple[Entry, ...]
    origin: Origin = Origin.MANUAL
    flowspec: bool = False
    start_fails: bool = False
    clear_fails: bool = False

    @property
    def state(self) -> State:
        return self.history[-1].state

    @property
    def previous_state(self) -> State:
        return self.history[-2].state if len(self.history) > 1 else State.UNSPECIFIED

    @property
    def alarm_id(self) -> str | None:
        """What set it off, where that was no person."""
        return f"alarm-{self.id}" if self.origin is Origin.AUTO else None

    @property
    def occupies_its_target(self) -> bool:
        return self.state not in FREE

    @property
    def created_at(self) -> datetime:
        return self.history[0].at

    @property
    def started_at(self) -> datetime:
        """The last time that it was started."""
        starts = [entry.at for entry in self.history if entry.state in {State.STARTING, State.MANUAL_STARTING}]
        return starts[-1] if starts else self.created_at

    @property
    def ends_at(self) -> datetime | None:
        """When its auto-stop is due."""
        return self.started_at + timedelta(minutes=self.order.minutes) if self.order.minutes else None

    @property
    def ended_at(self) -> datetime | None:
        """Since when its target is free."""
        free = list(takewhile(lambda entry: entry.state in FREE, reversed(self.history)))
        return free[-1].at if free else None

    def acted(self, action: Action, at: datetime) -> "Mitigation | None":
        """After a user's action, or None when its state has no such action."""
        move = MOVES.get((self.state, action))
        return self._went_on(Entry(at=at, state=move[0], event=move[1])) if move else None

    def at(self, now: datetime, delays: Delays) -> "Mitigation":
        """As the clock has left it by now."""
        entry = self.coming(delays)
        return self if entry is None or entry.at > now else self._went_on(entry).at(now, delays)

    def coming(self, delays: Delays) -> Entry | None:
        """What the clock brings next. An auto-stop that is due before a start is through ends it all the same."""
        last = self.history[-1]
        expired = [Entry(at=self.ends_at, state=State.MANUAL_CLEARING, event=Event.TTL_EXPIRED)] if self.ends_at else []
        match last.state:
            case State.MANUAL_STARTING:
                return min([self._started(last.at + delays.start), *expired], key=lambda entry: entry.at)
            case State.MANUAL_MITIGATING if expired:
                return expired[0]
            case State.MANUAL_CLEARING | State.CLEARING:
                return self._cleared(last.at + delays.clear)
        return None

    def _started(self, at: datetime) -> Entry:
        if self.start_fails:
            return Entry(at=at, state=State.MANUAL_STARTING_FAIL, event=Event.REMOTE_ERROR)
        return Entry(at=at, state=State.MANUAL_MITIGATING, event=Event.REMOTE_ADDED)

    def _cleared(self, at: datetime) -> Entry:
        """What was automatic is archived at once, for nobody can start it again."""
        manual = self.state is State.MANUAL_CLEARING
        if self.clear_fails:
            failed = State.MANUAL_CLEARING_FAIL if manual else State.CLEARING_FAIL
            return Entry(at=at, state=failed, event=Event.REMOTE_ERROR)
        return Entry(at=at, state=State.MANUAL_CLEAR if manual else State.ARCHIVED, event=Event.REMOTE_REMOVED)

    def _went_on(self, entry: Entry) -> "Mitigation":
        """A failure on demand is used up by the failure."""
        return replace(
            self,
            history=(*self.history, entry),
            start_fails=self.start_fails and entry.state is not State.MANUAL_STARTING_FAIL,
            clear_fails=self.clear_fails and entry.state not in {State.MANUAL_CLEARING_FAIL, State.CLEARING_FAIL},
        )
